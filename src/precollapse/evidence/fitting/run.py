"""Everything that is estimated, in one run: same table, same settings, same seed, same draws."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import yaml

from precollapse.errors import KnowledgeError
from precollapse.evidence.course import hazard
from precollapse.evidence.fitted import (
    FORMAT,
    Coefficient,
    CourseUsed,
    Estimate,
    Fitted,
    Parameters,
    ProcessFitted,
    RowFitted,
    ScaleUsed,
    StudyCited,
)
from precollapse.evidence.fitting import natural_history
from precollapse.evidence.fitting.comparisons import compare, stratified_normals
from precollapse.evidence.fitting.published import beside
from precollapse.evidence.fitting.series import pool_series
from precollapse.evidence.fitting.settings import NaturalHistory, Process, Settings
from precollapse.evidence.folder import evidence_folder
from precollapse.evidence.table.read import StudyTable, load

Array = npt.NDArray[np.float64]
Report = Callable[[str], None]
# Standard normal numbers of their own for what the forecast itself is unsure of.
NORMALS = ("lesion", "onset", "replacement")


def settings_of(folder: Path | None = None) -> Settings:
    """Read ``models.yaml``."""
    path = (folder or evidence_folder()) / "models.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_bytes()), Settings)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"models.yaml: {error}") from error


def fit_table(folder: Path | None = None, *, report: Report | None = None) -> Fitted:
    """Estimate everything from a study table.

    Parameters
    ----------
    folder
        Of the table; the package's own when None.
    report
        Is told what is being done.
    """
    table, settings = load(folder), settings_of(folder)
    say = report or (lambda _: None)
    columns: dict[str, Array] = {}
    processes = []
    for number, (name, process) in enumerate(settings.natural_history.processes.items()):
        say(f"course without treatment: {process.name}")
        fitted, posterior = fit_process(
            table, name, process, settings.natural_history, settings.draws, settings.seed + number
        )
        processes.append(fitted)
        columns |= {f"{name}: {p}": posterior.coefficient(p) for p in posterior.model.names}
    networks = []
    for number, (name, outcome) in enumerate(settings.comparisons.outcomes.items(), start=100):
        say(f"comparisons: {outcome.name}")
        network = compare(
            table, name, outcome, settings.comparisons, draws=settings.draws, seed=settings.seed + number
        )
        networks.append(network.fitted)
        columns |= {f"effect: {name}: {one}": values for one, values in network.draws.items()}
    say("series without a comparison")
    series = pool_series(
        table,
        settings.series,
        settings.comparisons.certainty,
        settings.natural_history.untreated,
        draws=settings.draws,
        seed=settings.seed + 200,
    )
    columns |= {name: one.draws for name, one in series.items()}
    columns |= _normals(settings, [one.id for one in processes])
    used = _studies_used(table, processes, networks, [one.fitted for one in series.values()])
    parameters = Parameters(
        format=FORMAT,
        table=table_digest(folder),
        seed=settings.seed,
        names=tuple(columns),
        course=_course_used(settings.natural_history),
        processes=tuple(processes),
        networks=tuple(networks),
        series=tuple(one.fitted for one in series.values()),
        published=beside(table, settings, networks),
        studies={name: _cited(table, name) for name in used},
        treatments={one.id: one.name for one in table.treatments.values()},
    )
    return Fitted(parameters, np.column_stack(list(columns.values())))


def fit_process(
    table: StudyTable, name: str, process: Process, settings: NaturalHistory, draws: int, seed: int
) -> tuple[ProcessFitted, hazard.Posterior]:
    """Estimate one process of the untreated course."""
    rows = natural_history.course_rows(table, process, settings)
    seen = natural_history.observations(rows)
    posterior = hazard.fit(seen, natural_history.model_of(process, settings), draws=draws, seed=seed)
    within = hazard.within_draws(posterior, seen, seed=seed)
    normal = stratified_normals(np.random.default_rng(seed), draws, 1)[:, 0]
    new = hazard.predict(posterior, seen, posterior.tau * normal)
    fitted = ProcessFitted(
        id=name,
        name=process.name,
        coefficients=tuple(
            Coefficient(name=one, estimate=summary(np.exp(posterior.coefficient(one))))
            for one in posterior.model.names[:-1]
        ),
        between_cohorts_sd=summary(posterior.tau),
        effective_size=posterior.effective_size,
        proposals=posterior.proposals,
        rows=tuple(
            RowFitted(
                arm=row.arm,
                study=table.arms[row.arm].study,
                size=row.size,
                at_risk=row.at_risk,
                events=row.events,
                start_years=row.start_years,
                end_years=row.end_years,
                within=mean_summary(within[:, number]),
                new=mean_summary(new[:, number]),
            )
            for number, row in enumerate(rows)
        ),
    )
    return fitted, posterior


def summary(draws: Array) -> Estimate:
    """Return the median and the middle 95 % of draws."""
    low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
    return Estimate(value=float(middle), low=float(low), high=float(high))


def mean_summary(draws: Array) -> Estimate:
    """Return the mean and the middle 95 % of draws of a probability."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value=float(draws.mean()), low=float(low), high=float(high))


def write_fitted(fitted: Fitted, folder: Path) -> None:
    """Write parameters and draws; the draws in single precision, which is far more than they are good for."""
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(rounded(fitted.parameters)), indent=1)
    (folder / "parameters.json").write_bytes(text + b"\n")
    np.save(folder / "draws.npy", fitted.draws.astype(np.float32), allow_pickle=False)


def rounded(parameters: Parameters) -> Parameters:
    """Return the parameters with numbers in six digits, so that the last bits of a machine do not show."""
    plain = msgspec.to_builtins(parameters)
    return msgspec.convert(_six_digits(plain), Parameters)


def _six_digits(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _six_digits(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_six_digits(one) for one in value]
    return value


def table_digest(folder: Path | None = None) -> str:
    """Return a name for the content of the table and its settings."""
    root = folder or evidence_folder()
    sha = hashlib.sha256()
    for path in sorted([*root.glob("*.csv"), *root.glob("*.yaml"), *root.glob("*/*.yaml")]):
        sha.update(path.relative_to(root).as_posix().encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


def _normals(settings: Settings, processes: list[str]) -> dict[str, Array]:
    names = [f"normal: {one}" for one in NORMALS] + [f"{one}: new population" for one in processes]
    random = np.random.default_rng(settings.seed + 300)
    values = stratified_normals(random, settings.draws, len(names))
    return {name: values[:, number] for number, name in enumerate(names)}


def _course_used(settings: NaturalHistory) -> CourseUsed:
    return CourseUsed(
        borders_years=settings.borders_years,
        scales={
            name: msgspec.convert(msgspec.to_builtins(scale), ScaleUsed)
            for name, scale in settings.scales.items()
        },
        shares=settings.unknown_size.shares,
        shares_source=settings.unknown_size.source,
        shares_note=settings.unknown_size.note,
    )


def _studies_used(table: StudyTable, *groups: Sequence[object]) -> list[str]:
    """Return the studies that something was estimated from, in the order of the table."""
    named = {name for group in groups for one in group for name in _names(msgspec.to_builtins(one))}
    return [name for name in table.studies if name in named]


def _names(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["study"]] if isinstance(value.get("study"), str) else []
        arm = [str(value["arm"]).rpartition(":")[0]] if isinstance(value.get("arm"), str) else []
        return own + arm + [name for one in value.values() for name in _names(one)]
    if isinstance(value, list | tuple):
        return [name for one in value for name in _names(one)]
    return []


def _cited(table: StudyTable, name: str) -> StudyCited:
    study = table.studies[name]
    return StudyCited(
        title=study.title,
        authors=study.authors,
        year=study.year,
        journal=study.journal,
        doi=study.doi,
        pmid=study.pmid,
        url=study.url,
        design=study.design,
        reliability=study.reliability,
    )

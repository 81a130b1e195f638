"""One run from the study table to what is read: the same every time, and the committed fit is not stale."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import yaml

from precollapse.errors import KnowledgeError
from precollapse.evidence.fitted import Fitted, Parameters, load_fitted, read_fitted
from precollapse.evidence.fitting.run import (
    fit_table,
    rounded,
    settings_of,
    summary,
    table_digest,
    write_fitted,
)
from precollapse.evidence.folder import evidence_folder

# Studies of the small table: the cohort of the four types, two trials, and a series.
SMALL = ("kuroda-2019", "min-2008", "lai-2005", "lee-2015")
DRAWS = 200
# Six digits are written of every parameter, single precision of every draw.
PARAMETERS_AGREE, DRAWS_AGREE = 1e-4, 1e-3


def small_table(folder: Path) -> Path:
    """Write the rows of a few studies as a table of its own, with few draws and one process."""
    source = evidence_folder()
    for name in ("arms.csv", "survival.csv"):
        with (source / name).open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if _study_of(row) in SMALL]
            with (folder / name).open("w", encoding="utf-8", newline="") as target:
                writer = csv.DictWriter(target, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    for part in ("studies", "figures"):
        (folder / part).mkdir()
        for path in sorted((source / part).glob("*.yaml")):
            (folder / part / path.name).write_bytes(path.read_bytes())
    (folder / "treatments.yaml").write_bytes((source / "treatments.yaml").read_bytes())
    models = yaml.safe_load((source / "models.yaml").read_bytes())
    history = models["natural_history"]
    history["processes"] = {"collapse": history["processes"]["collapse"]}
    models |= {"draws": DRAWS, "published": []}
    models["comparisons"]["outcomes"]["replacement"]["reported"] = []
    (folder / "models.yaml").write_text(yaml.safe_dump(models), encoding="utf-8")
    return folder


def _study_of(row: dict[str, str]) -> str:
    return row["study"] if "study" in row else row["row"].partition(":")[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_table(tmp_path_factory.mktemp("evidence"))


@pytest.fixture(scope="module")
def fitted(folder: Path) -> Fitted:
    return fit_table(folder)


def test_a_small_table_is_fitted_in_every_part(fitted: Fitted) -> None:
    parameters = fitted.parameters
    assert fitted.draws.shape == (DRAWS, len(parameters.names))
    assert np.isfinite(fitted.draws).all()
    assert [one.id for one in parameters.processes] == ["collapse"]
    assert {one.id for one in parameters.networks} == {"collapse", "replacement"}
    assert {"collapse: jic C2", "effect: collapse: bisphosphonate", "normal: onset"} <= set(parameters.names)
    assert set(parameters.studies) == set(SMALL)


def test_coefficients_are_told_as_the_middle_of_their_draws(fitted: Fitted) -> None:
    (process,) = fitted.parameters.processes
    for one in process.coefficients:
        draws = np.exp(fitted.column(f"collapse: {one.name}"))
        assert one.estimate == summary(draws)
        assert one.estimate.low < one.estimate.value < one.estimate.high


@pytest.mark.hazard("unrepeatable")
def test_the_same_table_and_settings_give_the_same_draws(folder: Path, fitted: Fitted) -> None:
    again = fit_table(folder)
    assert np.array_equal(again.draws, fitted.draws)
    assert again.parameters == fitted.parameters


def test_what_is_written_is_read_again(fitted: Fitted, tmp_path: Path) -> None:
    write_fitted(fitted, tmp_path)
    read = read_fitted(tmp_path)
    assert read.parameters == rounded(fitted.parameters)
    assert np.array_equal(read.draws, fitted.draws.astype(np.float32))
    first = (tmp_path / "parameters.json").read_bytes()
    write_fitted(read, tmp_path)
    assert (tmp_path / "parameters.json").read_bytes() == first


def test_it_says_what_it_is_doing(folder: Path) -> None:
    said: list[str] = []
    fit_table(folder, report=said.append)
    assert said == [
        "course without treatment: collapse",
        "comparisons: collapse",
        "comparisons: replacement of the hip",
        "series without a comparison",
    ]


# A stale or foreign fit.
@pytest.mark.hazard("stale-fit")
@pytest.mark.parametrize("name", ["arms.csv", "models.yaml", "studies/natural-course.yaml"])
def test_any_change_of_the_table_changes_its_name(name: str, tmp_path: Path) -> None:
    changed = small_table(tmp_path)
    before = table_digest(changed)
    path = changed / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert table_digest(changed) != before


@pytest.mark.hazard("stale-fit")
def test_a_fit_does_not_change_the_name_of_its_table(fitted: Fitted, tmp_path: Path) -> None:
    written = small_table(tmp_path)
    before = table_digest(written)
    write_fitted(fitted, written / "fitted")
    assert table_digest(written) == before


@pytest.mark.hazard("stale-fit")
def test_a_fit_of_another_format_is_refused_with_what_to_do(fitted: Fitted, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="evidence fit"):
        read_fitted(tmp_path)
    write_fitted(fitted, tmp_path)
    path = tmp_path / "parameters.json"
    path.write_bytes(path.read_bytes().replace(b'"format": "1"', b'"format": "0"'))
    with pytest.raises(KnowledgeError, match="made by another version; run `precollapse evidence fit`"):
        read_fitted(tmp_path)
    write_fitted(fitted, tmp_path)
    np.save(tmp_path / "draws.npy", fitted.draws[:, 1:])
    with pytest.raises(KnowledgeError, match="made by another version"):
        read_fitted(tmp_path)


def test_settings_that_do_not_fit_are_refused_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"models\.yaml"):
        settings_of(tmp_path)
    (tmp_path / "models.yaml").write_text("seed: today\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"models\.yaml"):
        settings_of(tmp_path)


@cache
def fresh() -> Fitted:
    return fit_table()


@pytest.mark.hazard("stale-fit")
def test_the_committed_fit_was_made_from_the_table_as_it_is() -> None:
    assert load_fitted().parameters.table == table_digest(), "run `precollapse evidence fit`"


@pytest.mark.slow
@pytest.mark.hazard("stale-fit")
def test_the_committed_parameters_are_those_of_a_fresh_fit() -> None:
    committed, again = (plain(one.parameters) for one in (load_fitted(), fresh()))
    far = [
        (place, one, other)
        for (place, one), (_, other) in zip(leaves(committed), leaves(again), strict=True)
        if not agree(one, other)
    ]
    assert far[:5] == [], "run `precollapse evidence fit`"


@pytest.mark.slow
@pytest.mark.hazard("stale-fit")
def test_the_committed_draws_are_those_of_a_fresh_fit() -> None:
    committed, again = load_fitted(), fresh()
    assert committed.parameters.names == again.parameters.names
    error = np.abs(committed.draws - again.draws).max(axis=0)
    far = [name for name, one in zip(committed.parameters.names, error, strict=True) if one > DRAWS_AGREE]
    assert far == [], "run `precollapse evidence fit`"


def plain(parameters: Parameters) -> Any:
    return msgspec.to_builtins(parameters)


def leaves(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of plain data with the place at which it stands."""
    if isinstance(node, dict):
        for name, part in node.items():
            yield from leaves(part, f"{place}.{name}")
    elif isinstance(node, list | tuple):
        yield f"{place} has", len(node)
        for number, part in enumerate(node):
            yield from leaves(part, f"{place}[{number}]")
    else:
        yield place, node


def agree(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= PARAMETERS_AGREE * max(abs(one), abs(other)) + 1e-12
    return bool(one == other)

"""Published groups of patients against what the engine says for a patient of exactly that description.

Run ``python benchmarks/strata.py``; it prints the table and writes docs/benchmarks/strata.md. It shows where
the engine merely returns the figure it starts from and where it meets one it has never seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.stats import chi2

from precollapse.chart.model import Chart, ChartBuilder
from precollapse.engine.patient import bilateral_share, either_hip
from precollapse.engine.risk import Quantity
from precollapse.engine.risk_model import Band, RiskModel, risk_model
from precollapse.engine.run import Evaluation, evaluate
from precollapse.facts.build import build_facts
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.load import load

AS_OF = date(2026, 11, 22)
HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks" / "strata.md"
# Half of the span by which a figure without a printed interval may be off, as everywhere in the knowledge.
JUDGED_RATIO = 1.6
# Values are compared after rounding to the digits that sources print.
SLACK = 0.005

USE = {"yes": "starts from it", "compared": "interval only", "no": "held out"}


@dataclass(frozen=True)
class Result:
    """One row: what a source printed and what the engine says of the same patient."""

    stratum: dict[str, Any]
    published: tuple[float, float, float]
    interval_from: str
    engine: tuple[float, float, float]
    cohort: str

    @property
    def inside(self) -> bool:
        """Tell whether the engine's value lies in the source's interval."""
        _, low, high = self.published
        return low * (1 - SLACK) <= self.engine[0] <= high * (1 + SLACK)


def results(knowledge: Knowledge) -> list[Result]:
    """Evaluate every stratum of benchmarks/strata.yaml."""
    strata = _file()["strata"]
    return [_result(stratum, knowledge) for stratum in strata]


def _file() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((HERE / "strata.yaml").read_text(encoding="utf-8"))
    return content


def _result(stratum: dict[str, Any], knowledge: Knowledge) -> Result:
    counted, model = stratum["counted"], risk_model(knowledge)
    years = float(counted.get("years", 1.0))
    evaluation = _evaluation(stratum["patient"], stratum, knowledge, years)
    if counted["as"] == "odds ratio":
        reference = _evaluation(stratum["against"], stratum, knowledge, years)
        engine = _odds_ratio(evaluation, reference, model)
        quantity = evaluation.risk.today
    else:
        quantity = evaluation.risk.today if counted["as"] == "today" else evaluation.risk.future[years]
        engine = _as_counted(quantity, counted, knowledge, today=counted["as"] == "today")
    cohort = model.cohorts[int(quantity.cohort[0, quantity.cause[0]])]
    value, low, high, origin = _published(stratum["published"], rate=counted["as"] == "per year")
    return Result(stratum, (value, low, high), origin, engine, cohort)


def _evaluation(
    answers: dict[str, Any], stratum: dict[str, Any], knowledge: Knowledge, years: float
) -> Evaluation:
    chart = _chart(answers, stratum.get("right", {}), stratum.get("courses", []), knowledge)
    return evaluate(build_facts(chart, knowledge, AS_OF), knowledge, (years,))


def _chart(
    answers: dict[str, Any], right: dict[str, Any], courses: list[list[Any]], knowledge: Knowledge
) -> Chart:
    """Describe one patient; facts of a hip are put on the left one unless they are under ``right``."""
    builder = ChartBuilder()
    person = builder.person("stratum", "strata.yaml")
    for side, given in (("left", answers), ("right", right)):
        for concept, answer in given.items():
            hip: Any = side if knowledge.concepts[concept].level == "hip" else None
            _say(builder, person, concept, answer, hip)
    for number, (drug, mg_per_day, days, begun) in enumerate(courses, start=1):
        start = AS_OF - timedelta(days=begun)
        end = start + timedelta(days=days - 1)
        builder.dose(
            person, drug, "statement", "strata.yaml", order=number, route="systemic", product=drug,
            start=start, end=min(end, AS_OF), ongoing=False, mg_per_day=float(mg_per_day), prn=False,
        )  # fmt: skip
    return builder.build()


def _say(builder: ChartBuilder, person: int, concept: str, answer: Any, side: Any) -> None:
    start = None
    if isinstance(answer, list):
        answer, years = answer
        start = AS_OF - timedelta(days=round(years * 365.25))
    if isinstance(answer, bool):
        status: Any = "present" if answer else "absent"
        builder.statement(
            person, concept, "strata.yaml", status=status, side=side, start=start, recorded=AS_OF
        )
    elif isinstance(answer, str):
        builder.statement(person, concept, "strata.yaml", choice=answer, side=side, recorded=AS_OF)
    else:
        builder.statement(person, concept, "strata.yaml", value=float(answer), side=side, recorded=AS_OF)


def _as_counted(
    quantity: Quantity, counted: dict[str, Any], knowledge: Knowledge, *, today: bool
) -> tuple[float, float, float]:
    """Bring the engine's hips to what the source counted: the way of detection, the patient, any bone.

    The steps of docs/methods/risk.md in the other direction.
    """
    model, settings = risk_model(knowledge), knowledge.risk_settings
    cohort = knowledge.cohorts[model.cohorts[int(quantity.cohort[0, quantity.cause[0]])]]
    found_by = "mri" if today else cohort.detection
    of_engine, of_source = (
        getattr(settings.odds_of_mri, way).value for way in (found_by, counted["detection"])
    )
    odds = of_engine / of_source
    hips = [
        _times_odds(part[:2], odds)
        for part in (quantity.value, quantity.recorded_low, quantity.recorded_high)
    ]
    if counted["per"] == "patient":
        band = either_hip(Band(*hips), bilateral_share(model, quantity, np.arange(2)))
        numbers = [float(band.value), float(band.low), float(band.high)]
    else:
        numbers = [float(part[0]) for part in hips]
    if counted["site"] == "any":
        numbers = [min(1.0, number / settings.hip_share.value) for number in numbers]
    if counted["as"] == "per year":
        numbers = [-math.log1p(-number) for number in numbers]
    return numbers[0], numbers[1], numbers[2]


def _times_odds(p: Any, ratio: float) -> Any:
    return p * ratio / (1 - p + p * ratio)


def _odds_ratio(
    evaluation: Evaluation, reference: Evaluation, model: RiskModel
) -> tuple[float, float, float]:
    """Odds of the patient over those of the reference patient; the bounds are those of the applied ratios."""
    ours, theirs = evaluation.risk.today, reference.risk.today

    def odds(p: float) -> float:
        return p / (1 - p)

    value = odds(float(ours.value[0])) / odds(float(theirs.value[0]))
    applies = model.applies[int(ours.cohort[0, ours.cause[0]])]
    applied = applies & evaluation.risk.effects.true[0] & ~reference.risk.effects.true[0]
    if not applied.any() or value == 1.0:
        return value, value, value
    ratios = evaluation.risk.log_ratios
    return value, math.exp(ratios.low[0, applied].sum()), math.exp(ratios.high[0, applied].sum())


def _published(figure: dict[str, Any], *, rate: bool) -> tuple[float, float, float, str]:
    value = float(figure["value"])
    if "interval" in figure:
        low, high = figure["interval"]
        return value, float(low), float(high), "source"
    if "person_years" in figure:
        return value, *_poisson(figure["events"], figure["person_years"]), "counts"
    if "events" in figure:
        return value, *_wilson(figure["events"], figure["n"]), "counts"
    if rate or value >= 1:
        return value, value / JUDGED_RATIO, value * JUDGED_RATIO, "judged"
    low, high = (_times_odds(value, ratio) for ratio in (1 / JUDGED_RATIO, JUDGED_RATIO))
    return value, low, high, "judged"


def _wilson(events: int, n: int) -> tuple[float, float]:
    z, p = 1.959964, events / n
    middle, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return max(0.0, (middle - half) / (1 + z**2 / n)), (middle + half) / (1 + z**2 / n)


def _poisson(events: int, person_years: float) -> tuple[float, float]:
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return float(low / person_years), float(chi2.ppf(0.975, 2 * (events + 1)) / 2 / person_years)


def _number(value: float, stratum: dict[str, Any]) -> str:
    if stratum["counted"]["as"] == "odds ratio":
        return f"{value:.3g}"
    if stratum["counted"]["as"] == "per year":
        return f"{value * 1000:.3g} / 1,000 a"
    return f"{value * 100:.3g} %"


def _cell(numbers: tuple[float, float, float], stratum: dict[str, Any]) -> str:
    value, low, high = (_number(number, stratum) for number in numbers)
    unit = value[value.index(" ") :] if " " in value else ""
    return f"{value.removesuffix(unit)} ({low.removesuffix(unit)} to {high.removesuffix(unit)}){unit}"


def page(rows: list[Result], knowledge: Knowledge) -> str:
    """Write the table as a page."""
    lines = [INTRODUCTION.strip(), "", *_summary(rows), ""]
    for use, title in (("no", "Held out"), ("compared", "Interval only"), ("yes", "Starting figures")):
        lines += [f"## {title}", "", NOTES[use], "", HEADER]
        lines += [_line(row) for row in rows if row.stratum["anchor"] == use]
        lines += ["", *_explanations([row for row in rows if row.stratum["anchor"] == use])]
    return "\n".join([*lines, "## Sources", "", *_sources(rows, knowledge)]) + "\n"


def _summary(rows: list[Result]) -> list[str]:
    lines = ["| how the engine uses the figure | rows | inside | outside, explained |", "|---|---|---|---|"]
    for use in ("no", "compared", "yes"):
        those = [row for row in rows if row.stratum["anchor"] == use]
        inside = sum(row.inside for row in those)
        lines.append(f"| {USE[use]} | {len(those)} | {inside} | {len(those) - inside} |")
    return lines


HEADER = (
    "| stratum | source | published (interval) | engine (as recorded) | inside? | group of the engine |\n"
    "|---|---|---|---|---|---|"
)


def _line(row: Result) -> str:
    stratum, counted = row.stratum, row.stratum["counted"]
    how = f"{counted['per']}, {counted['detection']}, {counted['site']}" if "per" in counted else "odds ratio"
    cells = [
        f"{stratum['stratum']} ({how})",
        stratum["source"],
        _cell(row.published, stratum) + (" ‡" if row.interval_from == "judged" else ""),
        _cell(row.engine, stratum),
        "yes" if row.inside else "no",
        row.cohort,
    ]
    return f"| {' | '.join(cells)} |"


def _explanations(rows: list[Result]) -> list[str]:
    lines = [f"- **{r.stratum['stratum']}**: {r.stratum['why']}" for r in rows if "why" in r.stratum]
    return [*lines, ""] if lines else []


def _sources(rows: list[Result], knowledge: Knowledge) -> list[str]:
    others = _file()["sources"]
    lines = []
    for name in sorted({row.stratum["source"] for row in rows}):
        if name in knowledge.sources:
            source = knowledge.sources[name]
            parts = [source.authors, source.title, source.journal, str(source.year or "")]
            link = source.doi or (f"PMID {source.pmid}" if source.pmid else source.url)
        else:
            parts, other = [others[name]["citation"]], others[name]
            link = other.get("doi") or other.get("pmid") or other.get("url")
        lines.append(f"- {name}: {'. '.join(p.rstrip('.') for p in parts if p)}{f'. {link}' if link else ''}")
    return lines


INTRODUCTION = """
# Published groups against the engine

Written by `python benchmarks/strata.py` from `benchmarks/strata.yaml`; do not edit by hand.

Each row is a group of patients whose osteonecrosis somebody counted. The engine gets one patient of exactly
that description, and its answer for a hip is brought back to what the source counted: the way of detection,
the patient instead of the hip, any bone instead of the hip (see [the method](../methods/risk.md)). A row is
inside when the engine's value lies in the 95 % interval of the source; ‡ marks an interval that nobody
printed and no counts give, judged as odds (or a rate) divided and multiplied by 1.6. The engine's own
interval is the one as recorded: everything the description does not mention is taken as absent.

What this is not: a validation. No group was followed with this software. Rows that the engine starts from
return their own figure by construction; they show that choosing the group, spreading it over time and
converting it back work, no more. What the method is worth shows in the rows it has not seen, and there
nearly half are outside. Each of those says why, as far as we know. The rows were written down by those who
wrote the method, which no table can make up for.
"""

NOTES = {
    "no": "Figures that enter nothing. This is the part to judge the method by.",
    "compared": "Figures kept beside the engine's own to widen the interval; they do not move the value.",
    "yes": "Figures the engine starts from. Inside by construction, unless something in between is wrong.",
}


def main() -> None:
    """Print the table and write the page."""
    knowledge = load()
    rows = results(knowledge)
    text = page(rows, knowledge)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

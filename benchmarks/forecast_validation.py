"""Writes how well the forecast predicts cohorts it has not seen: a part of docs/benchmarks/forecast.md.

Run ``python -m benchmarks.forecast_validation``; it prints the part too. Progress goes to the standard error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import yaml

from benchmarks.cases import ROOT
from benchmarks.measure import table
from precollapse.evidence.fitting.settings import NaturalHistory
from precollapse.evidence.fitting.validation import (
    FEWEST_COHORTS,
    FEWEST_UNITS,
    LEVEL,
    Cumulated,
    Fits,
    RowPredicted,
    Summary,
    left_out_rows,
    predicted_rows,
    summary,
    validated,
    within_cohort,
)
from precollapse.evidence.fitting.validation_chain import replaced_rows
from precollapse.evidence.folder import evidence_folder
from precollapse.evidence.table.read import load

PAGE = ROOT / "docs" / "benchmarks" / "forecast.md"
TITLE = "# The forecast\n"
BEGIN, END = "<!-- validation -->", "<!-- end -->"
# The cohort with the four types of the Japanese committee, which the classification itself rests on.
TYPES = ("collapse", "kuroda-2019")
INTERVAL = f"{LEVEL:.0%} interval"
COVERAGE_GOAL = (0.85, 0.95)
# How near the cohort's own figures should be given back.
CLOSE = 0.02


def report() -> str:
    """Leave each cohort out, predict it, and return the part of the page."""
    settings = yaml.safe_load((evidence_folder() / "models.yaml").read_bytes())
    fits = Fits(
        load(), msgspec.convert(settings["natural_history"], NaturalHistory), settings["seed"], _progress
    )
    rows, apart, replaced = predicted_rows(fits), left_out_rows(fits), replaced_rows(fits)
    fitted = tuple(row for row in replaced if not row.reasons)
    others = tuple(row for row in replaced if row.reasons)
    parts = [
        "## Cohorts left out\n",
        _head(fits),
        table(_SUMMARY, [_summed(one) for one in _summaries(fits, rows, fitted)]),
        _goal(rows, fitted),
        "### Fitted rows, predicted from the other cohorts\n",
        table(_ROWS, [_line(row) for row in rows]),
        "### Rows that are not fitted\n",
        table((*_ROWS, "why it is not fitted"), [(*_line(row), "; ".join(row.reasons)) for row in apart]),
        "### Replacement of untreated hips that had not collapsed, by the whole chain\n",
        _CHAIN,
        table(_ROWS, [_line(row) for row in fitted]),
        *_if(others, "Rows with a reason against them, not counted above:\n", _apart(others)),
        "### The four JIC types in their own cohort\n",
        _WITHIN,
        table(_CUMULATED, [_cumulated(one) for one in within_cohort(fits, *TYPES)]),
    ]
    return "\n".join(parts)


_SUMMARY = (
    "process",
    "rows",
    "cohorts",
    f"inside the {INTERVAL}",
    "mean error (points)",
    "mean absolute error (points)",
    "mean transform",
    "transforms by quarter",
)
_ROWS = (
    "process",
    "row",
    "size",
    "years",
    "events",
    "observed",
    "predicted",
    INTERVAL,
    "transform",
    "inside",
)
_CUMULATED = ("row", "type", "by year", "printed", "mean", "median", INTERVAL, f"within {CLOSE:.0%}")
_CHAIN = (
    "States before collapse, collapsed and replaced; the cohort is left out of both fits. Every collapsed "
    "hip has the hazard of replacement of the first years after collapse, as in the engine. Replacement "
    "after collapse is known from few cohorts, some of them among these: without one, little is left "
    "to predict it from.\n"
)
_WITHIN = (
    "What the model, fitted to all cohorts, says of this one with its own effect. The numbers of hips per "
    "type are judged (`evidence/models.yaml`), and this cohort is part of the fit: this shows what the model "
    "can hold, not what it can foresee.\n"
)


def _head(fits: Fits) -> str:
    few = [name for name in fits.rows if name not in validated(fits)]
    without = f" Not validated, for want of {FEWEST_COHORTS} cohorts: {', '.join(few)}." if few else ""
    return (
        "Each cohort is left out, the model fitted to the others, and every row of at least "
        f"{FEWEST_UNITS} units predicted for a cohort not seen yet: parameters, an effect of the cohort and "
        "binomial chance. The transform is the probability of fewer events plus half that of just as many: "
        "spread evenly from 0 to 1 when predictions are right, near 0 where fewer and near 1 where more "
        "events were seen than expected. Rows of one cohort are not independent, so that coverage is less "
        f"sure than the number of rows suggests.{without}\n"
    )


def _goal(rows: Sequence[RowPredicted], replaced: Sequence[RowPredicted]) -> str:
    """Hold the coverage against what was aimed at."""
    low, high = COVERAGE_GOAL

    def said(name: str, counted: Sequence[RowPredicted]) -> str:
        one = summary(name, counted)
        share = one.inside / one.rows
        return f"{name} {one.inside} of {one.rows}, {share:.0%}{'' if low <= share <= high else ', MISSED'}"

    return (
        f"Goal: {low:.0%} to {high:.0%} inside. {said('All fitted rows', rows)}; "
        f"{said('with those of the whole chain', (*rows, *replaced))}.\n"
    )


def _summaries(fits: Fits, rows: Sequence[RowPredicted], replaced: Sequence[RowPredicted]) -> list[Summary]:
    names = [name for name in validated(fits) if any(row.process == name for row in rows)]
    by_process = [summary(_name(fits, name), (r for r in rows if r.process == name)) for name in names]
    chain = [summary("replacement by the whole chain", replaced)] if replaced else []
    return [summary("all fitted rows", rows), *by_process, *chain]


def _name(fits: Fits, process: str) -> str:
    return fits.settings.processes[process].name


def _summed(one: Summary) -> tuple[str, ...]:
    return (
        one.name,
        str(one.rows),
        str(one.cohorts),
        f"{one.inside} ({one.inside / one.rows:.0%})",
        f"{100 * one.mean_error:+.1f}",
        f"{100 * one.absolute_error:.1f}",
        f"{one.mean_pit:.2f}",
        " / ".join(map(str, one.quarters)),
    )


def _line(row: RowPredicted) -> tuple[str, ...]:
    said = row.predicted
    return (
        row.process,
        f"`{row.arm}`",
        row.size,
        f"{row.start_years:g} to {row.end_years:g}",
        f"{_count(row.events)} of {_count(row.at_risk)}",
        f"{row.observed:.0%}",
        f"{said.mean:.0%}",
        f"{said.low:.0%} to {said.high:.0%}",
        f"{said.pit:.2f}",
        "yes" if said.inside else "no",
    )


def _count(value: float) -> str:
    """Return a count with a decimal where it was worked out from published survival."""
    return f"{round(value, 1):g}"


def _apart(rows: Sequence[RowPredicted]) -> str:
    lines = [(*_line(row), "; ".join(row.reasons)) for row in rows]
    return table((*_ROWS, "reason"), lines)


def _cumulated(one: Cumulated) -> tuple[str, ...]:
    return (
        f"`{one.arm}`",
        one.size,
        f"{one.years:g}",
        f"{one.observed:.1%}",
        f"{one.mean:.1%}",
        f"{one.median:.1%}",
        f"{one.low:.1%} to {one.high:.1%}",
        f"mean {_near(one.mean, one.observed)}, median {_near(one.median, one.observed)}",
    )


def _near(found: float, wanted: float) -> str:
    return "yes" if abs(found - wanted) <= CLOSE else "MISSED"


def _if(rows: Sequence[Any], *parts: str) -> tuple[str, ...]:
    return parts if rows else ()


def _progress(what: str) -> None:
    print(f"{time.strftime('%X')} {what}", file=sys.stderr, flush=True)


def put(page: str, part: str) -> str:
    """Return the page with the part between its markers, at the end of the page when it has none yet."""
    marked = f"{BEGIN}\n{part}\n{END}\n"
    if BEGIN not in page:
        return f"{page or TITLE}\n{marked}"
    before, rest = page.split(BEGIN, 1)
    return before + marked + rest.split(f"{END}\n", 1)[1]


def main() -> str:
    """Write the part of the page."""
    part = report()
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(put(page, part), encoding="utf-8")
    return part


if __name__ == "__main__":
    print(main())

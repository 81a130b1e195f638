"""Whatever is left out of a record, nothing breaks, and nobody becomes surer of anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from precollapse.assess import assess_bytes
from precollapse.assessment.build import build_assessments
from precollapse.assessment.model import Assessment, Estimate
from precollapse.chart.model import Chart
from precollapse.engine.risk import Quantity
from precollapse.engine.run import Evaluation, evaluate
from precollapse.engine.urgency import LEVELS
from precollapse.errors import InputError
from precollapse.facts.build import Facts, build_facts
from tests.robustness.knowing import Flags, Rows, differences, hip_rows
from tests.robustness.pointers import Pointer, leaves, without
from tests.robustness.records import DAY, KNOWLEDGE, RECORDS, chart_of, content_of, together

ROUNDING = 1e-9
# Every third deletion is also written out as a document, which takes far longer than computing it.
DOCUMENTED = 3

# Without these a file is not a record: the entry has no name, the resource no type.
NEEDED = {"factor", "symptom", "test", "name", "resourceType"}

# Not knowing these gives another interval, not a wider one, and that is meant so.
BY_DESIGN = {
    "mri_osteonecrosis": "a clear MRI leaves only what has come since; a positive one settles the hip",
    "mri_hip": "the same, said of the whole image",
    "imaging_osteonecrosis": "an image that names osteonecrosis settles the hip",
    "osteonecrosis_femoral_head": "an earlier diagnosis is a group of its own, told by a sign of the disease",
    "osteonecrosis_other_site": "a sign of the disease, not a cause: unknown, it does not widen anything",
    "hip_replaced": "a hip without a head has no probability",
}


@dataclass(frozen=True)
class Deletion:
    """One record without one thing, and where both stand among all persons of the chart."""

    path: Path
    pointer: Pointer
    whole: int
    person: int


@dataclass(frozen=True)
class Deletions:
    """All records, whole and each without one thing, in one chart."""

    chart: Chart
    facts: Facts
    evaluation: Evaluation
    made: tuple[Deletion, ...]
    refused: tuple[tuple[Path, Pointer, str], ...]

    def rows(self) -> tuple[Rows, Rows]:
        """Return the rows of the whole and of the lesser record, left hips first, then right ones."""
        table = self.facts.table
        whole = np.concatenate(hip_rows(table, [one.whole for one in self.made]))
        return whole, np.concatenate(hip_rows(table, [one.person for one in self.made]))

    def of_rows(self, row: int) -> Deletion:
        return self.made[row % len(self.made)]


@cache
def deletions() -> Deletions:
    charts = [chart_of(content_of(path), path.name) for path in RECORDS]
    made: list[Deletion] = []
    refused: list[tuple[Path, Pointer, str]] = []
    for whole, path in enumerate(RECORDS):
        for pointer in leaves(content_of(path)):
            try:
                chart = chart_of(without(content_of(path), pointer), path.name)
            except InputError as error:
                refused.append((path, pointer, str(error)))
                continue
            # Without its Patient entry a bundle may be about everybody whom it mentions.
            if chart.persons.height == 1:
                made.append(Deletion(path, pointer, whole, len(charts)))
                charts.append(chart)
    chart = together(charts)
    facts = build_facts(chart, KNOWLEDGE, DAY)
    return Deletions(chart, facts, evaluate(facts, KNOWLEDGE), tuple(made), tuple(refused))


@cache
def comparison() -> tuple[Flags, Flags, dict[str, Flags]]:
    """Per deletion: whether less is known, whether only that; per row and fact: whether it differs."""
    found = deletions()
    old, new = found.rows()
    differ = np.zeros(old.shape, dtype=bool)
    otherwise = np.zeros(old.shape, dtype=bool)
    by_fact: dict[str, Flags] = {}
    for name, differs, worse in differences(found.facts.table, old, new):
        differ |= differs
        otherwise |= worse
        by_fact[name] = by_fact.get(name, np.zeros(old.shape, dtype=bool)) | differs
    per_person = differ.reshape(2, -1).any(axis=0), otherwise.reshape(2, -1).any(axis=0)
    return per_person[0], per_person[0] & ~per_person[1], by_fact


def quantities() -> dict[str, Quantity]:
    risk = deletions().evaluation.risk
    return {"today": risk.today} | {f"in {years} years": one for years, one in risk.future.items()}


@pytest.mark.slow
def test_a_record_without_one_thing_is_assessed_or_refused_for_a_missing_name() -> None:
    found = deletions()
    assert len(found.made) > 2500
    for path, pointer, message in found.refused:
        assert pointer[-1] in NEEDED, (path.name, pointer, message)
        assert message.startswith(path.name), message
    assert len(found.refused) < len(found.made) / 5


def test_most_deletions_that_change_anything_only_make_facts_unknown() -> None:
    """Else the tests below would compare nothing."""
    less, only_less, _ = comparison()
    assert only_less.sum() > 1000
    assert only_less.sum() > 0.8 * less.sum()


@pytest.mark.hazard("unknown-read-as-absent")
def test_less_known_never_narrows_the_open_interval() -> None:
    found, (_, only_less, by_fact) = deletions(), comparison()
    old, new = found.rows()
    compared = np.tile(only_less, 2)
    excused: Counter[str] = Counter()
    for name, quantity in quantities().items():
        narrower = (quantity.low[new] > quantity.low[old] + ROUNDING) | (
            quantity.high[new] < quantity.high[old] - ROUNDING
        )
        for row in np.flatnonzero(compared & narrower):
            reasons = [fact for fact in BY_DESIGN if fact in by_fact and by_fact[fact][row]]
            assert reasons, (name, found.of_rows(row), [f for f, differs in by_fact.items() if differs[row]])
            excused.update(reasons)
    # The exceptions stay exceptions.
    assert sum(excused.values()) < 0.01 * compared.sum()


def test_interval_as_recorded_and_value_stay_inside_the_open_interval() -> None:
    for name, q in quantities().items():
        known = ~np.isnan(q.value)
        for part in (q.recorded_low, q.recorded_high, q.value):
            outside = known & ((part < q.low - ROUNDING) | (part > q.high + ROUNDING))
            assert not outside.any(), (name, np.flatnonzero(outside)[:3])


@pytest.mark.hazard("unknown-read-as-absent")
def test_less_known_lowers_the_urgency_only_where_the_old_level_stays_possible() -> None:
    found, (_, only_less, _) = deletions(), comparison()
    sure = [LEVELS.index(level) for level in found.evaluation.urgency["urgency"]]
    possible = [LEVELS.index(level) for level in found.evaluation.urgency["urgency_possible"]]
    fell = 0
    for number in np.flatnonzero(only_less):
        one = found.made[number]
        assert possible[one.person] >= possible[one.whole], one
        assert sure[one.person] <= possible[one.whole], one
        if sure[one.person] < sure[one.whole]:
            fell += 1
            assert possible[one.person] >= sure[one.whole], one
    assert fell > 20  # that the level depends on what is recorded at all


@pytest.mark.slow
def test_documents_of_lesser_records_are_written_and_their_intervals_are_as_wide() -> None:
    found, (_, only_less, by_fact) = deletions(), comparison()
    excused = np.any([by_fact[fact] for fact in BY_DESIGN if fact in by_fact], axis=0)
    excused = excused.reshape(2, -1).any(axis=0)
    chosen = [*range(len(RECORDS)), *(one.person for one in found.made[::DOCUMENTED])]
    documents = dict(zip(chosen, documents_of(chosen), strict=True))
    compared = 0
    for number, one in list(enumerate(found.made))[::DOCUMENTED]:
        if only_less[number] and not excused[number]:
            compared += hips_as_wide(documents[one.whole], documents[one.person], one)
    assert compared > 300


def documents_of(persons: list[int]) -> list[Assessment]:
    """Write documents of some persons, in a chart of their own so that nobody waits for the others."""
    found = deletions()
    places = {person: place for place, person in enumerate(persons)}

    def chosen(table: str) -> object:
        rows = getattr(found.chart, table)
        kept = rows.filter(rows["person"].is_in(persons))
        return kept.with_columns(kept["person"].replace_strict(places, return_dtype=kept["person"].dtype))

    chart = Chart(**{name: chosen(name) for name in ("persons", "statements", "doses", "unread")})
    facts = build_facts(chart, KNOWLEDGE, DAY)
    return build_assessments(chart, facts, evaluate(facts, KNOWLEDGE), KNOWLEDGE)


def hips_as_wide(whole: Assessment, less: Assessment, deletion: Deletion) -> int:
    compared = 0
    for side in ("left", "right"):
        before, after = getattr(whole.hips, side).risk, getattr(less.hips, side).risk
        if before.state != "estimated":  # settled by what is listed above
            continue
        for name in ("mri_today", "within_1_year", "within_5_years"):
            assert contains(getattr(after, name), getattr(before, name)), (deletion, side, name)
            compared += 1
    return compared


def contains(wide: Estimate, narrow: Estimate) -> bool:
    """Compare numbers as they are printed, to four digits."""
    assert wide.interval is not None
    assert narrow.interval is not None
    return (
        wide.interval.low <= narrow.interval.low + ROUNDING
        and wide.interval.high >= narrow.interval.high - ROUNDING
    )


NOTHING = {
    "case.yaml": b"{}",
    "patient.json": b'{"resourceType": "Patient", "id": "p"}',
    "bundle.json": b'{"resourceType": "Bundle", "entry": ['
    b'{"resource": {"resourceType": "Patient", "id": "p"}}]}',
}


@pytest.mark.hazard("unknown-read-as-absent")
@pytest.mark.parametrize("name", NOTHING)
def test_nothing_known_gives_nothing_confident(name: str) -> None:
    (nothing,) = assess_bytes(NOTHING[name], name, today=DAY)
    for estimate in (
        nothing.hips.left.risk.mri_today,
        nothing.hips.right.risk.mri_today,
        nothing.risk.mri_today,
    ):
        assert estimate.interval is not None
        assert estimate.interval.high - estimate.interval.low > 0.5
    assert nothing.urgency.level == "routine"
    assert nothing.urgency.reasons == ()
    assert len(nothing.urgency.open_questions) > 20
    assert len(nothing.unknown) > 30
    assert all(question.why_unknown == "not asked" for question in nothing.urgency.open_questions)

"""The words that the terminal and the page share: facts, patients, horizons, sources, lists cut short.

No clinical statement is made here; those come with the assessment.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from precollapse.assessment.model import (
    Assessment,
    Estimate,
    Hip,
    OpenQuestion,
    Patient,
    Reason,
    SourceUsed,
    TypeFound,
    Unread,
)
from precollapse.assessment.nodes import FactReference
from precollapse.views import numbers

MOST = 12  # of a long list this many are shown; the JSON document holds all
OSTEONECROSIS = "osteonecrosis"
FEW = 6  # the same for lists that come once per hip
# Categories of characters that could change how the rest of a line is shown.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """Return text from a record on one line, without control or direction characters."""
    shown = "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in text)
    return " ".join(shown.split())


def value_of(fact: FactReference) -> str:
    """Return the value of a fact, or why it is unknown."""
    if fact.why_unknown is not None:
        return f"unknown ({fact.why_unknown})"
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    if isinstance(fact.value, str):
        return fact.value.replace("_", " ")
    said = _number(fact.value, fact.low, fact.high)
    return f"{said} {numbers.unit(fact.unit or '')}".rstrip() if said != "unknown" else said


def _number(value: float | None, low: float | None, high: float | None) -> str:
    low = None if low is None or math.isinf(low) else low
    high = None if high is None or math.isinf(high) else high
    if value is not None and (low in {None, value}) and (high in {None, value}):
        return numbers.plain(value)
    if low is not None and high is not None:
        return f"{numbers.plain(low)} to {numbers.plain(high)}"
    if low is not None:
        return f"at least {numbers.plain(low)}"
    if high is not None:
        return f"at most {numbers.plain(high)}"
    return "unknown"


def fact(reference: FactReference, *, origin: bool = False) -> str:
    """Return a fact in one phrase: ``Groin pain: yes (left, 2026-05-01)``."""
    place = _places(reference.origin) if origin and reference.origin else None
    details = [reference.side, reference.date, place, reference.note]
    inside = "; ".join(detail for detail in details if detail)
    said = f"{reference.name}: {value_of(reference)}"
    return f"{said} ({inside})" if inside else said


def _places(origin: str) -> str:
    """Return the places a fact comes from, naming their file once."""
    first, *others = origin.split(" | ")
    file = first.partition(": ")[0] + ": "
    return ", ".join((first, *(other.removeprefix(file) for other in others)))


def facts(references: Sequence[FactReference], *, origin: bool = False) -> str:
    """Return several facts, those that decide first."""
    return "; ".join(fact(reference, origin=origin) for reference in references)


def patient(who: Patient, as_of: str) -> str:
    """Return age, sex, record and day in one line."""
    age = "age unknown" if who.age_years is None else f"{math.floor(who.age_years)} years"
    return " · ".join((age, who.sex or "sex unknown", f"record {who.record}", f"as of {as_of}"))


def horizon(value: Estimate) -> str:
    """Return when an estimate is for: ``today``, ``within 1 year``."""
    if value.horizon_years == 0:
        return "today"
    years = numbers.plain(value.horizon_years)
    return f"within {years} year{'' if years == '1' else 's'}"


def outcome(value: Estimate) -> str:
    """Return what is counted; beyond today it is what is new in a hip that has nothing yet."""
    return value.outcome if value.horizon_years == 0 else f"new {value.outcome}, if there is none today"


def of_hip(reason: Reason) -> str:
    """Return the side of a reason in brackets, or nothing."""
    if reason.side is None:
        return ""
    return " (both hips)" if reason.side == "both" else f" ({reason.side} hip)"


def dominant_type(assessment: Assessment) -> str:
    """Return the type that osteonecrosis would be put down to first."""
    types = assessment.risk.types
    named = next((one for one in types if one.dominant), types[0] if types else None)
    if named is None or named.state == "undetermined":
        return "undetermined, the work-up is not complete"
    return f"would be called {named.name.lower()}"


def in_short(hip: Hip) -> str:
    """Return the likeliest explanation of a hip, and osteonecrosis when that is another."""
    if hip.risk.state != "estimated" or not hip.differential.diagnoses:
        return hip.risk.says
    first = hip.differential.diagnoses[0]
    silent = hip.differential.state == "nothing recorded"
    wanted = dict.fromkeys(
        (first.id, *(one.id for one in hip.differential.diagnoses if one.id == OSTEONECROSIS))
    )
    said = [one for one in hip.differential.diagnoses if one.id in wanted]
    if silent:
        said = [one for one in said if one.id == OSTEONECROSIS]
    start = "Nothing recorded of it. " if silent else ""
    return start + "; ".join(
        f"{one.name} {numbers.percent(one.probability)} ({numbers.span(one.band)})" for one in said
    )


def first_test(assessment: Assessment) -> str:
    """Return the test that would add most, if any is worth it."""
    tests = assessment.next_tests.tests
    worth = [one for one in tests if one.state == "worth it" and one.kind != "question"]
    return f"{where([worth[0].side])}{worth[0].name}" if worth else ""


class Side(NamedTuple):
    """A hip under its heading, and the parts in which it only repeats the hip shown before it."""

    heading: str
    hip: Hip
    repeats: tuple[str, ...] = ()
    other: str = ""

    @property
    def short(self) -> str:
        """Return the side in a word or two."""
        return self.heading.partition(" (")[0].lower()


def hips(assessment: Assessment) -> list[Side]:
    """Return both hips, the one more likely affected first; as one when nothing differs between them."""
    left, right, loose = assessment.hips.left, assessment.hips.right, assessment.hips.unspecified
    shown = _of_both(left, right)
    if loose is None or loose.differential.state == "nothing recorded":
        return shown
    return [*shown, Side("Hip (its side is not named)", loose)]


def _of_both(left: Hip, right: Hip) -> list[Side]:
    if left == right:
        return [Side("Both hips (nothing differs between left and right)", left)]
    shown = zip(_shown(left).items(), _shown(right).values(), strict=True)
    same = tuple(name for (name, one), other in shown if one == other)
    if (left.risk.mri_today.value or 0) > (right.risk.mri_today.value or 0):
        return [Side("Left hip", left), Side("Right hip", right, same, "left")]
    return [Side("Right hip", right), Side("Left hip", left, same, "right")]


def _shown(hip: Hip) -> dict[str, Any]:
    """Return what a reader would tell apart in the parts that often do not differ between the hips."""
    risk = hip.risk
    return {
        "anchored on": risk.cohort and risk.cohort.id,
        "adjusted for": [(one.id, one.state, one.ratio) for one in risk.adjustments],
        "causes": [(one.id, one.state, numbers.share(one.share)) for one in risk.causes],
        "type": type_key(hip.types),
    }


def type_key(types: Sequence[TypeFound]) -> list[tuple[str, str, bool, str]]:
    """Return what a reader would tell apart in the types."""
    return [(one.id, one.state, one.dominant, numbers.share(one.share)) for one in types]


def types_of_either(assessment: Assessment) -> tuple[TypeFound, ...]:
    """Return the types of the patient, unless they only repeat those of a hip."""
    either, hips = assessment.risk.types, assessment.hips
    repeated = type_key(either) in (type_key(hips.left.types), type_key(hips.right.types))
    return () if repeated else either


def brief(reference: FactReference) -> str:
    """Return name and value alone."""
    return f"{reference.name}: {value_of(reference)}"


def notes(references: Sequence[FactReference]) -> str:
    """Return every different note of some facts once."""
    return "; ".join(dict.fromkeys(reference.note for reference in references if reference.note))


def sentence(text: str) -> str:
    """Return a text that ends like a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def states(parts: Sequence[Any], *wanted: str) -> list[Any]:
    """Return the causes or adjustments that are in one of some states."""
    return [part for part in parts if part.state in wanted]


def names(parts: Sequence[Any]) -> str:
    """Return the names of causes or adjustments in one line."""
    return ", ".join(part.name for part in parts)


class Question(NamedTuple):
    """A question that is open for one hip, for both or for the patient."""

    text: str
    detail: str


def questions(rows: Sequence[OpenQuestion]) -> list[Question]:
    """Return open questions in their order, those that differ only in the side as one."""
    sides: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        said = sides.setdefault((row.question, row.why_unknown, row.could_become), [])
        if row.side and row.side not in said:
            said.append(row.side)
    return [
        Question(f"{where(said)}{question}", f"{why}; could become {level}")
        for (question, why, level), said in sides.items()
    ]


def where(sides: Sequence[str | None]) -> str:
    """Return the side as the beginning of a line: ``left hip: ``, or nothing."""
    said = " and ".join(side for side in sides if side)
    return f"{said} hip{'s' if ' and ' in said else ''}: " if said else ""


class SourceNumbers:
    """Numbers sources in the order of the document's own list, for references such as ``[3]``.

    ``cited`` gathers the ids that were referred to.
    """

    def __init__(self, sources: Sequence[SourceUsed]) -> None:
        self.cited: set[str] = set()
        self._numbers = {source.id: number for number, source in enumerate(sources, start=1)}

    def __call__(self, *ids: str) -> str:
        """Return ``[1, 3]`` for ids; one that is not in the list is named itself."""
        self.cited.update(ids)
        known = sorted({self._numbers[name] for name in ids if name in self._numbers})
        unknown = dict.fromkeys(name for name in ids if name not in self._numbers)
        inside = ", ".join((*map(str, known), *unknown))
        return f"[{inside}]" if inside else ""

    def number(self, name: str) -> int | None:
        """Return the number of one source."""
        return self._numbers.get(name)


def address(source: SourceUsed) -> str | None:
    """Return where a source is found: by DOI, else by PMID, else its own web address."""
    if source.doi:
        return f"https://doi.org/{clean(source.doi).replace(' ', '%20')}"
    if source.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{clean(source.pmid)}/"
    url = clean(source.url or "")
    return url if url.startswith(("https://", "http://")) else None


class Sum(NamedTuple):
    """How many entries of one kind were not used."""

    reason: str
    number: int
    example: str


def unread(rows: Sequence[Unread]) -> list[Sum]:
    """Sum what was not used by reason, most frequent first, each with an example."""
    counted = Counter(row.reason for row in rows)
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row.reason, f"{row.origin}: {row.detail}".removesuffix(": "))
    return [Sum(reason, number, first[reason]) for reason, number in counted.most_common()]


def more(total: int, shown: int = MOST) -> str | None:
    """Return the line that says how many were left out."""
    return f"and {total - shown} more, which the JSON document lists" if total > shown else None

"""Checks of concepts: complete, in sane units, with well-formed codes and words that mean one thing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.checkdigits import what_is_wrong
from precollapse.knowledge.model import Concept, UnitRule
from precollapse.knowledge.units import size, wrong_factor
from precollapse.knowledge.walk import Problem, codes

# The same words name findings of several imaging methods; the reader knows which method was used.
_METHODS = ("radiograph_", "mri_", "ct_", "bone_scan_")


def complete(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that every concept says what it includes, how to ask for it and on what it rests."""
    for concept in knowledge.concepts.values():
        missing = [name for name in ("name", "question", "includes") if not getattr(concept, name)]
        if missing:
            yield Problem("concepts", concept.id, f"{', '.join(missing)} is empty", "fill it in")
        if not concept.sources and not says_judgement(concept):
            yield Problem(
                "concepts", concept.id, "no source", "cite one, or begin the note with 'judgement:'"
            )


def says_judgement(concept: Concept) -> bool:
    """Tell whether a concept admits that its wording, range or validity is only convention."""
    return "judgement" in (concept.note or "").lower()


def typed_fields(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that numbers have unit and ranges, choices have choices, and nothing else has them."""
    for concept in knowledge.concepts.values():
        is_number, is_choice = concept.type == "number", concept.type == "choice"
        if is_number and (concept.unit is None or concept.ranges is None):
            yield Problem(
                "concepts", concept.id, "a number without unit or ranges", "give both; unit '1' for a count"
            )
        if not is_number and (concept.unit or concept.units or concept.ranges):
            yield Problem("concepts", concept.id, f"unit or ranges on a {concept.type}", "remove them")
        if is_choice != bool(concept.choices):
            yield Problem(
                "concepts", concept.id, "choices belong to the type choice, and to no other", "correct it"
            )
        if concept.implies and concept.type != "yes_no":
            yield Problem(
                "concepts", concept.id, f"a {concept.type} cannot imply anything", "derive it instead"
            )
        if concept.derive is not None and concept.type != "yes_no":
            yield Problem(
                "concepts", concept.id, f"a {concept.type} cannot be derived by a condition", "correct it"
            )


def ranges_nested(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that the usual range lies in the plausible one, and that in the possible one."""
    for concept in knowledge.concepts.values():
        if concept.ranges is None:
            continue
        outer = (-math.inf, math.inf)
        for name in ("possible", "plausible", "usual"):
            low, high = getattr(concept.ranges, name)
            low, high = outer[0] if low is None else low, outer[1] if high is None else high
            if not outer[0] <= low <= high <= outer[1]:
                yield Problem(
                    "concepts",
                    concept.id,
                    f"the {name} range {low:g} to {high:g} is not within the wider one",
                    "correct the ranges",
                )
            outer = (low, high)
        said = concept.ranges.usual_source or concept.sources or says_judgement(concept)
        if concept.ranges.usual != (None, None) and not said:
            yield Problem(
                "concepts", concept.id, "the usual range has no source", "cite one or note 'judgement:'"
            )


def usual_ranges_span_their_cases(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that the usual range holds those by sex or age: it is what counts while those are unknown."""
    for concept in knowledge.concepts.values():
        if concept.ranges is None:
            continue
        low, high = _filled(concept.ranges.usual)
        for case in concept.ranges.usual_when:
            inner_low, inner_high = _filled(case.usual)
            if not low <= inner_low <= inner_high <= high:
                yield Problem(
                    "concepts",
                    concept.id,
                    f"usual_when: {inner_low:g} to {inner_high:g} is not within the usual range",
                    "widen the usual range",
                )
            if not (case.source or says_judgement(concept)):
                yield Problem(
                    "concepts", concept.id, "usual_when has no source", "cite one or note 'judgement:'"
                )


def _filled(bounds: tuple[float | None, float | None]) -> tuple[float, float]:
    low, high = bounds
    return -math.inf if low is None else low, math.inf if high is None else high


def meanings_fit(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that only a number explains what is beyond its usual range, and only a limit that it has."""
    for concept in knowledge.concepts.values():
        if concept.meaning is None:
            continue
        low, high = concept.ranges.usual if concept.ranges else (None, None)
        for said, limit, name in (
            (concept.meaning.below, low, "below"),
            (concept.meaning.above, high, "above"),
        ):
            if said and limit is None:
                yield Problem(
                    "concepts", concept.id, f"meaning.{name} without a usual limit", "give one or remove it"
                )


def units_sane(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that the own unit is UCUM with factor 1 and other factors agree with the units' sizes."""
    for concept in knowledge.concepts.values():
        if concept.unit is None:
            continue
        if size(concept.unit) is None:
            yield Problem(
                "concepts",
                concept.id,
                f"{concept.unit} is not a UCUM unit that is known here",
                "spell it as UCUM does, or add it to knowledge/units.py",
            )
        for unit, rule in {concept.unit: 0.0, **concept.units}.items():
            what = _wrong_rule(concept.unit, unit, rule)
            if what:
                yield Problem("concepts", concept.id, f"units: {what}", "correct the factor")


def _wrong_rule(canonical: str, unit: str, rule: float | UnitRule) -> str | None:
    factor, offset = (rule.factor, rule.offset) if isinstance(rule, UnitRule) else (float(rule), 0.0)
    if unit == canonical:
        return (
            None if (factor, offset) == (1.0, 0.0) else f"{unit} is the concept's own unit and needs factor 1"
        )
    if not (math.isfinite(factor) and factor > 0 and math.isfinite(offset)):
        return f"{unit} has the impossible factor {factor:g}"
    if offset and "Cel" not in {canonical, unit}:
        return None  # a regression between two assays, such as that of HbA1c, is no change of unit
    return wrong_factor(canonical, unit, factor)


def codes_well_formed(knowledge: Knowledge) -> Iterator[Problem]:
    """Check digits and patterns of every code, and that no entry has the same code twice."""
    seen: set[tuple[str, str, str]] = set()
    for kind, entry, system, code in codes(knowledge):
        what = what_is_wrong(system, code)
        if what:
            yield Problem(kind, entry, f"{system} {code}: {what}", "look the code up again")
        if (entry, system, code) in seen:
            yield Problem(kind, entry, f"{system} {code} stands twice", "remove one")
        seen.add((entry, system, code))


def choices_of_codes_exist(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that a code that states a choice states one that the concept has."""
    for concept in knowledge.concepts.values():
        for code in concept.codes:
            if code.choice is not None and code.choice not in concept.choices:
                yield Problem(
                    "concepts",
                    concept.id,
                    f"{code.system} {code.code} states the unknown choice {code.choice}",
                    "correct the choice",
                )


def words_unambiguous(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that words mean one concept.

    Those of the imaging methods are told apart by the method; a medicine may belong to several classes.
    """
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for concept in knowledge.concepts.values():
        method = next((prefix for prefix in _METHODS if concept.id.startswith(prefix)), "")
        for words in {word.casefold().strip() for word in (*concept.synonyms, *concept.synonyms_absent)}:
            owners[method, words].append(concept.id)
    for (_, words), names in owners.items():
        if len(names) > 1 and not all(knowledge.concepts[name].medicine for name in names):
            yield Problem(
                "concepts",
                names[0],
                f"the words '{words}' also mean {', '.join(names[1:])}",
                "keep them with one concept",
            )


def medicines_counted(knowledge: Knowledge) -> Iterator[Problem]:
    """Check that only a number counts products, only medicines are counted, and only they stand in lists."""
    for concept in knowledge.concepts.values():
        if concept.counts and concept.type != "number":
            yield Problem("concepts", concept.id, f"a {concept.type} counts products", "make it a number")
        if concept.synonyms_in_lists and not concept.medicine:
            yield Problem(
                "concepts", concept.id, "synonyms_in_lists on what is no medicine", "put them under synonyms"
            )
        for name in concept.counts:
            counted = knowledge.concepts.get(name)
            if counted is None or not counted.medicine:
                yield Problem("concepts", concept.id, f"counts {name}, which is no medicine", "correct it")


CHECKS = (
    complete,
    typed_fields,
    ranges_nested,
    usual_ranges_span_their_cases,
    meanings_fit,
    units_sane,
    codes_well_formed,
    choices_of_codes_exist,
    words_unambiguous,
    medicines_counted,
)

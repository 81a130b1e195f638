"""Tells which resources can say anything of some concepts, without reading them.

Of a bulk export most lines are about something else. A line is set aside only when reading it could give
nothing but a note that it was not used; what each distinct code means is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from operator import attrgetter
from typing import Any, get_args

from msgspec import DecodeError, Raw

from precollapse.chart.allergens import Allergens
from precollapse.chart.codes import Hit
from precollapse.chart.fhir.coding import Meaning, Meanings, Use
from precollapse.chart.fhir.datatypes import NOTHING, listed
from precollapse.chart.fhir.findings import RELATIVES
from precollapse.chart.fhir.record import DONE
from precollapse.chart.fhir.resources import (
    AllergyIntolerance,
    Condition,
    DiagnosticReport,
    Encounter,
    FamilyMemberHistory,
    ImagingStudy,
    Medicated,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Procedure,
    Unused,
)
from precollapse.knowledge.bundle import Knowledge

# Distinct elements remembered for each use; a bulk export has some thousand codes.
MOST_REMEMBERED = 200_000
_NOTHING = bytes(NOTHING)
_USES: tuple[Use, ...] = get_args(Use)
# Types of which the code alone decides: the field that holds it, and how it is read.
_CODES: dict[type, tuple[str, Use]] = {
    Condition: ("code", "diagnosis"),
    Procedure: ("code", "procedure"),
    MedicationRequest: ("medication_codeable_concept", "medicine"),
    MedicationStatement: ("medication_codeable_concept", "medicine"),
    MedicationDispense: ("medication_codeable_concept", "medicine"),
    MedicationAdministration: ("medication_codeable_concept", "medicine"),
}


class Sieve:
    """Keeps the resources that bear on some concepts.

    Parameters
    ----------
    knowledge
        What codes and words mean.
    wanted
        Ids of concepts. Corticosteroids are always wanted.
    """

    def __init__(self, knowledge: Knowledge, wanted: Set[str]) -> None:
        self.wanted = frozenset(wanted)
        self.meanings = Meanings.of(knowledge)
        self._known: dict[Use, dict[bytes, bool]] = {use: {} for use in _USES}
        self._observed: dict[bytes, bool | None] = {}
        relatives = any(name.startswith(RELATIVES) for name in self.wanted)
        allergies = bool(Allergens.of(knowledge).concepts & self.wanted)
        self._keepers: dict[type, Callable[..., bool]] = {
            Condition: self._condition,
            Observation: self._observation,
            Procedure: self._procedure,
            DiagnosticReport: self._report,
            ImagingStudy: self._imaging,
            Encounter: _never,
            FamilyMemberHistory: _always if relatives else _never,
            AllergyIntolerance: _always if allergies else _never,
            **dict.fromkeys(
                (MedicationRequest, MedicationStatement, MedicationDispense, MedicationAdministration),
                self._medicated,
            ),
        }

    def kept(self, resources: Sequence[Any]) -> list[int]:
        """Return the places of the resources that can bear on what is wanted.

        Where all are of one type, as in the files of a bulk export, codes that are known to be of no use are
        passed over at once.
        """
        kind = type(resources[0]) if resources else None
        field, use = _CODES.get(kind, ("", None)) if kind else ("", None)
        if use is None or any(type(one) is not kind for one in resources):
            return [number for number, one in enumerate(resources) if self.keeps(one)]
        known, keeps = self._known[use].get, self.keeps
        code = attrgetter(field)
        return [
            number for number, one in enumerate(resources) if known(bytes(code(one)), True) and keeps(one)
        ]

    def keeps(self, resource: object) -> bool:
        """Return whether a resource of a type that is read can bear on what is wanted."""
        keeper = self._keepers.get(type(resource))
        if keeper is None:
            return not isinstance(resource, Unused)
        try:
            return keeper(resource)
        except DecodeError:
            return True  # reading it will say what is wrong

    def _wants(self, raw: Raw, use: Use) -> bool:
        data, known = bytes(raw), self._known[use]
        found = known.get(data)
        if found is None:
            found = self._bears(self.meanings.of_raw(raw, use))
            if len(known) < MOST_REMEMBERED:
                known[data] = found
        return found

    def _bears(self, meaning: Meaning) -> bool:
        return any(self._is_wanted(hit) for hit in meaning.hits)

    def _is_wanted(self, hit: Hit) -> bool:
        return hit.corticosteroid or hit.concept in self.wanted

    def _condition(self, condition: Condition) -> bool:
        return self._wants(condition.code, "diagnosis")

    def _procedure(self, procedure: Procedure) -> bool:
        return self._wants(procedure.code, "procedure")

    def _observation(self, observation: Observation) -> bool:
        code = bytes(observation.code)
        known = self._observed.get(code, False)
        if code not in self._observed:
            known = self._of_code(observation.code)
            if len(self._observed) < MOST_REMEMBERED:
                self._observed[code] = known
        if known is not None:
            return known or observation.component is not NOTHING or self._coded_value(observation)
        # A code that says nothing, or only that something was examined: the words of the value decide.
        return True

    def _of_code(self, raw: Raw) -> bool | None:
        """Return whether the code bears on what is wanted; None where the value may say anything."""
        meaning = self.meanings.of_raw(raw, "finding")
        if self._bears(meaning) or meaning.question is not None:
            return True
        examined = any(hit.concept.endswith(DONE) for hit in meaning.hits)
        return None if examined or not (meaning.codes or meaning.hits) else False

    def _coded_value(self, observation: Observation) -> bool:
        value = observation.value_codeable_concept
        if value is NOTHING:
            return False
        meaning = self.meanings.of_raw(value, "value")
        return self._bears(meaning) or not meaning.codes

    def _report(self, report: DiagnosticReport) -> bool:
        coded = listed(report.conclusion_code, Raw) if report.conclusion_code is not NOTHING else ()
        return (
            bool(report.conclusion)
            or self._wants(report.code, "value")
            or any(self._wants(raw, "diagnosis") for raw in coded)
        )

    def _imaging(self, study: ImagingStudy) -> bool:
        codes = listed(study.procedure_code, Raw) if study.procedure_code is not NOTHING else ()
        return any(self._wants(raw, "procedure") for raw in codes)

    def _medicated(self, resource: Medicated) -> bool:
        """Return whether a medicine is wanted; of a product described elsewhere nobody knows yet."""
        named = resource.medication_codeable_concept
        return True if bytes(named) == _NOTHING else self._wants(named, "medicine")


def _always(_: object) -> bool:
    return True


def _never(_: object) -> bool:
    return False

"""The few fields of FHIR R4 resources that the chart needs, as types for the decoder.

Each resource type is one struct, told apart by ``resourceType``. What repeats in thousands of entries
(codes, references) or matters only for a few (values, dosages) stays undecoded as ``Raw`` until it is
needed. Types of no bearing on the hip have an empty struct: the decoder skips their content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Union

import msgspec
from msgspec import Raw, defstruct

from precollapse.chart.fhir.datatypes import NOTHING
from precollapse.chart.fhir.resource_types import UNUSED_TYPES


class Resource(msgspec.Struct, gc=False, rename="camel", tag_field="resourceType", kw_only=True):
    """Common ground of the types that are read."""

    id: str | None = None


class Clinical(Resource, gc=False, kw_only=True):
    """A statement about somebody."""

    status: str | None = None
    subject: Raw = NOTHING
    code: Raw = NOTHING


class Patient(Resource, tag="Patient", gc=False, kw_only=True):
    """The person of the record; nothing by which she or he could be recognised is decoded."""

    gender: str | None = None
    birth_date: str | None = None
    deceased_date_time: str | None = None
    deceased_boolean: bool | None = None
    identifier: Raw = NOTHING
    extension: Raw = NOTHING


class Condition(Clinical, tag="Condition", gc=False, kw_only=True):
    """A diagnosis or complaint."""

    clinical_status: Raw = NOTHING
    verification_status: Raw = NOTHING
    body_site: Raw = NOTHING
    onset_date_time: str | None = None
    onset_period: Raw = NOTHING
    onset_age: Raw = NOTHING
    onset_range: Raw = NOTHING
    onset_string: str | None = None
    abatement_date_time: str | None = None
    abatement_period: Raw = NOTHING
    abatement_age: Raw = NOTHING
    recorded_date: str | None = None
    extension: Raw = NOTHING


class Observation(Clinical, tag="Observation", gc=False, kw_only=True):
    """A finding or measurement; its value is decoded only when its code means something."""

    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Raw = NOTHING
    issued: str | None = None
    value_quantity: Raw = NOTHING
    value_codeable_concept: Raw = NOTHING
    value_string: Raw = NOTHING
    value_boolean: Raw = NOTHING
    value_integer: Raw = NOTHING
    value_range: Raw = NOTHING
    value_ratio: Raw = NOTHING
    value_date_time: Raw = NOTHING
    value_period: Raw = NOTHING
    value_time: Raw = NOTHING
    value_sampled_data: Raw = NOTHING
    data_absent_reason: Raw = NOTHING
    interpretation: Raw = NOTHING
    body_site: Raw = NOTHING
    component: Raw = NOTHING
    extension: Raw = NOTHING


class Procedure(Clinical, tag="Procedure", gc=False, kw_only=True):
    """Something done to the patient."""

    body_site: Raw = NOTHING
    performed_date_time: str | None = None
    performed_period: Raw = NOTHING
    performed_age: Raw = NOTHING


class DiagnosticReport(Clinical, tag="DiagnosticReport", gc=False, kw_only=True):
    """A report; its conclusion is read, its results stand as observations of their own."""

    effective_date_time: str | None = None
    effective_period: Raw = NOTHING
    issued: str | None = None
    conclusion: str | None = None
    conclusion_code: Raw = NOTHING
    extension: Raw = NOTHING


class FamilyMemberHistory(Resource, tag="FamilyMemberHistory", gc=False, kw_only=True):
    """Diseases of a relative."""

    status: str | None = None
    subject: Raw = msgspec.field(default=NOTHING, name="patient")
    date: str | None = None
    condition: Raw = NOTHING


class AllergyIntolerance(Resource, tag="AllergyIntolerance", gc=False, kw_only=True):
    """An allergy or intolerance, or the statement that there is none."""

    subject: Raw = msgspec.field(default=NOTHING, name="patient")
    code: Raw = NOTHING
    clinical_status: Raw = NOTHING
    verification_status: Raw = NOTHING
    type: Raw = NOTHING
    criticality: str | None = None
    reaction: Raw = NOTHING
    onset_date_time: str | None = None
    onset_period: Raw = NOTHING
    onset_age: Raw = NOTHING
    onset_string: str | None = None
    recorded_date: str | None = None


class QuestionnaireResponse(Clinical, tag="QuestionnaireResponse", gc=False, kw_only=True):
    """Answers of a form."""

    authored: str | None = None
    item: Raw = NOTHING


class Encounter(Clinical, tag="Encounter", gc=False, kw_only=True):
    """A visit; its reasons are complaints or suspicions, not diagnoses."""

    reason_code: Raw = NOTHING


class ImagingStudy(Clinical, tag="ImagingStudy", gc=False, kw_only=True):
    """Images; what they show stands in a report."""

    started: str | None = None
    description: str | None = None
    procedure_code: Raw = NOTHING
    series: Raw = NOTHING


class Medication(Resource, tag="Medication", gc=False, kw_only=True):
    """A product to which orders refer."""

    code: Raw = NOTHING
    form: Raw = NOTHING
    ingredient: Raw = NOTHING


class PractitionerRole(Resource, tag="PractitionerRole", gc=False, kw_only=True):
    """In which specialty somebody works who writes prescriptions; who it is is not decoded."""

    practitioner: Raw = NOTHING
    specialty: Raw = NOTHING


class Medicated(Resource, gc=False, kw_only=True):
    """Common ground of orders, dispenses, administrations and statements of a medicine."""

    status: str | None = None
    subject: Raw = NOTHING
    contained: Raw = NOTHING
    medication_codeable_concept: Raw = NOTHING
    medication_reference: Raw = NOTHING


class MedicationRequest(Medicated, tag="MedicationRequest", gc=False, kw_only=True):
    """A prescription."""

    intent: str | None = None
    do_not_perform: bool | None = None
    authored_on: str | None = None
    requester: Raw = NOTHING
    dosage_instruction: Raw = NOTHING
    dispense_request: Raw = NOTHING


class MedicationStatement(Medicated, tag="MedicationStatement", gc=False, kw_only=True):
    """What somebody says is or was taken."""

    effective_date_time: str | None = None
    effective_period: Raw = NOTHING
    date_asserted: str | None = None
    dosage: Raw = NOTHING


class MedicationDispense(Medicated, tag="MedicationDispense", gc=False, kw_only=True):
    """What the pharmacy handed over."""

    when_prepared: str | None = None
    when_handed_over: str | None = None
    quantity: Raw = NOTHING
    days_supply: Raw = NOTHING
    dosage_instruction: Raw = NOTHING


class MedicationAdministration(Medicated, tag="MedicationAdministration", gc=False, kw_only=True):
    """What was given."""

    effective_date_time: str | None = None
    effective_period: Raw = NOTHING
    dosage: Raw = NOTHING


class Unused(msgspec.Struct, gc=False, tag_field="resourceType"):
    """A type of no bearing on the hip: it is counted, and its content skipped."""


UNUSED: tuple[Any, ...] = tuple(
    defstruct(name, [], bases=(Unused,), tag=name, gc=False) for name in UNUSED_TYPES
)
READ: tuple[type[Resource], ...] = (
    Patient, Condition, Observation, Procedure, DiagnosticReport, FamilyMemberHistory, QuestionnaireResponse,
    AllergyIntolerance, Encounter, ImagingStudy, Medication, PractitionerRole, MedicationRequest,
    MedicationStatement, MedicationDispense, MedicationAdministration,
)  # fmt: skip
TYPE_NAMES: dict[type, str] = {kind: kind.__name__ for kind in (*READ, *UNUSED)}


class Entry(msgspec.Struct, gc=False, rename="camel"):
    """One entry of a bundle."""

    full_url: str | None = None
    resource: AnyResource | None = None


class Bundle(msgspec.Struct, tag="Bundle", tag_field="resourceType", rename="camel"):
    """A bundle of any type."""

    type: str | None = None
    entry: list[Entry] | None = None


class RawBundle(msgspec.Struct):
    """A bundle whose entries are decoded one by one, because one of them cannot be read."""

    type: Any = None
    entry: list[Raw] | None = None


class RawEntry(msgspec.Struct, rename="camel"):
    """An entry whose resource is not decoded."""

    full_url: str | None = None
    resource: Raw = NOTHING


class Header(msgspec.Struct, rename="camel"):
    """Type and id of a resource that cannot be read, to name it."""

    resource_type: Any = None
    id: Any = None


if TYPE_CHECKING:
    AnyResource: TypeAlias = Resource | Unused | Bundle
else:
    AnyResource = Union[(*READ, *UNUSED, Bundle)]  # by its members, the decoder tells one type from another

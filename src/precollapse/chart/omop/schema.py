"""Which columns of which OMOP CDM 5.4 tables are read, and what part each plays.

Names only; how they are read stands in ``tables``, what they mean in the modules of each domain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from precollapse.chart.omop.tables import Kind


@dataclass(frozen=True)
class EventTable:
    """A table of events: where its code, its dates and its further attributes stand.

    ``attributes`` keep their own names; all other columns are renamed to ``concept_id``,
    ``source_concept_id``, ``source_value``, ``start`` and ``end``, so that one code serves all tables.
    """

    name: str
    code: str  # prefix of the three code columns
    start: str  # without the ending _date or _datetime
    end: str | None = None
    attributes: dict[str, Kind] = field(default_factory=dict)

    def columns(self) -> dict[str, Kind]:
        """Return the columns to read and their kinds."""
        dates = [self.start] if self.end is None else [self.start, self.end]
        return {
            "person_id": "id",
            **self.codes(),
            **{f"{stem}_{kind}": "date" for stem in dates for kind in ("date", "datetime")},
            **self.attributes,
        }

    def codes(self) -> dict[str, Kind]:
        """Return the three columns that name what the event is."""
        return {
            f"{self.code}_concept_id": "id",
            f"{self.code}_source_concept_id": "id",
            f"{self.code}_source_value": "text",
        }

    def renamed(self) -> dict[str, str]:
        """Map the code columns to their common names."""
        return dict(zip(self.codes(), CODES, strict=True))


CODES = ("concept_id", "source_concept_id", "source_value")
NO_CONCEPT = 0  # the model's own id for "no matching concept"

CONDITION = EventTable(
    "condition_occurrence", "condition", "condition_start", "condition_end",
    {
        "condition_status_concept_id": "id",
        "condition_status_source_value": "text",
        "stop_reason": "text",
    },
)  # fmt: skip
PROCEDURE = EventTable(
    "procedure_occurrence", "procedure", "procedure", None,
    {"modifier_concept_id": "id", "modifier_source_value": "text"},
)  # fmt: skip
DEVICE = EventTable("device_exposure", "device", "device_exposure_start")
MEASUREMENT = EventTable(
    "measurement", "measurement", "measurement", None,
    {
        "operator_concept_id": "id",
        "value_as_number": "number",
        "value_as_concept_id": "id",
        "value_source_value": "text",
        "unit_concept_id": "id",
        "unit_source_value": "text",
    },
)  # fmt: skip
OBSERVATION = EventTable(
    "observation", "observation", "observation", None,
    {
        "value_as_number": "number",
        "value_as_string": "text",
        "value_as_concept_id": "id",
        "value_source_value": "text",
        "unit_concept_id": "id",
        "unit_source_value": "text",
        "qualifier_concept_id": "id",
        "qualifier_source_value": "text",
    },
)  # fmt: skip
DRUG = EventTable(
    "drug_exposure", "drug", "drug_exposure_start", "drug_exposure_end",
    {
        "verbatim_end_date": "date",
        "drug_type_concept_id": "id",
        "stop_reason": "text",
        "refills": "number",
        "quantity": "number",
        "days_supply": "number",
        "sig": "text",
        "route_concept_id": "id",
        "route_source_value": "text",
        "dose_unit_source_value": "text",
        "provider_id": "id",
    },
)  # fmt: skip
EVENTS = (CONDITION, PROCEDURE, DEVICE, MEASUREMENT, OBSERVATION, DRUG)

PERSON_COLUMNS: dict[str, Kind] = {
    "person_id": "id",
    "gender_concept_id": "id",
    "gender_source_value": "text",
    "year_of_birth": "id",
    "month_of_birth": "id",
    "day_of_birth": "id",
    "birth_datetime": "date",
}
DEATH_COLUMNS: dict[str, Kind] = {"person_id": "id", "death_date": "date", "death_datetime": "date"}

# Tables of the vocabulary and about the data set; they say nothing of a patient.
NO_PATIENT_DATA = frozenset(
    [
        "concept", "concept_ancestor", "concept_class", "concept_relationship", "concept_synonym", "domain",
        "drug_strength", "relationship", "source_to_concept_map", "vocabulary", "cdm_source", "metadata",
        "cohort_definition",
    ]
)  # fmt: skip
READ = frozenset(["person", "death", "provider", *(table.name for table in EVENTS)])

"""What a case file may hold: the models that check its form and are published as its JSON Schema.

Words are not checked here: whether "FABER" means anything is the knowledge's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from precollapse.chart.case.decode import LONGEST_SHOWN
from precollapse.chart.dates import parse_partial
from precollapse.errors import InputError

IGNORED_KEYS = frozenset(
    ["source", "source_type", "seen", "seen_note", "reported", "emergency", "imaging_names_diagnosis"]
)
SIDES = {"left": "left", "l": "left", "right": "right", "r": "right", "both": "both", "bilateral": "both"}
LONGEST_MONTHS = 1500


def _not_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is not a number")
    return value


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _lower(value: Any) -> Any:
    return value.strip().lower().replace("_", " ") if isinstance(value, str) else value


def _side(value: Any) -> Any:
    return SIDES.get(value.strip().lower(), value) if isinstance(value, str) else value


def _date(value: str) -> str:
    if parse_partial(value) is None:
        raise ValueError("is not a date; write 2024-05-17, 2024-05 or 2024")
    return value


def _listed(value: Any) -> Any:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _allergies(value: Any) -> Any:
    """Take "allergies: false" for what it means."""
    return ["none"] if value is False else _listed(value)


Number = Annotated[float, BeforeValidator(_not_bool), Field(allow_inf_nan=False)]
Text = Annotated[str, BeforeValidator(_as_text), Field(max_length=20_000)]
Months = Annotated[Number, Field(ge=0, le=LONGEST_MONTHS)]
PartialDay = Annotated[
    str,
    BeforeValidator(_as_text),
    AfterValidator(_date),
    Field(
        description="A date as exact as it is known: day, month or year.",
        examples=["2024-05-17", "2024-05", "2024"],
    ),
]
Answer = Annotated[
    bool | Literal["yes", "no", "none", "unknown", "not asked"] | None,
    BeforeValidator(_lower),
    Field(
        description=(
            "true or yes; false, no or none: asked and absent; unknown: asked, not known; null: not asked."
        ),
        examples=[True, False, "unknown", None],
    ),
]
Side = Annotated[
    Literal["left", "right", "both", "bilateral"] | None,
    BeforeValidator(_side),
    Field(description="The patient's own side.", examples=["left"]),
]


class Model(BaseModel):
    """Keys that are not known are kept aside and listed as unread."""

    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)


class Patient(Model):
    """Who the patient is. No names, no addresses."""

    age_years: Number | None = Field(default=None, examples=[38])
    age_note: Text | None = Field(
        default=None, description="When only a decade is known.", examples=["in his 20s"]
    )
    birth_date: PartialDay | None = None
    sex: Annotated[
        Literal["female", "male", "f", "m", "other", "unknown"] | None, BeforeValidator(_lower)
    ] = None
    sex_note: Text | None = None
    weight_kg: Number | None = Field(default=None, examples=[72])
    height_cm: Number | None = Field(default=None, examples=[175])
    bmi_note: Text | None = Field(default=None, examples=["obese", "not obese"])


class Timed(Model):
    """When something began and ended: dates, or spans counted back from the date of the assessment."""

    since: PartialDay | None = None
    until: PartialDay | None = None
    time_since_start_months: Months | None = Field(
        default=None, description="Months from its beginning to the assessment."
    )
    duration_months: Months | None = Field(
        default=None, description="How long it has lasted at the assessment."
    )


class History(Timed):
    """An earlier illness, exposure, injury or operation."""

    factor: Text = Field(
        description="In words, or the id of a concept.", examples=["sickle cell disease", "alcohol"]
    )
    present: Answer = True
    detail: Text | None = Field(
        default=None, description="Free text; it is searched too.", examples=["two crises a year"]
    )
    side: Side = None
    prednisone_equiv_mg_per_day: Annotated[Number, Field(ge=0)] | None = None


class Step(Model):
    """One stretch of a taper."""

    dose: Text = Field(examples=["40 mg/day"])
    days: Annotated[Number, Field(ge=0, le=36_525)] | None = Field(default=None, examples=[14])


class Medication(Model):
    """A medicine, taken now unless it says otherwise."""

    name: Text = Field(examples=["prednisolone", "alendronate 70 mg weekly"])
    strength: Text | None = Field(default=None, description="Of one tablet or vial.", examples=["5 mg"])
    dose: Text | None = Field(default=None, examples=["20 mg", "2 tablets"])
    frequency: Text | None = Field(default=None, examples=["once daily"])
    route: Text | None = Field(default=None, examples=["oral", "inhaled"])
    start: PartialDay | None = None
    end: PartialDay | None = None
    duration_months: Months | None = None
    duration_days: Annotated[Number, Field(ge=0, le=36_525)] | None = None
    steps: list[Step] = []
    prn: bool | None = Field(default=None, description="Only as needed.")
    status: Annotated[
        Literal["active", "stopped", "completed", "on hold", "planned", "not taken", "unknown"] | None,
        BeforeValidator(_lower),
    ] = None
    side: Side = None
    detail: Text | None = None


class Allergy(Model):
    """An allergy or intolerance: the substance is enough."""

    substance: Text = Field(examples=["aspirin", "fish", "no known allergies"])
    present: Answer = True
    kind: Annotated[Literal["allergy", "intolerance"] | None, BeforeValidator(_lower)] = None
    since: PartialDay | None = None
    reaction: Text | None = Field(default=None, description="What happened.", examples=["hives"])


class Symptom(Timed):
    """A complaint."""

    symptom: Text = Field(examples=["groin pain", "limp"])
    present: Answer = True
    side: Side = None
    weight_bearing_worse: Answer = None
    rest_pain: Answer = None
    night_pain: Answer = None
    detail: Text | None = None


class Exam(Model):
    """A sign or a test of the examination."""

    test: Text = Field(examples=["FABER", "internal rotation", "gait"])
    side: Side = None
    finding: Text | None = Field(default=None, examples=["decreased", "antalgic"])
    result: Text | None = Field(default=None, examples=["positive", "negative"])
    value: bool | Number | Text | None = Field(default=None, examples=[10])
    unit: Text | None = Field(default=None, examples=["deg"])
    date: PartialDay | None = None


class Lab(Model):
    """A laboratory result, as a number with its unit or in words."""

    test: Text = Field(examples=["haemoglobin"])
    value: bool | Number | Text | None = Field(default=None, examples=[9.1, "normal", "< 5"])
    unit: Text | None = Field(default=None, examples=["g/dL"])
    date: PartialDay | None = None


class Imaging(Model):
    """One imaging study and what was seen."""

    modality: Text = Field(default="not stated", examples=["radiograph", "MRI"])
    side: Side = None
    region: Text | None = Field(default=None, examples=["lumbar spine"])
    date: PartialDay | None = None
    findings: Annotated[list[Text], BeforeValidator(_listed)] = Field(
        default=[], examples=[["crescent sign"]]
    )
    names_diagnosis: bool | None = Field(default=None, description="The report gives the diagnosis itself.")
    imaging_names_diagnosis: bool | None = None


Section = BeforeValidator(_listed)


class CaseFile(Model):
    """One patient, as typed by a clinician. Everything is optional; what is left out is unknown."""

    id: Text | None = Field(default=None, description="A pseudonym; never a name.", examples=["case-7"])
    as_of: PartialDay | None = Field(
        default=None, description="Date of the assessment; spans are counted back from it."
    )
    patient: Patient = Patient()
    history: Annotated[list[History | Text], Section] = []
    medications: Annotated[list[Medication | Text], Section] = []
    allergies: Annotated[list[Allergy | Text], BeforeValidator(_allergies)] = Field(
        default=[], description="What the patient does not tolerate; none, when asked and there is none."
    )
    symptoms: Annotated[list[Symptom | Text], Section] = []
    exam: Annotated[list[Exam | Text], Section] = []
    labs: Annotated[list[Lab | Text], Section] = []
    imaging: Annotated[list[Imaging | Text], Section] = []
    hips: dict[Literal["left", "right"], dict[str, Any] | None] = Field(
        default={},
        description="Concepts per hip, by id.",
        examples=[{"left": {"groin_pain": True, "internal_rotation_deg": 10}}],
    )
    facts: dict[str, Any] = Field(
        default={},
        description="Concepts of the patient, by id.",
        examples=[{"systemic_lupus_erythematosus": False}],
    )


def case_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a case file."""
    schema = CaseFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "precollapse case file",
        "examples": [EXAMPLE],
    }


EXAMPLE: dict[str, Any] = {
    "as_of": "2026-01-31",
    "patient": {"age_years": 38, "sex": "female"},
    "history": [{"factor": "systemic lupus erythematosus", "since": "2021"}],
    "medications": [
        {"name": "prednisolone", "dose": "20 mg", "frequency": "once daily", "start": "2025-03-01"}
    ],
    "symptoms": [{"symptom": "groin pain", "side": "left", "duration_months": 3}],
    "hips": {"left": {"internal_rotation_deg": 10}},
}


def checked(raw: Mapping[str, Any], place: str) -> CaseFile:
    """Check the form of a case file.

    Raises
    ------
    InputError
        Naming the first field that is wrong, its value and what is allowed.
    """
    try:
        return CaseFile.model_validate(raw)
    except ValidationError as error:
        raise _as_input_error(error, place) from None
    except RecursionError:
        raise InputError(place, "nested too deeply") from None


def _as_input_error(error: ValidationError, place: str) -> InputError:
    """Name the most exact of the first field's errors: a union reports one for each of its members."""
    problems = error.errors(include_url=False)
    first = problems[0]["loc"][:2]
    problem = max((one for one in problems if one["loc"][:2] == first), key=lambda one: len(one["loc"]))
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    value = problem["input"]
    shown = "" if isinstance(value, dict | list) else f"{repr(value)[:LONGEST_SHOWN]} "
    return InputError(f"{place}: {_path(problem['loc'])}", f"{shown}{message[:1].lower()}{message[1:]}"[:300])


_UNION_MEMBERS = frozenset(
    [
        "History",
        "Medication",
        "Allergy",
        "Symptom",
        "Exam",
        "Lab",
        "Imaging",
        "bool",
        "float",
        "constrained-str",
        "str",
    ]
)


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in _UNION_MEMBERS and not part.startswith(("function-", "literal[", "constrained")):
            path += f".{part}" if path else part
    return path

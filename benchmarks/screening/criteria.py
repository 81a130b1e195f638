"""The question that all peers answer, its codes, and the answer by a plain loop.

Who should be thought of for an MRI: a patient with an order of a systemic corticosteroid, or with another
cause of osteonecrosis of the hip (a condition, or a transplant as a procedure), and without an MRI of the
hip. Statuses and dates are not looked at, so that the question is the same for everybody.

The sets of codes come from the compiled knowledge: precollapse's own reader is asked about each code, those
that the knowledge names and those that the export holds, and a code belongs to a set when the reader takes
it for that. So classes of codes (all of ICD-10-CM F10.2) are expanded to concrete codes. A code of the export
is asked about with the words beside it, and of an order with the route in its directions: the code of bare
dexamethasone alone does not say that it is swallowed.

Run it to write the sets: ``python -m benchmarks.screening.criteria FOLDER > codes.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from precollapse.chart.reader import read, read_bytes
from precollapse.knowledge.bundle import Knowledge

CAUSES = frozenset([
    "sickle_cell_disease", "systemic_lupus_erythematosus", "antiphospholipid_syndrome",
    "alcohol_use_disorder", "hiv_infection", "gaucher_disease", "hyperlipidaemia", "femoral_neck_fracture",
    "hip_dislocation",
    "organ_transplant", "kidney_transplant", "heart_transplant", "liver_transplant", "lung_transplant",
    "haematopoietic_stem_cell_transplant",
])  # fmt: skip
TRANSPLANTS = frozenset(name for name in CAUSES if name.endswith("transplant"))
MRI_DONE = frozenset(["mri_hip_done"])
STATED = ("present", "past")  # what a chart says of a thing that is or was so

# The uri by which FHIR names a terminology of the knowledge.
URIS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "atc": "http://www.whocc.no/atc",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "icd9cm": "http://hl7.org/fhir/sid/icd-9-cm",
}


class Coding(NamedTuple):
    """One code of a terminology, with the words and the route that stand beside it."""

    system: str
    code: str
    display: str | None = None
    route: str | None = None  # of an order: the element of its directions, as JSON


class Question(NamedTuple):
    """One set of codes: what it is called, in which resources, and what a chart calls it."""

    name: str
    resource: str
    element: str
    concepts: frozenset[str]  # empty: a systemic corticosteroid


QUESTIONS = (
    Question("corticosteroids", "MedicationRequest", "medicationCodeableConcept", frozenset()),
    Question("causes", "Condition", "code", CAUSES),
    Question("transplants", "Procedure", "code", TRANSPLANTS),
    Question("mri", "Procedure", "code", MRI_DONE),
)
Codes = dict[str, list[tuple[str, str]]]  # name of a question to (uri, code), sorted
Patients = dict[str, set[str]]  # name of a question to the ids of the patients of whom it is true


def value_sets(knowledge: Knowledge, folder: Path) -> Codes:
    """Return the codes of each question: what the knowledge names, and what an export holds."""
    sets: Codes = {}
    for question in QUESTIONS:
        codings = sorted({*_named(question, knowledge), *_held(question, folder)}, key=str)
        charted = from_chart(_probe(question, codings), knowledge)[question.name]
        taken = {codings[int(patient)][:2] for patient in charted}
        sets[question.name] = sorted(taken)
    return sets


def _named(question: Question, knowledge: Knowledge) -> Iterator[Coding]:
    """Yield the codes that the knowledge names for a question."""
    entries: Iterable[Any] = (
        (knowledge.concepts[name] for name in question.concepts)
        if question.concepts
        else knowledge.corticosteroids.values()
    )
    for entry in entries:
        for code in entry.codes:
            if code.system in URIS:
                yield Coding(URIS[code.system], code.code)


def _held(question: Question, folder: Path) -> Iterator[Coding]:
    """Yield the codes that the resources of an export hold."""
    for resource in resources(folder, question.resource):
        for coding in _codings(resource, question.element):
            if coding.get("system") and coding.get("code"):
                yield Coding(coding["system"], coding["code"], coding.get("display"), _route(resource))


def _route(resource: dict[str, Any]) -> str | None:
    routes = (each["route"] for each in resource.get("dosageInstruction", ()) if "route" in each)
    route = next(routes, None)
    return None if route is None else json.dumps(route)


def _probe(question: Question, codings: list[Coding]) -> bytes:
    """Return records of as many patients as there are codes, each with one of them; ids are numbers."""
    lines: list[dict[str, Any]] = []
    for number, (system, code, display, route) in enumerate(codings):
        coding = {"system": system, "code": code} | ({"display": display} if display else {})
        lines.append({"resourceType": "Patient", "id": str(number)})
        lines.append({
            "resourceType": question.resource, "id": f"r{number}",
            "subject": {"reference": f"Patient/{number}"}, question.element: {"coding": [coding]},
        } | ({"dosageInstruction": [{"route": json.loads(route)}]} if route else {}))  # fmt: skip
    return "\n".join(map(json.dumps, lines)).encode()


def from_chart(record: Path | bytes, knowledge: Knowledge) -> Patients:
    """Answer the questions from precollapse's own chart of a record: its tables of statements and doses.

    Parameters
    ----------
    record
        Folder of a bulk export, or the bytes of NDJSON.
    knowledge
        What codes and words mean.
    """
    import polars as pl

    if isinstance(record, bytes):
        chart = read_bytes(record, "export.ndjson", knowledge, kind="fhir")
    else:
        chart = read(record, knowledge, kind="fhir")
    names = chart.persons.select("person", "key")
    stated = chart.statements.filter(pl.col("status").is_in(STATED))
    answers: Patients = {}
    for question in QUESTIONS:
        if question.concepts:
            rows = stated.filter(
                pl.col("concept").is_in(list(question.concepts)),
                pl.col("origin").str.contains(f" {question.resource}(?:/|$)"),
            )
        else:
            rows = chart.doses.filter(route="systemic", kind="request")
        answers[question.name] = set(names.join(rows.select("person").unique(), on="person")["key"])
    return answers


def from_store(charts: Iterable[Path]) -> Patients:
    """Answer the questions from the charts that a screening has stored.

    Stored charts say nothing of the resource that a statement came from; in these exports each question is
    answered by one type of resource only, which the comparison with the referee would show if it were not so.
    """
    import polars as pl

    answers: Patients = {question.name: set() for question in QUESTIONS}
    for folder in charts:
        persons, statements, doses = (
            pl.read_parquet(folder / f"{name}.parquet") for name in ("persons", "statements", "doses")
        )
        stated = statements.filter(pl.col("status").cast(pl.String).is_in(STATED))
        for question in QUESTIONS:
            rows = (
                stated.filter(pl.col("concept").cast(pl.String).is_in(list(question.concepts)))
                if question.concepts
                else doses.filter(pl.col("route") == "systemic", pl.col("kind") == "request")
            )
            found = persons.join(rows.select("person").unique(), on="person", how="semi")
            answers[question.name] |= set(found["key"])
    return answers


def referee(folder: Path, codes: Codes) -> Patients:
    """Answer the questions by a plain loop over the parsed JSON: what the others are held against."""
    answers: Patients = {}
    for question in QUESTIONS:
        wanted = set(codes[question.name])
        answers[question.name] = {
            resource["subject"]["reference"].removeprefix("Patient/")
            for resource in resources(folder, question.resource)
            if any((coding.get("system"), coding.get("code")) in wanted
                   for coding in _codings(resource, question.element))
        }  # fmt: skip
    return answers


def positive(answers: Patients) -> set[str]:
    """Return the patients for whom the answer to the whole question is yes."""
    caused = answers["corticosteroids"] | answers["causes"] | answers["transplants"]
    return caused - answers["mri"]


def resources(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the resources of one type of a bulk export; none when its file is absent."""
    path = folder / f"{kind}.ndjson"
    if path.exists():
        with path.open("rb") as handle:
            yield from map(json.loads, handle)


def _codings(resource: dict[str, Any], element: str) -> list[dict[str, Any]]:
    codings: list[dict[str, Any]] = resource.get(element, {}).get("coding", [])
    return codings


def as_json(codes: Codes) -> str:
    """Return the sets of codes as the peers in JavaScript read them."""
    sets = {name: [{"system": system, "code": code} for system, code in each] for name, each in codes.items()}
    return json.dumps(sets, indent=1)


if __name__ == "__main__":
    from precollapse.knowledge.load import load

    print(as_json(value_sets(load(), Path(sys.argv[1]))))

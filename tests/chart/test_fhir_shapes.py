"""All shapes in which FHIR records come, and all in which they should not."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precollapse.chart.model import UNREAD_REASONS
from precollapse.errors import InputError
from tests.chart.fhir_fixtures.builders import (
    PATIENT,
    SNOMED,
    Json,
    bundle,
    coded,
    condition,
    daily,
    dose,
    read_bytes,
    read_json,
    read_path,
    reasons,
    request,
    statement,
    statements,
)

LUPUS = coded(SNOMED, "55464009", "Systemic lupus erythematosus")
NAME = "systemic_lupus_erythematosus"
TABLET = {"text": "prednisone 5 mg tablet"}
OTHER: Json = {"resourceType": "Patient", "id": "p2", "gender": "male"}
EXAMPLES = Path(__file__).parents[2] / "examples"


def of(person: str, identity: str = "c1") -> Json:
    return condition(LUPUS, id=identity, subject={"reference": f"Patient/{person}"})


@pytest.mark.parametrize(
    "kind", ["transaction", "collection", "searchset", "document", "history", "batch", "message"]
)
def test_a_bundle_of_any_type_is_read(kind: str) -> None:
    assert statement(read_json(bundle(PATIENT, of("p1"), kind=kind)), NAME)["person"] == 0


def test_a_list_of_resources_is_read() -> None:
    assert statement(read_json([PATIENT, of("p1")]), NAME)["origin"] == "record.json: entry[1] Condition/c1"


def test_a_single_resource_is_a_record_of_its_subject() -> None:
    chart = read_json(of("p1"))
    assert chart.persons["key"].to_list() == ["p1"]
    assert statement(chart, NAME)["origin"] == "record.json: Condition/c1"


def test_a_bundle_within_a_bundle_is_read() -> None:
    chart = read_json(bundle(PATIENT, bundle(of("p1"))))
    assert statement(chart, NAME)["origin"] == "record.json: entry[1].entry[0] Condition/c1"


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "Patient/p1/_history/3",
        "http://example.org/fhir/Patient/p1",
        "urn:uuid:p1",
        "urn:uuid:full",
    ],
)
def test_a_subject_is_found_by_every_form_of_reference(reference: str) -> None:
    content = bundle(PATIENT, condition(LUPUS, subject={"reference": reference}))
    content["entry"][0]["fullUrl"] = "urn:uuid:full"
    assert statement(read_json(content), NAME)["person"] == 0


def test_a_subject_is_found_by_the_identifier_of_the_patient() -> None:
    identifier = {"system": "urn:mrn", "value": "77"}
    content = bundle(
        {**PATIENT, "identifier": [identifier]}, condition(LUPUS, subject={"identifier": identifier})
    )
    assert statement(read_json(content), NAME)["person"] == 0


def test_a_resource_without_a_subject_belongs_to_the_only_patient() -> None:
    assert statement(read_json(bundle(PATIENT, condition(LUPUS, subject=None))), NAME)["person"] == 0


def test_the_patient_may_come_last() -> None:
    assert statement(read_json(bundle(of("p1"), PATIENT)), NAME)["person"] == 0


def test_a_record_of_one_patient_refuses_those_of_another() -> None:
    chart = read_json(bundle(PATIENT, of("p1"), of("p2", "c2")))
    assert chart.persons.height == 1
    assert reasons(chart) == ["other patient"]


def test_several_patients_in_a_search_result_are_several_persons() -> None:
    chart = read_json(bundle(PATIENT, OTHER, of("p2"), of("p1", "c2"), kind="searchset"))
    assert chart.persons["sex"].to_list() == ["female", "male"]
    assert sorted(row["person"] for row in statements(chart, NAME)) == [0, 1]


def test_a_resource_that_names_none_of_several_patients_is_refused() -> None:
    chart = read_json(bundle(PATIENT, OTHER, condition(LUPUS, subject=None)))
    assert reasons(chart) == ["dangling reference"]


def lines(*resources: Json) -> bytes:
    return b"\n".join(json.dumps(resource).encode() for resource in resources)


def test_ndjson_groups_by_subject_and_needs_no_patient_resource(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_bytes(
        lines(of("p1"), PATIENT, of("p3", "c3"), OTHER, request(subject={"reference": "Patient/p2"}))
    )
    chart = read_path(path)
    assert sorted(chart.persons["key"]) == ["p1", "p2", "p3"]
    by_key = dict(zip(chart.persons["key"], chart.persons["person"], strict=True))
    assert dose(chart)["person"] == by_key["p2"]
    assert statements(chart)[0]["origin"] == "all.ndjson: line 1 Condition/c1"
    assert chart.persons.filter(chart.persons["key"] == "p1")["sex"].to_list() == ["female"]


def test_a_folder_of_a_bulk_export_is_one_record(tmp_path: Path) -> None:
    (tmp_path / "Condition.ndjson").write_bytes(lines(of("p1"), of("p2", "c2")))
    (tmp_path / "Patient.ndjson").write_bytes(lines(PATIENT, OTHER))
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "prednisone 10 mg tablet"}}
    (tmp_path / "ZMedication.ndjson").write_bytes(lines(medication))
    order = request(None, daily(2, "tablet"), medicationReference={"reference": "Medication/m"})
    (tmp_path / "MedicationRequest.ndjson").write_bytes(lines(order))
    chart = read_path(tmp_path)
    assert chart.persons["key"].to_list() == ["p1", "p2"]
    assert dose(chart)["mg_per_day"] == 20
    assert len(statements(chart, NAME)) == 2


def test_ndjson_is_known_by_its_content(tmp_path: Path) -> None:
    chart = read_bytes(lines(PATIENT, of("p1")) + b"\r\n", "record")
    assert statement(chart, NAME)["origin"] == "record: line 2 Condition/c1"


def test_a_bad_line_does_not_spoil_the_others() -> None:
    chart = read_bytes(
        lines(PATIENT, of("p1")) + b'\n{"resourceType": "Condition", "id": "c9", "sub', "x.ndjson"
    )
    assert len(statements(chart, NAME)) == 1
    assert reasons(chart) == ["not readable"]
    assert chart.unread["origin"].to_list() == ["x.ndjson: line 3 entry"]


def test_a_mark_and_foreign_line_ends_are_no_obstacle() -> None:
    text = json.dumps(bundle(PATIENT, of("p1")), indent=1).replace("\n", "\r\n")
    assert statement(read_bytes(b"\xef\xbb\xbf" + text.encode()), NAME)


def test_unused_types_are_counted_in_one_row_each() -> None:
    claims = [{"resourceType": "Claim", "id": f"k{number}"} for number in range(31)]
    chart = read_json(bundle(PATIENT, *claims, {"resourceType": "Immunization", "id": "i"}))
    assert chart.unread["origin"].to_list() == ["record.json: Claim ×31", "record.json: Immunization ×1"]
    assert set(reasons(chart)) == {"not used"}


def test_no_name_of_the_patient_reaches_the_chart() -> None:
    named = {**PATIENT, "name": [{"family": "Xanthopoulos"}], "text": {"div": "Xanthopoulos"}}
    chart = read_json(bundle(named, of("p1"), {**of("p1", "c2"), "code": {"text": "unheard of"}}))
    tables = (chart.persons, chart.statements, chart.doses, chart.unread)
    assert all("Xanthopoulos" not in table.write_json() for table in tables)


DEEP = 200_000
HOSTILE: dict[str, bytes] = {
    "an empty file": b"",
    "blanks": b" \n\t ",
    "a mark alone": b"\xef\xbb\xbf",
    "a number": b"42",
    "a word": b'"hello"',
    "null": b"null",
    "truncated": json.dumps(bundle(PATIENT, of("p1"))).encode()[:-20],
    "not a number": b'{"resourceType": "Observation", "valueQuantity": {"value": NaN}}',
    "infinity": b'{"resourceType": "Observation", "valueQuantity": {"value": -Infinity}}',
    "a bomb of lists": b"[" * DEEP,
    "a bomb of objects": b'{"a":' * DEEP,
    "a bomb within a field": b'{"resourceType":"Patient","x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "UTF-16": json.dumps(bundle(PATIENT)).encode("utf-16"),
    "Latin-1": b'{"resourceType": "Patient", "id": "M\xfcller"}',
    "XML": b"<Patient xmlns='http://hl7.org/fhir'/>",
    "no resource type": b'{"id": "p1"}',
    "a resource type that is a number": b'{"resourceType": 5}',
    "a bundle whose entries are words": b'{"resourceType": "Bundle", "entry": "none"}',
    "a bundle of nothing": b'{"resourceType": "Bundle", "type": "collection"}',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a patient of a wrong shape": b'{"resourceType": "Patient", "id": {"a": 1}}',
    "text after the end": json.dumps(bundle(PATIENT)).encode() + b" and more",
    "a number too large": b'{"resourceType": "Observation", "id": ' + b"9" * 400 + b"}",
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_record_gives_one_error_that_names_the_file(data: bytes) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"^record\.json: "):
        read_bytes(data)
    assert time.perf_counter() - start < 1


HARMLESS: dict[str, Json] = {
    "ten million characters of a code": condition({"text": "x" * 10_000_000}),
    "ten million characters of a display": condition({**LUPUS, "text": "lupus " * 2_000_000}),
    "ten million characters of directions": request(None, {"text": "5 mg " * 2_000_000}),
    "a date in the far future": condition(LUPUS, onsetDateTime="9999-12-31"),
    "a year zero": condition(LUPUS, onsetDateTime="0000"),
    "a negative age at onset": condition(LUPUS, onsetAge={"value": -3, "code": "a"}),
    "an absurd age at onset": condition(LUPUS, onsetAge={"value": 1e300, "code": "a"}),
    "an endless supply": request(
        TABLET, daily(5), dispenseRequest={"expectedSupplyDuration": {"value": 1e300, "code": "a"}}),
    "an endless course": request(
        TABLET, daily(5, boundsDuration={"value": 900000, "code": "d"}), authoredOn="9999-01-01"),
    "a million steps": request(TABLET, {"text": "900 mg daily, reduce by 0.001 mg every day"}),
    "a period of zero": request(TABLET, daily(5, period=0)),
    "a negative frequency": request(TABLET, daily(5, frequency=-1)),
    "a huge count": request(TABLET, daily(5, count=10**15)),
    "an end before the start": request(
        TABLET, daily(5, boundsPeriod={"start": "2026-03-01", "end": "2020-01-01"})),
}  # fmt: skip


@pytest.mark.parametrize("resource", HARMLESS.values(), ids=HARMLESS)
def test_absurd_content_is_survived_in_a_moment(resource: Json) -> None:
    content = json.dumps(bundle(PATIENT, resource)).encode()
    start = time.perf_counter()
    chart = read_bytes(content)
    assert time.perf_counter() - start < 1
    assert chart.statements.height + chart.doses.height + chart.unread.height >= 1


_scalars = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=12)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = {
    "Condition": ["code", "subject", "onsetDateTime", "verificationStatus", "bodySite", "onsetAge"],
    "Observation": [
        "code",
        "valueQuantity",
        "valueCodeableConcept",
        "component",
        "interpretation",
        "dataAbsentReason",
    ],
    "MedicationRequest": [
        "medicationCodeableConcept",
        "dosageInstruction",
        "dispenseRequest",
        "medicationReference",
    ],
    "QuestionnaireResponse": ["item"],
    "FamilyMemberHistory": ["condition", "patient"],
}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_fields_of_any_shape_are_read_or_listed(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(_FIELDS)))
    valid: dict[str, Any] = {
        "Condition": condition(LUPUS), "MedicationRequest": request(None, daily(5)),
    }.get(kind, {"resourceType": kind, "id": "x", "code": LUPUS})  # fmt: skip
    field = data.draw(st.sampled_from(_FIELDS[kind]))
    chart = read_json(bundle(PATIENT, {**valid, "resourceType": kind, field: data.draw(_values)}))
    assert chart.persons.height >= 1
    assert set(reasons(chart)) <= set(UNREAD_REASONS)
    assert chart.statements.height + chart.doses.height + chart.unread.height >= 1


def test_the_example_of_lupus_has_a_taper_of_prednisolone_without_a_gap() -> None:
    rows = read_path(EXAMPLES / "lupus-prednisolone.json").doses
    assert rows["mg_per_day"].to_list() == [50, 40, 30, 20, 15, 10]
    assert rows["start"][1:].to_list() == [end + timedelta(days=1) for end in rows["end"][:-1]]
    assert (rows["end"][-1], rows["ongoing"][-1]) == (None, True)


def test_the_example_of_an_inhaler_counts_only_its_dose_pack() -> None:
    chart = read_path(EXAMPLES / "copd-inhaler.json")
    systemic = chart.doses.filter(chart.doses["route"] == "systemic")
    assert set(systemic["ingredient"]) == {"methylprednisolone"}
    assert systemic["mg_per_day"].to_list() == [24, 20, 16, 12, 8, 4]
    assert reasons(chart) == ["entered in error", "other patient"]

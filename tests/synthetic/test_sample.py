"""The committed sample of the synthetic cohort, read as any record; needs no generator."""

from __future__ import annotations

from datetime import date

import polars as pl

from tests.synthetic.cohort_help import SAMPLE, lines, patients_with, sample_chart, truth


def _doses() -> pl.DataFrame:
    chart = sample_chart()
    return chart.doses.join(chart.persons.select("person", "key"), on="person")


def test_the_sample_is_small_and_has_a_truth_for_every_patient() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 1_000_000
    patients = [patient["id"] for patient in lines("Patient")]
    assert len(patients) == 40
    assert [row["patient"] for row in truth()] == patients


def test_everything_in_the_sample_is_understood_or_of_no_bearing_on_the_hip() -> None:
    reasons = set(sample_chart().unread["reason"])
    assert reasons <= {"not used"}, sorted(reasons)


def test_a_lupus_patient_has_systemic_corticosteroids_of_known_dose() -> None:
    treated = {row["patient"] for row in truth() if "lupus:high" in row["exposures"]}
    known = _doses().filter(
        (pl.col("route") == "systemic") & (pl.col("mg_per_day") > 0) & pl.col("problem").is_null()
    )
    assert treated
    assert treated & set(known["key"])
    assert treated <= patients_with(sample_chart(), "systemic_lupus_erythematosus")


def test_a_cream_spray_or_inhaler_does_not_count_as_systemic() -> None:
    local = _doses().filter(pl.col("ingredient").is_in(["hydrocortisone", "fluticasone"]))
    assert local.height > 0
    assert set(local["route"]) == {"local"}


def test_an_order_without_a_dose_stays_unknown() -> None:
    orders = {order["id"] for order in lines("MedicationRequest") if "dosageInstruction" not in order}
    rows = _doses().filter(pl.col("origin").str.extract(r"/([^/]+)$").is_in(sorted(orders)))
    assert rows.height > 0
    assert rows["mg_per_day"].null_count() == rows.height


def test_whom_the_truth_calls_diagnosed_has_osteonecrosis_in_the_chart() -> None:
    diagnosed = {row["patient"] for row in truth() if row["diagnosis_date"]}
    assert diagnosed
    assert diagnosed <= patients_with(sample_chart(), "osteonecrosis_femoral_head")


def test_some_disease_is_planted_without_a_diagnosis_and_some_without_a_cause() -> None:
    diseased = [row for row in truth() if row["lesion_date"]]
    assert any(not row["diagnosis_date"] for row in diseased)
    assert any(row["cause"] == "background" and not row["first_exposure"] for row in diseased)


def test_a_diagnosis_names_the_planted_side() -> None:
    chart = sample_chart()
    named = chart.statements.filter(pl.col("concept") == "osteonecrosis_femoral_head")
    named = named.join(chart.persons.select("person", "key"), on="person")
    for row in truth():
        if row["diagnosis_date"]:
            sides = set(named.filter(pl.col("key") == row["patient"])["side"])
            expected = {"left", "right"} if row["side"] == "both" else {row["side"]}
            assert sides - {"both"} == expected, row["patient"]


def test_the_days_of_the_truth_follow_each_other() -> None:
    names = ("first_exposure", "lesion_date", "pain_date", "diagnosis_date")
    for row in truth():
        if row["lesion_date"]:
            days = [date.fromisoformat(row[name]) for name in names if row[name]]
            assert days == sorted(days), row["patient"]
            assert row["cause"] and row["side"] in {"left", "right", "both"}
        else:
            assert not (row["pain_date"] or row["diagnosis_date"] or row["cause"] or row["side"])


def test_an_order_of_corticosteroids_leads_to_the_specialty_of_the_prescriber() -> None:
    roles = {role["id"]: role["specialty"][0]["text"] for role in lines("PractitionerRole")}
    clinicians = {clinician["id"] for clinician in lines("Practitioner")}
    asked = [order["requester"]["reference"].split("/") for order in lines("MedicationRequest")]
    assert {kind for kind, _ in asked} == {"Practitioner", "PractitionerRole"}
    assert all(name in (roles if kind == "PractitionerRole" else clinicians) for kind, name in asked)
    assert "Rheumatology" in {roles[name] for _, name in asked if name in roles}
    assert any(name not in roles for _, name in asked), "of some prescribers the specialty is not known"

"""What free text denies, doubts, asks and measures, on a small table of concepts."""

from __future__ import annotations

import pytest

from precollapse.chart.text import Reading, TextIndex
from tests.chart.text_concepts import small_index


@pytest.fixture(scope="module")
def index() -> TextIndex:
    return small_index()


def _found(reading: Reading) -> set[str]:
    marks = {True: "-", False: ""}
    return {marks[hit.absent] + hit.concept + ("?" if hit.uncertain else "") for hit in reading.hits}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hip pain", {"hip_pain"}),
        ("no hip pain", {"-hip_pain"}),
        ("denies fever, weight loss, and groin pain", {"-fever", "-weight_loss", "-groin_pain"}),
        ("no fever, weight loss or limp", {"-fever", "-weight_loss", "-limp"}),
        ("has not had any fever", {"-fever"}),
        ("hip pain but no fever", {"hip_pain", "-fever"}),
        ("no trauma, hip pain for 3 weeks", {"-trauma", "hip_pain"}),
        ("no pain in the groin", {"-groin_pain"}),
        ("without fever; limping", {"-fever", "limp"}),
        ("fever: no", {"-fever"}),
        ("fever was denied", {"-fever"}),
        ("weight loss not reported", {"-weight_loss"}),
        ("neither fever nor weight loss", {"-fever", "-weight_loss"}),
        ("afebrile", {"-fever"}),
        ("cannot bear weight", {"-can_bear_weight"}),
        ("no improvement in hip pain", {"hip_pain"}),
        ("no change in the limp", {"limp"}),
        ("negative for fracture", {"-imaging_fracture"}),
    ],
)
def test_denial_reaches_what_it_governs_and_no_more(index: TextIndex, text: str, expected: set[str]) -> None:
    assert _found(index.read(text)) == expected


@pytest.mark.parametrize("text", ["no fracture, mass", "no fever, weight loss"])
def test_a_list_after_no_without_or_is_doubt_never_presence(index: TextIndex, text: str) -> None:
    last = index.find(text)[-1]
    assert last.uncertain
    assert not last.absent


@pytest.mark.parametrize(
    "text",
    [
        "possible femoral neck fracture",
        "suspected fractured neck of femur",
        "femoral neck fracture likely",
        "cannot exclude femoral neck fracture",
        "femoral neck fracture not excluded",
    ],
)
def test_a_suspected_fracture_is_uncertain(index: TextIndex, text: str) -> None:
    assert _found(index.read(text)) == {"femoral_neck_fracture?"}


@pytest.mark.parametrize(
    "text",
    [
        "rule out femoral neck fracture",
        "?femoral neck fracture",
        "R/O femoral neck fracture",
        "risk of fracture",
        "screening for sickle cell disease",
        "if fever, return",
        "femoral neck fracture unlikely",
        "not afebrile",
        "no mechanism of injury",
    ],
)
def test_what_is_only_asked_about_is_no_finding_but_is_listed(index: TextIndex, text: str) -> None:
    reading = index.read(text)
    assert reading.hits == ()
    assert [aside.reason for aside in reading.set_aside] == ["rule-out"]


@pytest.mark.parametrize("text", ["mother has sickle cell disease", "sickle cell disease in his brother"])
def test_disease_of_a_relative_is_never_the_patients(index: TextIndex, text: str) -> None:
    reading = index.read(text)
    assert reading.hits == ()
    assert reading.set_aside[0].reason == "other person"


def test_family_history_is_found_as_such(index: TextIndex) -> None:
    assert _found(index.read("family history of sickle cell disease")) == {"family_history_sickle"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hip and groin pain", {"hip_pain", "groin_pain"}),
        ("hip, groin or knee pain", {"hip_pain", "groin_pain", "knee_pain"}),
        ("pain in the groin and thigh", {"groin_pain", "thigh_pain"}),
        ("groin pain and stiffness", {"groin_pain", "stiffness"}),
        ("hip pain with limp", {"hip_pain", "limp"}),
        ("no hip or groin pain", {"-hip_pain", "-groin_pain"}),
    ],
)
def test_words_shared_by_several_findings_yield_each_of_them(
    index: TextIndex, text: str, expected: set[str]
) -> None:
    assert _found(index.read(text)) == expected


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("left hip pain", "left"),
        ("pain in the right hip", "right"),
        ("hip pain on the left", "left"),
        ("hip pain, left more than right", "both"),
        ("hip pain in both hips", "both"),
        ("R hip pain", "right"),
        ("hip pain; she left her job", None),
        ("hip pain", None),
    ],
)
def test_side_is_the_nearest_side_word(index: TextIndex, text: str, side: str | None) -> None:
    hit = next(hit for hit in index.find(text) if hit.concept == "hip_pain")
    assert hit.side == side


def test_two_hips_with_different_findings_keep_their_sides(index: TextIndex) -> None:
    hits = index.find("right hip pain, left knee pain")
    assert {(hit.concept, hit.side) for hit in hits} == {("hip_pain", "right"), ("knee_pain", "left")}


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("internal rotation 10°", 10, "°"),
        ("internal rotation is limited to 10 degrees", 10, "degrees"),
        ("10 degrees of internal rotation", 10, "degrees"),
        ("Internal rotation: -5°", -5, "°"),
        ("internal rotation 15", 15, None),
        ("Hb 9.1 g/dL", 9.1, "g/dL"),
        ("haemoglobin of 91 g/L", 91, "g/L"),
        ("hemoglobin 9,1 g/dl", 9.1, "g/dL"),
        ("ESR 59 mm/hr", 59, "mm/hr"),
        ("Hb 5 pints", 5, None),
    ],
)
def test_number_and_unit_beside_a_measured_thing_are_read(
    index: TextIndex, text: str, number: float, unit: str | None
) -> None:
    (hit,) = index.find(text)
    assert (hit.number, hit.unit) == (number, unit)


@pytest.mark.parametrize(
    "text", ["internal rotation 4/5", "ESR at 3 months", "Hb on 2024-05-17", "internal rotation"]
)
def test_a_number_that_is_something_else_is_not_taken(index: TextIndex, text: str) -> None:
    reading = index.read(text)
    assert reading.hits == ()
    assert [aside.reason for aside in reading.set_aside] == ["no value"]


def test_range_and_comparator_become_bounds(index: TextIndex) -> None:
    (span,) = index.find("internal rotation 10-15 degrees")
    assert (span.low, span.high, span.number) == (10, 15, None)
    (below,) = index.find("ESR < 5 mm/h")
    assert (below.number, below.comparator) == (5, "<")


def test_level_in_words_is_kept_for_the_whole_list(index: TextIndex) -> None:
    levels = {hit.concept: hit.level for hit in index.find("ESR and haemoglobin normal")}
    assert levels == {"esr": "normal", "haemoglobin": "normal"}


def test_two_measures_of_one_sentence_keep_their_own_numbers(index: TextIndex) -> None:
    hits = index.find("internal and external rotation, 10 degrees; external rotation 30 degrees")
    assert {hit.number for hit in hits if hit.concept == "external_rotation_deg"} >= {30}


def test_result_of_a_test_is_taken_from_the_words_beside_it(index: TextIndex) -> None:
    results = {hit.concept: hit.choice for hit in index.find("FABER and FADIR positive")}
    assert results == {"faber_test": "positive", "fadir_test": "positive"}
    assert index.find("Patrick's test: negative")[0].choice == "negative"
    assert index.find("positive FABER")[0].choice == "positive"


def test_a_test_named_without_its_result_says_nothing(index: TextIndex) -> None:
    for text in ("FABER", "lupus anticoagulant", "FABER not positive"):
        reading = index.read(text)
        assert reading.hits == ()
        assert reading.set_aside[0].reason == "no value"
    assert _found(index.read("lupus anticoagulant", named_is_present=True)) == {"lupus_anticoagulant"}


def test_finding_belongs_to_the_imaging_method_it_was_seen_with(index: TextIndex) -> None:
    assert index.find("collapse", prefer="mri_")[0].concept == "mri_collapse"
    assert index.find("collapse", prefer="radiograph_")[0].concept == "radiograph_collapse"
    assert index.find("MRI shows collapse")[0].concept == "mri_collapse"
    assert index.find("fracture", prefer="radiograph_")[0].concept == "imaging_fracture"
    assert index.find("bone marrow oedema", prefer="radiograph_") == ()
    assert index.find("collapse") == ()


@pytest.mark.parametrize("text", ["Bone marrow edema", "bone marrow oedemas", "BONE-MARROW OEDEMA"])
def test_spelling_case_plural_and_hyphen_do_not_matter(index: TextIndex, text: str) -> None:
    assert index.find(text)[0].concept == "mri_marrow_oedema"


def test_undisplaced_does_not_deny_the_fracture(index: TextIndex) -> None:
    assert _found(index.read("non-displaced femoral neck fracture")) == {"femoral_neck_fracture"}


def test_text_beyond_the_limit_is_reported_not_dropped(index: TextIndex) -> None:
    reading = index.read("hip pain. " + "x " * 20_000)
    assert _found(reading) == {"hip_pain"}
    assert reading.set_aside[-1].reason == "not readable"


@pytest.mark.parametrize(
    "text", ["fracture of the left wrist", "tumour of the right kidney", "distal humeral fracture"]
)
def test_finding_of_another_part_of_the_body_is_not_the_hips(index: TextIndex, text: str) -> None:
    reading = index.read(text)
    assert reading.hits == ()
    assert reading.set_aside[0].reason == "other site"


@pytest.mark.parametrize(
    "text", ["fracture of the hip", "hip pain radiating to the knee", "fracture, knee pain"]
)
def test_naming_another_site_beside_the_hip_keeps_the_hips_finding(index: TextIndex, text: str) -> None:
    assert index.read(text).hits


def test_worse_on_one_side_does_not_take_the_other_away(index: TextIndex) -> None:
    hits = index.find("pain in the hip on both sides, worse on the left")
    assert {hit.side for hit in hits} == {"both"}
    assert {hit.side for hit in index.find("fracture, more advanced on the left")} == {None}


@pytest.mark.parametrize(
    "text",
    ["fracture healed, screws in place", "old healed fracture", "previous hip pain", "fever has resolved"],
)
def test_what_is_over_is_not_present_now(index: TextIndex, text: str) -> None:
    reading = index.read(text)
    assert reading.hits == ()
    assert reading.set_aside[0].reason == "not used"


def test_what_counts_for_ever_still_counts_when_it_is_over(index: TextIndex) -> None:
    assert _found(index.read("previous femoral neck fracture, healed")) == {"femoral_neck_fracture"}
    assert _found(index.read("fever, old injury")) >= {"fever"}

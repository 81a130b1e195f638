"""What follows from what was recorded: wider and narrower facts, definitions, and zeros."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from precollapse.errors import KnowledgeError
from precollapse.facts.build import build_facts
from tests.facts.people import AS_OF, KNOWLEDGE, Person, chart_of, facts_of, value


@pytest.mark.pathway("C08", "C17", "T05")
def test_narrower_disease_makes_the_wider_one_true() -> None:
    facts = facts_of(Person({"anca_vasculitis": True}))
    assert value(facts, "vasculitis") is True
    assert value(facts, "autoimmune_disease") is True


def test_denied_wider_disease_denies_the_narrower_one() -> None:
    facts = facts_of(Person({"organ_transplant": False}))
    assert value(facts, "kidney_transplant") is False


def test_denying_the_narrower_disease_says_nothing_of_the_wider_one() -> None:
    assert value(facts_of(Person({"kidney_transplant": False})), "organ_transplant") is None


def test_denial_reaches_through_several_steps() -> None:
    assert value(facts_of(Person({"autoimmune_disease": False})), "anca_vasculitis") is False


@pytest.mark.parametrize(
    "finding", ["osteonecrosis", "head_collapse", "fracture", "tumour", "joint_destruction"]
)
def test_imaging_of_an_unnamed_kind_that_shows_nothing_never_clears_the_mri(finding: str) -> None:
    concepts = KNOWLEDGE.concepts
    summary = f"imaging_{finding}"
    facts = facts_of(Person({}, left={summary: False}))
    assert value(facts, summary, "left") is False
    of_one_method = [name for name, concept in concepts.items() if summary in concept.implies]
    assert of_one_method
    assert {value(facts, name, "left") for name in of_one_method} == {None}


def test_what_is_recorded_of_the_narrower_thing_outweighs_a_denial_of_the_wider_one() -> None:
    facts = facts_of(Person({"decompression_exposure": False, "compressed_air_work": True}))
    assert value(facts, "decompression_exposure") is True


@pytest.mark.pathway("E04", "S05")
@pytest.mark.parametrize(("degrees", "reduced"), [(5.0, True), (19.9, True), (20.0, False), (45.0, False)])
def test_internal_rotation_below_twenty_degrees_is_reduced(degrees: float, reduced: bool) -> None:
    facts = facts_of(Person(left={"internal_rotation_deg": degrees}))
    assert value(facts, "internal_rotation_reduced") is reduced
    assert value(facts, "reduced_range_of_motion") is (True if reduced else None)
    assert value(facts, "internal_rotation_reduced", "right") is None


def test_recorded_finding_is_not_overwritten_by_its_definition() -> None:
    facts = facts_of(Person(left={"internal_rotation_deg": 45.0, "internal_rotation_reduced": True}))
    assert value(facts, "internal_rotation_reduced") is True


@pytest.mark.pathway("E01")
@pytest.mark.parametrize(("celsius", "fever"), [(37.9, False), (38.0, True), (40.1, True)])
def test_fever_begins_at_38_degrees(celsius: float, fever: bool) -> None:
    assert value(facts_of(Person({"temperature": celsius})), "fever") is fever


@pytest.mark.pathway("C10", "L02")
def test_hyperlipidaemia_follows_from_either_lipid() -> None:
    assert value(facts_of(Person({"total_cholesterol": 250.0})), "hyperlipidaemia") is True
    assert value(facts_of(Person({"total_cholesterol": 150.0})), "hyperlipidaemia") is None
    both = Person({"total_cholesterol": 150.0, "triglycerides": 90.0})
    assert value(facts_of(both), "hyperlipidaemia") is False


@pytest.mark.pathway("C02")
def test_fracture_dislocation_is_a_dislocation_with_a_broken_socket_or_head() -> None:
    assert value(facts_of(Person(left={"hip_fracture_dislocation": True})), "hip_dislocation") is True
    combined = Person(left={"hip_dislocation": True, "acetabular_fracture": True})
    assert value(facts_of(combined), "hip_fracture_dislocation") is True
    other_side = Person(left={"hip_dislocation": True}, right={"acetabular_fracture": True})
    assert value(facts_of(other_side), "hip_fracture_dislocation") is None


@pytest.mark.pathway("V08")
def test_body_mass_index_follows_from_weight_and_height() -> None:
    facts = facts_of(Person({"weight_kg": 81.0, "height_cm": 180.0}, fields={"age_years": 40.0}))
    assert value(facts, "body_mass_index.low") == pytest.approx(25.0)
    assert value(facts, "obesity") is False
    assert value(facts_of(Person({"weight_kg": 81.0})), "body_mass_index.low") is None


@pytest.mark.pathway("C04", "C05", "V02", "V03")
@pytest.mark.parametrize(
    ("answer", "zero"),
    [
        ({"alcohol_use": "never"}, "alcohol_g_per_week"),
        ({"alcohol_use": "former"}, "alcohol_g_per_week"),
        ({"alcohol_use": "never"}, "alcohol_duration_years"),
        ({"smoking_status": "never"}, "smoking_pack_years"),
    ],
)
def test_never_means_zero(answer: dict[str, str], zero: str) -> None:
    assert value(facts_of(Person(answer)), f"{zero}.high") == 0


def test_former_drinker_has_an_unknown_duration_and_a_written_number_stands() -> None:
    assert value(facts_of(Person({"alcohol_use": "former"})), "alcohol_duration_years.low") is None
    facts = facts_of(Person({"alcohol_use": "never", "alcohol_g_per_week": 50.0}))
    assert value(facts, "alcohol_g_per_week.low") == 50


@pytest.mark.pathway("C13", "C18")
def test_definitions_find_their_own_definitions_ready() -> None:
    """A chain of three: a measured protein, the finding that it is raised, markers as a whole."""
    assert value(facts_of(Person({"c_reactive_protein": 60.0})), "inflammatory_markers_raised") is True


def test_order_of_concepts_in_the_files_does_not_matter() -> None:
    backwards = dict(reversed(KNOWLEDGE.concepts.items()))
    turned = msgspec.structs.replace(KNOWLEDGE, concepts=backwards, version="backwards")
    person = Person(
        {"anca_vasculitis": True, "temperature": 39.0, "c_reactive_protein": 60.0, "alcohol_use": "never"},
        left={"internal_rotation_deg": 5.0, "hip_motion_painful": True},
    )
    one, other = (build_facts(chart_of(person), k, AS_OF) for k in (KNOWLEDGE, turned))
    for concept in KNOWLEDGE.concepts.values():
        if concept.type == "yes_no":
            assert np.array_equal(one.table.truth(concept.id), other.table.truth(concept.id)), concept.id


def test_circular_definitions_are_refused_by_name() -> None:
    fever = msgspec.structs.replace(KNOWLEDGE.concepts["fever"], derive="night_sweats")
    sweats = msgspec.structs.replace(KNOWLEDGE.concepts["night_sweats"], derive="fever")
    concepts = KNOWLEDGE.concepts | {"fever": fever, "night_sweats": sweats}
    circular = msgspec.structs.replace(KNOWLEDGE, concepts=concepts, version="circular")
    with pytest.raises(KnowledgeError, match=r"circle: .*fever"):
        build_facts(chart_of(Person()), circular, AS_OF)


def test_nothing_follows_from_nothing() -> None:
    table = facts_of(Person()).table
    assert not any(np.any(table.truth(name)) for name in KNOWLEDGE.concepts)
    assert all(np.isnan(table.low(name)).all() for name in KNOWLEDGE.concepts)

"""Diet, F01 to F10: the lists of what to favour and what to limit are fitted to the person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.treatments.test_pathway_patients import STEROIDS, WEAK_KIDNEYS, Told, barely_known, told

DAIRY = ("milk", "yoghurt", "cheese", "whey", "casein", "cream", "butter")
PLANT_MILK = ("oat or soya drink", "soya drink", "plant drink")
FISH = ("fish", "salmon", "sardine", "mackerel", "herring", "trout", "tuna", "shellfish")
RICH_IN_POTASSIUM = (
    "banana",
    "dried fruit",
    "potato",
    "tomato",
    "fruit juice",
    "orange juice",
    "beans",
    "nuts",
)
HIGH_CALCIUM = {"calcium": 11.9, "calcium_corrected": 11.9, "calcium_ionised": 1.5, "hypercalcaemia": True}


def diet(person: Told) -> dict[str, Any]:
    return {name: line for name, line in person.lines.items() if line.area == "diet"}


def favoured(person: Told) -> list[str]:
    """Every food the plan says to eat more of."""
    return [food.casefold() for line in diet(person).values() for food in line.favour]


def limited(person: Told) -> list[str]:
    return [food.casefold() for line in diet(person).values() for food in line.limit]


def among(words: tuple[str, ...], foods: list[str]) -> list[str]:
    return [food for food in foods if any(word in food for word in words)]


# Calcium and vitamin D.
@pytest.mark.pathway("F01")
def test_milk_and_yoghurt_are_favoured_and_never_by_whoever_is_allergic_to_milk() -> None:
    assert among(DAIRY, favoured(told()))
    allergic = told(milk_allergy=True)
    assert among(DAIRY, favoured(allergic)) == []
    assert "milk allergy" in allergic.withheld["diet-calcium-dairy"]
    assert "tofu set with calcium" in favoured(allergic)
    assert "with milk allergy: all animal milk, whey and casein" in limited(allergic)


@pytest.mark.pathway("F01")
def test_milk_allergy_with_lactose_intolerance_still_means_no_milk_at_all() -> None:
    assert "lactose-free milk" in favoured(told(lactose_intolerance=True))
    assert among(DAIRY, favoured(told(lactose_intolerance=True, milk_allergy=True))) == []


@pytest.mark.pathway("F01")
def test_nothing_rich_in_calcium_is_favoured_while_blood_calcium_is_high() -> None:
    high = told(**HIGH_CALCIUM, **STEROIDS)
    assert "diet-calcium-dairy" in high.withheld and "diet-calcium-steroids" in high.withheld
    assert "calcium and vitamin d pills" in limited(high)
    assert [food for food in favoured(high) if "calcium" in food] == []


@pytest.mark.pathway("F01", "D13")
def test_with_cortisone_the_amount_of_calcium_is_named() -> None:
    assert "1000 to 1200 mg" in told(**STEROIDS).lines["diet-calcium-steroids"].plain
    assert "diet-calcium-steroids" not in told().lines


@pytest.mark.pathway("F01", "F02", "F04", "F05")
def test_fish_is_favoured_and_never_by_whoever_is_allergic_to_it() -> None:
    assert among(FISH, favoured(told()))
    allergic = told(fish_or_shellfish_allergy=True)
    assert among(FISH, favoured(allergic)) == []
    assert "fish allergy" in allergic.withheld["diet-oily-fish"]
    assert "mushrooms grown in uv light" in favoured(allergic)
    assert "ground linseed" in favoured(allergic)


@pytest.mark.pathway("F02", "U02")
def test_little_sun_calls_for_vitamin_d_and_with_lupus_never_for_sunbathing() -> None:
    shaded = told(systemic_lupus_erythematosus=True)
    assert "sunbathing with lupus" in limited(shaded)
    assert "diet-vitamin-d-little-sun" not in told().lines
    assert "diet-vitamin-d-little-sun" not in told(systemic_lupus_erythematosus=True, **HIGH_CALCIUM).lines


@pytest.mark.pathway("F02", "U02")
def test_little_sun_calls_for_no_more_vitamin_d_where_the_blood_holds_too_much() -> None:
    assert "diet-vitamin-d-little-sun" in told(little_sunlight=True).lines
    full = told(little_sunlight=True, vitamin_d_25_hydroxy=120)
    assert full.state("supplement-vitamin-d3") == "avoid"
    assert "diet-vitamin-d-little-sun" not in full.lines


@pytest.mark.pathway("F02", "F04")
def test_in_pregnancy_fish_is_limited_and_cooked_and_liver_left_out() -> None:
    expecting = told(pregnant=True)
    assert "diet-oily-fish" in expecting.withheld
    assert {"shark", "liver and pate"} <= set(limited(expecting))
    assert "well-cooked salmon" in favoured(expecting)
    assert among(FISH, favoured(told(pregnant=True, fish_or_shellfish_allergy=True))) == []


# Vitamin K, fruit, fats.
@pytest.mark.pathway("F03", "D10")
def test_with_warfarin_greens_are_kept_steady_and_neither_cut_nor_raised() -> None:
    thinned = told(warfarin=True)
    assert "same amount of greens each week" in thinned.lines["diet-warfarin-steady"].plain
    assert "warfarin" in thinned.withheld["diet-fruit-and-vegetables"]
    assert "green leaves" not in favoured(thinned), "no more than usual"
    assert {"cranberry juice", "grapefruit juice"} <= set(limited(thinned))
    assert "green leaves" in favoured(told())
    assert "diet-warfarin-steady" not in told().lines


@pytest.mark.pathway("F03", "D10")
def test_warfarin_keeps_vitamin_k_steady_also_in_a_person_with_weak_kidneys() -> None:
    both = told(warfarin=True, **WEAK_KIDNEYS)
    assert any("warfarin" in line.plain.casefold() and "greens" in line.plain for line in diet(both).values())


@pytest.mark.pathway("F03", "U03")
def test_a_recent_change_of_food_under_warfarin_brings_a_blood_test() -> None:
    changed = told(warfarin=True, vitamin_k_intake_changing=True)
    assert "check the INR now" in changed.lines["diet-warfarin-change"].says
    assert "vitamin k pills" in limited(changed)


@pytest.mark.pathway("F03")
@pytest.mark.parametrize("medicine", ["tacrolimus", "ciclosporin", "simvastatin"])
def test_grapefruit_is_left_out_with_the_medicines_it_makes_too_strong(medicine: str) -> None:
    assert "grapefruit and its juice" in limited(told(**{medicine: True}))
    assert "grapefruit and its juice" not in limited(told())


@pytest.mark.pathway("F04")
def test_plant_oils_are_for_everybody_and_nuts_not_for_whoever_is_allergic_to_them() -> None:
    assert {"olive oil", "unsalted walnuts"} <= set(favoured(told()))
    allergic = told(nut_allergy=True)
    assert "olive oil" in favoured(allergic)
    assert among(("nut", "almond"), favoured(allergic)) == []
    assert "nut allergy" in allergic.withheld["diet-nuts"]


# Protein, kidneys, potassium.
@pytest.mark.pathway("F05", "U09")
def test_lean_protein_is_favoured_and_more_of_it_before_an_operation_but_not_with_weak_kidneys() -> None:
    assert "beans and lentils" in favoured(told())
    planned = told(left={"hip_operation_planned": True})
    assert "diet-protein-more" in planned.lines and "diet-protein-more" not in told().lines
    weak = told(left={"hip_operation_planned": True}, **WEAK_KIDNEYS)
    assert {"diet-lean-protein", "diet-protein-more"} <= set(weak.withheld)
    assert "protein powder" in limited(weak)
    assert "kidney dietitian" in weak.lines["diet-kidney-dietitian"].plain


@pytest.mark.pathway("F03", "F05", "F08")
def test_weak_kidneys_are_not_told_to_eat_what_holds_potassium() -> None:
    weak = told(milk_allergy=True, **WEAK_KIDNEYS)
    assert among(RICH_IN_POTASSIUM, favoured(weak)) == []
    assert "salt substitutes with potassium" in limited(weak)


@pytest.mark.pathway("F03", "F09")
@pytest.mark.parametrize("facts", [{"potassium": 5.7}, WEAK_KIDNEYS], ids=["high potassium", "weak kidneys"])
def test_with_potassium_to_be_limited_fruit_of_any_kind_is_not_favoured(facts: dict[str, Any]) -> None:
    assert "whole fruit" in favoured(told())
    assert "whole fruit" not in favoured(told(**facts))


@pytest.mark.pathway("F05")
def test_vegans_get_plants_only_and_vitamin_b12() -> None:
    vegan = told(vegan_diet=True)
    animal = ("egg", "chicken", "meat", "milk", "yoghurt", "cheese", *FISH)
    left = [food for food in among(animal, favoured(vegan)) if not any(word in food for word in PLANT_MILK)]
    assert left == []
    assert "B12" in vegan.lines["diet-protein-vegan"].plain or "b12" in " ".join(favoured(vegan))


@pytest.mark.pathway("F02", "F05")
def test_eggs_are_left_out_by_whoever_is_allergic_to_them() -> None:
    assert among(("egg",), favoured(told()))
    assert among(("egg",), favoured(told(egg_allergy=True))) == []


# Alcohol, smoke, salt, sugar, crash diets.
@pytest.mark.pathway("F06")
def test_little_alcohol_is_for_most_and_heavy_drinkers_are_not_told_to_stop_at_once() -> None:
    assert "more than 14 units a week" in limited(told())
    heavy = told(alcohol_use="regular", alcohol_g_per_week=700, heavy_alcohol_use=True)
    assert "heavy drinking" in heavy.withheld["diet-alcohol-low"]
    assert "stopping all at once on your own" in limited(heavy)
    assert "stopping all at once on your own" not in limited(told())


@pytest.mark.pathway("F06")
@pytest.mark.parametrize(
    "facts",
    [
        {"pregnant": True},
        {"disulfiram": True},
        {"active_liver_disease": True, "liver_disease": True},
        {"alcohol_use": "former", "alcohol_g_per_week": 0},
    ],
    ids=["pregnant", "disulfiram", "active liver disease", "abstinent"],
)
def test_whoever_may_drink_nothing_is_not_given_an_allowance_of_alcohol(facts: dict[str, Any]) -> None:
    abstaining = told(**facts)
    assert "all alcohol" in limited(abstaining)
    assert "diet-alcohol-low" not in abstaining.lines, "no 14 units a week beside no alcohol at all"


@pytest.mark.pathway("F07")
def test_neither_smoke_nor_vapour_and_none_for_four_weeks_before_an_operation() -> None:
    assert {"cigarettes", "e-cigarettes"} <= set(limited(told()))
    smoker = told(left={"hip_operation_planned": True}, smoking_status="current")
    assert "four weeks" in smoker.lines["diet-smoke-free-before-operation"].plain
    assert "diet-smoke-free-before-operation" not in told(smoking_status="current").lines


@pytest.mark.pathway("F08")
def test_little_salt_is_for_most_but_not_with_weak_adrenal_glands_or_lithium() -> None:
    assert "salt at the table" in limited(told())
    assert "diet-salt-high" in told(hypertension=True).lines and "diet-salt-high" not in told().lines
    for fact in ("adrenal_insufficiency", "lithium"):
        spared = told(hypertension=True, **{fact: True})
        assert {"diet-little-salt", "diet-salt-high"} <= set(spared.withheld)
        assert "salt at the table" not in limited(spared)
    assert "the same amount of salt each day" in favoured(told(lithium=True))


@pytest.mark.pathway("F08")
@pytest.mark.parametrize("facts", [{"ace_inhibitor_or_arb": True}, {"tacrolimus": True}, {"potassium": 5.4}])
def test_potassium_salt_is_not_for_whoever_holds_potassium_back(facts: dict[str, Any]) -> None:
    assert "salt substitutes with potassium chloride" in limited(told(**facts))
    assert "salt substitutes with potassium chloride" not in limited(told())


@pytest.mark.pathway("F09")
def test_sugar_is_cut_step_by_step_and_kept_at_hand_against_low_sugar_in_diabetes() -> None:
    assert "sweet drinks" in limited(told())
    diabetic = told(diabetes_mellitus=True, hba1c=7.4)
    assert "glucose for low sugar only" in favoured(diabetic)
    heavy = told(body_mass_index=32, weight_kg=90)
    assert "diet-sugars-high" in heavy.lines and "diet-sugars-high" not in told().lines
    assert "diet-sugars-high" not in told(body_mass_index=17, weight_kg=48, underweight=True).lines


@pytest.mark.pathway("F10", "P08")
def test_nobody_crash_diets_and_the_thin_and_the_pregnant_do_not_diet_at_all() -> None:
    assert "fasting for days" in limited(told())
    assert "diet-crash-stop" in told(crash_diet=True).lines and "diet-crash-stop" not in told().lines
    heavy = {"body_mass_index": 32, "weight_kg": 90}
    assert "diet-slow-weight-loss" in told(**heavy).lines
    expecting = told(pregnant=True, **heavy)
    assert "pregnancy" in expecting.withheld["diet-slow-weight-loss"]
    assert "diet-pregnancy-no-dieting" in expecting.lines
    thin = told(body_mass_index=17, weight_kg=48, underweight=True)
    assert "diet-underweight" in thin.lines and "diet-slow-weight-loss" not in thin.lines


@pytest.mark.pathway("F01", "F02", "F03", "F05")
def test_where_allergies_were_never_asked_each_food_says_for_whom_it_is_not() -> None:
    for line, word in (
        ("diet-calcium-dairy", "milk allergy"),
        ("diet-oily-fish", "fish allergy"),
        ("diet-eggs", "egg allergy"),
        ("diet-fruit-and-vegetables", "warfarin"),
        ("diet-lean-protein", "kidneys"),
    ):
        unasked = barely_known().lines[line]
        assert unasked.not_if is not None and word in unasked.not_if
        assert told().lines[line].not_if is None

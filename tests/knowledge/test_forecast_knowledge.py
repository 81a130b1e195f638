"""The knowledge of the forecast holds against the study table and its fit, and every fault of it is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace as replaced
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from precollapse.evidence.fitted import Fitted
from precollapse.knowledge import check_conditions, check_forecast, check_links
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.check_forecast import FIT_AGAIN, Evidence, forecast_holds, read_evidence
from precollapse.knowledge.load import load
from precollapse.knowledge.model_forecast import CovariateMeaning, Narrowed, SizeMeaning, StageMeaning
from precollapse.knowledge.walk import Problem

KNOWLEDGE = load()
EVIDENCE = read_evidence()
SETTINGS = KNOWLEDGE.forecast_settings
Break = Callable[[Knowledge], Knowledge]


def settings(**fields: Any) -> Break:
    return lambda knowledge: replace(
        knowledge, forecast_settings=replace(knowledge.forecast_settings, **fields)
    )


def entry(part: str, name: str, **fields: Any) -> Break:
    def change(knowledge: Knowledge) -> Knowledge:
        entries = dict(getattr(knowledge, part))
        entries[name] = replace(entries[name], **fields)
        return replace(knowledge, **{part: entries})

    return change


def option(**fields: Any) -> Break:
    return entry("forecast_options", "denosumab", **fields)


def stage(**fields: Any) -> Break:
    return settings(stages=(replace(SETTINGS.stages[0], **fields), *SETTINGS.stages[1:]))


def size(place: int, **fields: Any) -> Break:
    sizes: list[SizeMeaning] = list(SETTINGS.sizes)
    sizes[place] = replace(sizes[place], **fields)
    return settings(sizes=tuple(sizes))


def covariate(place: int, **fields: Any) -> Break:
    covariates: list[CovariateMeaning] = list(SETTINGS.covariates)
    covariates[place] = replace(covariates[place], **fields)
    return settings(covariates=tuple(covariates))


def grades(**changes: Any) -> dict[str, tuple[str, ...]]:
    return {**SETTINGS.stages[0].grades, **changes}


TYPED = {"a": "B", "b": "A", "c1": "C1", "c2": "C2"}
RATIOS = dict(list(SETTINGS.ratio_of_replacement.items())[1:])

# What is said, of which entry, and what was broken.
FAULTS: dict[str, tuple[str, str, Break]] = {
    "an option of an unknown treatment": (
        "there is no treatment leeches", "denosumab", option(treatment="leeches")),
    "an option of which nothing was estimated": (
        "nothing was estimated for before collapse", "denosumab", option(treatment="iloprost")),
    "an option in a state without a hip": (
        "considered in the state replaced", "denosumab", option(states=("replaced",))),
    "a class in which nobody is met": (
        "nobody is met in the state no lesion", "shallow",
        entry("forecast_classes", "shallow", state="no lesion")),
    "a covariate of a class that was not fitted": (
        "moon is no coefficient", "shallow", entry("forecast_classes", "shallow", covariates={"moon": 1.0})),
    "an unknown class of the unconfirmed": (
        "there is no class square", "unconfirmed", settings(unconfirmed=("square",))),
    "an unknown class of a rule": (
        "there is no class square", "narrowed[0]",
        settings(narrowed=(Narrowed(when="hip_pain", classes=("square",)),))),
    "an unknown class of a grade": (
        "there is no class square", "stages.arco_2019", stage(grades=grades(**{"1": ("square",)}))),
    "a state after collapse without a ratio": (
        "is not given for each state after collapse", "ratio_of_replacement",
        settings(ratio_of_replacement=RATIOS)),
    "an unknown staging system": (
        "astrology is no staging system with grades", "stages.astrology", stage(system="astrology")),
    "a grade that is left out": (
        "grade 4 of arco_2019 is left out", "stages.arco_2019",
        stage(grades={k: v for k, v in grades().items() if k != "4"})),
    "a grade that does not exist": (
        "arco_2019 has no grade 5", "stages.arco_2019", stage(grades=grades(**{"5": ("deep",)}))),
    "a scale that was not fitted": ("is no scale of the course", "sizes.weight", size(1, scale="weight")),
    "a size by a fact that is no number": (
        "hip_pain is no number", "sizes.head-volume-percent", size(1, fact="hip_pain")),
    "a size by a fact that does not exist": (
        "aura is no number", "sizes.head-volume-percent", size(1, fact="aura")),
    "a number on a scale of categories": (
        "is a scale of categories, but a number is read", "sizes.jic",
        size(0, fact="modified_kerboul_angle_deg")),
    "a system of sizes with a grade left out": (
        "grade c of steinberg_size is left out", "sizes.head-volume-percent",
        size(1, systems={"steinberg_size": {"a": 10, "b": 22.5}})),
    "types out of turn": (
        "grades do not mean A, B, C1, C2 in turn", "sizes.jic", size(0, systems={"jic_type": TYPED})),
    "two scales without a fact": (
        "the scale jic, and no other, has one system and no fact", "sizes", size(1, fact=None)),
    "a covariate that was not fitted": ("is no coefficient", "covariates.moon", covariate(1, name="moon")),
    "no covariate of silent hips": (
        "asymptomatic is missing", "covariates", settings(covariates=SETTINGS.covariates[1:])),
    "a horizon between two steps": (
        "1.25 years is on no step", "horizons_years", settings(horizons_years=(1.25, 5.0))),
    "a horizon after the last step": (
        "20 years is on no step", "horizons_years", settings(horizons_years=(1.0, 20.0))),
    "a step that misses the borders of the course": (
        "2 years is on no step", "borders", settings(step_years=1.5)),
    "one horizon": ("has fewer than two", "horizons_years", settings(horizons_years=(5.0,))),
    "more draws than were fitted": ("only 2000 were fitted", "draws", settings(draws=100_000)),
}  # fmt: skip


# What decides a covariate, or narrows the start, is held to the checks of every other condition.
CONDITIONS: dict[str, tuple[str, Break]] = {
    "a covariate by an unknown fact": (
        "covariates.sickle cell.when names aura, which is not in concepts", covariate(1, when="aura")),
    "a covariate by a condition that cannot be read": (
        "covariates.sickle cell.when: ", covariate(1, when={"perhaps": "hip_pain"})),
    "a covariate that asks a number whether it is true": (
        "covariates.sickle cell.when: age_years is of type number, but is read as yes_no",
        covariate(1, when="age_years")),
    "a covariate that can never hold": (
        "covariates.sickle cell.when can never hold: hip_pain both true and not true",
        covariate(1, when={"all": ["hip_pain", {"not": "hip_pain"}]})),
    "a rule by a choice that does not exist": (
        "narrowed[0].when: radiograph_hip has no choice splendid",
        settings(narrowed=(
            Narrowed(when={"fact": "radiograph_hip", "is": "splendid"}, classes=("mri_only",)),))),
}  # fmt: skip


@pytest.mark.parametrize(("says", "change"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_of_the_forecast_is_checked_like_every_other(says: str, change: Break) -> None:
    def found(knowledge: Knowledge) -> list[str]:
        checks = (*check_links.CHECKS, *check_conditions.CHECKS)
        return [problem.what for check in checks for problem in check(knowledge)]

    assert found(KNOWLEDGE) == []
    assert any(says in what for what in found(change(KNOWLEDGE)))


def problems(knowledge: Knowledge = KNOWLEDGE) -> list[Problem]:
    return list(forecast_holds(knowledge))


@pytest.mark.hazard("stale-fit")
def test_the_forecast_as_it_stands_has_no_fault() -> None:
    assert list(map(str, problems())) == []


@pytest.mark.parametrize(("says", "where", "change"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_named_with_its_entry_and_a_remedy(says: str, where: str, change: Break) -> None:
    known = {str(problem) for problem in problems()}
    found = [one for one in problems(change(KNOWLEDGE)) if str(one) not in known]
    named = [problem for problem in found if says in problem.what and problem.entry == where]
    assert named, list(map(str, found))
    assert all(problem.fix for problem in named)


# The evidence beside it.
def with_evidence(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> list[str]:
    changed: Evidence = replaced(EVIDENCE, **fields)
    monkeypatch.setattr(check_forecast, "read_evidence", lambda: changed)
    return list(map(str, problems()))


@pytest.mark.hazard("stale-fit")
def test_a_table_that_changed_since_the_fit_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_evidence(monkeypatch, digest="another")
    assert any("has changed since" in one and FIT_AGAIN in one for one in found)


def test_a_source_of_the_models_that_nobody_wrote_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    models = msgspec.to_builtins(EVIDENCE.models)
    models["comparisons"]["tau_prior"]["source"] = "hearsay"
    models["comparisons"]["classes"]["leeches"] = "animals"
    found = with_evidence(monkeypatch, models=msgspec.convert(models, type(EVIDENCE.models)))
    assert any("hearsay: is neither a study nor a source" in one for one in found)
    assert any("leeches: is no treatment" in one for one in found)


def test_a_published_figure_that_does_not_exist_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    models = msgspec.to_builtins(EVIDENCE.models)
    models["published"] = [
        {"figure": "nowhere", "outcome": "collapse", "treatments": [], "versus": [], "measure": "risk ratio",
         "why": "judgement"}
    ]  # fmt: skip
    found = with_evidence(monkeypatch, models=msgspec.convert(models, type(EVIDENCE.models)))
    assert any("nowhere: is no published figure" in one for one in found)


def test_a_treatment_whose_estimate_was_lost_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = EVIDENCE.fitted.parameters
    kept = [number for number, name in enumerate(parameters.names) if "denosumab" not in name]
    names = tuple(parameters.names[number] for number in kept)
    fitted = Fitted(replace(parameters, names=names), EVIDENCE.fitted.draws[:, kept])
    found = with_evidence(monkeypatch, fitted=fitted)
    assert any("denosumab: nothing was estimated for before collapse" in one for one in found)


def test_evidence_that_cannot_be_read_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Evidence:
        raise ValueError("arms.csv: no such file")

    monkeypatch.setattr(check_forecast, "read_evidence", missing)
    (found,) = problems()
    assert "arms.csv" in found.what


# What the files say.
def test_every_grade_of_every_system_means_a_class_no_better_than_the_grade_below() -> None:
    order = list(KNOWLEDGE.forecast_classes)
    for meaning in SETTINGS.stages:
        assert isinstance(meaning, StageMeaning)
        worst = [max(order.index(name) for name in classes) for classes in meaning.grades.values()]
        best = [min(order.index(name) for name in classes) for classes in meaning.grades.values()]
        assert worst == sorted(worst), meaning.system
        assert best == sorted(best), meaning.system


def test_shares_of_the_classes_are_those_of_all_hips() -> None:
    assert sum(one.share.value for one in KNOWLEDGE.forecast_classes.values()) == pytest.approx(1, abs=1e-3)


def test_no_option_is_offered_before_there_is_a_lesion_or_after_replacement() -> None:
    for one in KNOWLEDGE.forecast_options.values():
        assert one.states
        assert not {"no lesion", "replaced"} & set(one.states)


def test_an_option_says_what_it_is_and_advises_nothing() -> None:
    order = re.compile(r"\b(should|must|recommend|advise|ask for|choose|best)\b", re.IGNORECASE)
    for one in KNOWLEDGE.forecast_options.values():
        assert order.search(one.says) is None, one.id


@pytest.mark.hazard("counted-twice-in-forecast")
def test_oedema_is_in_one_covariate_only_and_its_use_is_said() -> None:
    named = [one.name for one in SETTINGS.covariates if "oedema" in str(one.when)]
    assert named == ["asymptomatic"]
    assert any("oedema" in one.says for one in SETTINGS.not_used)


@pytest.mark.pathway("O01", "O02", "O03", "O05", "R02", "R03")
def test_operations_and_drugs_of_the_pathway_have_an_option_each() -> None:
    carried = {item for one in KNOWLEDGE.forecast_options.values() for item in one.pathway}
    assert carried == {"O01", "O02", "O03", "O05", "R02", "R03"}

"""Whatever is incomplete, contradictory or unsourced in the knowledge is found and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from precollapse.knowledge.check import Report, check
from precollapse.knowledge.check_figures import exact_poisson, wilson
from tests.knowledge import small
from tests.knowledge.small import Files

Break = Callable[[Files], Any]


def report(tmp_path: Path, change: Break = lambda files: None) -> Report:
    content = small.files()
    change(content)
    return check(small.write(content, tmp_path), tmp_path / "tests")


def set_of(name: str, **fields: Any) -> Break:
    return lambda files: small.entry(files, name).update(fields)


def settings(**fields: Any) -> Break:
    return lambda files: files["risk/settings.yaml"].update(fields)


def condition(raw: Any) -> Break:
    return set_of("red-flag", when=raw)


def add(file: str, entry: Any) -> Break:
    return lambda files: files[file].append(entry)


def test_a_complete_knowledge_has_no_problem(tmp_path: Path) -> None:
    found = report(tmp_path)
    assert list(map(str, found.problems)) == []
    assert found.counts["concepts"] == 4
    assert found.counts["figures"] == 19
    assert found.judgement == {"figures": 0, "entries": 2, "concepts": 0, "cells": 9}


def grade_two(**fields: Any) -> Break:
    return lambda files: small.entry(files, "staged")["grades"][1].update(fields)


def border(**fields: Any) -> Break:
    return lambda files: small.entry(files, "staged")["borders"][0].update(fields)


def reading(**fields: Any) -> Break:
    return lambda files: files["staging/settings.yaml"]["readings"][0].update(fields)


STAGING = {
    "grades.two.when names ghost": grade_two(when="ghost"),
    "two could rest on genotype by genotype": grade_two(when={"fact": "genotype", "is": "ss"}),
    "there is no source nowhere": grade_two(sources=["nowhere"]),
    "two grades have the same id": grade_two(id="one"),
    "grades of a system that is recorded": set_of("staged", kind="recorded"),
    "not computed without a reason": set_of("staged", kind="not computed"),
    "barred_when and barred_says go together": set_of("staged", barred_when="pain"),
    "border of haemoglobin: unit g/L": border(unit="g/L"),
    "border at 8 is not between neighbours": border(below="two", above="one"),
    "criteria beside the border at 9 do not name it": border(at=9),
    "reported: pain is no choice": set_of("staged", reported={"fact": "pain", "means": {}}),
    "reported: ss means three": set_of("staged", reported={"fact": "genotype", "means": {"ss": ["three"]}}),
    "weaker.when names ghost": set_of("both", weaker={"says": "no", "when": "ghost"}),
    "bars[0].when names ghost": lambda files: files["staging/settings.yaml"]["bars"][0].update(when="ghost"),
    "applies_when names ghost": lambda files: files["staging/settings.yaml"].update(applies_when="ghost"),
    "readings[0].when names ghost": reading(when="ghost"),
    "haemoglobin is no yes_no concept": reading(absent=["haemoglobin"]),
    "takes either when or unless": reading(unless="pain"),
}


@pytest.mark.parametrize("what", list(STAGING))
def test_every_fault_of_staging_is_named(what: str, tmp_path: Path) -> None:
    problems = "\n".join(map(str, report(tmp_path, STAGING[what]).problems))
    assert what in problems


LINKS = {
    "there is no source nowhere": set_of("pain", sources=["nowhere"]),
    "implies names ghost": set_of("pain", implies=["ghost"]),
    "when names ghost": condition("ghost"),
    "clock names ghost": set_of("screened", clock="ghost"),
    "cause names ghost": set_of("screened", cause="ghost"),
    "onset names ghost": set_of("screened", onset="ghost"),
    "types names ghost": set_of("dose", types=["ghost"]),
    "work_up names ghost": set_of("t03", work_up=["ghost"]),
    "pathway names S99": set_of("pain", pathway=["S99"]),
    "codes for a concept that does not exist": add(
        "codes-from-samples.yaml", {"concept": "ghost", "codes": []}
    ),
    "rests on the draft trouble": set_of("trouble", draft=True),
    "leads back to the concept itself": set_of("trouble", implies=["pain"]),
    "excluded_since names ghost": settings(excluded_since=["ghost"]),
    "no_head_when names ghost": settings(no_head_when="ghost"),
    "fact names ghost": set_of("more", fact="ghost"),
    "is defined twice": add("sources/all.yaml", small.source("study")),
}

CONDITIONS = {
    "unknown form of condition": condition({"maybe": "pain"}),
    "pain is of type yes_no, but is read as number": condition({"fact": "pain", "above": 3}),
    "haemoglobin is of type number, but is read as yes_no": condition("haemoglobin"),
    "genotype has no choice aa": condition({"fact": "genotype", "is": ["ss", "aa"]}),
    "genotype is of type choice, but is read as yes_no": condition({"fact": "genotype", "within_years": 2}),
    "80 is outside the possible 1 to 28": condition({"fact": "haemoglobin", "below": 80}),
    "haemoglobin can never lie there": condition({"fact": "haemoglobin", "above": 28}),
    "can never lie between": condition({"fact": "haemoglobin", "from": 9, "to": 8}),
    "cannot have begun both after 3 and within 2": condition(
        {"fact": "pain", "within_years": 2, "after_years": 3}
    ),
    "haemoglobin between 12 and 8": condition(
        {"all": [{"fact": "haemoglobin", "above": 12}, {"fact": "haemoglobin", "below": 8}]}
    ),
    "pain both true and not true": condition({"all": ["pain", {"not": "pain"}]}),
    "no choice of genotype is left": condition(
        {"all": [{"fact": "genotype", "is": "ss"}, {"fact": "genotype", "is": "sc"}]}
    ),
    "at least 3 of 2": condition({"at_least": 3, "of": ["pain", "trouble"]}),
    "genotype is of type choice, but is read as yes_no ": condition({"both_hips": "genotype"}),
}

CONCEPTS = {
    "question is empty": set_of("pain", question=""),
    "no source": set_of("pain", sources=[]),
    "a number without unit or ranges": set_of("haemoglobin", ranges=None),
    "unit or ranges on a yes_no": set_of("pain", unit="g"),
    "choices belong to the type choice": set_of("genotype", choices={}),
    "a choice cannot imply anything": set_of("genotype", implies=["pain"]),
    "the usual range 12 to 40 is not within": set_of(
        "haemoglobin",
        ranges={"possible": [1, 28], "plausible": [3, 22], "usual": [12, 40], "usual_source": "study"},
    ),
    "needs factor 1": set_of("haemoglobin", units={"g/dL": 10}),
    "1 g/L is 0.1 g/dL, not 10": set_of("haemoglobin", units={"g/dL": 1, "g/L": 10}),
    "impossible factor": set_of("haemoglobin", units={"g/dL": 1, "mmol/L": 0}),
    "gramms is not a UCUM unit": set_of("haemoglobin", unit="gramms", units={"gramms": 1}),
    "check digit (Verhoeff) is wrong": set_of("pain", codes=[{"system": "snomed", "code": "73211008"}]),
    "check digit (mod 10) is wrong": set_of("pain", codes=[{"system": "loinc", "code": "718-8"}]),
    "a code of icd10cm is": set_of("pain", codes=[{"system": "icd10cm", "code": "87"}]),
    "a code of rxnorm is": set_of("pain", codes=[{"system": "rxnorm", "code": "A1"}]),
    "a code of atc is": set_of("pain", codes=[{"system": "atc", "code": "H2"}]),
    "stands twice": set_of("pain", codes=[{"system": "icd10cm", "code": "M87.0"}] * 2),
    "states the unknown choice aa": set_of(
        "genotype", codes=[{"system": "icd10cm", "code": "D57.1", "choice": "aa"}]
    ),
    "the words 'groin pain' also mean": set_of("trouble", synonyms=["Groin pain"]),
}

RANGES = {"possible": [1, 28], "plausible": [3, 22], "usual": [12, 18], "usual_source": "study"}
WOMEN = {"when": {"fact": "genotype", "is": "ss"}, "usual": [12, 16], "source": "study"}


def small_ranges(**case: Any) -> Break:
    return set_of("haemoglobin", ranges={**RANGES, "usual_when": [{**WOMEN, **case}]})


USUAL = {
    "usual_when: 11 to 16 is not within the usual range": small_ranges(usual=[11, 16]),
    "usual_when has no source": small_ranges(source=None),
    "ranges.usual_when[0].when names ghost": small_ranges(when="ghost"),
    "there is no source nowhere": small_ranges(source="nowhere"),
    "meaning.below without a usual limit": set_of(
        "haemoglobin", ranges={**RANGES, "usual": [None, 18]}, meaning={"below": "anaemia"}
    ),
    "there is no source elsewhere": set_of("haemoglobin", meaning={"below": "low", "source": "elsewhere"}),
    "above_usual: ghost has no usual limit": set_of("trouble", derive={"above_usual": "ghost"}),
}
USUAL["below_usual: haemoglobin has no usual limit"] = lambda files: [
    set_of("haemoglobin", ranges={**RANGES, "usual": [None, 18]})(files),
    set_of("trouble", derive={"below_usual": "haemoglobin"})(files),
]

SCORES = {
    "the total pain is not a number": set_of("small", total="pain"),
    "total names ghost": set_of("small", total="ghost"),
    "points are not given for each of": set_of("small", items=[{"concept": "genotype", "points": {"ss": 0}}]),
    "the item haemoglobin is neither": set_of("small", items=[{"concept": "haemoglobin", "points": {}}]),
    "points reach from 0 to 7, not the range": set_of("small", high=100),
    "the licence does not allow to count them": set_of("small", may_compute=False),
    "bands do not begin at the lowest score": set_of("small", bands=[{"name": "good", "start": 5}]),
    "bands have no source": set_of("small", bands_source=None),
    "there is no source law": set_of("small", licence_sources=["law"]),
}

FIGURES = {
    "0.5 is outside its interval": settings(hip_share=small.figure(value=0.5)),
    "the counts give 0.1": settings(hip_share=small.figure(interval=[0.01, 0.3])),
    "the counts give nan": settings(hip_share=small.figure(events=200)),
    "an interval from counts without events": settings(hip_share=small.figure(n=None)),
    "neither a share nor a rate": settings(hip_share=small.figure(unit="cases")),
    "interval and interval_from go together": settings(hip_share=small.figure(interval_from=None)),
    "checked: 'soon' is no day": set_of("study", checked="soon"),
    "checked: '2026' is no day": settings(hip_share=small.figure(checked="2026")),
    "alone, which is of low reliability": set_of("study", reliability="low"),
    "without a source of at least medium reliability": set_of("study", reliability="low"),
    "neither DOI, PMID nor address": set_of("study", doi=None),
    "is no DOI": set_of("study", doi="doi.org/10.1"),
    "is no PMID": set_of("study", pmid="PMC12"),
    "attack without onset": set_of("screened", onset=None),
    "neither attack, prevalence nor rate": set_of("screened", attack=None),
    "the curve does not rise": set_of("early", points=[[0.0, 0.0], [1.0, 0.5]]),
}

SHAPES = {
    "nothing was found": lambda files: files.pop("pathway.yaml"),
    "unknown field": set_of("pain", colour="red"),
    "is not a list of entries": lambda files: files.update({"types/all.yaml": {"id": "t03"}}),
    "stands twice": lambda files: files.update({"types/all.yaml": "- id: a\n  id: b\n"}),
    "unhashable": lambda files: files.update({"types/all.yaml": "- {[a]: b}\n"}),
}

EVERYTHING = [
    *LINKS.items(), *CONDITIONS.items(), *CONCEPTS.items(), *USUAL.items(), *SCORES.items(),
    *FIGURES.items(), *SHAPES.items(),
]  # fmt: skip


@pytest.mark.parametrize(("says", "change"), EVERYTHING, ids=[says for says, _ in EVERYTHING])
def test_every_fault_is_named(tmp_path: Path, says: str, change: Break) -> None:
    problems = list(map(str, report(tmp_path, change).problems))
    assert any(says.strip() in problem for problem in problems), problems


def test_a_problem_names_file_entry_and_remedy(tmp_path: Path) -> None:
    (problem,) = report(tmp_path, set_of("pain", question="")).problems
    assert str(problem) == "concepts/all.yaml: pain: question is empty; fill it in"


def test_one_broken_entry_does_not_hide_the_next(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        set_of("pain", colour="red")(files)
        set_of("trouble", question="")(files)

    problems = " ".join(map(str, report(tmp_path, change).problems))
    assert "colour" in problems
    assert "question is empty" in problems


def test_a_figure_on_a_weak_source_is_allowed_beside_a_better_one(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        add("sources/all.yaml", small.source("weak", reliability="low"))(files)
        set_of("screened", attack=small.figure(source="weak"), sources=["study"])(files)

    assert report(tmp_path, change).problems == []


def test_a_judgement_may_rest_on_a_weak_source_and_is_counted(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        add("sources/all.yaml", small.source("weak", reliability="low"))(files)
        settings(hip_share=small.figure(source="weak", grade="judgement"))(files)

    found = report(tmp_path, change)
    assert found.problems == []
    assert found.judgement["figures"] == 1


def test_a_rate_is_recomputed_from_cases_and_years_of_observation(tmp_path: Path) -> None:
    rate = small.figure(
        value=0.01, interval=[0.0048, 0.0184], events=10, n=1000, unit="/a"
    )  # fmt: skip
    assert report(tmp_path, settings(hip_share=rate)).problems == []


def test_imaging_methods_may_share_words(tmp_path: Path) -> None:
    def change(files: Files) -> None:
        add("concepts/all.yaml", small.concept("mri_lesion", synonyms=["lesion"]))(files)
        add("concepts/all.yaml", small.concept("ct_lesion", synonyms=["lesion"]))(files)

    assert report(tmp_path, change).problems == []


def test_wilson_and_poisson_intervals_agree_with_published_tables() -> None:
    # Newcombe 1998, Stat Med 17:857, table I (81/263); Garwood's exact limits for 10 events.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert exact_poisson(10, 1.0) == pytest.approx((4.7954, 18.3904), abs=5e-4)
    assert exact_poisson(0, 1.0) == pytest.approx((0.0, 3.6889), abs=5e-4)

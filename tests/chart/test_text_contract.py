"""What must hold of free text for every synonym of every concept of the knowledge."""

from __future__ import annotations

import pytest

from precollapse.chart.text import TextIndex
from precollapse.knowledge.load import load
from precollapse.knowledge.model import Concept

KNOWLEDGE = load()
INDEX = TextIndex.of(KNOWLEDGE)
YES_NO = [concept for concept in KNOWLEDGE.concepts.values() if concept.type == "yes_no"]
DENIALS = ("no {}", "denies {}", "without {}", "no evidence of {}")


def _claims(concept: Concept, text: str) -> bool:
    """Tell whether a text is read as saying that a concept is present for certain."""
    hits = INDEX.find(text)
    return any(hit.concept == concept.id and not hit.absent and not hit.uncertain for hit in hits)


@pytest.mark.parametrize("denial", DENIALS)
def test_a_denied_synonym_never_makes_its_concept_present(denial: str) -> None:
    wrong = [
        denial.format(said)
        for concept in YES_NO
        for said in concept.synonyms
        if f"no {said}" not in concept.synonyms and _claims(concept, denial.format(said))
    ]
    assert wrong == []


def test_a_synonym_of_absence_never_makes_its_concept_present() -> None:
    wrong = [said for concept in YES_NO for said in concept.synonyms_absent if _claims(concept, said)]
    assert wrong == []


def test_a_disease_of_the_mother_is_never_the_patients() -> None:
    wrong = [
        said
        for concept in YES_NO
        if not concept.id.startswith("family_history")
        for said in concept.synonyms
        if _claims(concept, f"mother had {said}")
    ]
    assert wrong == []


def test_every_synonym_is_found_as_itself_or_as_a_narrower_concept() -> None:
    """A synonym that its own concept never gets back is shadowed by another concept or unreadable."""
    shadowed = []
    for concept in KNOWLEDGE.concepts.values():
        prefix = concept.id.split("_", 1)[0] + "_" if concept.group == "imaging" else None
        for said in concept.synonyms:
            reading = INDEX.read(said, prefer=prefix, named_is_present=True)
            named = {hit.concept for hit in reading.hits} | {aside.concept for aside in reading.set_aside}
            if concept.id not in named:
                shadowed.append(f"{concept.id}: {said}: {sorted(map(str, named))}")
    total = sum(len(concept.synonyms) for concept in KNOWLEDGE.concepts.values())
    assert len(shadowed) <= total * 0.06, "\n".join(shadowed)

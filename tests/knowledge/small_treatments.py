"""The advice of the small knowledge: one treatment, one line, one course, one question, one word."""

from __future__ import annotations

from typing import Any

from precollapse.knowledge.findable import PAPERS, PROOF, STANDING

_LEVELS = ("emergency", "urgent", "soon", "routine")
_PLAIN = {"proof": PROOF, "standing": STANDING, "urgency": _LEVELS, **PAPERS}

FILES: dict[str, Any] = {
    "treatments/drugs/tablet.yaml": [
        {
            "id": "tablet", "name": "Tablet", "plain_name": "a tablet", "kind": "drug", "per": "patient",
            "goal": "less pain", "says": "It eases pain.", "plain": "It eases pain.",
            "licence": "licensed", "licence_says": "Licensed.",
            "considered_when": "pain", "taken_when": "trouble",
            "offers": [
                {"what": "the hip hurts", "when": "pain", "standing": "offered", "says": "It hurts.",
                 "grade": "low", "sources": ["study"]}
            ],
            "against": [
                {"what": "severe anaemia", "about": "laboratory", "when": {"fact": "haemoglobin", "below": 8},
                 "effect": "avoid", "says": "Not with anaemia.", "sources": ["study"]}
            ],
            "evidence": {"grade": "low", "says": "One trial.", "sources": ["study"]},
            "serves": {"keep_own_hip": 0, "back_to_work": 0, "avoid_surgery": 0, "avoid_pain": 1},
            "sources": ["study"],
        }
    ],
    "treatments/goals.yaml": [
        {"id": "goal", "goal": "avoid_pain", "name": "less pain", "when": "trouble", "sources": ["study"]}
    ],
    "plan/all.yaml": [
        {
            "id": "rest", "name": "Rest", "area": "activity", "when": {"found": "proof", "is": "shown"},
            "says": "Rest.", "plain": "Rest.", "priority": 1, "grade": "low", "sources": ["study"],
            "treatment": "tablet",
        }
    ],
    "rehabilitation/all.yaml": [
        {
            "id": "after", "name": "After it", "operation": "tablet", "done": "trouble", "grade": "low",
            "sources": ["study"],
            "phases": [
                {"from_week": 0, "to_week": 6, "goal": "heal", "weight_bearing": "none", "do": ["rest"],
                 "plain": ["Rest."], "stop_when": "pain", "sources": ["study"]}
            ],
        }
    ],
    "questions/all.yaml": [
        {
            "id": "heal", "question": "Can it heal?", "grade": "low", "sources": ["study"],
            "answers": [
                {"when": {"always": True}, "says": "In your {hip} it may.", "sources": ["study"]},
            ],
        }
    ],
    "glossary/all.yaml": [{"id": "bone", "term": "bone", "says": "A hard part.", "sources": ["study"]}],
    "plain-words.yaml": [
        {"id": f"{finding}-{number}", "finding": finding, "value": value, "says": "So.", "sources": ["study"]}
        for finding, values in _PLAIN.items()
        for number, value in enumerate(values)
    ],
}  # fmt: skip

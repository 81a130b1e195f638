"""A small knowledge that passes every check, as plain data that a test breaks in one place."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from tests.knowledge import small_treatments

Files = dict[str, Any]

_FIGURE = {
    "value": 0.1, "interval": [0.0552, 0.1744], "interval_from": "counts", "events": 10, "n": 100,
    "unit": "1", "population": "adults", "source": "study", "where": "abstract",
    "checked": "2026-11-22", "grade": "moderate",
}  # fmt: skip


def figure(**changes: Any) -> dict[str, Any]:
    return {**_FIGURE, **changes}


def source(name: str, **changes: Any) -> dict[str, Any]:
    entry = {
        "id": name, "title": "A study", "doi": "10.1000/a", "design": "cohort", "seen": "abstract",
        "reliability": "medium", "checked": "2026-11-22",
    }  # fmt: skip
    return {**entry, **changes}


def concept(name: str, kind: str = "yes_no", **changes: Any) -> dict[str, Any]:
    entry = {
        "id": name, "name": name.capitalize(), "group": "symptoms", "level": "patient", "type": kind,
        "includes": ["it"], "question": "Is it so?", "sources": ["study"],
    }  # fmt: skip
    return {**entry, **changes}


_FILES: Files = {
    "answers.yaml": {},
    "codes-from-samples.yaml": [
        {"concept": "pain", "codes": [{"system": "snomed", "code": "73211009", "source": "study"}]}
    ],
    "concepts/all.yaml": [
        concept("pain", implies=["trouble"], synonyms=["groin pain"], level="hip", pathway=["S01"]),
        concept("trouble", level="hip"),
        concept(
            "haemoglobin",
            "number",
            unit="g/dL",
            units={"g/dL": 1, "g/L": 0.1},
            ranges={"possible": [1, 28], "plausible": [3, 22], "usual": [12, 18], "usual_source": "study"},
            codes=[{"system": "loinc", "code": "718-7", "source": "study"}],
        ),
        concept("genotype", "choice", choices={"ss": ["hb ss"], "sc": ["hb sc"]}),
    ],
    "drugs/corticosteroids.yaml": [
        {
            "id": "prednisone", "name": "Prednisone",
            "prednisone_equivalence": figure(value=1, interval=None, interval_from=None, unit="mg per mg"),
        }
    ],
    "drugs/exposure.yaml": {"three_months_days": 91, "open_order_believed_days": 365, "note": "judgement"},
    "drugs/routes.yaml": {"oral": {"sources": ["study"]}},
    "substances/substances.yaml": {"ethanol": {"source": "study"}},
    "urgency/all.yaml": [
        {
            "id": "red-flag", "name": "Red flag", "level": "urgent",
            "when": {"all": ["pain", {"fact": "haemoglobin", "below": 8}]},
            "says": "Pain with anaemia.", "action": "See today.", "grade": "low", "sources": ["study"],
        }
    ],
    "prevention/all.yaml": [
        {
            "id": "less", "name": "Less", "when": "pain", "says": "Do less.", "changeable_by_patient": True,
            "priority": 1, "grade": "judgement",
        }
    ],
    "risk/causes.yaml": [{"id": "dose", "name": "Dose", "types": ["t03"], "present": "pain"}],
    "risk/cohorts-all.yaml": [
        {
            "id": "screened", "name": "Screened", "cause": "dose", "when": "pain", "rank": 1, "per": "hip",
            "detection": "mri", "attack": figure(), "onset": "early", "clock": "pain", "sources": ["study"],
        }
    ],
    "risk/effects-all.yaml": [
        {
            "id": "anaemia", "name": "Anaemia", "when": {"fact": "genotype", "is": "ss"},
            "measure": "odds ratio",
            "ratio": figure(value=2, interval=[1.5, 3], interval_from="printed", unit="ratio"),
            "causes": ["dose"],
        }
    ],
    "risk/onset-curves.yaml": [{"id": "early", "points": [[0.0, 0.0], [1.0, 1.0]], "sources": ["study"]}],
    "risk/dose-responses.yaml": [
        {"id": "more", "fact": "haemoglobin", "figure": figure(), "says": "More is more."}
    ],
    "risk/settings.yaml": {
        "horizons_years": [1.0, 5.0],
        "odds_of_mri": {name: figure() for name in ("mri", "radiograph", "ct", "symptomatic", "coded")},
        "hip_share": figure(), "bilateral_share": figure(), "combined_ratio_limit": figure(),
        "established_when": "pain", "no_head_when": "pain", "excluded_when": {"not": "pain"},
        "excluded_since": ["pain"],
    },
    "types/all.yaml": [
        {"id": "t03", "name": "Type", "cause": "dose", "when": "pain", "says": "It is.", "grade": "low",
         "sources": ["study"]}
    ],
    "diagnosis/diagnoses.yaml": [
        {"id": "necrosis", "name": "Necrosis", "says": "It is.", "group": "osteonecrosis",
         "from_risk_engine": True, "sources": ["study"]},
        {"id": "sound", "name": "Sound", "says": "Nothing.", "group": "rest",
         "frequency": {"unknown": "often"}, "painless": "often"},
    ],
    "diagnosis/signs.yaml": [
        {"id": "irritated", "name": "Irritated", "level": "hip", "given": {"necrosis": "often"},
         "otherwise": "rare"}
    ],
    "diagnosis/findings-all.yaml": [
        {"id": "sore", "name": "Sore", "level": "hip", "when": "pain", "sign": "irritated",
         "if_sign": "often", "if_no_sign": "rare"},
        {"id": "anaemic", "name": "Anaemic", "level": "patient", "when": {"fact": "haemoglobin", "below": 8},
         "given": {"necrosis": figure()}, "otherwise": "rare"},
    ],
    "diagnosis/decisions.yaml": [
        {"id": "wait", "name": "Wait", "says": "Wait.", "order": 1, "given": {"necrosis": "bad"},
         "otherwise": "good", "note": "judgement"}
    ],
    "diagnosis/tests.yaml": [
        {"id": "press", "name": "Press", "says": "Press.", "kind": "examination", "reveals": ["sore"],
         "burden": "small", "note": "judgement",
         "bars": [{"when": "trouble", "says": "Gently.", "burden": "small"}]}
    ],
    "screening/rules.yaml": [
        {"id": "deceased", "name": "Has died", "action": "nothing", "of_the_dead": True, "found_when": "pain",
         "says": "Has died.", "does": "Nothing.", "grade": "low", "sources": ["study"]},
        {"id": "nothing", "name": "No reason", "action": "nothing", "when": {"always": True},
         "says": "Nothing.", "does": "Nothing.", "grade": "low", "sources": ["study"]}
    ],
    "diagnosis/timings.yaml": [
        {"id": "soon", "name": "Soon", "test": "press", "when": "pain", "says": "Soon.", "grade": "low",
         "sources": ["study"]}
    ],
    "diagnosis/settings.yaml": {
        "frequencies": {"often": {"value": 0.6, "interval": [0.4, 0.8]},
                        "usual": {"value": 0.9, "interval": [0.8, 0.95]},
                        "never": {"value": 0.001, "interval": [0.0001, 0.01]},
                        "rare": {"value": 0.05, "interval": [0.02, 0.1]}},
        "worths": {"good": {"value": 100, "interval": [90, 100]}, "bad": {"value": 0, "interval": [0, 10]}},
        "burdens": {"none": {"value": 0, "interval": [0, 0]}, "small": {"value": 1, "interval": [0.5, 2]}},
        "age_bands": {"all": [0, 131]}, "pain": "pain", "pain_if_not_recorded": "rare",
        "pain_effect": "anaemia", "setting": "genotype", "settings_of": {"ss": "unknown", "sc": "unknown"},
        "setting_odds": {"unknown": figure(value=2, interval=[1, 4], interval_from="printed", unit="ratio")},
        "least_gain": "small", "applies_when": {"always": True}, "child_when": "pain",
        "child_says": "A child.",
    },
    "forecast/classes.yaml": [
        {"id": "round", "name": "Round", "state": "before collapse", "sources": ["study"], "share": figure()}
    ],
    "forecast/options.yaml": [
        {"id": "drill", "name": "Drill", "treatment": "core_decompression", "states": ["before collapse"],
         "says": "Drill.", "note": "judgement"}
    ],
    "forecast/settings.yaml": {
        "horizons_years": [1.0, 5.0], "step_years": 0.5, "steps": 20, "draws": 100, "worth_telling": 0.02,
        "worth_telling_note": "judgement",
        "ratio_of_replacement": {
            name: figure(value=2, interval=[1.5, 3], interval_from="printed", unit="ratio")
            for name in ("collapsed up to 2 mm", "collapsed beyond 2 mm", "arthritis")
        },
        "stages": [{"system": "staged", "grades": {"one": ["round"], "two": ["round"]}}],
        "unconfirmed": ["round"], "unconfirmed_note": "judgement",
        "narrowed": [{"when": "pain", "classes": ["round"]}],
        "sizes": [
            {"scale": "jic", "name": "Type", "question": "Which?",
             "systems": {"typed": {"a": "A", "b": "B", "c1": "C1", "c2": "C2"}}},
            {"scale": "head-volume-percent", "name": "Share", "fact": "haemoglobin", "question": "How much?",
             "systems": {"staged": {"one": 10, "two": 20}}},
        ],
        "covariates": [
            {"name": "asymptomatic", "says_if_true": "Pain: no", "says_if_false": "Pain: yes",
             "says_if_unknown": "Pain: not known", "when": {"not": "pain"}, "share_if_unknown": figure()},
        ],
        "not_used": [], "not_for": "trouble",
        "not_for_says": "No forecast.", "not_for_plain": "See a doctor.",
    },
    "scores/all.yaml": [
        {
            "id": "small", "name": "Small", "total": "haemoglobin", "low": 0, "high": 7, "better": "higher",
            "licence": "none", "may_compute": True, "sources": ["study"],
            "items": [{"concept": "genotype", "points": {"ss": 0, "sc": 2}}],
            "motion": {"factor": 0.5, "limit": 5, "movements": [
                {"concept": "haemoglobin", "arcs": [{"start": 0, "end": 10, "index": 2}]}]},
            "bands": [{"name": "poor", "start": 0}, {"name": "good", "start": 5}], "bands_source": "study",
        }
    ],
    "staging/settings.yaml": {
        "applies_when": "pain", "not_shown_says": "Not staged.", "bars": [{"when": "trouble", "says": "No."}],
        "readings": [{"when": {"fact": "genotype", "is": "ss"}, "absent": ["pain"], "note": "judgement"}],
        "same_time_days": 31, "note": "judgement",
    },
    "staging/systems-all.yaml": [
        {
            "id": "staged", "name": "Staged", "kind": "stage", "grade": "low", "sources": ["study"],
            "grades": [
                {"id": "one", "name": "I", "says": "It is.", "grade": "low",
                 "when": {"fact": "haemoglobin", "below": 8}},
                {"id": "two", "name": "II", "says": "It is.", "grade": "low", "never_from": ["geno"],
                 "when": {"fact": "haemoglobin", "from": 8}},
            ],
            "borders": [
                {"fact": "haemoglobin", "at": 8, "unit": "g/dL", "below": "one", "above": "two"}
            ],
            "reported": {"fact": "genotype", "means": {"ss": ["one"], "sc": ["two"]}},
        },
        {
            "id": "typed", "name": "Typed", "kind": "type", "grade": "low", "sources": ["study"],
            "grades": [
                {"id": name, "name": name.upper(), "says": "It is.", "grade": "low",
                 "when": {"fact": "haemoglobin", "below": below}}
                for name, below in (("a", 5), ("b", 6), ("c1", 7), ("c2", 8))
            ],
        },
    ],
    "staging/contradictions.yaml": [
        {
            "id": "both", "name": "Both", "grade": "judgement",
            "weaker": {"says": "No pain", "when": {"not": "trouble"}},
            "stronger": {"says": "pain", "when": "pain"},
        }
    ],
    "sources/all.yaml": [source("study")],
    "pathway.yaml": [{"id": "S01", "name": "Deep groin pain", "group": "S"}],
    "safety-statement.yaml": {
        "id": "statement",
        "text": "General information.",
        "short": "Ask a clinician.",
        "plain": "Ask your doctor.",
        "note": "judgement: wording",
    },
    **small_treatments.FILES,
}  # fmt: skip


def files() -> Files:
    """Return a copy that a test may change."""
    return copy.deepcopy(_FILES)


def entry(content: Files, name: str) -> dict[str, Any]:
    """Return the entry with an id, to be changed in place."""
    found = [e for part in content.values() if isinstance(part, list) for e in part if e.get("id") == name]
    assert len(found) == 1
    return dict_of(found[0])


def dict_of(value: Any) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value


def write(content: Files, folder: Path) -> Path:
    """Write the files below ``folder/knowledge`` and return that folder."""
    for name, data in content.items():
        path = folder / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")
    return folder / "knowledge"

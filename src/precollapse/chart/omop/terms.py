"""Fixed ids and words of the OMOP vocabulary that carry structure: sex, comparator, kind of record, status.

These belong to the data model, not to medicine; what a diagnosis or a drug means stands in the knowledge.
"""

from __future__ import annotations

from typing import Literal

from precollapse.chart.model import DoseKind, Side, Status

Wrapper = Literal["past", "absent", "family", "allergy"]

SEX_BY_CONCEPT = {8507: "male", 8532: "female"}
SEX_BY_WORD = {"m": "male", "male": "male", "f": "female", "female": "female"}

COMPARATORS = {4171756: "<", 4171754: "<=", 4172704: ">", 4171755: ">=", 4172703: "="}

DOSE_KINDS: dict[int, DoseKind] = {
    32818: "administration",  # EHR administration record
    38000179: "administration",  # physician administered, as procedure
    38000180: "administration",  # inpatient administration
    43542356: "administration",  # physician administered, from EHR problem list
    43542357: "administration",  # physician administered, from referral
    43542358: "administration",  # physician administered, from EHR observation
    581373: "administration",  # physician administered, from EHR order
    32825: "dispense",  # EHR dispensing record
    32857: "dispense",  # mail order record
    32869: "dispense",  # pharmacy claim
    38000175: "dispense",  # dispensed in pharmacy
    38000176: "dispense",  # dispensed through mail order
    581452: "dispense",  # dispensed in outpatient office
    32830: "statement",  # EHR medication list
    32865: "statement",  # patient self-report
    32862: "statement",  # patient filled survey
    32883: "statement",  # survey
    38000178: "statement",  # medication list entry
    44787730: "statement",  # patient self-reported medication
    32833: "request",  # EHR order
    32837: "request",  # EHR planned dispensing record
    32838: "request",  # EHR prescription
    32839: "request",  # EHR prescription issue record
    38000177: "request",  # prescription written
}

CONDITION_STATUS_BY_CONCEPT: dict[int, Status] = {32899: "provisional", 4033240: "provisional", 32906: "past"}

# Words sought in condition_status, stop_reason and qualifiers.
STATUS_WORDS: dict[str, Status] = {
    "ruled out": "absent",
    "refuted": "absent",
    "excluded": "absent",
    "preliminary": "provisional",
    "provisional": "provisional",
    "differential": "provisional",
    "suspected": "provisional",
    "unconfirmed": "provisional",
    "working diagnosis": "provisional",
    "resolved": "past",
    "inactive": "past",
    "remission": "past",
}
REFUSAL_WORDS = {
    "rule out": "rule-out",
    "rule-out": "rule-out",
    "r/o": "rule-out",
    "entered in error": "entered in error",
    "entered-in-error": "entered in error",
}


def status_in(*texts: str | None) -> Status | None:
    """Return the status that the first of several texts names."""
    return next(
        (status for text in texts if text for word, status in STATUS_WORDS.items() if word in text.lower()),
        None,
    )


def refusal_in(*texts: str | None) -> str | None:
    """Return the reason, of UNREAD_REASONS, for which a text sets its row aside."""
    return next(
        (reason for text in texts if text for word, reason in REFUSAL_WORDS.items() if word in text.lower()),
        None,
    )


# Observations that only frame what stands in their value: "history of" + asthma, "allergy to drug" + aspirin.
WRAPPER_CONCEPTS: dict[int, Wrapper] = {
    4214956: "past",  # history of clinical finding in subject
    1340204: "past",  # history of event
    40481925: "absent",  # no history of clinical finding in subject
    4167217: "family",  # family history of clinical finding
}
WRAPPER_CODES: dict[tuple[str, str], Wrapper] = {
    ("snomed", "417662000"): "past",
    ("snomed", "443508001"): "absent",
    ("snomed", "416471007"): "family",
    ("snomed", "416098002"): "allergy",  # to drug
    ("snomed", "414285001"): "allergy",  # to food
    ("snomed", "419199007"): "allergy",  # to substance
    ("snomed", "419511003"): "allergy",  # propensity to adverse reactions to drug
    ("snomed", "418471000"): "allergy",  # the same to food
}
WRAPPER_NAMES: dict[str, Wrapper] = {
    "history of clinical finding in subject": "past",
    "history of event": "past",
    "no history of clinical finding in subject": "absent",
    "no history of event": "absent",
    "family history of clinical finding": "family",
    "family history with explicit context": "family",
    **dict.fromkeys(
        [
            "allergy to drug",
            "allergy to food",
            "allergy to substance",
            "drug allergy",
            "food allergy",
            "propensity to adverse reactions to drug",
            "propensity to adverse reactions to food",
        ],
        "allergy",
    ),
}

# Answers that stand for themselves when the CONCEPT table is missing; what they say is in answers.yaml.
ANSWERS_BY_CONCEPT = {
    9191: "positive", 45884084: "positive", 9189: "negative", 45878583: "negative", 45884153: "normal",
    45878745: "abnormal", 4181412: "present", 4132135: "absent", 4188539: "yes", 4188540: "no",
}  # fmt: skip

# Modifiers of procedure codes that give a side.
SIDE_MODIFIERS: dict[str, Side] = {"lt": "left", "rt": "right", "50": "both"}

MILLIGRAMS_PER_UNIT_CONCEPT = {8576: 1.0, 9655: 0.001, 8504: 1000.0}
MILLILITRES_PER_UNIT_CONCEPT = {8587: 1.0, 8519: 1000.0}

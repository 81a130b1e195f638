"""Values of a patient's own assessment that an answer or a sentence may hold in braces."""

from __future__ import annotations

# Name in braces -> what stands there. A sentence whose value is not known is left out.
OWN_VALUES = {
    "hip": "the hip it is about: your right hip",
    "other_hip": "the other one: your left hip",
    "standing_words": "where the hip stands, in plain words",
    "risk_today_of_100": "of 100 people like this one, in how many this hip has osteonecrosis today",
    "collapse_2_years_of_100": "of 100 hips like this one, how many collapse within 2 years untreated",
    "collapse_5_years_of_100": "the same within 5 years",
    "replacement_5_years_of_100": "of 100 hips like this one, how many are replaced within 5 years",
    "other_hip_of_100": "of 100 people like this one, in how many the other hip is affected today",
    "next_test": "the test that comes first, in plain words",
    "urgency_words": "how soon to be seen, in plain words",
    "offered_operations": "operations that are offered or worth discussing, as a list",
    "offered_medicines": "medicines that are offered or worth discussing, as a list",
}

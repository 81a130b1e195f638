"""The types of the knowledge about diagnosis: diseases, signs, findings, tests and decisions.

``docs/methods/diagnosis.md`` says how they are put together.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from precollapse.knowledge.model import Entry, Figure, Grade, Level

# A number with its source, or a word of the scale of judgement (``Word``) where nobody has counted.
Cell = Figure | str


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One step of the scale of judgement: what the word stands for, and how far it may be off."""

    value: float
    interval: tuple[float, float]


class Diagnosis(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One possible explanation of a hip; all of them together, with "none of these", make the differential.

    ``frequency`` is the share of painful hips that have it, by setting, at the ages of life in which it is
    most usual; ``painless`` the share of hips without pain. ``ages`` says for each band of age how often it
    occurs compared with the age at which it is most usual; a band that is not named takes ``other_ages``.
    ``women`` is the share of women among those affected, ``bilateral`` the share of those affected who have
    it on both sides. The diagnosis that the risk engine computes has no frequency of its own.
    ``from_risk_engine`` marks it.
    """

    name: str
    says: str
    group: Literal["osteonecrosis", "adult", "child", "rest"]
    from_risk_engine: bool = False
    frequency: dict[str, Cell] = msgspec.field(default_factory=dict)
    painless: Cell | None = None
    ages: dict[str, Cell] = msgspec.field(default_factory=dict)
    other_ages: Cell = "usual"
    women: Cell | None = None
    bilateral: Cell | None = None
    key_test: str | None = None
    red_flag: str | None = None


class Sign(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A state of the body that several findings measure, such as an irritated joint.

    Findings of one sign tell the same thing twice: together they can never say more than the sign itself.
    ``given`` is how often the sign is there in each diagnosis, ``otherwise`` in all that are not named.
    """

    name: str
    level: Level
    given: dict[str, Cell] = msgspec.field(default_factory=dict)
    otherwise: Cell


class Finding(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that can be found, and how often it is found.

    ``when`` says what counts as found; its negation counts as looked for and not found. A finding either
    measures a ``sign`` (``if_sign``, ``if_no_sign``: how often it is found with and without the sign) or
    hangs on the diagnosis itself (``given``, ``otherwise``). It counts only where ``counts_when`` surely
    holds (pain in the groin says nothing more of a hip that does not hurt) and not where ``unless`` surely
    holds. ``absence_in`` names a finding that includes its absence: a normal radiograph has no crescent.
    """

    name: str
    level: Level
    when: Any
    counts_when: Any = None
    unless: Any = None
    absence_in: str | None = None
    sign: str | None = None
    if_sign: Cell | None = None
    if_no_sign: Cell | None = None
    given: dict[str, Cell] = msgspec.field(default_factory=dict)
    otherwise: Cell | None = None


class Decision(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that can be done next, and how good it is for a hip with each diagnosis (``worths``)."""

    name: str
    says: str
    order: int
    given: dict[str, str] = msgspec.field(default_factory=dict)
    otherwise: str


class Bar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What speaks against a test in some patients: it forbids it, or adds to its burden.

    ``unless`` lifts it, but only where it is surely so.
    """

    when: Any
    unless: Any = None
    says: str
    forbids: bool = False
    burden: str | None = None
    sources: tuple[str, ...] = ()
    grade: Grade = "judgement"


class Test(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A test that can be ordered or done, alone or as a bundle of ``parts``.

    ``reveals`` are findings. ``both_hips`` is true when one examination shows both hips. ``burden``, ``cost``
    and ``delay`` are words of the scale of burdens. ``useful_when`` limits a test to hips in which its
    question is alive; ``done_when`` says when its answer is already known.
    """

    name: str
    says: str
    kind: Literal["question", "examination", "laboratory", "imaging", "electrodiagnostics", "procedure"]
    reveals: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    both_hips: bool = False
    burden: str = "none"
    cost: str = "none"
    delay: str = "none"
    radiation_msv: Figure | None = None
    useful_when: Any = None
    done_when: Any = None
    bars: tuple[Bar, ...] = ()


class Timing(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a test should be made for a person at risk, or made ``again`` although it was made already."""

    name: str
    test: str
    when: Any
    says: str
    months: Figure | None = None
    again: bool = False
    grade: Grade


class DiagnosisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The few numbers, words and names of the method itself.

    Attributes
    ----------
    frequencies, worths, burdens
        The scales of judgement: of probabilities, of decisions (0 to 100 points), of burdens (points).
    age_bands
        Name and bounds in completed years (lower included, upper excluded).
    pain
        When a hip hurts.
    pain_if_not_recorded
        How often a hip hurts of which nobody wrote down whether it does.
    pain_effect
        The effect of the risk engine that pain has on the odds of osteonecrosis.
    setting, settings_of
        The fact that names where the patient is seen, and the setting of each of its choices; "unknown"
        otherwise.
    setting_when
        What tells the setting where nobody wrote it down: whose hip was in a scanner has been referred.
    setting_odds
        By how much the odds of osteonecrosis of a painful hip are higher in a setting than the risk
        engine says.
    least_gain
        The word of the scale of burdens that a test must gain net to be proposed.
    applies_when
        Hips of which a differential is made.
    child_when, child_says
        Whose hips belong to paediatric orthopaedics, and what is said then.
    """

    frequencies: dict[str, Word]
    worths: dict[str, Word]
    burdens: dict[str, Word]
    age_bands: dict[str, tuple[float, float]]
    pain: Any
    pain_if_not_recorded: Cell
    pain_effect: str
    setting: str
    settings_of: dict[str, str]
    setting_when: dict[str, Any] = msgspec.field(default_factory=dict)
    setting_odds: dict[str, Figure]
    least_gain: str
    applies_when: Any
    child_when: Any
    child_says: str

"""What an entry of the knowledge looks like: the types every YAML file under ``knowledge/`` is read into.

Nothing clinical is said here. A file that does not fit these types does not load, and the message
names the file, the entry and the field.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Level = Literal["patient", "hip"]
ValueType = Literal["yes_no", "number", "choice", "date"]
Resolution = Literal["latest", "ever", "maximum", "minimum"]
Grade = Literal["high", "moderate", "low", "very low", "judgement"]
UrgencyLevel = Literal["emergency", "urgent", "soon", "routine"]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Common ground of all entries: an id, the pathway items it serves and where it was read."""

    id: str
    pathway: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str | None = None
    draft: bool = False


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One publication, label, guideline or table that was read."""

    id: str
    title: str
    authors: str | None = None
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None
    design: str
    seen: Literal["full text", "abstract", "excerpt", "table", "secondary"]
    reliability: Literal["high", "medium", "low"]
    checked: str
    note: str | None = None


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One number as a leaf: value, interval, unit, population, source, place read, date.

    ``interval`` is 95 % unless ``note`` says otherwise. ``interval_from`` says whether it was printed,
    computed from ``events`` and ``n`` (Wilson for proportions, exact Poisson for rates) or judged.
    """

    value: float
    interval: tuple[float, float] | None = None
    interval_from: Literal["printed", "counts", "judgement"] | None = None
    events: int | None = None
    n: int | None = None
    unit: str
    population: str
    source: str
    where: Literal["abstract", "full text", "table", "excerpt", "secondary"]
    checked: str
    grade: Grade
    note: str | None = None


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One code of a terminology that means the concept.

    ``children`` also takes every longer code that begins with this one (ICD and ATC hierarchies).
    ``side`` and ``choice`` are what the code itself says; ``absent`` marks a code that denies the concept.
    ``implies_value`` gives the number a code stands for.
    """

    system: Literal["icd10cm", "icd10", "icd9cm", "snomed", "loinc", "rxnorm", "atc", "cvx", "ucum", "answer"]
    code: str
    children: bool = False
    side: Literal["left", "right", "both"] | None = None
    choice: str | None = None
    absent: bool = False
    display: str | None = None
    source: str | None = None


class UsualWhen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The usual range of those of whom a condition holds, such as women."""

    when: Any
    usual: tuple[float | None, float | None]
    source: str | None = None


class Ranges(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Three ranges of a number in the concept's unit.

    Outside ``possible`` it is refused, outside ``plausible`` warned about, outside ``usual`` it is what a
    clinician calls abnormal.

    ``usual_when`` gives narrower usual ranges by sex, age and the like; the first that holds counts, and
    ``usual`` spans all of them: it is what can be said while none is known to hold. "Below usual" is then
    defined in one place, and a concept may be derived from it: ``{below_usual: haemoglobin}``.
    """

    possible: tuple[float | None, float | None]
    plausible: tuple[float | None, float | None]
    usual: tuple[float | None, float | None]
    usual_source: str | None = None
    usual_when: tuple[UsualWhen, ...] = ()


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What a value outside its usual range means for a painful hip; without a source it is judgement."""

    below: str | None = None
    above: str | None = None
    source: str | None = None


class UnitRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """How a recorded unit is brought to the concept's own: ``value * factor + offset``."""

    factor: float
    offset: float = 0.0


class CockcroftGault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """(``age_from`` - years) x kg / (``divisor`` x creatinine in mg/dL), times ``female`` in women.

    It is for adults. ``not_when`` holds of those in whom it comes out too high: of them, and of those of whom
    that is not known, it is an upper bound.
    """

    age_from: float
    divisor: float
    female: float
    adult_from: float
    not_when: Any
    source: str


class Concept(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that can be recorded of a patient or of a hip.

    ``units`` maps every accepted unit (UCUM, case-sensitive) to the factor that brings it to ``unit``.
    ``synonyms`` are the words by which free text and display names are recognised; ``synonyms_absent``
    say the opposite ("afebrile"). ``synonyms_in_lists`` mean a medicine only where medicines are listed:
    elsewhere "calcium 2.4 mmol/L" is a result.
    ``implies`` names wider concepts that hold whenever this one does.
    Its absence denies what implies it, unless ``denies_narrower`` is false: what one image does not show
    another may.
    ``derive`` is a condition (see ``conditions.py``) that decides the concept when nobody recorded it.
    An ``event`` happened, or was found, at one time, and its validity counts from then; anything else is
    believed as long after it was last written down. ``zero_when`` is a condition under which a number
    nobody recorded is known to be zero ("never drinks"); ``absent_when`` one under which something nobody
    recorded is known not to be (a man is not pregnant). ``cockcroft_gault`` says how a clearance nobody
    recorded follows from creatinine, age, weight and sex. ``counts`` names the medicines of which it says how
    many different products are in use at the same time.
    ``choices`` maps each allowed choice to the words by which it is recognised.
    """

    name: str
    group: str
    level: Level
    type: ValueType
    includes: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    unit: str | None = None
    units: dict[str, float | UnitRule] = {}
    ranges: Ranges | None = None
    meaning: Meaning | None = None
    choices: dict[str, tuple[str, ...]] = {}
    valid_days: int | None = None
    event: bool = False
    resolve: Resolution = "latest"
    question: str
    explain: str | None = None
    synonyms: tuple[str, ...] = ()
    synonyms_absent: tuple[str, ...] = ()
    synonyms_in_lists: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    implies: tuple[str, ...] = ()
    denies_narrower: bool = True
    derive: Any = None
    zero_when: Any = None
    absent_when: Any = None
    cockcroft_gault: CockcroftGault | None = None
    medicine: bool = False
    counts: tuple[str, ...] = ()


class ExposureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """How the days of corticosteroid exposure are counted; ``note`` says on what that rests."""

    three_months_days: int
    open_order_believed_days: int
    note: str


class Corticosteroid(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A corticosteroid: its names, codes and how many mg of prednisone one mg stands for."""

    name: str
    synonyms: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    prednisone_equivalence: Figure
    never_systemic: bool = False


class UrgencyRule(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reason to be seen at once, urgently or soon. Decided before anything else."""

    name: str
    level: UrgencyLevel
    per: Level = "patient"
    when: Any
    says: str
    action: str
    grade: Grade


class SafetyStatement(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The statement printed on every output; ``plain`` is for patients."""

    text: str
    short: str
    plain: str


class PathwayItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One of the 167 things the product must know."""

    id: str
    name: str
    group: str
    knows: tuple[str, ...] = ()

"""Checks of the study table: do the rows fit together, and does every exclusion follow from what is known.

`problems` lists what must be corrected; the table in the repository has none. `remarks` lists what a
reader should know before trusting a row: its publication could not be identified in full.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations, pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from precollapse.evidence.table.model import Arm, Figure, Study, SurvivalPoint
from precollapse.evidence.table.read import Purpose, StudyTable

ARMS, SURVIVAL, STUDIES, FIGURES = "arms.csv", "survival.csv", "studies", "figures"
PURPOSES: tuple[Purpose, ...] = ("pooling", "forecast")
JIC_TYPES = ("A", "B", "C1", "C2")
# Copies of other people's pages: the address says nothing of who answers for the text.
MIRRORS = ("weglot", "booksci", "vufind", "bohrium", "laibokeji", "wilddata", "paperexplained", "moam.info")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"[1-9]\d{0,7}")
_RELATIVE_TOLERANCE = 0.01  # what is left when a publication rounds to two or three figures


class Problem(NamedTuple):
    """One thing that is wrong: the file, the row, what is wrong and what to do."""

    file: str
    row: str
    text: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}: {self.row}: {self.text}; {self.advice}"


def problems(table: StudyTable) -> list[Problem]:
    """Return everything that must be corrected before the table may be used."""
    checks: tuple[Callable[[StudyTable], Iterator[Problem]], ...] = (
        _arms,
        _links,
        _survival,
        _strata,
        _sums,
        _exclusions,
        _cohorts,
        _studies,
        _figures,
    )
    return [problem for check in checks for problem in check(table)]


def remarks(table: StudyTable) -> list[Problem]:
    """Return the studies whose rows are used though their publication is not fully identified."""
    used = {arm.study for purpose in PURPOSES for arm in table.usable(purpose)}
    return [
        remark
        for name in sorted(used & table.studies.keys())
        for remark in _unidentified(table.studies[name])
    ]


def _unidentified(study: Study) -> Iterator[Problem]:
    if study.bibliography in {"remembered", "not found"}:
        yield Problem(STUDIES, study.id, f"used, but its bibliography is {study.bibliography}", "look it up")
    if study.title is None:
        yield Problem(STUDIES, study.id, "used, but it has no title", "look it up")
    if not (study.doi or study.pmid or study.url):
        yield Problem(STUDIES, study.id, "used, but it has no DOI, PMID or address", "look it up")


def _arms(table: StudyTable) -> Iterator[Problem]:
    for arm in table.arms.values():
        for text, advice in (*_counts(arm), *_numbers(arm), *_words(arm)):
            yield Problem(ARMS, arm.id, text, advice)


def _counts(arm: Arm) -> Iterator[tuple[str, str]]:
    if arm.n is not None and arm.n <= 0:
        yield f"n is {arm.n}, it must be at least 1", "leave it empty when it was not seen"
    if arm.events is not None and arm.n is None:
        yield "events without n", "give n, or leave both empty"
    if arm.events is not None and not 0 <= arm.events <= (arm.n or arm.events):
        yield f"{arm.events} events of {arm.n}", "events lie between 0 and n"
    for name, count, origin in (("n", arm.n, arm.n_from), ("events", arm.events, arm.events_from)):
        if (count is None) != (origin is None):
            yield f"{name} and {name}_from go together", "give both or neither"
    worked_out = arm.note is not None and "worked out" in arm.note
    if worked_out and arm.events_from == "printed" and arm.n_from == "printed":
        yield "the note says the counts are worked out, the columns say printed", "mark them"


def _numbers(arm: Arm) -> Iterator[tuple[str, str]]:
    years = arm.follow_up_years
    if years is not None and not 0 < years < math.inf:
        yield f"follow-up of {years} years", "it must be positive; leave it empty when it was not seen"
    if years is None and arm.follow_up_kind != "unknown":
        yield f"no follow-up, but its kind is {arm.follow_up_kind}", "write unknown"
    low, high = arm.size_low, arm.size_high
    if low is not None and high is not None and not 0 <= low < high:
        yield f"size from {low} to {high}", "the lower bound comes first"


def _words(arm: Arm) -> Iterator[tuple[str, str]]:
    number = arm.id.removeprefix(f"{arm.study}:")
    if not number.isdigit():
        yield f"the row id does not belong to study {arm.study}", "write study:number"
    if arm.good_event != (arm.event == "lesion-reduction"):
        yield f"good_event is {arm.good_event} for {arm.event}", "only a lesion reduction is a good event"
    if arm.size_system == "jic" and arm.size_category != "all":
        types = (arm.size_category or "").split("-")
        if not set(types) <= set(JIC_TYPES):
            yield f"'{arm.size_category}' is no JIC type", f"use {', '.join(JIC_TYPES)}, a range or all"


def _links(table: StudyTable) -> Iterator[Problem]:
    for arm in table.arms.values():
        if arm.study not in table.studies:
            yield Problem(ARMS, arm.id, f"study {arm.study} is not defined", "add it under studies/")
        if arm.treatment not in table.treatments:
            yield Problem(ARMS, arm.id, f"treatment {arm.treatment} is not defined", "see treatments.yaml")
        for name in arm.overlaps:
            if name == arm.id or (name not in table.arms and name not in table.studies):
                yield Problem(ARMS, arm.id, f"overlaps with {name}", "name another row or study that exists")
    for figure in table.figures.values():
        if figure.source not in table.studies:
            yield Problem(
                FIGURES, figure.id, f"source {figure.source} is not defined", "add it under studies/"
            )
        for treatment in (figure.treatment, figure.comparator):
            if treatment is not None and treatment not in table.treatments:
                text = f"treatment {treatment} is not defined"
                yield Problem(FIGURES, figure.id, text, "write it as printed")


def _survival(table: StudyTable) -> Iterator[Problem]:
    for row, points in table.survival_by_row.items():
        for point in points:
            for text in _point(point, table.arms.get(row)):
                yield Problem(SURVIVAL, f"{row} at {point.years:g} years", text, "read the source again")
        for earlier, later in pairwise(points):
            if later.years == earlier.years:
                yield Problem(SURVIVAL, row, f"two points at {later.years:g} years", "keep one")
            if later.survival > earlier.survival:
                yield Problem(SURVIVAL, row, f"survival rises by {later.years:g} years", "correct a point")


def _point(point: SurvivalPoint, arm: Arm | None) -> Iterator[str]:
    if arm is None:
        yield "no arm of this id"
    elif point.n != arm.n:
        yield f"n is {point.n}, the arm has {arm.n}"
    if not 0 < point.years < math.inf:
        yield "the time is not positive"
    if not 0 <= point.survival <= 1:
        yield f"survival {point.survival} is outside 0 to 1"
    if (point.low is None) != (point.high is None):
        yield "only one limit is given"
    elif not 0 <= (point.low or 0) <= point.survival <= (1 if point.high is None else point.high) <= 1:
        yield f"survival {point.survival} with limits {point.low} to {point.high}"


def _strata(table: StudyTable) -> Iterator[Problem]:
    """Check that a stratum is not larger than the whole it names."""
    for arm in table.arms.values():
        wholes = [table.arms[name] for name in arm.overlaps if name in table.arms]
        for whole in wholes:
            if arm.role != "stratum" or whole.role == "stratum" or whole.study != arm.study:
                continue
            if _exceeds(arm.n, whole.n):
                yield Problem(ARMS, arm.id, f"n {arm.n} exceeds {whole.n} of {whole.id}", "correct one")
            if arm.event == whole.event and _exceeds(arm.events, whole.events):
                text = f"{arm.events} events exceed {whole.events} of {whole.id}"
                yield Problem(ARMS, arm.id, text, "correct one")


def _sums(table: StudyTable) -> Iterator[Problem]:
    """Check that the strata of a whole, without those that overlap each other, do not exceed it."""
    for whole in table.arms.values():
        parts = [arm for arm in table.arms.values() if arm.role == "stratum" and whole.id in arm.overlaps]
        for event in {part.event for part in parts}:
            disjoint = table.without_repeats(part for part in parts if part.event == event)
            if whole.role != "stratum" and _exceeds(sum(part.n or 0 for part in disjoint), whole.n):
                yield Problem(ARMS, whole.id, f"its strata of {event} have more hips", "fill in overlaps")
            total = sum(part.events or 0 for part in disjoint)
            if whole.role != "stratum" and event == whole.event and _exceeds(total, whole.events):
                yield Problem(ARMS, whole.id, f"its strata have more events of {event}", "fill in overlaps")


def _exceeds(part: int | None, whole: int | None) -> bool:
    return part is not None and whole is not None and part > whole


def _exclusions(table: StudyTable) -> Iterator[Problem]:
    for arm in table.arms.values():
        curve = arm.id in table.survival_by_row
        for purpose in PURPOSES:
            given = arm.exclude_pooling if purpose == "pooling" else arm.exclude_forecast
            for text in _missing_reasons(arm, purpose, curve, bool(given)):
                yield Problem(ARMS, arm.id, f"{text} but not excluded from {purpose}", "give the reason")
            if "same hips" in given and not arm.overlaps:
                yield Problem(ARMS, arm.id, "excluded for the same hips as nobody", "fill in overlaps")
        pooled = "pooled review row" in arm.exclude_pooling
        if pooled != (arm.role == "pooled review row"):
            yield Problem(ARMS, arm.id, "role and exclusion disagree on a review row", "correct one")


def _missing_reasons(arm: Arm, purpose: Purpose, curve: bool, given: bool) -> Iterator[str]:
    """Yield what ought to exclude the row when no reason is given."""
    if given:
        return
    if arm.events is None and not curve:
        yield "neither events nor survival"
    if purpose == "pooling" and arm.n is None:
        yield "no n"
    if purpose == "forecast" and arm.follow_up_years is None and not curve:
        yield "no follow-up"
    if purpose == "forecast" and arm.unit != "hips":
        yield f"counts {arm.unit}"
    if arm.unit == "joints" and arm.cause == "lupus":
        yield "counts hips and knees"
    if arm.role in {"pooled review row", "reference population"} or arm.good_event:
        yield "a row that answers another question"


def _cohorts(table: StudyTable) -> Iterator[Problem]:
    """Check that two reports of the same hips are not both usable for the same event."""
    cohorts = {study.id: study.cohort for study in table.studies.values() if study.cohort}
    for purpose in PURPOSES:
        usable = [arm for arm in table.usable(purpose) if arm.study in cohorts]
        for one, other in combinations(usable, 2):
            if one.study == other.study or one.event != other.event:
                continue
            if cohorts[one.study] == cohorts[other.study]:
                text = f"same cohort and event as {other.id}, both usable for {purpose}"
                yield Problem(ARMS, one.id, text, "exclude one for the same hips")


def _studies(table: StudyTable) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for study in table.studies.values():
        for text, advice in _study(study):
            yield Problem(STUDIES, study.id, text, advice)
        for key in filter(None, (study.doi and study.doi.lower(), study.pmid)):
            if key in seen:
                yield Problem(STUDIES, study.id, f"{key} is also that of {seen[key]}", "merge the two")
            seen[key] = study.id


def _study(study: Study) -> Iterator[tuple[str, str]]:
    if study.doi is not None and not _DOI.fullmatch(study.doi):
        yield f"'{study.doi}' is no DOI", "a DOI begins with 10. and a number, then a slash"
    if study.pmid is not None and not _PMID.fullmatch(study.pmid):
        yield f"'{study.pmid}' is no PMID", "a PMID has up to eight digits"
    if study.url is not None and (reason := _bad_address(study.url)):
        yield f"{study.url}: {reason}", "give the publisher's address, or none"
    if not _is_day(study.checked):
        yield f"checked on '{study.checked}'", "write YYYY-MM-DD"
    if study.year is not None and not 1950 <= study.year <= 2100:
        yield f"year {study.year}", "correct it"
    if study.follow_up_complete is not None and not 0 < study.follow_up_complete <= 1:
        yield f"follow_up_complete {study.follow_up_complete}", "it is a share from 0 to 1"


def _bad_address(url: str) -> str | None:
    """Return why an address must not be printed, or None."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or "." not in host:
        return "no web address"
    if any(mirror in host for mirror in MIRRORS):
        return "a mirror or proxy"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return "a bare IP number"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _figures(table: StudyTable) -> Iterator[Problem]:
    for figure in table.figures.values():
        for text in _figure(figure):
            yield Problem(FIGURES, figure.id, text, "read the source again")


def _figure(figure: Figure) -> Iterator[str]:
    value, interval = figure.value, figure.interval
    if value is None and interval is None and figure.kind != "words":
        yield "neither value nor interval"
    if interval is not None and not interval[0] <= (interval[0] if value is None else value) <= interval[1]:
        yield f"value {value} outside {interval[0]} to {interval[1]}"
    if figure.unit == "proportion" and value is not None and not -1 <= value <= 1:
        yield f"proportion {value}"
    if figure.unit == "ratio" and value is not None and value <= 0:
        yield f"ratio {value}"
    if _exceeds(figure.events, figure.n):
        yield f"{figure.events} events of {figure.n}"
    elif figure.kind == "proportion" and value is not None and not _share_agrees(value, figure):
        yield f"{figure.events} of {figure.n} is not {value}"


def _share_agrees(value: float, figure: Figure) -> bool:
    """Say whether a printed share is that of the counts; survival after censoring need not be."""
    if figure.events is None or not figure.n or "survival" in figure.quantity:
        return True
    share = figure.events / figure.n
    decimals = len(f"{value!r}".partition(".")[2])
    allowed = max(0.51 * 10.0**-decimals, _RELATIVE_TOLERANCE * value)
    return abs(value - share) <= allowed

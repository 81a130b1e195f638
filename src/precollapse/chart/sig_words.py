"""Cuts the directions of a prescription into words that carry meaning: amounts, frequencies, durations.

English prescriptions with their Latin abbreviations. What the words come to is ``dosage_text``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from precollapse.chart.dates import DAYS_PER_MONTH
from precollapse.chart.dose_step import Amount, amount_of

TokenKind = Literal[
    "amount", "tablet_strength", "concentration", "times_per_day", "day_pattern", "time_of_day", "weekday",
    "single", "duration", "doses", "days_named", "taper", "taper_by", "taper_to", "until_off", "prn", "cap",
    "then", "comma", "and", "alternating", "paren", "directed", "divided", "stop",
]  # fmt: skip
_DAYS_PER = {"d": 1.0, "n": 1.0, "w": 7.0, "m": DAYS_PER_MONTH, "y": 365.25}


@dataclass(frozen=True, slots=True)
class Token:
    """One meaningful word; what ``value`` holds is said beside the function that reads it."""

    kind: TokenKind
    value: Any = None


@dataclass(frozen=True, slots=True)
class TaperBy:
    """``reduce by 5 mg every week``: the reduction and the days between two reductions."""

    amount: Amount
    every_days: int


Reader = Callable[[re.Match[str]], Token | None]

_N = r"(?:\d+(?:\.\d+)?|\.\d+)"
_RANGE = rf"(?P<low>{_N})(?:\s*(?:-|to|or)\s*(?P<high>{_N}))?"
_MASS = r"(?:mg|milligrams?|mgs|grams?|gms?|g|mcg|ug|micrograms?)"
_PIECE = (
    r"(?:tablet\(s\)|tablets?|tab\(s\)|tabs?|capsule\(s\)|capsules?|caps?|pills?|vials?|ampou?les?)(?![a-z])"
)
_FORM = rf"(?:(?:oral|po|dr|er|ec|gastro-resistant|enteric[- ]coated|soluble|dispersible)\s+)*{_PIECE}"
_VOLUME = r"(?:mls?|cc|milli(?:liter|litre)s?|teaspoon(?:ful)?s?|tsp|tablespoons?|tbsp)"
_LOCAL = (
    r"(?:puffs?|sprays?|drops?|gtts?|applications?|actuations?|inhalations?|units?|inches"
    r"|applicator(?:ful)?s?)"
)
_PER_DAY = r"(?P<per_day>\s*(?:/|per|a|each)\s*(?:day|d|24\s*h(?:ours|rs?)?)(?![a-z]))?"
_SPAN = r"(?P<unit>days?|d|nights?|weeks?|wks?|w|months?|mo|years?|yrs?)(?![a-z])"
_DAY_WORDS = r"(?:day|morning|night|evening)"
_SLOWLY = r"(?:\s+(?:the|dose|daily|slowly|gradually|down|it))*"
_AFTER_COUNT = (
    r"(?=\s+(?:po|by mouth|orally|daily|once|twice|every|each|at|in|bid|tid|qid|qd|qod|q\d|with)\b)"
)


def _days(unit: str) -> float:
    return _DAYS_PER[unit[0]]


def _range(match: re.Match[str]) -> tuple[float, float]:
    low = float(match["low"])
    high = float(match["high"] or low)
    return (low, high) if low <= high else (high, low)


def _fixed(kind: TokenKind, value: Any = None) -> Reader:
    token = Token(kind, value)
    return lambda match: token


def _amount(unit: str | None = None) -> Reader:
    """Read a number or range with its unit; ``unit`` is that of numbers that stand alone."""

    def read(match: re.Match[str]) -> Token:
        groups = match.groupdict()
        written = unit or groups["unit"] + groups.get("per", "")
        amount = amount_of(*_range(match), written, per_day=bool(groups.get("per_day")))
        # "5 mg tablets" may be a dose or only the strength of the product; the context decides.
        return Token("tablet_strength" if groups.get("form") else "amount", amount)

    return read


def _counted(match: re.Match[str]) -> Token:
    """Read "2 x 5 mg tablets"."""
    each = float(match["each"])
    return Token("amount", amount_of(each, each, match["unit"]).times(float(match["count"])))


def _concentration(match: re.Match[str]) -> Token | None:
    """Read "15 mg/5 mL", the strength of a liquid, as mg per mL."""
    ml = float(match["ml"] or 1)
    mg = amount_of(float(match["mg"]), float(match["mg"]), match["unit"]).low
    return Token("concentration", mg / ml) if ml > 0 else None


def _interval(match: re.Match[str]) -> Token | None:
    """Read "every N hours" as times a day, and "every N days" as a share of days."""
    low, _ = _range(match)
    if low <= 0:
        return None
    if match["unit"].startswith("h"):
        return Token("times_per_day" if low <= 24 else "day_pattern", 24 / low)
    return Token("day_pattern", 1 / (low * _days(match["unit"])))


def _times(match: re.Match[str]) -> Token:
    """Read "3 times a week"; the higher end of a range, as every range of doses."""
    count = float(match.groupdict().get("high") or match["low"])
    return _per_unit(count, match["unit"])


def _once_twice(match: re.Match[str]) -> Token:
    return _per_unit({"once": 1.0, "twice": 2.0, "thrice": 3.0}[match["word"]], match["unit"])


def _per_unit(count: float, unit: str) -> Token:
    if unit.startswith(("week", "wk", "mon")):
        return Token("day_pattern", count / _days(unit))
    return Token("times_per_day", count)


def _days_named(match: re.Match[str]) -> Token:
    """Read "days 1-5" or "week 2" as first and last day, counted from one."""
    length = round(_days(match["unit"]))
    first = int(match["low"])
    last = max(int(match["high"] or first), first)
    return Token("days_named", ((first - 1) * length + 1, last * length))


def _taper_by(match: re.Match[str]) -> Token | None:
    days = float(match["count"] or 1) * _days(match["span"])
    low = float(match["low"])
    if low <= 0 or days < 1:
        return None
    return Token("taper_by", TaperBy(amount_of(low, low, match["unit"]), round(days)))


# Tried in this order at every word of the text; the first that fits is taken.
_PATTERNS: tuple[tuple[str, Reader], ...] = (
    (r"(?:as|per) (?:directed|instructed|instructions?|protocol|package\w*|pack\w*|(?:taper\w* )?schedule)\b"
     r"|follow (?:the )?(?:package|instructions)|see (?:admin\w* )?instructions|ad lib\b|sliding scale",
     _fixed("directed")),
    (r"(?:(?:as|if|when|where) (?:needed|required|necessary)|prn)\b", _fixed("prn")),
    (r"(?:max(?:imum)?|not to exceed|no more than|do not exceed|not exceeding|nte|up to"
     r"|(?:do not|don't|never) (?:take|give|use) more than)\b", _fixed("cap")),
    (r"until (?:off|finished|stopped|discontinu\w+|gone|done|complete\w*|0)\b|to (?:off|zero"
     r"|0(?!\.))(?:\s*mg)?\b",
     _fixed("until_off")),
    (rf"(?:taper|decreas|reduc|wean|lower|drop|cut)\w*{_SLOWLY}\s*by\s*(?P<low>{_N})"
     rf"\s*(?P<unit>{_MASS}|{_PIECE})"
     rf"\s*(?:/|per|a|each|every|q)?\s*(?P<count>{_N})?\s*-?(?P<span>days?|d|weeks?|wks?|months?"
     rf"|daily|weekly|monthly)\b",
     _taper_by),
    (rf"(?:taper|decreas|reduc|wean|lower)\w*{_SLOWLY}\s*to\s*(?={_N})", _fixed("taper_to")),
    (r"(?:taper|wean)\w*\b|(?:decreas|reduc)(?:ed|ing|e)\b", _fixed("taper")),
    (r"(?:in|into)\s*(?:\d+\s*)?divided(?: doses?)?\b|divided\b", _fixed("divided")),
    (r"(?:on )?(?P<unit>day|week|month)s?\s*#?\s*(?P<low>\d{1,3})\b"
     r"(?:\s*(?:-|to|through|thru|and|&)\s*(?:day|week)?\s*(?P<high>\d{1,3})\b)?(?!\s*(?:mg"
     r"|tab))", _days_named),
    (rf"{_RANGE}\s*(?P<unit>{_MASS})\s*(?:per\s*|(?=/))(?P<per>/?(?:kg|m2))(?:"
     rf"\s*(?:of )?body ?weight)?{_PER_DAY}",
     lambda match: _per_kg(match)),
    (rf"(?P<count>{_N})(?:\s*x\s*|\s+of (?:the )?|\s+)(?P<each>{_N})\s*(?P<unit>{_MASS})"
     rf"\s*{_FORM}", _counted),
    (rf"(?P<count>{_N})\s*x\s*(?P<each>{_N})\s*(?P<unit>{_MASS})(?![a-z/])", _counted),
    (rf"(?P<mg>{_N})\s*(?P<unit>{_MASS})\s*/\s*(?P<ml>{_N})?\s*(?:ml|cc)(?![a-z])", _concentration),
    (rf"{_RANGE}\s*(?P<unit>{_MASS})(?![a-z]){_PER_DAY}(?P<form>\s*{_FORM})?", _amount()),
    (rf"{_RANGE}\s*{_FORM}{_PER_DAY}", _amount("tablet")),
    (rf"{_RANGE}\s*(?P<unit>{_VOLUME})(?![a-z]){_PER_DAY}", _amount()),
    (rf"{_RANGE}\s*(?P<unit>{_LOCAL})(?![a-z])", _amount()),
    (r"an? (?=tab|cap|pill)" + _PIECE, _fixed("amount", amount_of(1, 1, "tablet"))),
    (rf"every ?other ?(?:\b{_DAY_WORDS}|day)|every (?:second|2nd) {_DAY_WORDS}"
     rf"|(?:on )?alternat\w+ (?:days?|mornings?)"
     r"|(?:qod|eod)\b", _fixed("day_pattern", 0.5)),
    (rf"(?:once )?(?:every|each|q)\s*{_RANGE}\s*-?(?P<unit>hours?|hrs?|h|days?|d|weeks?|wks?"
     rf"|months?|mo)(?![a-z])",
     _interval),
    (rf"(?:x\s*)?(?P<low>{_N})(?:\s*(?:-|to|or)\s*(?P<high>{_N}))?\s*(?:times?|x)\s*(?:a|per|each"
     rf"|every|/)?\s*"
     r"(?P<unit>day|daily|d|week(?:ly)?|wk|month(?:ly)?|24 hours)(?![a-z])", _times),
    (r"x\s*(?P<low>\d)\s*/\s*(?P<unit>day|d|week|wk)(?![a-z])", _times),
    (r"(?P<word>once|twice|thrice)(?:-|\s)*(?:a|per|each|every|in)?\s*(?:the\s+)?"
     r"(?P<unit>day|daily|night(?:ly)?|week(?:ly)?|month(?:ly)?|morning|evening)\b", _once_twice),
    (r"(?:bid|bd)\b", _fixed("times_per_day", 2.0)),
    (r"(?:tid|tds)\b", _fixed("times_per_day", 3.0)),
    (r"(?:qid|qds)\b", _fixed("times_per_day", 4.0)),
    (r"(?:qday|qd|od|q24h)\b", _fixed("times_per_day", 1.0)),
    (r"(?:qw|qwk)\b", _fixed("day_pattern", 1 / 7)),
    (r"(?:(?:for|x|over|during|within|at|by|after)\s*)?(?:an? (?:additional|total of) )?"
     rf"(?:(?:the )?(?:next|first|another|total of)\s+)?{_RANGE}\s*(?:more |consecutive )?{_SPAN}",
     lambda match: Token("duration", _range(match)[1] * _days(match["unit"]))),
    (r"(?:for|x)\s*(?P<count>\d+)\s*(?:doses?|times)?(?![\s]*(?:/|mg|tab|cap|ml|a day|per|daily"
     r"|hours?\b|hrs?\b|h\b|[\d.]))"
     r"(?![a-z])", lambda match: Token("doses", int(match["count"]))),
    (r"(?:once|1 time|1 dose|single (?:iv )?(?:dose|injection)|stat|now)\b", _fixed("single")),
    (r"(?:daily|nightly|per day|/day|/d\b|each day|every ?day|a day|each night|every night)(?![a-z])",
     _fixed("times_per_day", 1.0)),
    (r"(?:weekly|per week|a week|/week|every week|each week)\b", _fixed("day_pattern", 1 / 7)),
    (r"(?:monthly|per month|a month|every month)\b", _fixed("day_pattern", 1 / DAYS_PER_MONTH)),
    (r"(?:with|before|after|at) (?:each|every) meal\b", _fixed("times_per_day", 3.0)),
    (r"(?:(?:in|every|each|at|with|before|after|on|during)\s+)*(?:the\s+)?(?:mornings?|breakfast|am"
     r"|qam|mane|om)\b",
     _fixed("time_of_day", "morning")),
    (r"(?:(?:in|every|each|at|with|before|after|on|during)\s+)*(?:the\s+)?(?:noon|midday"
     r"|lunch(?:time)?|afternoon)\b",
     _fixed("time_of_day", "noon")),
    (r"(?:(?:in|every|each|at|with|before|after|on|during)\s+)*(?:the\s+)?(?:evenings?|supper"
     r"|dinner|pm|qpm)\b",
     _fixed("time_of_day", "evening")),
    (r"(?:(?:in|every|each|at|before|on|during)\s+)*(?:the\s+)?(?:bedtime|night|qhs|hs|nocte)\b",
     _fixed("time_of_day", "night")),
    (r"mwf\b", _fixed("weekday", ("mo", "we", "fr"))),
    (r"(?:on |every )?(?P<day>mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?\b",
     lambda match: Token("weekday", (match["day"][:2],))),
    (rf"(?:take|give|sig:?)\s*{_RANGE}{_AFTER_COUNT}", _amount("tablet")),
    (rf"{_RANGE}(?=\s+(?:po|by mouth|orally|bid|tid|qid|qd|qod|daily)\b)", _amount("tablet")),
    (r"alternat\w+ with\b", _fixed("alternating")),
    (r"(?:stop|discontinue|cease|off)\b", _fixed("stop")),
    (r"(?:and )?then\b|followed by|thereafter|afterwards|after that|;|->|→|>", _fixed("then")),
    (r"and\b|plus\b|\+|&", _fixed("and")),
    (r",|\.(?!\d)|:|\|", _fixed("comma")),
    (r"\(|=", _fixed("paren")),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), reader) for pattern, reader in _PATTERNS)
_SKIPPED = re.compile(rf"{_N}|[^\W\d_]+|\s+|.", re.DOTALL)


def _per_kg(match: re.Match[str]) -> Token:
    unit = f"{match['unit']}/{match['per'].lstrip('/')}"
    return Token("amount", amount_of(*_range(match), unit, per_day=bool(match["per_day"])))


_REFUSED = (
    # "1e3", "10/5 mg" and "-20 mg" hold numbers a person must read; their parts alone would be another dose.
    (re.compile(rf"\d\.?e[+-]?\d|\d\.\d+\.\d+\s*{_MASS}|\d\s*/\s*{_N}\s*{_MASS}(?![a-z])|^-\s*\d"),
     "a number in the directions cannot be read"),
    (re.compile(rf"\b(?:not|don't|never)\s+(?:(?:to\s+)?(?:take|give|start|use)\s+)?{_N}\s*(?:{_MASS}|{_PIECE})"),
     "the directions say not to take it"),
)  # fmt: skip


def refused(sig: str) -> str | None:
    """Return why cleaned directions must not be read as a dose, or None."""
    return next((reason for pattern, reason in _REFUSED if pattern.search(sig)), None)


def scan(sig: str) -> Iterator[Token]:
    """Yield the meaningful words of cleaned directions in order; what carries no meaning is passed over."""
    place = 0
    while place < len(sig):
        token, place = _next(sig, place)
        if token is not None:
            yield token


def _next(sig: str, place: int) -> tuple[Token | None, int]:
    if not sig[place].isspace():
        for pattern, reader in _COMPILED:
            match = pattern.match(sig, place)
            if match is not None and match.end() > place:
                return reader(match), match.end()
    skipped = _SKIPPED.match(sig, place)
    return None, skipped.end() if skipped else place + 1

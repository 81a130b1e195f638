"""Groups the words of directions into parts: one amount with what is said about it.

"10 mg twice daily for 5 days then 5 mg daily" has two parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from precollapse.chart.dose_step import Amount
from precollapse.chart.sig_words import TaperBy, Token

_LINKS = {"then", "comma", "and", "paren", "alternating"}


@dataclass
class Part:
    """What is said about one amount; ``link`` is the word that joined it to the part before."""

    link: str = ""
    amount: Amount | None = None
    strength: Amount | None = None
    concentration: float | None = None
    times: float | None = None
    pattern: float | None = None
    times_of_day: set[str] = field(default_factory=set)
    weekdays: set[str] = field(default_factory=set)
    days: float | None = None
    doses: int | None = None
    named: tuple[int, int] | None = None
    single: bool = False
    prn: bool = False
    cap: Amount | None = None
    directed: bool = False
    divided: bool = False
    taper: bool = False
    named_taper: bool = False
    taper_by: TaperBy | None = None
    taper_to: Amount | None = None
    taper_days: float | None = None
    expects: str = ""

    @property
    def timed(self) -> bool:
        """Whether it says how often."""
        return bool(self.times or self.pattern or self.times_of_day or self.weekdays)

    @property
    def lasting(self) -> bool:
        """Whether it says how long."""
        return self.days is not None or self.doses is not None or self.named is not None

    @property
    def dosed(self) -> bool:
        """Whether it says how much."""
        return self.amount is not None or self.strength is not None or self.cap is not None

    @property
    def said(self) -> bool:
        """Whether it says anything of a dose."""
        return self.dosed or self.timed or self.single or self.lasting


def parts_of(tokens: Iterable[Token]) -> list[Part]:
    """Group words into parts: a new part begins with a new amount, or after "then"."""
    part, link = Part(), ""
    parts = [part]
    for token in tokens:
        if token.kind in _LINKS:
            link = link if link == "then" else token.kind
            continue
        if _begins_new(part, token, link):
            part = Part(link)
            parts.append(part)
        if token.kind != "amount" and part.expects:
            _disappoint(part, token)
        _PUT[token.kind](part, token.value)
        link = ""
    _inherit(parts)
    return parts


def _begins_new(part: Part, token: Token, link: str) -> bool:
    if token.kind == "amount":
        if part.expects:
            return link == "then"
        return part.amount is not None and link != "paren"
    if token.kind in {"taper", "taper_by", "taper_to", "until_off", "prn", "cap", "stop", "directed"}:
        return False
    if link == "then":
        return part.said
    if token.kind == "tablet_strength":
        return part.dosed and part.timed and link != "paren"
    if token.kind == "days_named":
        return part.named is not None
    return link == "comma" and token.kind == "times_per_day" and part.timed and part.lasting


def _disappoint(part: Part, token: Token) -> None:
    """Note that "up to" was not followed by an amount: "up to 3 times a day" is still an upper bound."""
    if part.expects == "cap" and token.kind == "times_per_day":
        part.prn = True
    part.expects = ""


def _put_amount(part: Part, amount: Amount) -> None:
    if part.expects == "cap":
        part.cap = amount
    elif part.expects == "taper_to":
        part.taper_to = amount
    elif part.amount is None or part.amount.kind != "mass":
        part.amount = amount  # "2 tablets (10 mg)": what is said in mg needs no strength
    part.expects = ""


def _put_duration(part: Part, days: float) -> None:
    if part.taper or part.taper_by:
        part.taper_days = part.taper_days or days
    elif part.days is None:
        part.days = days


def _put_taper(part: Part, _: None) -> None:
    if part.dosed:
        part.taper = True
    else:
        part.named_taper = True  # "taper: 40 mg for 3 days, ...": the steps follow


def _put_taper_to(part: Part, _: None) -> None:
    part.taper, part.expects = True, "taper_to"


def _put_taper_by(part: Part, taper: TaperBy) -> None:
    part.taper_by, part.expects = taper, "taper_to"


def _put_times_of_day(part: Part, time: str) -> None:
    part.times_of_day.add(time)


def _put_weekdays(part: Part, days: tuple[str, ...]) -> None:
    part.weekdays.update(days)


def _put_cap(part: Part, _: None) -> None:
    part.expects = "cap"


def _first(name: str) -> Callable[[Part, Any], None]:
    def put(part: Part, value: Any) -> None:
        if getattr(part, name) is None:
            setattr(part, name, value)

    return put


def _flag(name: str) -> Callable[[Part, Any], None]:
    def put(part: Part, _: Any) -> None:
        setattr(part, name, True)

    return put


def _nothing(_: Part, __: Any) -> None:
    return


_PUT: dict[str, Callable[[Part, Any], None]] = {
    "amount": _put_amount,
    "tablet_strength": _first("strength"),
    "concentration": _first("concentration"),
    "times_per_day": _first("times"),
    "day_pattern": _first("pattern"),
    "time_of_day": _put_times_of_day,
    "weekday": _put_weekdays,
    "duration": _put_duration,
    "doses": _first("doses"),
    "days_named": _first("named"),
    "single": _flag("single"),
    "prn": _flag("prn"),
    "directed": _flag("directed"),
    "divided": _flag("divided"),
    "cap": _put_cap,
    "taper": _put_taper,
    "taper_to": _put_taper_to,
    "taper_by": _put_taper_by,
    "until_off": _nothing,
    "stop": _nothing,
}


def _inherit(parts: list[Part]) -> None:
    """Give "then once daily" the amount of the part before it, and to all the strength that was said once."""
    before = Part()
    for part in parts:
        if not part.said:
            continue
        part.concentration = part.concentration or before.concentration
        if not part.dosed:
            part.amount = before.amount
        part.strength = part.strength or before.strength
        before = part

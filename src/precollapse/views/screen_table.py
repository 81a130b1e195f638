"""The table of patients inside the report: the most pressing first, as compact JSON that a script shows.

Words that repeat are kept once, because most reasons and facts are said of many patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from precollapse.assessment.nodes import Interval
from precollapse.screen.summary_model import ACTIONS, NOT_RECORDED, NOTHING, URGENCIES
from precollapse.views import numbers
from precollapse.views.wording import clean

MOST_PATIENTS = 5_000
MOST_BYTES = 2_700_000  # leaves room for the rest of a page of at most 3 MB
_LONGEST = 2_000  # letters of one text; the CSV file has them all
_WORDS = 20  # what a list of facts may show of one patient
_HIPS = {"left": "left", "right": "right", "both": "both", "unspecified": "side not recorded"}
# What stands where in a row; screen_report.js has the same list.
FIELDS = (
    "patient",
    "urgencyRank",
    "urgency",
    "actionRank",
    "action",
    "date",
    "sex",
    "age",
    "hip",
    "risk",
    "riskWords",
    "risk1",
    "risk1Words",
    "risk5",
    "risk5Words",
    "cause",
    "specialty",
    "says",
    "reason",
    "facts",
    "unknown",
)
_HORIZONS = ("risk", "risk_1_year", "risk_5_years")
# What < > & and the line separators of JavaScript become, so that no text can end the script it stands in.
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Patients:
    """The rows that are shown, as JSON safe inside a script, and how many they are."""

    data: str
    number: int


def most_pressing(rows: pl.LazyFrame, most: int = MOST_PATIENTS) -> pl.DataFrame:
    """Return the patients whose action is not "nothing", the most pressing first.

    They are ordered by urgency, action and risk; a patient whose action is not recorded is among them, last
    within the urgency. Streams, so that only the rows returned are in memory.
    """
    listed = (pl.col("action").cast(pl.String) != NOTHING).fill_null(True)
    # What decides the order is sorted first, and the long texts are fetched for those chosen only.
    chosen = _ranked(rows.filter(listed)).select(_ORDER)
    names = _first(chosen, most).collect(engine="streaming")["patient"].unique().implode()
    wanted = rows.filter(listed & pl.col("patient").is_in(names, nulls_equal=True))
    return _first(_ranked(wanted), most).drop("risk_known").collect(engine="streaming")


_ORDER = ("rank_urgency", "rank_action", "risk_known", "patient")


def _ranked(rows: pl.LazyFrame) -> pl.LazyFrame:
    risk = pl.col("risk").fill_nan(None).alias("risk_known")
    return rows.with_columns(_rank("urgency", URGENCIES), _rank("action", ACTIONS), risk)


def _first(rows: pl.LazyFrame, most: int) -> pl.LazyFrame:
    return rows.sort(_ORDER, descending=[False, False, True, False], nulls_last=True).head(most)


def _rank(column: str, names: Mapping[str, str]) -> pl.Expr:
    order = {name: place for place, name in enumerate(names)}
    return (
        pl.col(column)
        .replace_strict(order, default=len(order), return_dtype=pl.Int32)
        .alias(f"rank_{column}")
    )


@dataclass
class _Words:
    """Texts that are each kept once; a text is named by its place."""

    places: dict[str, int] = field(default_factory=dict)
    size: int = 0

    def place(self, text: str | None) -> int:
        """Return the place of a text; -1 for one that is unknown."""
        said = "" if text is None else clean(text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")
        if not said:
            return -1
        if said not in self.places:
            self.places[said] = len(self.places)
            self.size += len(_encoded(said)) + 1
        return self.places[said]


def patients(rows: pl.DataFrame, most_bytes: int = MOST_BYTES) -> Patients:
    """Return the patients as JSON: ``words``, and ``rows`` that name them by place.

    Parameters
    ----------
    rows
        What ``most_pressing`` returned.
    most_bytes
        Where to stop, so that the page can be opened and sent.
    """
    words, shown, size = _Words(), [], 0
    for row in rows.iter_rows(named=True):
        one = _encoded(_row(row, words))
        if size + len(one) + words.size > most_bytes:
            break
        size += len(one) + 1
        shown.append(one)
    data = f'{{"words":{_encoded(list(words.places))},"rows":[{",".join(shown)}]}}'
    return Patients(data, len(shown))


def _row(row: Mapping[str, Any], words: _Words) -> list[Any]:
    """Return what the script knows of a patient; in the order of ``FIELDS``."""
    urgency, action, sex, hip = row["urgency"], row["action"], row["sex"], row["hip"]
    age = row["age_years"]
    return [
        clean(row["patient"] or NOT_RECORDED)[:_LONGEST],
        row["rank_urgency"],
        words.place(_name(urgency, URGENCIES)),
        row["rank_action"],
        words.place(_name(action, ACTIONS)),
        words.place(row["action_date"] and row["action_date"].isoformat()),
        words.place(sex),
        None if age is None or age != age else int(age),
        words.place(_name(hip, _HIPS)) if hip else -1,
        *(part for horizon in _HORIZONS for part in _risk(row, horizon, words)),
        words.place(row["cause_name"] or row["cause"]),
        words.place(row["prescriber_specialty"]),
        words.place(row["action_says"]),
        words.place(row["reason"]),
        _places(row["facts"], words),
        _places(row["unknown"], words),
    ]


def _name(value: str | None, names: Mapping[str, str]) -> str:
    return NOT_RECORDED if value is None else names.get(value, value.replace("_", " "))


def _risk(row: Mapping[str, Any], horizon: str, words: _Words) -> tuple[float | None, int]:
    """Return a risk to sort by, and the words to show with their interval."""
    value, low, high = (row[f"{horizon}{part}"] for part in ("", "_low", "_high"))
    if value is None or value != value:
        return None, -1
    interval = "no interval"
    if low is not None and high is not None and low == low and high == high:
        interval = numbers.span(Interval(low=low, high=high))
    return float(f"{value:.4g}"), words.place(f"{numbers.percent(value)} ({interval})")


def _places(texts: Iterable[str | None] | None, words: _Words) -> list[int]:
    given = [one for one in texts or () if one]
    kept = [words.place(one) for one in given[:_WORDS]]
    if len(given) > _WORDS:
        kept.append(words.place(f"{len(given) - _WORDS} more, in the CSV file"))
    return [place for place in kept if place >= 0]


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode().translate(_ESCAPES)

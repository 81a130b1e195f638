"""The report of a screening: self-contained, escaped, accessible, small, and safe with small numbers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from precollapse.screen.summary import summarise
from precollapse.screen.summary_model import CorruptLine
from precollapse.views import screen_report, screen_table
from precollapse.views.screen_report import render_screen_report
from tests.screen import screening_rows
from tests.screen.screening_rows import patients, read

VOID = {"meta", "br", "line", "rect", "circle", "path", "input"}
NASTY = '</script><script>alert("1")</script>\' onload="x" <!-- ]]> \u2028 \u202e'


class Page(HTMLParser):
    """Collects the tags of a page, with the text of each, and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.source = text
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    def inside(self, tag: str) -> list[str]:
        return [text for where, text in self.texts if where == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(text for tag, text in self.texts if tag not in {"style", "script"}).split())

    @property
    def data(self) -> dict[str, Any]:
        (found,) = re.findall(r'id="data">(.*?)</script>', self.source, re.DOTALL)
        loaded: dict[str, Any] = json.loads(found)
        return loaded


def page_of(rows: pl.DataFrame, least_cell: int | None = None, **more: Any) -> Page:
    summary = summarise(rows.lazy(), read=read(rows.height, **more), least_cell=least_cell)
    return Page(render_screen_report(summary, rows.lazy()))


@pytest.fixture(scope="module")
def page() -> Page:
    return page_of(screening_rows.rows(3_000))


def test_the_page_loads_nothing_from_elsewhere(page: Page) -> None:
    assert page.named("link", "img", "iframe", "object", "form") == []
    assert all("src" not in one for one in page.named("script"))
    assert re.findall(r"https?://[^\"' )]*", page.source.replace("http://www.w3.org/2000/svg", "")) == []
    assert all(one["href"] and one["href"].startswith("#") for one in page.named("a"))


def test_links_within_the_page_lead_somewhere(page: Page) -> None:
    names = {attributes.get("id") for _, attributes in page.tags}
    assert {str(one["href"])[1:] for one in page.named("a")} <= names


def test_the_security_policy_allows_the_one_style_and_the_one_script_and_nothing_else(page: Page) -> None:
    (policy,) = (one["content"] for one in page.named("meta") if one.get("http-equiv"))
    style, script = page.inside("style")[0], page.inside("script")[-1]
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}';"
        " base-uri 'none'; form-action 'none'"
    )
    assert "style" not in {name for _, attributes in page.tags for name in attributes}
    assert not {name for _, attributes in page.tags for name in attributes if name.startswith("on")}


def test_the_header_has_the_safety_statement_and_the_versions(page: Page) -> None:
    head = page.text[: page.text.index("What to do first", page.text.index("What was read"))]
    assert "it is not a medical device" in head
    assert re.search(r"assessed as of 2026-03-01\. Software \S+, knowledge \S+\.", head)


def test_what_to_do_comes_before_who_was_found_and_the_table_of_patients(page: Page) -> None:
    order = ["first", "funnel", "risks", "causes", "specialties", "people", "patients", "read"]
    assert [one["id"] for one in page.named("h2")] == order


def test_every_table_has_headers_with_a_scope_and_a_caption(page: Page) -> None:
    assert all(one.get("scope") in {"col", "row"} for one in page.named("th"))
    assert len(page.named("caption")) == len(page.named("table"))


def test_every_picture_says_what_it_shows_or_is_skipped_because_its_cell_does(page: Page) -> None:
    pictures = [one for one in page.named("svg") if one.get("aria-hidden") != "true"]
    assert [one["aria-labelledby"] for one in pictures] == [
        "funnel-title funnel-desc",
        "histogram-title histogram-desc",
    ]
    assert all(
        page.source.count(f'id="{name}"') == 1
        for one in pictures
        for name in str(one["aria-labelledby"]).split()
    )
    (desc,) = [one for one in page.inside("desc") if "With a cause" in one]
    assert "Patients in this result: 3,000." in desc


def test_the_table_has_those_with_an_action_the_most_pressing_first() -> None:
    rows = patients(
        {"patient": "none", "action": "nothing", "urgency": "routine"},
        {"patient": "later", "action": "repeat_mri", "urgency": "soon", "risk": 0.5},
        {"patient": "risky", "action": "mri_now", "urgency": "urgent", "risk": 0.3},
        {"patient": "less risky", "action": "mri_now", "urgency": "urgent", "risk": 0.2},
        {"patient": "unknown risk", "action": "mri_now", "urgency": "urgent"},
        {"patient": "first", "action": "see_doctor", "urgency": "emergency", "risk": 0.01},
        {"patient": "no answer"},
    )
    page = page_of(rows)
    assert [one[0] for one in page.data["rows"]] == [
        "first",
        "risky",
        "less risky",
        "unknown risk",
        "later",
        "no answer",
    ]
    assert 'All patients (6) whose action is not "nothing"' in page.text


def test_a_row_holds_what_the_table_and_its_opened_row_show() -> None:
    given: dict[str, Any] = {
        "patient": "a1",
        "sex": "female",
        "age_years": 41.9,
        "action": "repeat_mri",
        "action_says": "Repeat it.",
        "action_date": screening_rows.AS_OF,
        "urgency": "soon",
        "hip": "unspecified",
        "risk": 0.04,
        "risk_low": 0.01,
        "risk_high": 0.1,
        "cause": "lupus",
        "reason": "Because.",
        "facts": ["one", "two"],
        "unknown": [],
    }
    data = page_of(patients(given)).data
    (row,) = data["rows"]
    words = [
        data["words"][one] if isinstance(one, int) and 0 <= one < len(data["words"]) else one for one in row
    ]
    assert (row[0], row[7], row[9], row[11], row[12]) == ("a1", 41, 0.04, None, -1)
    assert [words[one] for one in (2, 4, 5, 6, 8, 10, 15, 17, 18)] == [
        "Soon",
        "Repeat MRI",
        "2026-03-01",
        "female",
        "side not recorded",
        "4 % (1 to 10 %)",
        "lupus",
        "Repeat it.",
        "Because.",
    ]
    assert ([data["words"][one] for one in row[19]], row[20]) == (["one", "two"], [])


def test_the_script_and_the_rows_agree_on_the_order_of_the_fields() -> None:
    script = Path(screen_report.__file__).with_name("templates").joinpath("screen_report.js").read_text()
    (fields,) = re.findall(r"const FIELDS = \[(.*?)\]", script, re.DOTALL)
    assert re.findall(r'"(\w+)"', fields) == list(screen_table.FIELDS)


def test_text_from_a_record_can_neither_end_the_script_nor_become_markup() -> None:
    columns = (
        "patient",
        "action",
        "cause",
        "cause_name",
        "sex",
        "hip",
        "reason",
        "prescriber_specialty",
        "urgency",
    )
    rows = patients(dict.fromkeys(columns, NASTY) | {"facts": [NASTY], "unknown": [NASTY]})
    page = page_of(rows, corrupt=(CorruptLine(NASTY, 3, NASTY),), corrupt_total=1, unused={NASTY: 2})
    assert [one.get("id") for one in page.named("script")] == ["data", None]
    assert "<script>alert" not in page.source
    assert "onload" not in {name for _, attributes in page.tags for name in attributes}
    assert page.data["rows"][0][0] == '</script><script>alert("1")</script>\' onload="x" <!-- ]]>'
    assert "\u202e" not in page.source


def test_5000_patients_with_long_texts_fit_into_3_megabytes() -> None:
    rows = screening_rows.rows(60_000).with_columns(
        reason=pl.concat_str(pl.col("reason"), pl.col("patient"), pl.lit(" and more" * 8)),
        facts=pl.concat_list(
            *(pl.format("fact {} of patient {}: 12 mg", pl.lit(one), "patient") for one in range(16))
        ),
    )
    page = page_of(rows)
    shown = len(page.data["rows"])
    assert len(page.source.encode()) <= 3_000_000
    assert 2_000 < shown < 5_000
    assert re.search(rf"The {shown:,} most pressing of \d,\d{{3}} patients", page.text)
    assert "The file patients.csv (without it, the folder patients) has everybody" in page.text


def test_one_endless_text_does_not_push_out_all_patients() -> None:
    rows = patients(*[{"action": "mri_now", "reason": "very " * 1_000_000}, {"action": "see_doctor"}])
    assert len(page_of(rows).data["rows"]) == 2


def test_ordinary_texts_leave_room_for_all_5000_patients() -> None:
    page = page_of(screening_rows.rows(60_000))
    assert len(page.data["rows"]) == 5_000
    assert len(page.source.encode()) < 3_000_000


def test_a_screening_of_nobody_gives_a_page_that_says_so() -> None:
    page = page_of(screening_rows.rows(0))
    assert 'No patient has an action other than "nothing".' in page.text
    assert page.named("script") == [{"type": "application/json", "id": "data"}] or not page.named("script")


def test_with_small_numbers_hidden_there_is_no_table_of_patients_and_no_id_of_one() -> None:
    rows = screening_rows.rows(300).with_columns(pl.format("id-{}", "patient").alias("patient"))
    page = page_of(rows, least_cell=5)
    assert page.named("script") == []
    assert "id-0" not in page.source
    assert "patients" not in {one.get("id") for one in page.named("h2")}
    assert "Numbers of patients from 1 to 4 are shown as <5." in page.text


def test_with_small_numbers_hidden_the_rows_are_not_even_read() -> None:
    rows = screening_rows.rows(300)
    summary = summarise(rows.lazy(), read=read(300), least_cell=5)
    assert render_screen_report(summary, pl.LazyFrame()) == render_screen_report(summary, rows.lazy())


def test_a_hidden_number_is_drawn_with_a_length_that_says_nothing() -> None:
    rows = patients(*({"risk": one} for one in [1e-3] * 500 + [0.03] * 2 + [0.3] * 40))
    page = page_of(rows, least_cell=5)
    stubs = [one["width"] for one in page.named("rect") if one.get("class") == "hidden"]
    assert stubs == ["36", "36"]
    assert "2 to 5 %: <5, hidden with an action." in page.source.replace("&lt;", "<")


def test_what_was_read_and_what_was_not_names_the_lines() -> None:
    page = page_of(screening_rows.rows(20), corrupt_total=250)
    section = page.text[page.text.rindex("What was read and what was not") :]
    assert "Observation.3.ndjson 18,211 not JSON: ends inside a string" in section
    assert "The first 2 of 250." in section
    assert "Claim 1,200,000 ExplanationOfBenefit 900,000" in section
    assert "Files skipped, unchanged since an earlier run 3" in section


def test_the_same_rows_give_the_same_page() -> None:
    rows = screening_rows.rows(500)
    assert page_of(rows).source == page_of(rows.sample(fraction=1, shuffle=True, seed=3)).source


def _luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(2 * one for one in colour[1:])
    parts = [int(full[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_words_and_bars_stand_out_from_their_ground(page: Page, scheme: int) -> None:
    (style,) = page.inside("style")
    colours = dict(re.findall(r"--(\w+): (#\w+);", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]))
    for ground in ("ground", "panel"):
        for words in ("ink", "soft", "link", "red", "amber", "green"):
            assert _contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
        for marks in ("bar", "edge"):
            assert _contrast(colours[marks], colours[ground]) >= 3, (marks, ground)

"""The table of patients in a browser: sorting, filtering, turning pages, opening rows, also by keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from precollapse.screen.summary import summarise
from precollapse.views.screen_report import render_screen_report
from tests.screen import screening_rows
from tests.screen.screening_rows import patients, read

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
NASTY = '<script>document.title="broken"</script>" & \'x\''
ROWS: tuple[dict[str, Any], ...] = (
    {
        "patient": "p10",
        "action": "mri_now",
        "urgency": "urgent",
        "risk": 0.2,
        "cause_name": "Lupus",
        "age_years": 30,
    },
    {"patient": "p9", "action": "see_doctor", "urgency": "emergency", "risk": 0.001, "facts": ["night pain"]},
    {
        "patient": "p1",
        "action": "repeat_mri",
        "urgency": "soon",
        "action_date": date(2026, 5, 1),
        "age_years": 70,
    },
    {"patient": NASTY, "action": "repeat_mri", "urgency": "soon", "risk": 0.5, "cause_name": "Alcohol"},
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def opened(browser: Any, folder: Path, rows: Any, width: int = 1300) -> Any:
    """Open the report; whatever the browser complains of or asks for ends up in ``complaints``."""
    summary = summarise(rows.lazy(), read=read(rows.height), least_cell=None)
    path = folder / "report.html"
    path.write_text(render_screen_report(summary, rows.lazy()), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda one: page.complaints.append(one.url) if one.url != path.as_uri() else None)
    page.goto(path.as_uri())
    return page


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    page = opened(browser, tmp_path, patients(*ROWS))
    yield page
    assert page.complaints == []
    page.close()


def shown(page: Any) -> list[str]:
    names: list[str] = page.locator("#rows button.open").all_inner_texts()
    return names


def sorted_by(page: Any) -> dict[str, str]:
    heads = page.locator("#columns th")
    found = {
        heads.nth(place).inner_text(): heads.nth(place).get_attribute("aria-sort") for place in range(11)
    }
    return {name: direction for name, direction in found.items() if direction != "none"}


def head(page: Any, name: str) -> Any:
    return page.locator("#columns button", has_text=name)


def test_the_most_pressing_patient_stands_first(page: Any) -> None:
    assert shown(page) == ["p9", "p10", NASTY, "p1"]
    assert sorted_by(page) == {"Urgency": "ascending"}
    assert page.locator("#shown").inner_text() == "Patients 1 to 4 of 4."


def test_a_click_sorts_and_a_second_one_turns_the_order_round(page: Any) -> None:
    head(page, "Patient").click()
    assert shown(page) == [NASTY, "p1", "p9", "p10"]
    assert sorted_by(page) == {"Patient": "ascending"}
    head(page, "Patient").click()
    assert shown(page) == ["p10", "p9", "p1", NASTY]
    assert sorted_by(page) == {"Patient": "descending"}


def test_the_keyboard_sorts_too(page: Any) -> None:
    head(page, "Risk today").focus()
    page.keyboard.press("Enter")
    assert shown(page) == [NASTY, "p10", "p9", "p1"]
    page.keyboard.press("Space")
    assert sorted_by(page) == {"Risk today": "ascending"}


def test_what_is_unknown_stays_last_in_either_order(page: Any) -> None:
    for _ in range(2):
        head(page, "Risk today").click()
        assert shown(page)[-1] == "p1"
        head(page, "Age").click()
        assert set(shown(page)[2:]) == {"p9", NASTY}


def test_every_column_can_be_sorted_by(page: Any) -> None:
    names = page.locator("#columns button").all_inner_texts()
    assert len(names) == 11
    for name in names:
        head(page, name).click()
        assert list(sorted_by(page)) == [name]
        assert sorted(shown(page)) == sorted(["p9", "p10", NASTY, "p1"])


def test_filters_narrow_the_table_and_show_all_undoes_them(page: Any) -> None:
    page.select_option("#filter-action", label="Repeat MRI (2)")
    assert shown(page) == [NASTY, "p1"]
    page.select_option("#filter-cause", label="Alcohol (1)")
    assert shown(page) == [NASTY]
    page.select_option("#filter-urgency", label="Emergency (1)")
    assert page.locator("#shown").inner_text() == "No patient matches. Change the filters or show all."
    page.click("#filter-none")
    assert len(shown(page)) == 4


def test_words_are_looked_for_in_all_that_is_said_of_a_patient(page: Any) -> None:
    page.fill("#filter-words", "PAIN night")
    assert shown(page) == ["p9"]
    page.fill("#filter-words", "2026-05")
    assert shown(page) == ["p1"]


def test_a_row_opens_and_closes_with_its_reason_facts_and_unknowns(page: Any) -> None:
    button = page.locator("#rows button.open").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert page.locator(f"#{button.get_attribute('aria-controls')}").inner_text().count("night pain") == 1
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "false"
    assert page.locator("tr.more").count() == 0
    page.click("#open-all")
    assert page.locator("tr.more").count() == 4


def test_an_id_with_markup_is_shown_as_it_is(page: Any) -> None:
    assert NASTY in shown(page)
    assert page.title().startswith("precollapse")
    assert page.locator("#rows script").count() == 0


def test_a_long_table_is_turned_page_by_page(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, screening_rows.rows(60_000))
    assert page.locator("#page").inner_text() == "Page 1 of 200"
    assert page.locator("#page-before").is_disabled()
    first = shown(page)
    page.click("#page-after")
    assert page.locator("#shown").inner_text() == "Patients 26 to 50 of 5,000."
    assert not set(first) & set(shown(page))
    page.select_option("#page-size", "500")
    assert len(shown(page)) == 500
    head(page, "Cause").click()
    assert page.locator("#page").inner_text() == "Page 1 of 10"
    assert page.complaints == []
    page.close()


@pytest.mark.parametrize("width", [320, 400, 1200])
def test_the_page_never_needs_scrolling_sideways(browser: Any, tmp_path: Path, width: int) -> None:
    page = opened(browser, tmp_path, screening_rows.rows(3_000), width)
    page.click("#open-all")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_on_paper_there_are_no_controls(browser: Any, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, patients(*ROWS))
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    assert not page.locator("nav").is_visible()
    assert len(shown(page)) == 4
    page.close()

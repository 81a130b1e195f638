"""The page: complete, self-contained, escaped, readable without seeing the pictures."""

from __future__ import annotations

from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given, settings

from precollapse.assessment.model import Assessment, Hips
from precollapse.views.html import render_html
from tests.views import documents, factory

VOID = {"meta", "br", "line", "rect", "circle", "link", "img"}


class Page(HTMLParser):
    """Collects the tags of a page and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
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
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_html(factory.full()))


def test_the_page_loads_nothing_and_runs_nothing(page: Page) -> None:
    assert page.named("script", "link", "img", "iframe", "object", "form") == []
    assert "url(" not in render_html(factory.full())
    assert all(not name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_the_only_links_lead_to_sources(page: Page) -> None:
    links = {link["href"] for link in page.named("a")}
    assert links == {
        "#source1",
        "#source2",
        "https://doi.org/10.1000/a",
        "https://pubmed.ncbi.nlm.nih.gov/123/",
    }


def test_a_source_cannot_smuggle_in_a_script() -> None:
    source = msgspec.structs.replace(
        factory.full().sources[0], doi=None, pmid=None, url="javascript:alert(1)"
    )
    assert "javascript:" not in render_html(factory.full(sources=(source,)))


def test_the_page_says_its_language_and_has_one_main_heading(page: Page) -> None:
    assert page.named("html") == [{"lang": "en"}]
    headings = [tag for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4"}]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert headings[1] == "h2"


def test_urgency_is_read_before_any_probability(page: Page) -> None:
    assert page.text.index("Urgency soon") < page.text.index(" % ")


def test_every_picture_is_also_told_in_words(page: Page) -> None:
    pictures = page.named("svg")
    assert len(pictures) == 3
    identifiers = {attributes.get("id") for _, attributes in page.tags}
    for picture in pictures:
        assert picture["role"] == "img"
        assert set(str(picture["aria-labelledby"]).split()) <= identifiers


def test_identifiers_are_unique(page: Page) -> None:
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_the_page_holds_the_safety_statement_and_all_versions() -> None:
    for assessment in (factory.full(), factory.empty()):
        text = Page(render_html(assessment)).text
        assert factory.SAFETY in text
        assert "software 0.1.0, knowledge abcdef123456, document 1, as of 2026-11-22" in text


def test_a_patient_of_whom_nothing_is_known_gets_no_percentage_and_no_picture() -> None:
    page = Page(render_html(factory.empty()))
    assert "%" not in page.text
    assert page.named("svg") == []


def test_markup_in_a_record_is_shown_as_text() -> None:
    patient = msgspec.structs.replace(
        factory.full().patient, key="<b>bold</b>", record='"><script>x</script>'
    )
    page = Page(render_html(factory.full(patient=patient)))
    assert page.named("script", "b") == []
    assert "<b>bold</b>" in page.text


def test_hips_that_do_not_differ_are_shown_once() -> None:
    hip = factory.hip()
    assert "Both hips" in Page(render_html(factory.full(hips=Hips(left=hip, right=hip)))).text


@settings(max_examples=15, deadline=None)
@given(documents.assessments())
def test_any_assessment_becomes_a_well_formed_page(assessment: Assessment) -> None:
    page = Page(render_html(assessment))
    assert page.named("script") == []
    assert f"Urgency: {assessment.urgency.level}" in page.text

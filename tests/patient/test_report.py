"""Papers for clinicians: two pages whatever the case, and a letter that says what it does not know."""

from __future__ import annotations

import pytest

from precollapse.errors import PrecollapseError
from precollapse.views import pdf
from precollapse.views.report.content import report_of
from precollapse.views.report.letter import UNSIGNED, letter_of, letter_pdf, letter_text
from precollapse.views.report.render import report_pdf
from tests.patient.everybody import PATHS, assessment
from tests.views.factory import empty, full


def _pages(template: str, content: object) -> int:
    import msgspec
    import typst

    drawn = typst.compile(
        str(pdf.TEMPLATES / template),
        root=str(pdf.TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"content": msgspec.json.encode(content).decode()},
        format="svg",
    )
    return len(drawn) if isinstance(drawn, list) else 1


@pytest.mark.parametrize("name", sorted(PATHS))
def test_the_report_has_two_pages_and_figures_whatever_the_case(name: str) -> None:
    content = report_of(assessment(name))
    assert _pages("report.typ", content) == 2
    assert all("<svg" in column.svg for column in content.hips)


@pytest.mark.parametrize("name", sorted(PATHS)[::8])
def test_the_report_is_the_same_bytes_twice(name: str) -> None:
    assert report_pdf(assessment(name)) == report_pdf(assessment(name))


def test_the_report_names_what_did_not_fit() -> None:
    content = report_of(assessment("lupus-prednisolone"))
    assert "more lines of the plan" in content.left_out


def test_the_report_is_made_of_any_document() -> None:
    for document in (full(), empty()):
        assert report_pdf(document).startswith(b"%PDF")
        assert letter_pdf(document).startswith(b"%PDF")


@pytest.mark.parametrize("name", sorted(PATHS))
def test_the_letter_asks_says_what_is_unknown_and_waits_for_a_signature(name: str) -> None:
    letter = letter_of(assessment(name))
    text = letter_text(assessment(name)).decode()
    assert letter.urgency == assessment(name).urgency.level
    assert UNSIGNED.split(";")[0] in " ".join(text.split())
    assert " ".join(letter.safety_statement.split())[:60] in " ".join(text.split())
    assert [one.title for one in letter.paragraphs if one.title in {"Hips", "Not known"}] == [
        "Hips",
        "Not known",
    ]
    assert all(len(line) <= 80 for line in text.splitlines())


def test_without_typst_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PrecollapseError, match=r"pip install 'precollapse\[pdf\]'"):
        report_pdf(full())

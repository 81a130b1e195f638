"""What a consultation needs besides the assessment: options, plan, handout, answers, report, letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from precollapse.assessment.model import Assessment
from precollapse.cli.assess import assessed
from precollapse.cli.output import View, deliver
from precollapse.cli.records import UNUSABLE
from precollapse.errors import PrecollapseError


def options(file: str, treatment: str | None, *, view: str, as_of: date | None) -> int:
    """Show every treatment, or argue one."""
    from precollapse.views.text_options import options_json, options_text

    shown = options_json if view == "json" else options_text
    return _deliver([file], View("txt", lambda one: shown(one, treatment)), None, as_of)


def plan(files: Sequence[str], *, view: str, output: Path | None, as_of: date | None) -> int:
    """Show the plan, or write it as FHIR CarePlan or calendar."""
    from precollapse.views import plan_files

    views: dict[str, Callable[[Assessment], bytes]] = {
        "text": plan_files.plan_text,
        "json": plan_files.plan_json,
        "fhir": plan_files.care_plan,
        "ics": plan_files.calendar,
    }
    ending = {"text": "txt", "json": "json", "fhir": "json", "ics": "ics"}[view]
    return _deliver(files, View(ending, views[view]), output, as_of)


def handout(files: Sequence[str], *, view: str | None, output: Path | None, as_of: date | None) -> int:
    """Write the handout for the patient."""
    from precollapse.knowledge.load import load
    from precollapse.views.handout.content import handout_of
    from precollapse.views.handout.render import handout_html, handout_pdf

    knowledge = load()
    if _kind(view, output) == "pdf":
        return _deliver(
            files, View("pdf", lambda one: handout_pdf(handout_of(one, knowledge))), output, as_of
        )
    page = View("html", lambda one: handout_html(handout_of(one, knowledge)).encode())
    return _deliver(files, page, output, as_of)


def report(files: Sequence[str], *, output: Path, as_of: date | None) -> int:
    """Write the two pages for clinicians."""
    from precollapse.views.report.render import report_pdf

    return _deliver(files, View("pdf", report_pdf), output, as_of)


def letter(files: Sequence[str], *, view: str | None, output: Path | None, as_of: date | None) -> int:
    """Write the referral letter."""
    from precollapse.views.report.letter import letter_pdf, letter_text

    if _kind(view or ("text" if output is None else None), output) == "pdf":
        return _deliver(files, View("pdf", letter_pdf), output, as_of)
    return _deliver(files, View("txt", letter_text), output, as_of)


def ask(file: str, question: str, *, view: str, as_of: date | None) -> int:
    """Answer a question from the patient's own assessment and the knowledge."""
    from precollapse.knowledge.load import load
    from precollapse.views.ask import answer_json, answer_text

    knowledge = load()
    shown = answer_json if view == "json" else answer_text
    return _deliver([file], View("txt", lambda one: shown(one, knowledge, question)), None, as_of)


def _kind(view: str | None, output: Path | None) -> str:
    """Return the kind of document: what was asked for, else what the name of the file says."""
    named = output.suffix.lower().lstrip(".") if output is not None else ""
    if view is None and named not in {"", "html", "htm", "pdf", "txt"}:
        raise PrecollapseError(f"{output}: the name ends in .{named}: choose .html or .pdf, or give --format")
    return view or ("pdf" if named == "pdf" else "html")


def _deliver(files: Sequence[str], view: View, output: Path | None, as_of: date | None) -> int:
    work = assessed(files, as_of)
    if not work.done:
        return UNUSABLE
    return work.status if deliver(work.done, view, output, several=len(files) > 1) else UNUSABLE

"""The two pages as PDF."""

from __future__ import annotations

from precollapse.assessment.model import Assessment
from precollapse.views.pdf import render_pdf
from precollapse.views.report.content import report_of


def report_pdf(assessment: Assessment) -> bytes:
    """Return the report of one patient; see ``precollapse.views.pdf`` for errors."""
    return render_pdf("report.typ", report_of(assessment), assessment.as_of)

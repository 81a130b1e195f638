"""A referral letter to complete and sign: why, how urgent, what is asked for, what is known and not known."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from precollapse.assessment.model import Assessment
from precollapse.views import numbers, wording, wording_forecast
from precollapse.views import wording_treatments as words
from precollapse.views.layout import Line, bullet, to_text
from precollapse.views.pdf import render_pdf

REASONS, FINDINGS, EXPOSURES, OPTIONS, UNKNOWN = 3, 8, 6, 6, 8
ASKED = {
    "emergency": "Please see this patient at once, in an emergency department.",
    "urgent": "Please see this patient urgently.",
    "soon": "Please see this patient soon.",
    "routine": "Please see this patient at your next convenience.",
}
UNSIGNED = "Draft made from the record; to be checked, completed and signed by the referring clinician."


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with sentences or a list under it."""

    title: str
    lines: tuple[str, ...]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """The letter."""

    title: str
    patient: str
    as_of: str
    versions: str
    urgency: str
    asked: str
    paragraphs: tuple[Paragraph, ...]
    unsigned: str
    safety_statement: str


def letter_of(assessment: Assessment) -> Letter:
    """Return the letter about one patient."""
    versions = assessment.versions
    shown = (Paragraph(title=title, lines=tuple(lines)) for title, lines in _paragraphs(assessment))
    return Letter(
        title="Referral: suspected or known osteonecrosis of the hip",
        patient=f"{assessment.patient.key} · {wording.patient(assessment.patient, assessment.as_of)}",
        as_of=assessment.as_of,
        versions=f"precollapse: software {versions.software}, knowledge {versions.knowledge}",
        urgency=assessment.urgency.level,
        asked=_asked(assessment),
        paragraphs=tuple(one for one in shown if one.lines),
        unsigned=UNSIGNED,
        safety_statement=assessment.safety_statement,
    )


def _asked(assessment: Assessment) -> str:
    test = wording.first_test(assessment)
    return f"{ASKED[assessment.urgency.level]}{f' Asked for: {test}.' if test else ''}"


def _paragraphs(assessment: Assessment) -> Iterator[tuple[str, list[str]]]:
    yield "Reason", [f"{one.says} {one.action}" for one in assessment.urgency.reasons[:REASONS]]
    yield (
        "Hips",
        [f"{side.heading}: {wording_forecast.in_short(side.hip)}" for side in wording.hips(assessment)],
    )
    yield "Findings", _findings(assessment)
    today = assessment.risk.mri_today
    hips = (assessment.hips.left, assessment.hips.right)
    causes = [one.name for hip in hips for one in hip.risk.causes if one.state == "present"]
    yield (
        "Risk",
        [
            f"Osteonecrosis of either hip today {numbers.estimate(today)}.",
            *([f"Causes: {', '.join(dict.fromkeys(causes))}."] if causes else []),
            *(wording.brief(one) for one in assessment.risk.exposure[:EXPOSURES]),
        ],
    )
    yield "Options to discuss", _options(assessment)
    unknown = list(dict.fromkeys(one.name for one in assessment.unknown))
    yield "Not known", [", ".join(unknown[:UNKNOWN])] if unknown else []


def _findings(assessment: Assessment) -> list[str]:
    found = []
    for name in ("left", "right"):
        facts = getattr(assessment.hips, name).findings[:FINDINGS]
        if facts:
            found.append(f"{name.capitalize()}: {'; '.join(wording.brief(fact) for fact in facts)}.")
    return found


def _options(assessment: Assessment) -> list[str]:
    """Return operations and medicines by their state, operations first."""
    found = []
    for title, group in words.by_state(assessment):
        shown = [one for one in group if one.option.kind not in {"non-drug", "supplement"}]
        first = sorted(shown, key=lambda one: one.option.kind != "operation")[:OPTIONS]
        if first:
            found.append(f"{title}: {', '.join(words.name(one) for one in first)}")
    return found


def letter_pdf(assessment: Assessment) -> bytes:
    """Return the letter as PDF; see ``precollapse.views.pdf`` for errors."""
    return render_pdf("letter.typ", letter_of(assessment), assessment.as_of)


def letter_text(assessment: Assessment) -> bytes:
    """Return the letter as text."""
    letter = letter_of(assessment)
    lines = [
        Line(letter.title, style="bold"),
        Line(f"Patient {letter.patient}"),
        Line(""),
        Line(letter.asked),
    ]
    for paragraph in letter.paragraphs:
        lines += [Line(""), Line(paragraph.title), *(bullet(line) for line in paragraph.lines)]
    signed = [
        Line(""),
        Line(letter.unsigned),
        Line("Name, date, signature: ______________________________"),
        Line(""),
    ]
    return to_text([*lines, *signed, Line(letter.safety_statement), Line(letter.versions)]).encode()

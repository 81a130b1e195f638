"""Treatments for the terminal and as data: all of them, or one argued in full."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from precollapse.assessment.model import Assessment
from precollapse.assessment.option_nodes import ArgumentAgainst, Option
from precollapse.errors import PrecollapseError
from precollapse.views import wording
from precollapse.views import wording_treatments as words
from precollapse.views.layout import Line, bullet, heading, to_text
from precollapse.views.text import foot_lines, source_lines
from precollapse.views.text_treatments import treatments_lines
from precollapse.views.wording import SourceNumbers


def options_text(assessment: Assessment, treatment: str | None) -> bytes:
    """Return every treatment, or one argued in full."""
    cite = SourceNumbers(assessment.sources)
    lines = [Line(wording.patient(assessment.patient, assessment.as_of), style="bold")]
    if treatment is None:
        lines += treatments_lines(assessment, cite)
    else:
        for one in _named(assessment, treatment):
            lines += _argued(one, assessment, cite)
    return to_text([*lines, *source_lines(assessment, cite), *foot_lines(assessment)]).encode()


def options_json(assessment: Assessment, treatment: str | None) -> bytes:
    """Return the treatments part of the document, or one treatment on each hip."""
    shown = assessment.treatments if treatment is None else _named(assessment, treatment)
    return msgspec.json.format(msgspec.json.encode(shown), indent=2) + b"\n"


def _named(assessment: Assessment, treatment: str) -> list[Option]:
    wanted = treatment.casefold()
    found = [
        one for one in assessment.treatments.options if wanted in {one.id.casefold(), one.name.casefold()}
    ]
    if not found:
        known = ", ".join(dict.fromkeys(one.id for one in assessment.treatments.options)) or "none"
        raise PrecollapseError(f"{treatment} is not considered for this patient; considered are: {known}")
    return found


def _argued(one: Option, assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    shown = words.Shown(one, (one.side,) if one.side else ())
    yield from heading(f"{words.name(shown)}: {one.state}")
    yield Line(one.decided_by, indent=2)
    yield Line(f"{one.says} Goal: {wording.sentence(one.goal)}", indent=2)
    yield Line(words.standing(one), indent=2, style="dim")
    expected = words.expected(one, assessment)
    if expected:
        yield Line(f"Expected: {expected}", indent=2)
    for reason in one.speaks_for:
        yield bullet(f"{reason.says} (grade {reason.grade}) {cite(*reason.sources)}".rstrip(), mark="+")
    for against in one.speaks_against:
        yield from _against(against, cite)
    for point in one.open_points:
        need = "must hold" if point.must == "hold" else "rule out"
        yield bullet(f"{need}: {point.what}{' (look up or measure)' if point.measured else ''}", mark="?")
    yield from _given(one, cite)
    yield from _known(one, cite)


def _against(one: ArgumentAgainst, cite: SourceNumbers) -> Iterator[Line]:
    unsure = "; source of low reliability, confirm" if one.unsure else ""
    yield bullet(
        f"{one.effect}: {one.says} (grade {one.grade}{unsure}) {cite(*one.sources)}".rstrip(), mark="-"
    )
    if one.facts:
        yield Line(f"Because: {'; '.join(map(wording.brief, one.facts))}", indent=4, style="dim")


def _given(one: Option, cite: SourceNumbers) -> Iterator[Line]:
    if one.prescription is not None or one.dosing or one.monitoring:
        yield Line("How it is given", indent=2, style="bold")
    how = one.prescription
    if how is not None:
        said = (how.what, how.how_often, how.how_long, f"Stop: {how.stop_when}")
        yield bullet(f"{' '.join(map(wording.sentence, said))} {cite(*how.sources)}".rstrip(), indent=4)
    for dose in one.dosing:
        yield bullet(f"for orientation, {dose.status}: {dose.use}: {dose.says} {cite(dose.source)}", indent=4)
    for check in one.monitoring:
        yield bullet(f"check {words.check(check)} {cite(*check.sources)}".rstrip(), indent=4)


def _known(one: Option, cite: SourceNumbers) -> Iterator[Line]:
    yield Line("What is known", indent=2, style="bold")
    yield bullet(f"{one.licence_says}", indent=4)
    yield bullet(
        f"evidence {one.evidence.grade}: {one.evidence.says} {cite(*one.evidence.sources)}".rstrip(), indent=4
    )
    if one.guidelines_disagree:
        yield Line("Guidelines disagree:", indent=4)
    for guideline in one.guidelines:
        yield bullet(
            f"{guideline.body} ({guideline.stance}): {guideline.says} {cite(guideline.source)}", indent=4
        )
    for harm in one.complications:
        yield bullet(f"complication: {harm.says} {cite(harm.source)}", indent=4)
    if one.recovery is not None:
        yield bullet(f"recovery: {one.recovery.says} {cite(*one.recovery.sources)}".rstrip(), indent=4)

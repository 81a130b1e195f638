"""The part for the patient: each hip in plain words and what may become of the one that matters most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from precollapse.assessment.context import Context
from precollapse.assessment.own_values import Own, chance_today, course_told, words_of
from precollapse.assessment.plain_nodes import Frequency, PlainHip, PlainSummary

# The right hip stands on the left, as on a radiograph and as seen from the front.
AS_SEEN = ("right", "left")
# Told only of a hip that may have a lesion: whether it is there first, then what follows, and by when. Three
# pictures are read, ten are not.
COURSES = {"collapse": (2.0, 5.0), "replacement": (5.0,)}


def plain_part(context: Context, own: Own) -> PlainSummary:
    """Return what the handout tells first of one patient.

    Parameters
    ----------
    context
        The patient.
    own
        The parts of the assessment it is drawn from.
    """
    return PlainSummary(
        about=cast("Any", own.side),
        urgency=words_of(context, "urgency", own.row) or "",
        hips=tuple(_hip(context, side) for side in AS_SEEN),
        frequencies=tuple(_frequencies(context, own)),
        next_test=next((test.name for test in own.next_tests.tests if test.state == "worth it"), None),
    )


def _hip(context: Context, side: str) -> PlainHip:
    row = context.row_of(side)
    proof, standing = proof_of(context, row), context.found("standing", row)
    return PlainHip(
        side=cast("Any", side),
        proof=proof,
        standing=standing[0] if len(standing) == 1 and proof == "shown" else None,
        says=_says(context, row, proof),
    )


def _says(context: Context, row: int, proof: str) -> tuple[str, ...]:
    """Return what is known of a hip in plain words; of a child's hip that adults' words do not fit it."""
    if context.state("forecast:not for", row) and proof == "unlikely":
        return (context.knowledge.forecast_settings.not_for_plain,)
    findings = ("proof", "standing") if proof == "shown" else ("proof",)
    return tuple(said for finding in findings if (said := words_of(context, finding, row)))


def proof_of(context: Context, row: int) -> str:
    """Return whether osteonecrosis of a hip is shown, possible, unlikely, or the hip has no head."""
    found = context.found("proof", row)
    return "possible" if "possible" in found else found[0]


def _frequencies(context: Context, own: Own) -> Iterator[Frequency]:
    side, proof = cast("Any", own.side), proof_of(context, own.row)
    today = chance_today(own.hip)
    if proof == "possible" and today is not None:
        yield Frequency(side=side, what="lesion today", years=0.0, value=today[0], interval=today[1])
    if proof in {"possible", "shown"} and own.hip.forecast is not None:
        for what, horizons in COURSES.items():
            course = course_told(own.hip.forecast, what)
            for at in (one for one in (course.at if course is not None else ()) if one.years in horizons):
                yield Frequency(
                    side=side, what=cast("Any", what), years=at.years, value=at.value, interval=at.interval
                )

"""Values and hip scores for the terminal: what is outside its range first, the rest on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from precollapse.assessment.interpretation_nodes import HipScore, Interpreted
from precollapse.assessment.model import Assessment
from precollapse.views import values
from precollapse.views.layout import Line, bullet, heading
from precollapse.views.wording import SourceNumbers


def patient_values(assessment: Assessment, cite: SourceNumbers) -> Iterator[Line]:
    """Yield the values and scores that belong to no hip, under a heading of their own."""
    if assessment.interpretation or assessment.scores:
        yield from heading("Values")
        yield from interpreted(assessment.interpretation, cite)
        yield from hip_scores(assessment.scores, cite)


def interpreted(all_: Sequence[Interpreted], cite: SourceNumbers, title: str = "") -> Iterator[Line]:
    """Yield values, those outside their usual range first."""
    if all_ and title:
        yield Line(title, indent=2, style="bold")
    outside, undecided, within = values.values(all_)
    for one in outside:
        yield bullet(f"{values.outside(one)} {cite(*one.sources)}".rstrip())
        meaning = values.meaning(one)
        if meaning:
            yield Line(meaning, indent=4)
    if undecided:
        said = "; ".join(values.undecided(one) for one in undecided)
        yield bullet(f"cannot be said: {said}", mark="?")
    if within:
        yield bullet(f"within the usual range: {values.normal(within)}")


def hip_scores(all_: Sequence[HipScore], cite: SourceNumbers) -> Iterator[Line]:
    """Yield scores with their points, bands, open questions, thresholds and licence."""
    if all_:
        yield Line("Scores", indent=2, style="bold")
    for one in all_:
        yield bullet(f"{values.score(one)} {cite(*one.sources)}".rstrip())
        unanswered = values.not_answered(one)
        if unanswered:
            yield Line(f"Not answered ({len(one.missing)}): {unanswered}", indent=4)
        for threshold in one.thresholds:
            yield Line(f"{values.threshold(threshold)} {cite(threshold.figure.source)}", indent=4)
        for detail in values.score_details(one):
            yield Line(detail, indent=4, style="dim")

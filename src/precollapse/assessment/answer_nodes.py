"""Parts of the document that answer the patient's questions."""

from __future__ import annotations

from precollapse.assessment.nodes import Node


class Answered(Node, frozen=True, kw_only=True):
    """A question with the parts of its answer that hold for this patient.

    ``often`` marks those that most patients ask, which the handout answers.
    """

    id: str
    question: str
    says: tuple[str, ...]
    often: bool
    grade: str
    sources: tuple[str, ...]

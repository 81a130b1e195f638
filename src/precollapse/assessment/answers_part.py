"""The answers part: the questions patients ask, answered from their own assessment where it applies."""

from __future__ import annotations

import re

from precollapse.assessment.answer_nodes import Answered
from precollapse.assessment.context import Context
from precollapse.assessment.own_values import Own, own_values
from precollapse.knowledge.model_plan import Question

_BRACES = re.compile(r"\{(\w+)\}")


def answers_part(context: Context, own: Own) -> tuple[Answered, ...]:
    """Answer every question for one patient.

    Parameters
    ----------
    context
        The patient.
    own
        The parts of the assessment that answers may quote.
    """
    values = own_values(context, own)
    return tuple(
        _answered(context, question, own.row, values)
        for question in context.knowledge.questions.values()
        if not question.draft
    )


def _answered(context: Context, question: Question, row: int, values: dict[str, str]) -> Answered:
    """Join the parts that hold for the hip it is about; a part that quotes an unknown value is left out."""
    told = [
        part
        for number, part in enumerate(question.answers)
        if context.state(f"answer:{question.id}:{number}", row)
        and set(_BRACES.findall(part.says)) <= values.keys()
    ]
    return Answered(
        id=question.id,
        question=question.question,
        says=tuple(_BRACES.sub(lambda name: values[name[1]], part.says) for part in told),
        often=bool(question.pathway),
        grade=question.grade,
        sources=tuple(dict.fromkeys((*question.sources, *(name for part in told for name in part.sources)))),
    )

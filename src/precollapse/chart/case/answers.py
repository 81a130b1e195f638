"""What the answers of a case file mean: present, absent, asked but not known, or not asked at all."""

from __future__ import annotations

from typing import Literal

Asked = Literal["present", "absent", "asked_unknown"]

_ANSWERS: dict[str, Asked | None] = {
    **dict.fromkeys(["yes", "true", "present", "positive", "y"], "present"),
    **dict.fromkeys(["no", "false", "none", "absent", "negative", "n", "never"], "absent"),
    **dict.fromkeys(["unknown", "not known", "unsure", "uncertain", "not sure", "?"], "asked_unknown"),
    **dict.fromkeys(["not asked", "not done", "not recorded", ""], None),
}


def is_answer(value: object) -> bool:
    """Tell whether a value is a plain answer rather than a number or a choice."""
    return value is None or isinstance(value, bool) or (isinstance(value, str) and _key(value) in _ANSWERS)


def answer(value: object) -> Asked | None:
    """Return what a plain answer says; None when it was not asked."""
    if isinstance(value, bool):
        return "present" if value else "absent"
    return _ANSWERS.get(_key(value)) if isinstance(value, str) else None


def _key(value: str) -> str:
    return value.strip().lower().replace("_", " ")

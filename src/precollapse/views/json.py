"""Several documents as one JSON array, one document a line. A single one is written by ``to_json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


def json_array(documents: Sequence[Any]) -> bytes:
    """Encode documents as a JSON array that can also be read line by line."""
    lines = b",\n".join(msgspec.json.encode(document) for document in documents)
    return b"[\n" + lines + b"\n]\n" if documents else b"[]\n"

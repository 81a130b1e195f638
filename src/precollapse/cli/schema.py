"""`precollapse schema`: the published JSON Schemas."""

from __future__ import annotations

import json
from typing import Any


def run(document: str) -> str:
    """Return the JSON Schema of ``case`` or ``assessment`` as text."""
    schema: dict[str, Any]
    if document == "case":
        from precollapse.chart.case.schema import case_schema

        schema = case_schema()
    else:
        from precollapse.assessment.model import json_schema

        schema = json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False)

"""`precollapse schema`: the published JSON Schemas."""

from __future__ import annotations

import json


def run(document: str) -> str:
    """Return the JSON Schema of ``case`` or ``assessment`` as text."""
    if document == "case":
        from precollapse.chart.case.schema import json_schema
    else:
        from precollapse.assessment.model import json_schema
    return json.dumps(json_schema(), indent=2, ensure_ascii=False)

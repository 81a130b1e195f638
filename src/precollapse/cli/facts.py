"""`precollapse facts`: what was understood of a record, before anything is concluded from it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

from precollapse.cli.records import UNUSABLE, process


def run(files: Sequence[str], *, view: str, as_of: date | None) -> int:
    """Show the facts of every record; return the exit status."""
    from precollapse.assess import facts_bytes, facts_path

    today = date.today()
    work = process(
        files,
        lambda path: facts_path(path, as_of=as_of, today=today),
        lambda data, name: facts_bytes(data, name, as_of=as_of, today=today),
    )
    if not work.done:
        return UNUSABLE
    patients = [patient for item in work.done for patient in item.results]
    if view == "json":
        from precollapse.views.json import json_array

        sys.stdout.buffer.write(json_array(patients))
    else:
        from precollapse.views.facts import print_facts

        for patient in patients:
            print_facts(patient)
    sys.stdout.flush()
    return work.status

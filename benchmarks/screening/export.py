"""Writes a bulk export of any number of patients: FHIR R4, NDJSON, one file for each type of resource.

Real records are not at hand, and forty patients are too few to time anything, so patients are replicated.
Each replica has ids of its own, and its date of birth and all other dates are moved by the same seeded
number of days. Every file has the patients in an order of its own, as a reader of an export must expect.
The source records hold no MRI of a hip; one patient in ten, chosen by the seed, is given one.

Entries without any code, which are only words, are left out: the peers look at codes.

The source is the folder of Synthea R4 bundles that PRECOLLAPSE_TEST_DATA names, or else the repository's own
sample (``synthetic/sample``).

Run it: ``python -m benchmarks.screening.export OUT --patients 20000 [--observations] [--seed 1]``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "synthetic" / "sample"
TYPES = ("Patient", "MedicationRequest", "Procedure", "Condition")
OBSERVATIONS = "Observation"
MOST_DAYS_EARLIER = 1_000
MRI_SHARE = 0.1
MRI = ("http://loinc.org", "36013-1", "MR Hip")  # of the concept mri_hip_done

_UUID = rb"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_SLOT = re.compile(
    rb"(?P<uuid>" + _UUID + rb")"
    rb'|(?P<before>"id":"|"reference":"[A-Z]\w+/)(?!' + _UUID + rb")"
    rb'|(?<=")(?P<date>\d{4}-\d\d-\d\d)(?=["T])'
)
Records = dict[str, list[dict[str, Any]]]  # of one patient: resources by type


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: bytes and lines of each type of resource."""

    patients: int
    bytes_of: dict[str, int]
    lines_of: dict[str, int]

    def __str__(self) -> str:
        """Return the size of a patient, in all and by type."""
        parts = (f"{kind} {size / self.patients / 1e3:.1f}" for kind, size in self.bytes_of.items())
        return (
            f"{self.patients:,} patients, {self.megabytes:,.1f} MB, {self.kilobytes_per_patient:.1f} kB a "
            f"patient ({', '.join(parts)}), {sum(self.lines_of.values()):,} lines"
        )

    @property
    def megabytes(self) -> float:
        """Size of all files in 10⁶ bytes."""
        return sum(self.bytes_of.values()) / 1e6

    @property
    def kilobytes_per_patient(self) -> float:
        """Size of a patient in 10³ bytes."""
        return self.megabytes * 1e3 / self.patients


class Template:
    """The lines of one type of one source patient, cut where a replica has its own id or date."""

    def __init__(self, lines: bytes) -> None:
        self._pieces: list[bytes] = []
        self._days: dict[int, int] = {}  # ordinal of a date to its place among the dates
        order: list[tuple[str, int]] = []
        end = 0
        for found in _SLOT.finditer(lines):
            kept = found.end("before") if found["before"] else found.start()
            order.append(("piece", self._piece(lines[end:kept])))
            if found["date"]:
                day = date.fromisoformat(found["date"].decode()).toordinal()
                order.append(("date", self._days.setdefault(day, len(self._days))))
            else:
                order.append(("token", 0))
                if found["before"]:  # an id that is no UUID keeps itself behind the token
                    order.append(("piece", self._piece(b"-")))
            end = found.end()
        order.append(("piece", self._piece(lines[end:])))
        first = {"token": 0, "date": 1, "piece": 1 + len(self._days)}
        # The empty piece makes itemgetter return a tuple even for a text without any slot.
        places = [first[kind] + number for kind, number in order]
        self._take = itemgetter(*places, first["piece"] + self._piece(b""))
        self._ordinals = list(self._days)

    def _piece(self, text: bytes) -> int:
        self._pieces.append(text)
        return len(self._pieces) - 1

    def filled(self, token: bytes, shift_days: int, days: Days) -> bytes:
        """Return the lines of the replica that the token and the shift stand for."""
        dates = [days[ordinal + shift_days] for ordinal in self._ordinals]
        return b"".join(self._take([token, *dates, *self._pieces]))


class Days(dict[int, bytes]):
    """Dates as they are written, by ordinal."""

    def __missing__(self, ordinal: int) -> bytes:
        text = date.fromordinal(ordinal).isoformat().encode()
        self[ordinal] = text
        return text


def export(
    folder: Path, patients: int, *, seed: int = 1, observations: bool = False, source: Path | None = None
) -> Exported:
    """Write the files of a bulk export.

    Parameters
    ----------
    folder
        Where to write them; made when absent.
    patients
        How many patients.
    seed
        Decides how many days the dates are moved, who had an MRI, and the order of the patients.
    observations
        Whether to write Observation.ndjson as well.
    source
        Folder of bundles or of NDJSON files; see the top of this module for what it is by default.
    """
    types = (*TYPES, OBSERVATIONS) if observations else TYPES
    sources = [_coded(records) for records in _read(source or source_folder(), types)]
    chance = random.Random(seed)
    shifts = [-chance.randrange(MOST_DAYS_EARLIER) for _ in range(patients)]
    imaged = [chance.random() < MRI_SHARE for _ in range(patients)]
    order = list(range(patients))
    folder.mkdir(parents=True, exist_ok=True)
    days = Days()
    bytes_of, lines_of = dict.fromkeys(types, 0), dict.fromkeys(types, 0)
    for kind in types:
        chance.shuffle(order)
        templates = [Template(_lines(records[kind])) for records in sources]
        extra = [Template(_lines([_mri(records)])) for records in sources] if kind == "Procedure" else None
        with (folder / f"{kind}.ndjson").open("wb", buffering=1 << 20) as handle:
            for number in order:
                which, token = number % len(sources), _token(number)
                text = templates[which].filled(token, shifts[number], days)
                if extra is not None and imaged[number]:
                    text += extra[which].filled(token, shifts[number], days)
                bytes_of[kind] += handle.write(text)
                lines_of[kind] += text.count(b"\n")
    return Exported(patients, bytes_of, lines_of)


def source_folder() -> Path:
    """Return the folder whose patients are replicated."""
    given = os.environ.get("PRECOLLAPSE_TEST_DATA")
    return Path(given) if given else SAMPLE


def source_says() -> str:
    """Say whose records are replicated, without naming a place of this machine."""
    if not os.environ.get("PRECOLLAPSE_TEST_DATA"):
        return (
            "Replicated are the patients of `synthetic/sample`, because PRECOLLAPSE_TEST_DATA names no folder"
            " of Synthea bundles."
        )
    bundles = len(list(source_folder().glob("*.json")))
    what = f"{bundles} Synthea R4 bundles" if bundles else "NDJSON"
    return f"Replicated are the patients of the folder that PRECOLLAPSE_TEST_DATA names ({what})."


def _token(number: int) -> bytes:
    """Return eight hexadecimal digits that differ for every patient and look like chance."""
    return b"%08x" % (number * 2_654_435_761 % (1 << 32))


def _read(folder: Path, types: tuple[str, ...]) -> Iterator[Records]:
    """Yield the records of each source patient."""
    bundles = sorted(folder.glob("*.json"))
    for path in bundles:
        entries = json.loads(path.read_bytes()).get("entry", [])
        grouped: Records = defaultdict(list)
        for entry in entries:
            grouped[entry["resource"]["resourceType"]].append(entry["resource"])
        if len(grouped["Patient"]) == 1:
            yield grouped
    if not bundles:
        yield from _read_lines(folder, types)


def _read_lines(folder: Path, types: tuple[str, ...]) -> Iterator[Records]:
    patients: dict[str, Records] = {}
    for kind in types:
        path = folder / f"{kind}.ndjson"
        for line in path.read_bytes().splitlines() if path.exists() else ():
            resource = json.loads(line)
            reference = f"Patient/{resource['id']}" if kind == "Patient" else resource["subject"]["reference"]
            patients.setdefault(reference, defaultdict(list))[kind].append(resource)
    if not patients:
        raise FileNotFoundError(f"{folder.name}: holds neither bundles (*.json) nor Patient.ndjson")
    yield from (records for records in patients.values() if records["Patient"])


def _coded(records: Records) -> Records:
    """Return the records of a patient without entries that are only words."""
    kept = {kind: [each for each in records[kind] if _is_coded(each)] for kind in list(records)}
    return defaultdict(list, kept)


def _is_coded(resource: dict[str, Any]) -> bool:
    if resource["resourceType"] not in TYPES[1:]:
        return True
    concept = resource.get("medicationCodeableConcept") or resource.get("code") or {}
    return bool(concept.get("coding"))


def _lines(resources: list[dict[str, Any]]) -> bytes:
    lines = (json.dumps(each, separators=(",", ":"), ensure_ascii=False) + "\n" for each in resources)
    return "".join(lines).encode()


def _mri(records: Records) -> dict[str, Any]:
    """Return an MRI of the hip on the day after the last order or condition of a patient."""
    patient = records["Patient"][0]
    dated = [each.get("authoredOn") or each.get("recordedDate") or ""
             for kind in ("MedicationRequest", "Condition") for each in records[kind]]  # fmt: skip
    day = max([text[:10] for text in dated if len(text) >= 10], default="2015-06-01")
    system, code, display = MRI
    return {
        "resourceType": "Procedure",
        "id": f"{patient['id'][:36]}-mri",
        "status": "completed",
        "code": {"coding": [{"system": system, "code": code, "display": display}], "text": display},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "performedDateTime": day,
    }


def main() -> None:
    """Write an export and print what it holds and how quickly it was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patients", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--observations", action="store_true")
    given = parser.parse_args()
    start = time.perf_counter()
    written = export(given.folder, given.patients, seed=given.seed, observations=given.observations)
    seconds = time.perf_counter() - start
    print(f"{written}; written in {seconds:.1f} s ({written.megabytes / seconds:,.0f} MB/s)")


if __name__ == "__main__":
    main()

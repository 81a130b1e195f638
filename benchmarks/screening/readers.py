"""Plain readers of the same files: they parse every line and count the orders with a wanted code, no more.

They show what reading alone costs. None of them groups by patient or answers the question; what they must do
is turn each line into its few fields (of a patient the id, of the others the patient and the codes). With two
processes each takes one half of the bytes of every file, cut at the end of a line. Polars and DuckDB use
threads of their own.

A reader takes a folder and the wanted codes as ``(uri, code)`` and returns the lines seen and the orders of
a medicine with a wanted code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

TYPES = ("Patient", "MedicationRequest", "Procedure", "Condition")
ORDERS = "MedicationRequest"
Wanted = frozenset[tuple[str, str]]
Counts = tuple[int, int]  # lines, orders with a wanted code
Part = tuple[int, int]  # which part of how many
WHOLE: Part = (0, 1)


class Coding(msgspec.Struct, gc=False):
    """One code."""

    system: str | None = None
    code: str | None = None


class CodeableConcept(msgspec.Struct, gc=False):
    """The codes of one element."""

    coding: list[Coding] = []


class Reference(msgspec.Struct, gc=False):
    """Whom a resource is about."""

    reference: str


class Patient(msgspec.Struct, gc=False):
    """A patient."""

    id: str


class Coded(msgspec.Struct, gc=False):
    """A condition or procedure."""

    subject: Reference
    code: CodeableConcept | None = None


class Order(msgspec.Struct, gc=False):
    """An order of a medicine."""

    subject: Reference
    medication: CodeableConcept | None = msgspec.field(default=None, name="medicationCodeableConcept")


STRUCTS: dict[str, type[msgspec.Struct]] = {
    "Patient": Patient, "MedicationRequest": Order, "Procedure": Coded, "Condition": Coded,
}  # fmt: skip
DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(struct) for kind, struct in STRUCTS.items()
}


def msgspec_typed_by_line(folder: Path, wanted: Wanted, part: Part = WHOLE) -> Counts:
    """Decode line by line to typed structs."""
    lines = orders = 0
    for kind, data in _files(folder, part):
        decode = DECODERS[kind].decode
        rows = [decode(line) for line in data.splitlines()]
        lines += len(rows)
        if kind == ORDERS:
            orders += _typed_orders(rows, wanted)
    return lines, orders


def msgspec_typed_all_lines(folder: Path, wanted: Wanted, part: Part = WHOLE) -> Counts:
    """Decode all lines of a file at once to typed structs."""
    lines = orders = 0
    for kind, data in _files(folder, part):
        rows = DECODERS[kind].decode_lines(data)
        lines += len(rows)
        if kind == ORDERS:
            orders += _typed_orders(rows, wanted)
    return lines, orders


def msgspec_untyped(folder: Path, wanted: Wanted, part: Part = WHOLE) -> Counts:
    """Decode to dictionaries with msgspec."""
    return _to_dictionaries(msgspec.json.Decoder().decode, folder, wanted, part)


def orjson(folder: Path, wanted: Wanted, part: Part = WHOLE) -> Counts:
    """Decode to dictionaries with orjson."""
    from orjson import loads

    return _to_dictionaries(loads, folder, wanted, part)


def json_module(folder: Path, wanted: Wanted, part: Part = WHOLE) -> Counts:
    """Decode to dictionaries with the standard library."""
    return _to_dictionaries(json.loads, folder, wanted, part)


def polars(folder: Path, wanted: Wanted) -> Counts:
    """Scan with the columns given; POLARS_MAX_THREADS, set before Polars is loaded, decides on threads."""
    import polars as pl

    codes = pl.List(pl.Struct({"system": pl.String, "code": pl.String}))
    concept = pl.Struct({"coding": codes})
    subject = {"subject": pl.Struct({"reference": pl.String})}
    columns: dict[str, Any] = {
        "Patient": {"id": pl.String},
        "MedicationRequest": {**subject, "medicationCodeableConcept": concept},
        "Procedure": {**subject, "code": concept},
        "Condition": {**subject, "code": concept},
    }
    keys = pl.Series([f"{system}|{code}" for system, code in sorted(wanted)])
    lines = orders = 0
    for kind, path in _paths(folder):
        frame = pl.scan_ndjson(path, schema=columns[kind]).collect()
        lines += frame.height
        if kind == ORDERS:
            held = (
                frame.lazy()
                .with_row_index()
                .select("index", coding=pl.col("medicationCodeableConcept").struct.field("coding"))
                .explode("coding")
                .unnest("coding")
            )
            known = held.filter(pl.concat_str("system", "code", separator="|").is_in(keys.implode()))
            orders = known.select(pl.col("index").n_unique()).collect().item()
    return lines, orders


def duckdb(folder: Path, wanted: Wanted, threads: int) -> Counts:
    """Read with the columns given."""
    import duckdb as library

    concept = 'STRUCT(coding STRUCT("system" VARCHAR, code VARCHAR)[])'
    subject = "subject: 'STRUCT(reference VARCHAR)'"
    columns = {
        "Patient": "{id: 'VARCHAR'}",
        "MedicationRequest": f"{{{subject}, medicationCodeableConcept: '{concept}'}}",
        "Procedure": f"{{{subject}, code: '{concept}'}}",
        "Condition": f"{{{subject}, code: '{concept}'}}",
    }
    lines = orders = 0
    with library.connect(config={"threads": threads}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        keys = [f"{system}|{code}" for system, code in sorted(wanted)]
        for kind, path in _paths(folder):
            connection.execute(
                f"CREATE TEMP TABLE {kind} AS SELECT * FROM read_json($path, format='newline_delimited', "
                f"columns={columns[kind]})",
                {"path": str(path)},
            )
            lines += _one(connection.execute(f"SELECT count(*) FROM {kind}"))
            if kind == ORDERS:
                orders = _one(connection.execute(
                    f"SELECT count(*) FROM {kind} WHERE list_has_any(list_transform("
                    "medicationCodeableConcept.coding, lambda c: c.system || '|' || c.code), $keys)",
                    {"keys": keys},
                ))  # fmt: skip
    return lines, orders


def _one(cursor: Any) -> int:
    return int(cursor.fetchone()[0])


def _typed_orders(rows: Iterable[Any], wanted: Wanted) -> int:
    return sum(
        row.medication is not None
        and any((coding.system, coding.code) in wanted for coding in row.medication.coding)
        for row in rows
    )


def _to_dictionaries(loads: Callable[[bytes], Any], folder: Path, wanted: Wanted, part: Part) -> Counts:
    lines = orders = 0
    for kind, data in _files(folder, part):
        for line in data.splitlines():
            resource = loads(line)
            lines += 1
            if kind == ORDERS:
                coding = resource.get("medicationCodeableConcept", {}).get("coding", ())
                orders += any((each.get("system"), each.get("code")) in wanted for each in coding)
    return lines, orders


def _paths(folder: Path) -> Iterator[tuple[str, Path]]:
    for kind in TYPES:
        path = folder / f"{kind}.ndjson"
        if path.exists() and path.stat().st_size:
            yield kind, path


def _files(folder: Path, part: Part) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of each file that fall to one part; a line belongs to where it begins."""
    number, parts = part
    for kind, path in _paths(folder):
        size = path.stat().st_size
        with path.open("rb") as handle:
            start = _line_from(handle, size * number // parts)
            end = _line_from(handle, size * (number + 1) // parts)
            handle.seek(start)
            yield kind, handle.read(end - start)


def _line_from(handle: Any, place: int) -> int:
    """Return where the first line begins at or behind a place of a file."""
    if place == 0:
        return 0
    handle.seek(place - 1)
    handle.readline()
    return int(handle.tell())


def in_parts(
    pool: Any, reader: Callable[[Path, Wanted, Part], Counts], folder: Path, wanted: Wanted, parts: int
) -> Counts:
    """Have a pool of processes read the parts of an export and add up what they return."""
    counts = pool.starmap(reader, [(folder, wanted, (number, parts)) for number in range(parts)])
    return sum(lines for lines, _ in counts), sum(orders for _, orders in counts)


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""One door for all records: finds out what a file or folder is and hands it to the reader for it.

FHIR R4 (bundle, resource, NDJSON, bulk export folder), OMOP CDM (folder of tables), case file (YAML or
JSON). What a reader makes of the content is its own business.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from precollapse.chart.case.decode import refuse_size
from precollapse.chart.model import Chart, ChartBuilder
from precollapse.errors import InputError
from precollapse.knowledge.bundle import Knowledge

Kind = Literal["fhir", "omop", "case"]

HEAD_BYTES = 65_536
STDIN = "-"
_LINES = frozenset([".ndjson", ".jsonl"])
_YAML = frozenset([".yaml", ".yml"])
_FILES = frozenset([".json", *_YAML])
_TABLES = frozenset([".csv", ".tsv", ".parquet"])
_NOT_TEXT = {b"PK": "a ZIP archive", b"\x1f\x8b": "a gzip file", b"%PDF": "a PDF", b"PAR1": "a Parquet table",
             b"\x89PNG": "an image", b"\xff\xd8": "an image"}  # fmt: skip


def read(
    path: str | Path, knowledge: Knowledge, as_of: date | None = None, *, kind: Kind | None = None
) -> Chart:
    """Read a record of any kind.

    Parameters
    ----------
    path
        A file or a folder; ``-`` is standard input.
    knowledge
        What codes and words mean.
    as_of
        Date of the assessment, from which a case file that names no date counts its spans back.
    kind
        What the record is, when it should not be found out.

    Raises
    ------
    InputError
        When the record cannot be used; the message names the place.
    """
    if str(path) == STDIN:
        return read_bytes(sys.stdin.buffer.read(), "stdin", knowledge, as_of, kind=kind)
    path = Path(path)
    if not path.exists():
        raise InputError(path.name, "there is no such file or folder")
    try:
        return (
            _read_folder(path, knowledge, as_of, kind)
            if path.is_dir()
            else _read_file(path, knowledge, as_of, kind)
        )
    except OSError as error:
        raise InputError(path.name, f"cannot be read: {error.strerror or 'system error'}") from None


def read_bytes(
    data: bytes, name: str, knowledge: Knowledge, as_of: date | None = None, *, kind: Kind | None = None
) -> Chart:
    """Read a record given as bytes; ``name`` stands for the file in origins and messages."""
    found = kind or kind_of_bytes(data[:HEAD_BYTES], name)
    if found == "omop":
        raise InputError(name, "an OMOP record is a folder of tables; give the folder")
    return _fhir_bytes(data, name, knowledge) if found == "fhir" else _case(data, name, knowledge, as_of)


def read_many(
    paths: Iterable[str | Path], knowledge: Knowledge, as_of: date | None = None
) -> Iterator[tuple[Path, Chart | InputError]]:
    """Read records one after the other; one that cannot be used does not stop the others."""
    for path in paths:
        try:
            yield Path(path), read(path, knowledge, as_of)
        except InputError as error:
            yield Path(path), error


def kind_of_bytes(head: bytes, name: str) -> Kind:
    """Tell what a file is from its name and its first bytes."""
    suffix = Path(name).suffix.lower()
    for magic, what in _NOT_TEXT.items():
        if head.startswith(magic):
            raise InputError(name, f"is {what}; give FHIR JSON, a case file or a folder of OMOP tables")
    if suffix in _TABLES:
        raise InputError(name, "is a single table; give the folder of OMOP tables")
    if suffix in _LINES:
        return "fhir"
    if (
        suffix not in _YAML
        and b'"resourceType"' in head
        and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}
    ):
        return "fhir"
    return "case"


def kind_of_folder(folder: Path) -> Kind | None:
    """Tell what a folder is from the names in it; None for a folder of single records."""
    names = {item.name.lower() for item in folder.iterdir() if item.is_file()}
    if names & {"person.csv", "person.parquet", "person.tsv"} or any(
        _is_table(name, "person") for name in names
    ):
        return "omop"
    if any(Path(name).suffix in _LINES for name in names):
        return "fhir"
    if any(Path(name).suffix in _FILES for name in names):
        return "fhir" if all(_is_fhir(item) for item in folder.iterdir() if item.is_file()) else None
    raise InputError(
        folder.name, "holds neither OMOP tables (person.csv), nor NDJSON, nor JSON or YAML records"
    )


def _is_fhir(path: Path) -> bool:
    """Tell whether a file belongs to a FHIR export; one that is no record does not speak against it."""
    if path.suffix.lower() not in _FILES:
        return True
    with path.open("rb") as handle:
        return kind_of_bytes(handle.read(HEAD_BYTES), path.name) == "fhir"


def _is_table(name: str, table: str) -> bool:
    return Path(name).stem.lower() == table and Path(name).suffix in _TABLES


def _read_folder(folder: Path, knowledge: Knowledge, as_of: date | None, kind: Kind | None) -> Chart:
    found = kind or kind_of_folder(folder)
    if found == "omop":
        from precollapse.chart.omop.read import read_omop

        return read_omop(folder, knowledge)
    if found == "fhir":
        return _fhir_path(folder, knowledge)
    files = sorted(item for item in folder.iterdir() if item.is_file() and item.suffix.lower() in _FILES)
    return Chart.concat([_read_file(file, knowledge, as_of, kind) for file in files])


def _read_file(path: Path, knowledge: Knowledge, as_of: date | None, kind: Kind | None) -> Chart:
    with path.open("rb") as handle:
        found = kind or kind_of_bytes(handle.read(HEAD_BYTES), path.name)
    if found == "omop":
        raise InputError(path.name, "an OMOP record is a folder of tables; give the folder")
    if found == "fhir":
        return _fhir_path(path, knowledge)
    refuse_size(path.stat().st_size, path.name)
    return _case(path.read_bytes(), path.name, knowledge, as_of)


def _case(data: bytes, name: str, knowledge: Knowledge, as_of: date | None) -> Chart:
    # Imported here because the models of the case file take longer to load than a whole FHIR record.
    from precollapse.chart.case.read import read_case

    builder = ChartBuilder()
    read_case(data, name, knowledge, builder, as_of)
    return builder.build()


def _fhir_path(path: Path, knowledge: Knowledge) -> Chart:
    from precollapse.chart.fhir.read import read_fhir

    builder = ChartBuilder()
    read_fhir(path, knowledge, builder)
    return builder.build()


def _fhir_bytes(data: bytes, name: str, knowledge: Knowledge) -> Chart:
    from precollapse.chart.fhir.read import read_fhir

    builder = ChartBuilder()
    read_fhir(data, knowledge, builder, name=name)
    return builder.build()

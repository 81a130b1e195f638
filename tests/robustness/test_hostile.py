"""Any input ends in an assessment or in one error that names the place, at once, and gives nobody away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from precollapse.assess import assess_bytes, assess_chart
from precollapse.assessment.model import Assessment, to_json
from precollapse.chart.model import Chart
from precollapse.chart.reader import read_bytes
from precollapse.errors import InputError
from precollapse.views.html import render_html
from precollapse.views.text import render_text
from tests.robustness.planted import BUNDLE, CASE, NAME, RESOURCES
from tests.robustness.pointers import Pointer, at, pointers, replaced, sample
from tests.robustness.records import CASES, DAY, KNOWLEDGE, TOP, together

LONGEST_SECONDS = 1.0
LONGEST_MESSAGE = 500
# All are read and named to be right; a document is written of every ninth, a page of every twelfth of these.
DOCUMENTED, PRINTED = 9, 12
SPEAKING = {"Patient", "Medication"}  # these say something only through other entries
ENTRY = re.compile(r"entry\[(\d+)\]")
COUNTED = re.compile(r"(\w+)[^:]* ×(\d+)$")

# Marks that are exchanged for JSON text which Python would not write.
MARKS = {
    "@nan": "NaN",
    "@infinity": "-Infinity",
    "@huge": "1" + "0" * 400,
    "@exponent": "1e999",
    "@deep": "[" * 5_000 + "]" * 5_000,
    "@deep_object": '{"a":' * 5_000 + "1" + "}" * 5_000,
}
WRONG: list[Any] = [
    None, True, 0, -1, -400, 1e308, "", " ", "2026-13-45", "9999-12-31", "\u0000\ud7ff", "x" * 4_000, [],
    [[]], ["x"], {}, {"x": 1}, {"resourceType": "Patient"}, *MARKS,
]  # fmt: skip


def as_bytes(content: Any) -> bytes:
    text = json.dumps(content)
    for mark, raw in MARKS.items():
        text = text.replace(f'"{mark}"', raw)
    return text.encode()


def read_or_refused(data: bytes, name: str) -> Chart | InputError:
    """Read at once, or get the one error; anything else that is raised fails the test."""
    began = time.perf_counter()
    try:
        outcome: Chart | InputError = read_bytes(data, name, KNOWLEDGE, DAY)
    except InputError as error:
        outcome = error
        message = str(error)
        assert message.startswith(name), message
        assert len(message) < LONGEST_MESSAGE, message
        assert "\n" not in message
        assert NAME not in message
    assert time.perf_counter() - began < LONGEST_SECONDS, data[:200]
    return outcome


def spoiled(name: str, content: Any) -> Iterator[tuple[Pointer, Any, Chart | InputError]]:
    """Put every wrong value in every place, in turn."""
    for pointer in pointers(content):
        for wrong in WRONG:
            data = as_bytes(replaced(content, pointer, wrong))
            yield pointer, wrong, read_or_refused(data, name)


@cache
def charts_of(name: str) -> list[tuple[Pointer, Any, Chart]]:
    found = [(p, w, o) for p, w, o in spoiled(name, CONTENTS[name])]
    return [(p, w, o) for p, w, o in found if isinstance(o, Chart)]


CONTENTS: dict[str, Any] = {"bundle.json": BUNDLE, "case.json": CASE}


@pytest.mark.hazard("hostile-record")
@pytest.mark.slow
@pytest.mark.parametrize("name", CONTENTS)
def test_wrong_value_in_any_place_gives_a_chart_or_one_error_at_once(name: str) -> None:
    places = len(list(pointers(CONTENTS[name])))
    assert places > 50
    assert len(charts_of(name)) > places  # not everything is refused


@pytest.mark.hazard("silent-drop")
@pytest.mark.slow
def test_every_entry_of_a_spoiled_bundle_is_accounted_for() -> None:
    """Said, listed as unread, or counted with its kind; Patient and Medication entries speak for others."""
    for pointer, wrong, chart in charts_of("bundle.json"):
        bundle = replaced(BUNDLE, pointer, wrong)
        entries = bundle["entry"] if isinstance(bundle.get("entry"), list) else []
        origins = [o for t in (chart.statements, chart.doses, chart.unread) for o in t["origin"].to_list()]
        named = {int(number) for origin in origins for number in ENTRY.findall(origin)}
        counted = sum(int(m[2]) for o in chart.unread["origin"] if (m := COUNTED.search(o)))
        speaking = sum(kind_of(e) in SPEAKING and n not in named for n, e in enumerate(entries))
        assert len(named) + counted + speaking >= len(entries), (pointer, wrong, sorted(named), counted)


def kind_of(entry: Any) -> str:
    try:
        return str(at(entry, ("resource", "resourceType")))
    except (KeyError, TypeError, IndexError):
        return ""


@pytest.mark.hazard("data-leak")
@pytest.mark.slow
@pytest.mark.parametrize("name", CONTENTS)
def test_spoiled_records_are_assessed_and_give_no_name_away(name: str) -> None:
    charts = [chart for _, _, chart in charts_of(name)]
    assessments = assess_chart(together(charts[::DOCUMENTED]), KNOWLEDGE, DAY)
    for number, assessment in enumerate(assessments):
        assert NAME.encode() not in to_json(assessment)
        if number % PRINTED == 0:
            gives_no_name_away(assessment)


def gives_no_name_away(assessment: Assessment) -> None:
    for output in (to_json(assessment).decode(), render_text(assessment), render_html(assessment)):
        assert NAME not in output


@pytest.mark.hazard("data-leak")
@pytest.mark.parametrize("name", CONTENTS)
def test_names_and_addresses_of_a_record_stand_in_no_output(name: str) -> None:
    (assessment,) = assess_bytes(as_bytes(CONTENTS[name]), name, today=DAY)
    gives_no_name_away(assessment)
    assert assessment.patient.key in {"p", "case-1"}


@pytest.mark.parametrize("name", CONTENTS)
def test_ten_megabytes_in_one_place_are_refused_or_read_at_once(name: str) -> None:
    long = "x" * 10_000_000
    for pointer in sample(list(pointers(CONTENTS[name])), 12):
        outcome = read_or_refused(json.dumps(replaced(CONTENTS[name], pointer, long)).encode(), name)
        if isinstance(outcome, Chart):
            assert max(map(len, texts_of(outcome)), default=0) < 2_000


def texts_of(chart: Chart) -> Iterator[str]:
    for table in (chart.statements, chart.doses, chart.unread):
        for column in table.iter_columns():
            yield from (text for text in column if isinstance(text, str))


FILES = {
    "bundle.json": json.dumps(BUNDLE, indent=1).encode(),
    "lines.ndjson": b"\n".join(json.dumps(resource).encode() for resource in RESOURCES),
    "case.json": json.dumps(CASE).encode(),
    "case.yaml": CASES[10].read_bytes(),
    "trauma.yaml": (TOP / "examples" / "trauma.yaml").read_bytes(),
}


@pytest.mark.hazard("hostile-record")
@pytest.mark.parametrize("name", FILES)
def test_truncated_file_is_read_or_refused(name: str) -> None:
    data = FILES[name]
    for part in range(40):
        read_or_refused(data[: part * len(data) // 40 + part % 3], name)


@pytest.mark.hazard("hostile-record")
@pytest.mark.parametrize("name", FILES)
def test_single_bytes_changed_anywhere_are_read_or_refused(name: str) -> None:
    data = FILES[name]
    for number, place in enumerate(range(0, len(data), max(1, len(data) // 60))):
        for byte in (0, 0x22, 0x5B, 0x7D, 0xFF, number % 256):
            read_or_refused(data[:place] + bytes([byte]) + data[place + 1 :], name)


@pytest.mark.hazard("hostile-record")
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_wrong_encoding_is_one_error(name: str, encoding: str) -> None:
    outcome = read_or_refused(FILES[name].decode().encode(encoding, "replace"), name)
    assert isinstance(outcome, InputError)


@pytest.mark.parametrize("name", FILES)
def test_latin_1_is_one_error_or_its_entry_is_unread(name: str) -> None:
    data = FILES[name].replace(b"hip", "h\u00fcft".encode("latin-1"), 1)
    assert data != FILES[name]
    read_or_refused(data, name)


@pytest.mark.parametrize("name", FILES)
def test_byte_order_mark_and_windows_lines_change_nothing(name: str) -> None:
    plain = read_or_refused(FILES[name], name)
    marked = read_or_refused(b"\xef\xbb\xbf" + FILES[name].replace(b"\n", b"\r\n"), name)
    assert isinstance(plain, Chart)
    assert isinstance(marked, Chart)
    assert marked.statements.equals(plain.statements)
    assert marked.doses.equals(plain.doses)


NO_RECORD = [
    b"", b" \r\n\t ", b"\x00" * 50, b"\xef\xbb\xbf", bytes(range(256)), b"PK\x03\x04", b"null", b"[]", b"{}x",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("data", NO_RECORD, ids=range(len(NO_RECORD)))
def test_what_is_no_record_is_one_error_or_a_record_of_nothing(name: str, data: bytes) -> None:
    outcome = read_or_refused(data, name)
    assert isinstance(outcome, InputError) or outcome.statements.is_empty()


def test_key_that_stands_twice_never_brings_a_traceback() -> None:
    text = as_bytes(BUNDLE).replace(b'"id": "p"', b'"id": "p", "id": "q"')
    read_or_refused(text.replace(b'"status"', b'"status": 1, "status"'), "bundle.json")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=80), st.sampled_from(sorted(FILES)))
@example(b'{"resourceType": "Bundle", "entry": ', "bundle.json")
@example(b'{"resourceType": []}', "bundle.json")
@example(b'[{"resourceType": "Patient"}, 5, null, []]', "bundle.json")
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    read_or_refused(data, name)

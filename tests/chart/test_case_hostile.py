"""Files that are broken or hostile end in exactly one error that names the place, at once."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precollapse.chart.case.decode import DEEPEST, MOST_BYTES
from precollapse.chart.case.read import read_case
from precollapse.chart.model import Chart, ChartBuilder
from precollapse.errors import InputError
from precollapse.knowledge.load import load

AS_OF = date(2026, 1, 31)


def _read(data: bytes) -> Chart:
    builder = ChartBuilder()
    read_case(data, "case.yaml", load(), builder, AS_OF)
    return builder.build()


LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]".encode() for n in range(8)
)
HOSTILE = {
    "empty": (b"", "empty"),
    "only a comment": (b"# nothing\n", "mapping"),
    "truncated YAML": (b"patient: {age_years: 4", "line 2, column 1"),
    "truncated JSON": (b'{"patient": {"age_years": 4', "line 1"),
    "tab indentation": (b"patient:\n\tage_years: 4\n", "line 2"),
    "billion laughs": (LAUGHS, "aliases"),
    "alias of itself": (b"a: &a [*a]\n", "aliases"),
    "deep YAML": (b"[" * 5_000, "deeper"),
    "deep block YAML": (b"\n".join(b" " * n + b"a:" for n in range(60)), "deeper"),
    "deep JSON": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "deeper"),
    "deep JSON list": (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "deeper"),
    "too large": (b"id: " + b"x" * 10_000_000, "MB"),
    "too many entries": (b"exam: [" + b"a," * 200_000 + b"]", "entries"),
    "NaN in JSON": (b'{"patient": {"age_years": NaN}}', "NaN"),
    "Infinity in JSON": (b'{"patient": {"age_years": Infinity}}', "Infinity"),
    "NaN in YAML": (b"patient: {age_years: .nan}", "patient.age_years"),
    "infinity in YAML": (b"hips: {left: {internal_rotation_deg: .inf}}", "hips.left.internal_rotation_deg"),
    "many digits": (b"patient: {age_years: " + b"9" * 5_000 + b"}", ""),
    "duplicate key in YAML": (b"id: a\nid: b\n", "stands twice"),
    "duplicate key in JSON": (b'{"id": "a", "id": "b"}', "stands twice"),
    "UTF-16": ("id: a".encode("utf-16"), "UTF-16"),
    "Latin 1": ("id: Müller".encode("latin-1"), "not UTF-8"),
    "NUL bytes": (b"id: \x00\x00", ""),
    "a list as key": (b"? [a]\n: b\n", ""),
    "a number as key": (b"1: b\n", "not text"),
    "a Python tag": (b"id: !!python/object/apply:os.system [ls]\n", "line 1"),
    "a scalar": (b"hello", "mapping"),
    "a number": (b"42", "mapping"),
    "a section of the wrong shape": (b"symptoms: 5", "symptoms"),
    "patient as list": (b"patient: [1]", "patient"),
    "negative age": (b"patient: {age_years: -5}", "patient.age_years: -5"),
    "age of 200": (b"patient: {age_years: 200}", "patient.age_years: 200"),
    "age as a truth": (b"patient: {age_years: true}", "patient.age_years: True is not a number"),
    "age in words": (b"patient: {age_years: old}", "patient.age_years: 'old'"),
    "sex of a plant": (b"patient: {sex: dioecious}", "patient.sex"),
    "birth after the assessment": (b"patient: {birth_date: 2031-01-01}", "after the assessment"),
    "no such day": (b"as_of: 2026-02-30", "as_of: '2026-02-30' is not a date"),
    "negative duration": (
        b"symptoms: [{symptom: limp, duration_months: -2}]",
        "symptoms[0].duration_months: -2",
    ),
    "endless duration": (
        b"symptoms: [{symptom: limp, duration_months: 1.0e9}]",
        "symptoms[0].duration_months",
    ),
    "a side of the moon": (b"exam: [{test: FABER, side: dark}]", "exam[0].side: 'dark'"),
    "an entry without a name": (b"history: [{present: true}]", "history[0].factor"),
    "an answer that is none": (
        b"symptoms: [{symptom: limp, present: maybe}]",
        "symptoms[0].present: 'maybe'",
    ),
    "a concept that is none": (b"facts: {systemic_lupus: true}", "did you mean systemic_lupus"),
    "a patient's concept at a hip": (b"hips: {left: {hiv_infection: true}}", "write it under facts"),
    "a third hip": (b"hips: {middle: {}}", "hips.middle"),
    "impossible degrees": (b"hips: {left: {internal_rotation_deg: 400}}", "400 deg is outside"),
    "a unit that does not fit": (b"hips: {left: {internal_rotation_deg: 10 mg}}", "does not convert"),
    "a choice that is none": (b"hips: {left: {faber_test: blue}}", "is not one of"),
    "an unknown key of a value": (b"facts: {hiv_infection: {when: 2020}}", "facts.hiv_infection.when"),
}


@pytest.mark.parametrize(("data", "says"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_broken_file_gives_one_clear_error_at_once(data: bytes, says: str) -> None:
    load()
    began = time.perf_counter()
    with pytest.raises(InputError) as caught:
        _read(data)
    assert time.perf_counter() - began < 1
    message = str(caught.value)
    assert message.startswith("case.yaml")
    assert says in message
    assert len(message) < 400
    assert "\n" not in message


def test_error_names_place_value_and_limit() -> None:
    with pytest.raises(InputError) as caught:
        _read(b"hips:\n  left:\n    internal_rotation_deg: 400\n")
    ranges = load().concepts["internal_rotation_deg"].ranges
    assert ranges is not None
    low, high = ranges.possible
    assert str(caught.value) == (
        f"case.yaml: hips.left.internal_rotation_deg: 400 deg is outside {low:g} to {high:g}"
    )


def test_error_holds_no_patient_data_beyond_the_offending_value() -> None:
    with pytest.raises(InputError) as caught:
        _read(b"id: Jane Example\npatient: {age_years: 44, sex: female, weight_kg: heavy}\n")
    assert "Jane" not in str(caught.value)
    assert "44" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfid: a\r\nsymptoms: [limp]\r\n", b'\xef\xbb\xbf{"id": "a", "symptoms": ["limp"]}']
)
def test_byte_order_mark_and_windows_lines_do_not_matter(data: bytes) -> None:
    chart = _read(data)
    assert chart.persons["key"].to_list() == ["a"]
    assert chart.statements["concept"].to_list() == ["limp"]


def test_text_as_long_as_a_file_may_be_is_read_quickly() -> None:
    began = time.perf_counter()
    with pytest.raises(InputError):
        _read(b"symptoms: [" + b"limp " * ((MOST_BYTES - 20) // 5) + b"]")
    assert time.perf_counter() - began < 1


def test_nesting_that_a_case_needs_is_far_from_the_limit() -> None:
    assert DEEPEST >= 3 * 5  # file, section, entry, steps, value


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        _read(data)
    except InputError as error:
        assert str(error).startswith("case.yaml")


_KEYS = st.sampled_from(
    [
        "id",
        "as_of",
        "patient",
        "history",
        "medications",
        "symptoms",
        "exam",
        "labs",
        "imaging",
        "hips",
        "facts",
        "left",
        "factor",
        "symptom",
        "test",
        "value",
        "present",
        "side",
        "name",
        "age_years",
        "findings",
        "limp",
        "faber_test",
        "haemoglobin",
        "steps",
        "dose",
    ]
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["left", "no", "unknown", "prednisone 20 mg daily", "2024", "limp"]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        _LEAVES,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
        max_leaves=12,
    )
)
def test_any_structure_is_read_or_refused(value: object) -> None:
    import yaml

    try:
        _read(yaml.safe_dump(value, allow_unicode=True).encode())
    except InputError as error:
        assert str(error).startswith("case.yaml")

"""The report of the screening benchmark judges by the numbers, and each part leaves the others alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from benchmarks.screening import asked, planted, run
from benchmarks.screening.asked import Found

DAY = date(2025, 3, 31)


@dataclass(frozen=True)
class Stored:
    patients: int
    answers_seconds: float
    total_seconds: float
    memory_gb: float


def rows(own: float, **others: float) -> list[Found]:
    """Return timings of 30,000 patients on two cores, precollapse's own and the others'."""
    seconds = {
        asked.OWN: own,
        asked.TYPED_BY_LINE: 1.0,
        asked.TYPED_ALL_LINES: 0.5,
        asked.UNTYPED: 2.0,
        "Polars": 3.0,
        "DuckDB": 4.0,
        "cql-execution: ordered": 300.0,
        "fhirpath: lists": 40.0,
    }
    return [Found(name, 2, value) for name, value in (seconds | others).items()]


def sentence(said: str, part: str) -> str:
    (found,) = (line for line in said.splitlines() if part in line)
    return found


def ending(line: str) -> str:
    """Return the verdict of a sentence."""
    (found,) = (word for word in ("not judged", "met", "missed") if f": {word}" in line)
    return found


@pytest.mark.parametrize(
    ("part", "at_the_limit"),
    [
        ("patients/s", 3.0),
        ("as fast as cql-execution: ordered", 2.0),
        ("as fast as fhirpath: lists", 0.4),
        ("(msgspec, typed, line by line: 1.00 s)", 1.6),
        ("(msgspec, untyped: 2.00 s)", 3.2),
    ],
)
def test_a_limit_that_is_just_reached_is_met_and_a_hair_beyond_it_is_missed(
    part: str, at_the_limit: float
) -> None:
    reached = sentence(asked.peers_asked(30_000, rows(at_the_limit)), part)
    beyond = sentence(asked.peers_asked(30_000, rows(at_the_limit * 1.001)), part)
    assert (ending(reached), ending(beyond)) == ("met", "missed")


@pytest.mark.parametrize(("reader", "seconds"), [("Polars", 3.0), ("DuckDB", 4.0)])
def test_faster_than_a_reader_means_faster_and_not_as_fast(reader: str, seconds: float) -> None:
    part = f"reading with {reader}"
    assert ending(sentence(asked.peers_asked(30_000, rows(seconds)), part)) == "missed"
    assert ending(sentence(asked.peers_asked(30_000, rows(seconds * 0.999)), part)) == "met"


def test_the_ratio_to_an_engine_stands_beside_what_parsing_alone_would_reach() -> None:
    said = asked.peers_asked(30_000, rows(2.5))
    cql, fhirpath = (sentence(said, f"as fast as {name}") for name in ("cql-execution", "fhirpath"))
    assert "It is 120.0 times as fast as cql-execution: ordered (300.0 s on 2 cores" in cql
    assert "0.500 s) is 600.0 times as fast" in cql and "does not rule it out" in cql
    assert "0.500 s) is 80.0 times as fast" in fhirpath
    assert "nothing that parses every line like this can be 100 times as fast here" in fhirpath


def test_a_peer_counts_with_its_fastest_number_of_cores_and_a_reader_with_the_same_number() -> None:
    one_core = [
        Found(asked.OWN, 1, 5.0),
        Found("cql-execution: ordered", 1, 200.0),
        Found(asked.TYPED_BY_LINE, 1, 4.0),
    ]
    said = asked.peers_asked(30_000, [*one_core, *rows(2.0)])
    assert "It is 100.0 times as fast as cql-execution: ordered (200.0 s on 1 core" in said
    assert "On 2 cores it takes 2.00 times as long as only parsing" in said
    assert "On 1 core it takes 1.25 times as long as only parsing" in said


def test_without_node_the_engines_are_named_with_the_reason_and_without_a_verdict() -> None:
    own = [row for row in rows(1.0) if ": " not in row.name]
    said = asked.peers_asked(30_000, own, "node is not installed")
    for engine in asked.TIMES_AS_FAST:
        assert sentence(said, engine) == f"- {engine} was not measured, because node is not installed."


def test_on_one_core_the_speed_asked_for_on_two_is_not_judged() -> None:
    single = [Found(row.name, 1, row.seconds) for row in rows(1.0)]
    assert ending(sentence(asked.peers_asked(30_000, single), "patients/s")) == "not judged"


def test_ten_million_stored_charts_are_judged_by_speed_time_and_memory() -> None:
    def said(answers: float, everything: float, memory_gb: float) -> str:
        runs = [Stored(1_000_000, 2.0, 8.0, 1.0), Stored(asked.TEN_MILLION, answers, everything, memory_gb)]
        return asked.stored_asked(runs, runs)

    good, bad = said(20.0, 299.9, 2.147), said(20.1, 300.0, 2.148)
    assert good.count("500,000 patients/s; asked were at least 500,000: met.") == 2
    assert good.count("the answers met, everything met.") == 2
    assert "2.00 GiB, at 10,000,000 patients; asked were less than 2 GiB: met." in good
    assert "A patient costs 1.00 times as much at 10,000,000 as at 1,000,000" in good
    assert bad.count("asked were at least 500,000: missed.") == 2
    assert bad.count("the answers met, everything missed.") == 2
    assert "asked were less than 2 GiB: missed." in bad


def test_ten_million_stored_charts_that_were_not_measured_get_no_verdict() -> None:
    runs = [Stored(10_000, 1.0, 2.0, 0.5)]
    said = asked.stored_asked(runs, runs)
    assert said.count("were not measured; the most was 10,000.") == 2
    assert "everything" not in said


def test_a_part_of_the_page_is_replaced_and_the_other_stays_as_it_was() -> None:
    page = run.put(run.put("", "stored", "old charts\n"), "peers", "old peers\n")
    again = run.put(page, "stored", "new charts\n")
    assert again == page.replace("old charts", "new charts")
    assert again.index("old peers") < again.index("new charts")
    assert run.put(again, "stored", "new charts\n") == again


def test_the_driver_refuses_fewer_stored_charts_than_the_smallest_size(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run.main(["--only", "stored", "--largest", "9999"])
    assert "--largest 9999 is below 10000" in capsys.readouterr().err


def person(lesion: str, pain: str, diagnosis: str, action: str, cause: str = "alcohol") -> planted.Planted:
    began, hurt, found = (date.fromisoformat(day) if day else None for day in (lesion, pain, diagnosis))
    return planted.Planted(began, hurt, found, cause if lesion else "", action, recorded_before=False)


def test_a_planted_lesion_counts_from_the_day_it_began_until_it_is_diagnosed() -> None:
    people = [
        person("2025-03-31", "", "", "mri_now"),
        person("2020-01-01", "2025-03-31", "2025-04-01", "radiograph_and_mri", "background"),
        person("2020-01-01", "2025-04-01", "", "see_doctor"),
        person("2020-01-01", "2020-02-01", "2025-03-31", "see_doctor"),  # diagnosed by then: left out
        person("2025-04-01", "", "", "mri_now"),  # not yet ill
        person("", "", "", "nothing"),
    ]
    said = planted.against_truth(people, DAY, unscreened=2)
    cells = {
        line.split(" | ")[0].strip("|- "): [cell.strip(" |") for cell in line.split(" | ")[1:]]
        for line in said.splitlines()
        if line.startswith("| ")
    }
    assert cells["with a lesion, undiagnosed"] == ["3", "2", "67 % (21 to 93.9)", "1"]
    assert cells["pain had begun"][:2] == ["1", "1"]
    assert cells["pain had not begun"][:2] == ["2", "1"]
    assert cells["cause: alcohol"][:2] == ["2", "1"]
    assert cells["cause: background (no known cause)"][:2] == ["1", "1"]
    assert cells["without a lesion"][:2] == ["2", "1"]
    assert "left out: 1; not screened: 2." in said
    assert "that was not diagnosed: 1.5 (1.1 to 4.8); 3 flagged, 2 with a lesion" in said


def test_no_number_needed_is_given_when_no_flag_hits_a_lesion() -> None:
    said = planted.against_truth([person("", "", "", "mri_now")], DAY)
    assert "1 patients were flagged and none of them had a planted lesion." in said

"""The study table has no contradiction, and each kind of contradiction is found when put in."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from precollapse.evidence.table.check import problems, remarks
from precollapse.evidence.table.read import StudyTable, load

BASE = load()


def with_arm(name: str, **fields: Any) -> StudyTable:
    arm = msgspec.structs.replace(BASE.arms[name], **fields)
    return msgspec.structs.replace(BASE, arms={**BASE.arms, name: arm})


def with_study(name: str, **fields: Any) -> StudyTable:
    study = msgspec.structs.replace(BASE.studies[name], **fields)
    return msgspec.structs.replace(BASE, studies={**BASE.studies, name: study})


def with_figure(name: str, **fields: Any) -> StudyTable:
    figure = msgspec.structs.replace(BASE.figures[name], **fields)
    return msgspec.structs.replace(BASE, figures={**BASE.figures, name: figure})


def with_points(row: str, /, **fields: Any) -> StudyTable:
    first = next(point for point in BASE.survival if point.row == row)
    others = tuple(point for point in BASE.survival if point is not first)
    return msgspec.structs.replace(BASE, survival=(msgspec.structs.replace(first, **fields), *others))


def test_the_table_of_the_repository_has_no_problem() -> None:
    assert [str(problem) for problem in problems(BASE)] == []


def test_remarks_name_rows_in_use_whose_publication_is_not_identified() -> None:
    named = {remark.row for remark in remarks(BASE)}
    assert "morita-2017" in named  # its author is only remembered
    assert "lai-2005" not in named


def test_what_is_excluded_for_every_purpose_needs_no_remark() -> None:
    assert "castro-2000" not in {remark.row for remark in remarks(BASE)}


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("lai-2005:1", {"events": 30}, "30 events of 29"),
        ("lai-2005:1", {"n": None, "n_from": None}, "events without n"),
        ("lai-2005:1", {"n": 0, "events": 0}, "n is 0"),
        ("lai-2005:1", {"events_from": None}, "events and events_from go together"),
        ("lai-2005:1", {"note": "worked out from a figure"}, "the columns say printed"),
        ("lai-2005:1", {"follow_up_years": 0.0}, "follow-up of 0.0 years"),
        ("lai-2005:1", {"follow_up_years": None}, "no follow-up, but its kind is minimum"),
        ("ha-2006:2", {"size_low": 300.0}, "size from 300.0 to 250.0"),
        ("lai-2005:1", {"good_event": True}, "only a lesion reduction"),
        ("kuroda-2019:4", {"size_category": "C3"}, "'C3' is no JIC type"),
        ("lai-2005:1", {"treatment": "magic"}, "treatment magic is not defined"),
        ("lai-2005:1", {"overlaps": ("nobody-1900",)}, "overlaps with nobody-1900"),
        ("lai-2005:1", {"study": "nobody-1900"}, "study nobody-1900 is not defined"),
        ("mont-2004:2", {"n": 46}, "n 46 exceeds 45 of mont-2004:1"),
        ("mont-2004:2", {"events": 14}, "14 events exceed 13 of mont-2004:1"),
        ("mont-2004:2", {"n": 31}, "its strata of clinical-failure have more hips"),
        ("mont-2004:2", {"events": 7}, "its strata have more events"),
        ("chen-2012:2", {"exclude_pooling": ()}, "neither events nor survival but not excluded"),
        ("kuroda-2019:1", {"exclude_pooling": ()}, "no n but not excluded from pooling"),
        ("massari-2006:1", {"exclude_forecast": ()}, "no follow-up but not excluded from forecast"),
        ("ajmal-2009:1", {"exclude_forecast": ()}, "counts patients but not excluded from forecast"),
        ("nakamura-sle:1", {"exclude_pooling": ()}, "counts hips and knees but not excluded"),
        ("singh-2017:2", {"exclude_pooling": ()}, "answers another question but not excluded"),
        ("lai-2005:1", {"exclude_pooling": ("same hips",)}, "excluded for the same hips as nobody"),
        ("yue-2020:1", {"role": "arm"}, "role and exclusion disagree"),
        ("ha-2006:1", {"exclude_pooling": ()}, "same cohort and event as"),
    ],
)
def test_a_contradiction_in_an_arm_is_found(name: str, fields: dict[str, Any], expected: str) -> None:
    found = [str(problem) for problem in problems(with_arm(name, **fields))]
    assert any(expected in problem and problem.startswith("arms.csv: ") for problem in found), found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"survival": 1.2}, "survival 1.2"),
        ({"survival": 0.1}, "survival rises by"),
        ({"years": 5.0}, "two points at 5 years"),
        ({"years": -1.0}, "the time is not positive"),
        ({"low": 0.9}, "only one limit is given"),
        ({"low": 0.8, "high": 0.9}, "with limits 0.8 to 0.9"),
        ({"n": 7}, "n is 7, the arm has None"),
        ({"row": "nobody-1900:1"}, "no arm of this id"),
    ],
)
def test_a_contradiction_in_a_curve_is_found(fields: dict[str, Any], expected: str) -> None:
    found = [str(problem) for problem in problems(with_points("kuroda-2019:4", **fields))]
    assert any(expected in problem and problem.startswith("survival.csv: ") for problem in found), found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"doi": "doi:10.2106/JBJS.D.02959"}, "is no DOI"),
        ({"doi": "10.1302/2046-3758.810.bjr-2019-0022.r1"}, "is also that of"),
        ({"pmid": "PMC12"}, "is no PMID"),
        ({"url": "http://192.0.2.7:8081/1"}, "a bare IP number"),
        ({"url": "https://proxy.weglot.com/x"}, "a mirror or proxy"),
        ({"url": "jbjs.org"}, "no web address"),
        ({"checked": "today"}, "checked on 'today'"),
        ({"year": 205}, "year 205"),
        ({"follow_up_complete": 93.0}, "follow_up_complete 93.0"),
    ],
)
def test_a_contradiction_in_a_study_is_found(fields: dict[str, Any], expected: str) -> None:
    found = [str(problem) for problem in problems(with_study("lai-2005", **fields))]
    assert any(expected in problem and problem.startswith("studies: ") for problem in found), found


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("bergh-rr-early", {"value": 1.6}, "value 1.6 outside 1.34 to 1.54"),
        ("bergh-rr-early", {"value": 0.0, "interval": None}, "ratio 0.0"),
        ("bergh-rr-early", {"value": None, "interval": None}, "neither value nor interval"),
        ("bergh-rr-early", {"source": "nobody-1900"}, "source nobody-1900 is not defined"),
        ("bergh-rr-early", {"comparator": "magic"}, "treatment magic is not defined"),
        ("gaskill-major", {"value": 0.43}, "54 of 1270 is not 0.43"),
        ("gaskill-major", {"value": 4.3}, "proportion 4.3"),
        ("gaskill-major", {"n": 50}, "54 events of 50"),
    ],
)
def test_a_contradiction_in_a_figure_is_found(name: str, fields: dict[str, Any], expected: str) -> None:
    found = [str(problem) for problem in problems(with_figure(name, **fields))]
    assert any(expected in problem and problem.startswith("figures: ") for problem in found), found

"""Checks the whole knowledge and counts it: what ``precollapse knowledge check`` prints.

Reads entry by entry, so that one broken entry does not hide the next. Each check is a function of its
own that takes the knowledge and yields problems.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import yaml

from precollapse.errors import KnowledgeError
from precollapse.knowledge import (
    check_concepts,
    check_conditions,
    check_diagnosis,
    check_figures,
    check_forecast,
    check_links,
    check_scores,
    check_screening,
    check_staging,
    check_treatments,
    coverage,
)
from precollapse.knowledge.bundle import FILES, FileSpec, Knowledge
from precollapse.knowledge.load import knowledge_folder, read_folder
from precollapse.knowledge.strict_yaml import StrictLoader
from precollapse.knowledge.walk import ENTRY_KINDS, RAW_KINDS, Problem, figures

CHECKS = (
    *check_links.CHECKS,
    *check_conditions.CHECKS,
    *check_concepts.CHECKS,
    *check_figures.CHECKS,
    *check_scores.CHECKS,
    *check_diagnosis.CHECKS,
    *check_staging.CHECKS,
    *check_forecast.CHECKS,
    *check_treatments.CHECKS,
    *check_screening.CHECKS,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found wrong, and how much there is.

    ``on_low_reliability`` are the arguments of the advice whose sources are all of low reliability: part,
    entry and words.
    """

    problems: list[Problem]
    counts: dict[str, int]
    judgement: dict[str, int]
    items: list[coverage.Item]
    tests_found: bool
    on_low_reliability: list[tuple[str, str, str]]


def check(folder: Path | None = None, tests: Path | None = None) -> Report:
    """Check a knowledge folder.

    Parameters
    ----------
    folder
        The folder of YAML files; the product's own when None.
    tests
        The folder of tests that show pathway items; ``tests`` beside the folder when None.
    """
    folder = folder or knowledge_folder()
    tests = tests or folder.parent / "tests"
    knowledge, problems = read_entries(folder)
    carried = coverage.tests_by_item(tests) if tests.is_dir() else {}
    for function in CHECKS:
        problems.extend(function(knowledge))
    problems.extend(coverage.marks_exist(knowledge, carried))
    problems.extend(_loads(folder, problems))
    files = _files_of_entries(folder)
    problems = [
        p if p.file else replace(p, file=files.get((p.kind, p.entry.split(".")[0]), "")) for p in problems
    ]
    return Report(
        problems,
        _counts(knowledge),
        check_figures.judgements(knowledge),
        coverage.items(knowledge, carried),
        tests.is_dir(),
        check_treatments.resting_on_low(knowledge),
    )


def read_entries(folder: Path) -> tuple[Knowledge, list[Problem]]:
    """Read whatever can be read; every entry that cannot is a problem instead of an end."""
    content: dict[str, Any] = {"version": "unversioned"}
    problems: list[Problem] = []
    for spec in FILES:
        found: dict[str, Any] = {}
        for path in sorted(folder.glob(spec.pattern)):
            for entry, problem in _read(path, path.relative_to(folder).as_posix(), spec):
                if problem:
                    problems.append(problem)
                elif (key := getattr(entry, "id", str(len(found)))) in found:
                    problems.append(Problem(spec.field, key, "is defined twice", "keep one", path.name))
                else:
                    found[key] = entry
        if not found:
            problems.append(Problem(spec.field, spec.pattern, "nothing was found", "write the file"))
        content[spec.field] = _shape(found, spec)
    return _with_extra_codes(Knowledge(**content), problems), problems


def _read(path: Path, name: str, spec: FileSpec) -> Iterator[tuple[Any, Problem | None]]:
    try:
        raw = yaml.load(path.read_bytes(), Loader=StrictLoader)
    except (yaml.YAMLError, TypeError, ValueError) as error:
        yield None, Problem(spec.field, name, " ".join(str(error).split()), "correct the YAML", name)
        return
    if spec.many and not isinstance(raw, list):
        yield (
            None,
            Problem(spec.field, name, "is not a list of entries", "begin each entry with '- id:'", name),
        )
        return
    for number, item in enumerate(raw if spec.many else [raw]):
        try:
            yield msgspec.convert(item, spec.type, strict=True), None
        except msgspec.ValidationError as error:
            entry = item.get("id", f"entry {number + 1}") if isinstance(item, dict) else f"entry {number + 1}"
            yield None, Problem(spec.field, str(entry), str(error), "see knowledge/model.py", name)


def _shape(found: dict[str, Any], spec: FileSpec) -> Any:
    if not spec.many:
        empty: Any = {} if spec.field in RAW_KINDS else None
        return next(iter(found.values()), empty)
    return found if spec.keyed else tuple(found.values())


def _with_extra_codes(knowledge: Knowledge, problems: list[Problem]) -> Knowledge:
    known = tuple(extra for extra in knowledge.extra_codes if extra.concept in knowledge.concepts)
    problems.extend(
        Problem("extra_codes", extra.concept, "codes for a concept that does not exist", "correct the name")
        for extra in knowledge.extra_codes
        if extra not in known
    )
    try:
        return msgspec.structs.replace(knowledge, extra_codes=known).merged()
    except KnowledgeError as error:
        entry, _, what = str(error).partition(": ")
        problems.append(Problem("concepts", entry, what, "see knowledge/usual.py"))
        return knowledge


def _loads(folder: Path, problems: list[Problem]) -> Iterator[Problem]:
    """Make sure that the product's own loader agrees, when nothing else was found."""
    if problems:
        return
    try:
        read_folder(folder)
    except KnowledgeError as error:
        yield Problem("all", folder.name, str(error), "correct it")


def _files_of_entries(folder: Path) -> dict[tuple[str, str], str]:
    return {
        (spec.field, match): path.relative_to(folder).as_posix()
        for spec in FILES
        for path in sorted(folder.glob(spec.pattern))
        for match in re.findall(
            r"^\s*(?:- )?(?:\{\s*)?id:\s*['\"]?([\w.-]+)", path.read_text("utf-8"), re.MULTILINE
        )
    }


def _counts(knowledge: Knowledge) -> dict[str, int]:
    counts = {kind: len(getattr(knowledge, kind)) for kind in (*ENTRY_KINDS, "sources")}
    systems = Counter(code.system for concept in knowledge.concepts.values() for code in concept.codes)
    return {**counts, "codes": systems.total(), "figures": sum(1 for _ in figures(knowledge))}

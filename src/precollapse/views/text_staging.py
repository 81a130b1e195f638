"""Staging for the terminal: all systems side by side, what would decide, borders, contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from precollapse.assessment.staging_nodes import Staging, SystemStage
from precollapse.views import staging_words as words
from precollapse.views.layout import Line, bullet
from precollapse.views.wording import FEW, SourceNumbers, clean, more

NAME_WIDTH = 30


def staging_lines(staging: Staging, cite: SourceNumbers) -> Iterator[Line]:
    """Yield what every staging system says of one hip."""
    systems = words.shown(staging)
    if staging.applicable or systems:
        yield Line("Stage, size and type", indent=2, style="bold")
    if staging.says:
        yield Line(staging.says, indent=2)
    for system in systems:
        said = words.stage(system)
        reader = words.reader(system)
        if reader and reader not in said:
            said = f"{said}; {reader}"
        name = clean(system.name)
        short = cell_len(name) <= NAME_WIDTH
        mark = name + " " * (NAME_WIDTH - cell_len(name)) if short else "-"
        text = said if short else f"{name}: {said}"
        yield bullet(f"{text} {cite(*system.sources)}", mark=mark, indent=4)
    yield from _would_decide(systems)
    yield from _borders(systems)
    yield from _contradictions(staging, cite)
    yield from _agreement(systems)


def _would_decide(systems: Sequence[SystemStage]) -> Iterator[Line]:
    """List each question once, with the systems that it would decide or could change."""
    decides: dict[str, list[str]] = {}
    changes: dict[str, list[str]] = {}
    for system in systems:
        for listed, facts in ((decides, system.decided_by), (changes, system.could_change)):
            for fact in facts:
                listed.setdefault(fact.question, []).append(system.name)
    for title, listed in (("Would decide", decides), ("Not made, could change the stage", changes)):
        if listed:
            yield Line(title, indent=2, style="bold")
        ranked = sorted(listed.items(), key=lambda item: -len(item[1]))
        for question, names in ranked[:FEW]:
            yield bullet(f"{question} ({', '.join(dict.fromkeys(names))})", mark="?", indent=4)
        left = more(len(ranked), FEW)
        if left:
            yield Line(f"… {left}", indent=4, style="dim")


def _borders(systems: Sequence[SystemStage]) -> Iterator[Line]:
    near = [(system, border) for system in systems for border in system.borders]
    if near:
        yield Line("Nearest borders", indent=2, style="bold")
    for system, border in near:
        yield bullet(f"{system.name}: {words.border(border)}", indent=4)


def _contradictions(staging: Staging, cite: SourceNumbers) -> Iterator[Line]:
    if staging.contradictions:
        yield Line("Contradictions, neither side is used", indent=2, style="bold yellow")
    for one in staging.contradictions:
        yield bullet(f"{words.sides(one)}. {cite(*one.sources)}", mark="!", indent=4)


def _agreement(systems: Sequence[SystemStage]) -> Iterator[Line]:
    """Say how well readers agree, of the systems in which this hip has a stage."""
    measured = [system for system in systems if system.reliability and system.state == "staged"]
    if measured:
        yield Line("How well readers agree", indent=2, style="bold")
    for system in measured:
        yield bullet(f"{system.name}: {words.reliability(system.reliability)}", indent=4)

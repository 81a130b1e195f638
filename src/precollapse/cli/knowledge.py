"""`precollapse knowledge`: check, show and search, as text or JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import typer

from precollapse.knowledge.check import Report
from precollapse.knowledge.coverage import Item


def check(view: str, *, items: bool) -> int:
    """Check the knowledge and print what was found; return 0 when nothing is wrong, else 1."""
    from precollapse.knowledge.check import check

    report = check()
    typer.echo(_report_json(report) if view == "json" else _report_text(report, items=items))
    return 1 if report.problems else 0


def _report_json(report: Report) -> str:
    return _json(
        {
            "problems": report.problems,
            "counts": report.counts,
            "judgement": report.judgement,
            "tests_found": report.tests_found,
            "on_low_reliability": [
                {"kind": kind, "entry": entry, "what": what}
                for kind, entry, what in report.on_low_reliability
            ],
            "pathway": [
                {"id": i.id, "name": i.name, "covered": i.covered, "entries": i.entries, "tests": i.tests}
                for i in report.items
            ],
        }
    )


def _report_text(report: Report, *, items: bool) -> str:
    lines = [str(problem) for problem in report.problems]
    if lines:
        lines.append("")
    width = max(map(len, report.counts))
    lines.extend(f"{kind.replace('_', ' '):{width}}  {number:>6,}" for kind, number in report.counts.items())
    judged = report.judgement
    lines.append("")
    lines.append(
        f"Judgement: {judged['figures']} figures, {judged['entries']} rules and effects, and wording or "
        f"limits of {judged['concepts']} concepts rest on clinical judgement alone and say so; of the "
        f"differential {judged['cells']} frequencies are words of a scale of judgement."
    )
    if report.on_low_reliability:
        lines.append("")
        lines.append("Rests on sources of low reliability alone, and therefore decides nothing by itself:")
        lines.extend(f"  {kind}/{entry}: {what}" for kind, entry, what in report.on_low_reliability)
    lines.extend(_coverage(report))
    if items:
        lines.extend(["", *map(_item, report.items)])
    lines.extend(["", f"{len(report.problems)} problems." if report.problems else "No problems."])
    return "\n".join(lines)


def _coverage(report: Report) -> list[str]:
    covered = sum(item.covered for item in report.items)
    lines = [
        f"Pathway: {covered} of {len(report.items)} items have both an entry of the knowledge and a test."
    ]
    if not report.tests_found:
        lines.append("There is no tests folder here, so no item counts as covered; run this in a checkout.")
    return lines


def _item(item: Item) -> str:
    mark = (
        "covered" if item.covered else "no test" if item.entries else "no entry" if item.tests else "nothing"
    )
    tests = "".join(f"\n      {test}" for test in item.tests)
    return f"{item.id:4} {mark:9} {item.name} ({len(item.entries)} entries){tests}"


def show(entry: str, view: str) -> None:
    """Print an entry and what refers to it."""
    from precollapse.knowledge.load import load
    from precollapse.knowledge.show import show

    shown = show(load(), entry)
    if view == "json":
        typer.echo(_json([one._asdict() for one in shown]))
        return
    import yaml

    for one in shown:
        text = yaml.safe_dump(one.entry, sort_keys=False, allow_unicode=True, width=100)
        typer.echo(f"# {one.kind}\n{text}")
        typer.echo(f"# named by: {', '.join(one.named_by) or 'nothing'}")


def search(text: str, view: str) -> None:
    """Print the entries that match, best first."""
    from precollapse.knowledge.load import load
    from precollapse.knowledge.search import search

    found = search(load(), text)
    if view == "json":
        typer.echo(_json([one._asdict() for one in found]))
        return
    for one in found[:_MOST]:
        typer.echo(f"{one.kind + '/' + one.id:45} {one.name}  ({one.why})")
    if len(found) > _MOST:
        typer.echo(f"… and {len(found) - _MOST} more; --format json lists all.")
    if not found:
        typer.echo("Nothing was found.", err=True)
        raise typer.Exit(1)


_MOST = 40


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()

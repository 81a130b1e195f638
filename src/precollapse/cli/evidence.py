"""`precollapse evidence`: what was estimated from the study table, its check, and estimating it again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import typer

from precollapse.cli.records import complain
from precollapse.errors import PrecollapseError
from precollapse.evidence.folder import evidence_folder

if TYPE_CHECKING:
    from precollapse.views.evidence_names import Names
    from precollapse.views.evidence_pages import Page


def show(topic: str, view: str, *, plot: str, output: Path | None) -> None:
    """Show a treatment, a network, the course without treatment or the published effects."""
    from precollapse.views.evidence_pages import page

    if plot != "forest" and view != "svg":
        raise PrecollapseError(f"--plot {plot} draws a picture: add --format svg")
    names = _names()
    wanted = names.resolve(topic)
    if view == "json":
        _put(_json(_data(wanted, names)) + "\n", output)
        return
    shown = page(wanted, names)
    if view == "svg":
        _put(_svg(shown, wanted, plot), output)
    elif view == "html":
        from precollapse.views.html_evidence import render_evidence

        _put(render_evidence(shown), output)
    elif output is None:
        from precollapse.views.text_evidence import print_page

        print_page(shown)
    else:
        from precollapse.views.text_evidence import render_page

        _put(render_page(shown), output)


def _svg(shown: Page, topic: str, plot: str) -> str:
    from precollapse.views.html_evidence import drawing
    from precollapse.views.plots.model import Forest
    from precollapse.views.plots.network import Network
    from precollapse.views.plots.svg import document

    kind = Network if plot == "network" else Forest
    drawings = [drawing(block) for block in shown.blocks if isinstance(block, kind)]
    if not drawings:
        where = "; a network is drawn of collapse or replacement" if plot == "network" else ""
        raise PrecollapseError(f"{topic}: there is no {plot} plot of it{where}")
    return document(drawings)


def _data(topic: str, names: Names) -> Any:
    """Return what was estimated of a topic as it was written by the fit."""
    from precollapse.views.evidence_names import COURSE, PUBLISHED

    parameters = names.parameters
    if topic == COURSE:
        return {"course": parameters.course, "processes": parameters.processes}
    if topic == PUBLISHED:
        return {"published": parameters.published}
    networks = {one.id: one for one in parameters.networks}
    if topic in networks:
        return networks[topic]
    return {
        "treatment": topic,
        "name": parameters.treatments.get(topic, topic),
        "comparisons": [
            {
                "network": network.id,
                "contrasts": [c for c in network.contrasts if topic in (c.treatment, c.versus)],
                "effects": [e for e in network.league if topic in (e.treatment, e.versus)],
                "left_out": [row for row in network.left_out if names.concerns(row, topic)],
            }
            for network in parameters.networks
        ],
        "series": [one for one in parameters.series if one.treatment == topic],
        "published": [one for one in parameters.published if topic in names.printed_for(one.figure)],
    }


def list_treatments(view: str) -> None:
    """List the treatments with studies, hips and certainty."""
    from precollapse.views.evidence_list import listed, unknown
    from precollapse.views.text_evidence import table_rows

    names = _names()
    found = listed(names)
    if view == "json":
        typer.echo(_json([one._asdict() for one in found]))
        return
    networks = [one.id for one in names.parameters.networks]
    rows = tuple(
        (
            *(one.id, str(one.studies), str(one.randomised), f"{one.hips:,}"),
            *(one.certainty.get(network, "-") for network in networks),
        )
        for one in found
    )
    head = ("treatment", "studies", "random.", "hips", *networks)
    lines = table_rows(head, rows)
    lines.append("")
    lines += _wrapped(f"Under {' and '.join(networks)}: certainty of the effect; - where there is none.")
    rest = unknown(names)
    if rest:
        lines += _wrapped(f"Nothing estimated: {', '.join(rest)}.")
    lines += _wrapped("Also to show: " + ", ".join([*networks, "natural-course", "published"]) + ".")
    typer.echo("\n".join(lines))


def _wrapped(text: str) -> list[str]:
    from precollapse.views.layout import WIDTH, Line, wrap

    return wrap(Line(text), WIDTH)


def check(view: str) -> int:
    """Print what is wrong with the study table; return 0 when nothing is, else 1."""
    from precollapse.evidence.table.check import problems, remarks
    from precollapse.evidence.table.read import load

    try:
        table = load()
    except ValueError as error:
        raise PrecollapseError(str(error)) from error
    found, noted = problems(table), remarks(table)
    if view == "json":
        counts = {"studies": len(table.studies), "rows": len(table.arms), "figures": len(table.figures)}
        wrong, said = [one._asdict() for one in found], [one._asdict() for one in noted]
        typer.echo(_json({"problems": wrong, "remarks": said, "counts": counts}))
        return 1 if found else 0
    for one in found:
        typer.echo(str(one))
    typer.echo(
        f"{len(table.studies)} studies, {len(table.arms)} rows, {len(table.figures)} published figures; "
        f"{len(noted)} remarks (--format json lists them)."
    )
    typer.echo(f"{len(found)} problems." if found else "No problems.")
    return 1 if found else 0


def fit(output: Path | None) -> None:
    """Estimate everything again and write it."""
    from precollapse.evidence.fitted import fitted_folder
    from precollapse.evidence.fitting.run import fit_table, write_fitted

    folder = output or fitted_folder()
    if folder.exists() and not folder.is_dir():
        raise PrecollapseError(f"{folder} is a file: -o names a folder")
    try:
        fitted = fit_table(report=lambda said: typer.echo(said, err=True))
        write_fitted(fitted, folder)
    except ValueError as error:
        raise PrecollapseError(f"the study table cannot be fitted: {error}") from error
    except OSError as error:
        raise PrecollapseError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    typer.echo(f"Written to {folder}.", err=True)


def _names() -> Names:
    from precollapse.evidence.fitted import load_fitted
    from precollapse.evidence.table.read import load
    from precollapse.views.evidence_names import Names

    try:
        return Names(load_fitted().parameters, load(), _lumped())
    except ValueError as error:
        raise PrecollapseError(str(error)) from error


def _lumped() -> dict[str, str]:
    """Return the treatments that count as another one, from the settings of the fit."""
    import yaml

    from precollapse.evidence.fitting.settings import Settings

    try:
        settings = yaml.safe_load((evidence_folder() / "models.yaml").read_bytes())
        return msgspec.convert(settings, Settings).comparisons.lumped
    except (OSError, yaml.YAMLError) as error:
        raise PrecollapseError(f"models.yaml: {error}") from error


def _put(text: str, output: Path | None) -> None:
    """Write UTF-8 to a file or to standard output."""
    if output is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(text.encode())
    except OSError as error:
        complain(f"{error.filename or output}: cannot be written: {error.strerror}")
        raise typer.Exit(2) from error


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()

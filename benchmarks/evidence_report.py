"""Writes ``docs/evidence/``: forest and network plots, and a page of what was pooled and what was left out.

Made by the same command a reader would use, from ``evidence/fitted``; nothing is estimated here.
"""

from __future__ import annotations

import sys

from benchmarks import evidence_equality
from benchmarks.cases import ROOT
from benchmarks.measure import table
from precollapse.cli.evidence import show
from precollapse.evidence.fitted import (
    EffectFitted,
    Estimate,
    NetworkFitted,
    Parameters,
    PublishedBeside,
    SeriesFitted,
    load_fitted,
)

FOLDER = ROOT / "docs" / "evidence"
PLOTS = (
    ("collapse", "forest"),
    ("collapse", "network"),
    ("replacement", "forest"),
    ("replacement", "network"),
    ("natural-course", "forest"),
    ("published", "forest"),
)
TREATMENTS = ("bisphosphonate", "core_decompression", "decompression_cells", "tantalum_rod")


def main() -> str:
    """Write the plots and the page; the page is returned too."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for topic, plot in PLOTS:
        show(topic, "svg", plot=plot, output=FOLDER / f"{topic}-{plot}.svg")
    for treatment in TREATMENTS:
        show(treatment, "svg", plot="forest", output=FOLDER / f"{treatment}.svg")
    page = _page(load_fitted().parameters)
    (FOLDER / "README.md").write_text(page, encoding="utf-8")
    return page


def _page(parameters: Parameters) -> str:
    parts = [
        "# What the studies say",
        "Written by `make bench` from `evidence/fitted`, which `precollapse evidence fit` makes from the "
        "study table. `docs/methods/evidence.md` says how. Hazard ratios below 1 favour the treatment.",
    ]
    for network in parameters.networks:
        parts += _network(network, parameters)
    parts += [
        "## Series without a comparison",
        "Replacements per 100 hips and year, certainty very low whatever the number of hips. They cannot be "
        "compared with each other or with no treatment.",
        _series(parameters),
        "## The course without treatment",
        "![Cohorts without treatment, observed and fitted](natural-course-forest.svg)",
        "## Published pooled effects beside ours",
        "![Published pooled effects and ours](published-forest.svg)",
        _published(parameters.published),
        "## Some treatments",
        *(f"![{parameters.treatments[one]}]({one}.svg)" for one in TREATMENTS),
        evidence_equality.main(),
    ]
    return "\n\n".join(parts) + "\n"


def _network(network: NetworkFitted, parameters: Parameters) -> list[str]:
    rows = [_effect(one, parameters) for one in network.effects]
    head = ("treatment", "hazard ratio", "further population", "studies (randomised)", "certainty", "why")
    apart = ", ".join(parameters.treatments[one].lower() for one in network.apart) or "none"
    reasons: dict[str, int] = {}
    for one in network.left_out:
        reasons[one.why] = reasons.get(one.why, 0) + 1
    left = "; ".join(f"{count} × {why}" for why, count in sorted(reasons.items(), key=lambda item: -item[1]))
    return [
        f"## {network.name[:1].upper()}{network.name[1:]}",
        f"![Network of treatments]({network.id}-network.svg)",
        f"![Forest plot]({network.id}-forest.svg)",
        table(head, rows),
        f"Standard deviation between studies of one question: {network.tau:.2f} on the log scale. "
        f"Not connected: {apart}. Rows left out: {left}.",
    ]


def _effect(one: EffectFitted, parameters: Parameters) -> tuple[str, ...]:
    return (
        parameters.treatments[one.treatment],
        _ratio(one.ratio),
        _ratio(one.prediction),
        f"{one.studies} ({one.randomised})",
        one.certainty.level,
        "; ".join(one.certainty.reasons),
    )


def _ratio(estimate: Estimate | None) -> str:
    return "" if estimate is None else f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _series(parameters: Parameters) -> str:
    rows = [
        _series_row(one, parameters)
        for one in parameters.series
        if one.event == "replacement" and one.stage_group != "mixed"
    ]
    return table(
        ("treatment", "hips", "studies", "hips in all", "per 100 and year", "further population"), rows
    )


def _series_row(one: SeriesFitted, parameters: Parameters) -> tuple[str, ...]:
    def per_hundred(rate: Estimate) -> str:
        return f"{100 * rate.value:.1f} ({100 * rate.low:.1f} to {100 * rate.high:.1f})"

    return (
        parameters.treatments[one.treatment],
        one.stage_group,
        str(one.studies),
        f"{one.hips:,.0f}",
        per_hundred(one.rate),
        per_hundred(one.prediction),
    )


def _published(published: tuple[PublishedBeside, ...]) -> str:
    rows = [
        (
            one.source,
            one.says,
            one.measure,
            _ratio(one.printed),
            _ratio(one.ours),
            str(one.ours_studies),
            one.why,
        )
        for one in published
    ]
    return table(("review", "what", "measure", "printed", "ours", "our studies", "why they differ"), rows)


if __name__ == "__main__":
    sys.stdout.write(main())

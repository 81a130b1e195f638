"""Small invented estimates and the small table they come from, for tests of views and commands."""

from __future__ import annotations

from typing import Any

import numpy as np

from precollapse.evidence.fitted import (
    FORMAT,
    Certainty,
    Coefficient,
    ContrastFitted,
    CourseUsed,
    EffectFitted,
    Estimate,
    Fitted,
    LeftOut,
    NetworkFitted,
    Parameters,
    ProcessFitted,
    PublishedBeside,
    RowFitted,
    Score,
    SeriesFitted,
    SeriesRow,
    StudyCited,
)
from precollapse.evidence.table.model import Arm, Figure, Treatment
from precollapse.evidence.table.read import StudyTable

TREATMENTS = {
    "no_treatment": "No treatment",
    "alendronate": "Alendronate",
    "decompression": "Core decompression",
    "rod": "Tantalum rod",
    "waves": "Extracorporeal shock waves",
}
CERTAINTY = Certainty(level="very low", reasons=("fewer than 300 events", "one study only"))


def estimate(value: float, factor: float = 2.0) -> Estimate:
    """A ratio whose interval reaches from value / factor to value * factor."""
    return Estimate(value=value, low=value / factor, high=value * factor)


def contrast(study: str, treatment: str, versus: str, ratio: Estimate, **changes: Any) -> ContrastFitted:
    fields: dict[str, Any] = {
        "study": study, "treatment": treatment, "versus": versus, "ratio": ratio,
        "events": 4, "n": 30, "versus_events": 9, "versus_n": 31, "weight": 0.5,
        "widened": Estimate(value=ratio.value, low=ratio.low / 1.5, high=ratio.high * 1.5),
        "allocation": "random", "risk_of_bias": "some concerns", "risk_reasons": ("not blinded",),
        "bias_sd": 0.08,
    }  # fmt: skip
    return ContrastFitted(**(fields | changes))


def effect(treatment: str, versus: str, ratio: Estimate, **changes: Any) -> EffectFitted:
    fields: dict[str, Any] = {
        "treatment": treatment, "versus": versus, "ratio": ratio,
        "prediction": Estimate(value=ratio.value, low=ratio.low / 2, high=ratio.high * 2),
        "direct": ratio, "indirect": None, "direct_share": 1.0, "inconsistency_p": None,
        "studies": 2, "randomised": 1, "events": 40, "certainty": CERTAINTY,
    }  # fmt: skip
    return EffectFitted(**(fields | changes))


def network(**changes: Any) -> NetworkFitted:
    """Alendronate and decompression against nothing and each other; rod and waves only against each other."""
    against = (
        effect("alendronate", "no_treatment", estimate(0.4), indirect=estimate(0.6), inconsistency_p=0.3),
        effect(
            "decompression", "no_treatment", estimate(0.8), studies=0, randomised=0, events=0, direct=None
        ),
    )
    fields: dict[str, Any] = {
        "id": "collapse", "name": "collapse", "event": "collapse", "reference": "no_treatment",
        "treatments": ("no_treatment", "alendronate", "decompression"), "tau": 0.4,
        "q_heterogeneity": 3.0, "q_heterogeneity_p": 0.00001, "q_inconsistency": None,
        "q_inconsistency_p": None,
        "contrasts": (
            contrast("lai", "alendronate", "no_treatment", estimate(0.3, 3), weight=0.6),
            contrast("koo", "alendronate", "no_treatment", estimate(0.7), weight=0.2, allocation="matched"),
            contrast("wang", "decompression", "alendronate", estimate(2.0), risk_of_bias="high"),
            contrast("mao", "rod", "waves", estimate(3.0), events=None, weight=0.0),
        ),
        "effects": against,
        "league": (*against, effect("decompression", "alendronate", estimate(2.0))),
        "p_scores": (
            Score(treatment="no_treatment", score=Estimate(value=0.1, low=0, high=0.5), best=0.0),
            Score(treatment="alendronate", score=Estimate(value=0.9, low=0.5, high=1), best=0.8),
        ),
        "apart": ("rod", "waves"),
        "left_out": (
            LeftOut(row="lai:9", study="lai", why="same hips"),
            LeftOut(row="koo:9", study="koo", why="unit is patients"),
        ),
    }  # fmt: skip
    return NetworkFitted(**(fields | changes))


def process() -> ProcessFitted:
    rows = (("min", 26.0, 81.0, 0.34), ("kuroda", 0.0, 21.0, 0.013))
    return ProcessFitted(
        id="collapse",
        name="collapse",
        coefficients=(Coefficient(name="jic A", estimate=estimate(0.01)),),
        between_cohorts_sd=estimate(0.6),
        effective_size=900.0,
        proposals=2000,
        rows=tuple(
            RowFitted(
                arm=f"{study}:1", study=study, size="all", at_risk=at_risk, events=events, start_years=0.0,
                end_years=8.3, within=estimate(share, 1.2), new=estimate(share, 2.5),
            )
            for study, events, at_risk, share in rows
        ),
    )  # fmt: skip


def series(treatment: str = "rod") -> SeriesFitted:
    rows = (("nadeau", 10.0, 18.0, 34.2), ("he", 12.0, 40.0, 404.0))
    return SeriesFitted(
        treatment=treatment,
        event="replacement",
        stage_group="before collapse",
        studies=2,
        hips=58.0,
        events=22.0,
        rate=estimate(0.05),
        prediction=estimate(0.05, 5),
        rows=tuple(
            SeriesRow(arm=f"{s}:1", study=s, events=e, hips=n, hip_years=t, rate=estimate(e / t))
            for s, e, n, t in rows
        ),
        left_out=(LeftOut(row="he:2", study="he", why="same hips"),),
        certainty=CERTAINTY,
    )


def published() -> PublishedBeside:
    return PublishedBeside(
        figure="review:1", source="review", says="collapse after alendronate", measure="risk ratio",
        printed=estimate(0.5), ours=estimate(0.45), ours_studies=2, why="They counted hips twice.",
    )  # fmt: skip


def cited(authors: str | None, year: int | None) -> StudyCited:
    return StudyCited(
        title=None, authors=authors, year=year, journal=None, doi=None, pmid=None, url=None,
        design="randomised trial", reliability="medium",
    )  # fmt: skip


def parameters(**changes: Any) -> Parameters:
    course = CourseUsed(
        borders_years=(2.0, 5.0), scales={}, shares={"A": 1.0}, shares_source="x", shares_note="y"
    )
    fields: dict[str, Any] = {
        "format": FORMAT, "table": "0", "seed": 1, "names": ("a",), "course": course,
        "processes": (process(),), "networks": (network(),), "series": (series(),),
        "published": (published(),), "treatments": TREATMENTS,
        "studies": {
            "lai": cited("Lai KA, Shen WJ", 2005), "koo": cited("Koo KH", 1995), "mao": cited(None, 2015),
        },
    }  # fmt: skip
    return Parameters(**(fields | changes))


def fitted(**changes: Any) -> Fitted:
    return Fitted(parameters(**changes), np.zeros((3, 1)))


def arm(row: str, treatment: str) -> Arm:
    return Arm(
        id=row, study=row.partition(":")[0], arm="all", treatment=treatment, role="arm",
        stage_group="before collapse", symptoms="unknown", size_system="none", cause="mixed", unit="hips",
        event="collapse", follow_up_kind="mean", seen="abstract",
    )  # fmt: skip


def table() -> StudyTable:
    figure = Figure(
        id="review:1", source="review", kind="risk ratio", use="published pooled effect", quantity="collapse",
        treatment="alendronate", unit="1", seen="abstract",
    )  # fmt: skip
    kinds = {"no_treatment": "observation", "alendronate": "drug"}
    treatments = {
        one: Treatment(
            id=one, name=name, short=one[:12], kind=kinds.get(one, "physical"), description=f"About {one}."  # type: ignore[arg-type]
        )
        for one, name in TREATMENTS.items()
    }  # fmt: skip
    arms = {one.id: one for one in (arm("lai:9", "alendronate"), arm("koo:9", "no_treatment"))}
    return StudyTable(treatments=treatments, studies={}, arms=arms, survival=(), figures={figure.id: figure})

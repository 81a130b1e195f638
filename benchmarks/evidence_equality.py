"""How near the statistics come to R: worst differences over the stored results of metafor and survival.

The reference results and the R scripts that made them are in ``tests/evidence/oracle/``; the tests demand
limits, this prints what was reached.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from benchmarks.cases import ROOT
from benchmarks.measure import table
from precollapse.evidence.network.model import fit_network
from precollapse.evidence.pairwise.heterogeneity import Method
from precollapse.evidence.pairwise.pool import Test, pool
from precollapse.evidence.survival.competing_risks import cumulative_incidence
from precollapse.evidence.survival.kaplan_meier import kaplan_meier
from tests.evidence.network_reference import studies_of

ORACLE = ROOT / "tests" / "evidence" / "oracle"
METHODS: dict[str, Method] = {"REML": "REML", "PM": "PM", "DL": "DL", "ML": "ML", "FE": "fixed"}
TESTS: dict[str, Test] = {"z": "z", "knha": "knapp-hartung"}
NETWORK_METHODS: tuple[Literal["REML", "ML"], ...] = ("REML", "ML")
POOLED = ("estimate", "standard_error", "low", "high", "tau_squared", "q", "i_squared", "weights")


def main() -> str:
    """Compare and return the report."""
    rows = [_pairwise(), _network(), _kaplan_meier(), _incidence()]
    head = ("what", "data sets", "worst difference", "demanded", "")
    return "## Equal to R\n\n" + table(head, [_row(*row) for row in rows])


def _row(what: str, sets: int, worst: float, demanded: float) -> tuple[str, ...]:
    return what, str(sets), f"{worst:.1e}", f"{demanded:.0e}", "" if worst <= demanded else "MISSED"


def _pairwise() -> tuple[str, int, float, float]:
    published = _read("pairwise")["pooled"]
    worst = 0.0
    for data in published:
        for fit in data["fits"]:
            found: Any = pool(
                data["yi"],
                data["vi"],
                method=METHODS[fit["method"]],
                test=TESTS[fit["test"]],
            )
            worst = max([worst, *(_apart(getattr(found, name), fit[name]) for name in POOLED)])
    return "pairwise, 5 estimators, 2 tests: metafor", len(published), worst, 1e-8


def _network() -> tuple[str, int, float, float]:
    networks = _read("network")["networks"]
    worst = 0.0
    for published in networks.values():
        contrasts = studies_of(published)
        for method in NETWORK_METHODS:
            network = fit_network(contrasts, reference=published["reference"], method=method)
            theirs = published[method]
            order = [network.place(name) for name in published["treatments"] if name != network.reference]
            worst = max(
                worst,
                _apart(network.estimates[order], theirs["estimates"]),
                _apart(network.tau_squared, theirs["tau_squared"]),
            )
    return "networks, REML and ML: metafor", len(networks), worst, 1e-6


def _kaplan_meier() -> tuple[str, int, float, float]:
    cases = _read("survival")["kaplan_meier"]
    worst = 0.0
    for case in cases.values():
        variance = "robust" if case["robust"] else "greenwood"
        found = kaplan_meier(
            case["time"], case["event"], weights=case["weights"], entry=case["entry"], variance=variance
        )
        for name in ("survival", "standard_error"):
            worst = max(worst, _apart(getattr(found, name)[case["rows"]], case[name]))
    return "Kaplan-Meier: survival", len(cases), worst, 1e-10


def _incidence() -> tuple[str, int, float, float]:
    cases = _read("survival")["incidence"]
    worst = 0.0
    for case in cases.values():
        found = cumulative_incidence(
            case["time"], case["cause"], weights=case["weights"], entry=case["entry"]
        )
        for name in ("incidence", "standard_error"):
            worst = max(worst, _apart(getattr(found, name)[case["rows"]], case[name]))
    return "competing risks: survival", len(cases), worst, 1e-10


def _apart(ours: npt.ArrayLike, theirs: Any) -> float:
    """Return the largest difference, relative where a value exceeds 1; NA there is passed over."""
    found = np.asarray(ours, dtype=float)
    wanted = np.array(
        [one if isinstance(one, int | float) else np.nan for one in np.asarray(theirs, dtype=object).ravel()],
        dtype=float,
    ).reshape(found.shape)
    difference = np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))
    return float(np.nanmax(difference))


def _read(name: str) -> Any:
    return json.loads((ORACLE / f"{name}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.stdout.write(main())

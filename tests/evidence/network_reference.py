"""Published networks with the results of metafor and netmeta, see oracle/network.R."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from precollapse.evidence.network.contrasts import ArmEstimates, StudyContrasts, contrasts_of_arms

ORACLE: dict[str, Any] = json.loads((Path(__file__).parent / "oracle" / "network.json").read_text("utf-8"))
NETWORKS: dict[str, Any] = ORACLE["networks"]


def studies_of(published: dict[str, Any]) -> tuple[StudyContrasts, ...]:
    """Return the studies of a published network, from arms or from contrasts."""
    if "arms" in published:
        return contrasts_of_arms(arms_of(published["arms"]))
    return tuple(
        StudyContrasts(
            row["study"], row["base"], tuple(row["comp"]), np.array(row["y"]), np.array(row["V"], dtype=float)
        )
        for row in published["contrasts"]
    )


def arms_of(rows: list[dict[str, Any]]) -> ArmEstimates:
    return ArmEstimates(
        [row["study"] for row in rows],
        [row["treatment"] for row in rows],
        [row["y"] for row in rows],
        [row["v"] for row in rows],
    )


def matrix(rows: Any) -> npt.NDArray[np.float64]:
    """Return a matrix of the reference with NaN for what it leaves out."""
    return np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=np.float64)

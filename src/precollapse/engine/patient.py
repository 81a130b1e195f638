"""From the hips of a patient to the patient: the probability that either hip is affected.

When one cause acts on both hips, they are affected together more often than by chance: with a share ``b``
of affected patients affected on both sides, two hips of risk ``p`` make a patient of risk ``2p / (1 + b)``,
but never more than two independent hips would.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from precollapse.engine.risk import Quantity
from precollapse.engine.risk_model import Array, Band, RiskModel


def either_hip(hips: Band, both: Array) -> Band:
    """Probability that at least one of two hips is affected.

    Parameters
    ----------
    hips
        Arrays (hips,) of one patient; a hip without a head is left out beforehand.
    both
        Share of affected patients with both hips affected, by the decisive cause of each hip.
    """
    share = float(np.max(both)) if both.size else 1.0
    return Band(*(_either(part, share) for part in (hips.value, hips.low, hips.high)))


def _either(p: Array, both: float) -> Array:
    if p.size == 0 or np.isnan(p).all():
        return np.array(np.nan)
    independent = 1 - float(np.prod(1 - np.nan_to_num(p)))
    together = float(np.nansum(p)) / (1 + both)
    return np.array(max(float(np.nanmax(p)), min(together, independent)))


def bilateral_share(model: RiskModel, quantity: Quantity, rows: npt.NDArray[np.int64]) -> Array:
    """Share of patients with both hips affected under the decisive cause of each row."""
    causes = quantity.cause[rows]
    return np.where(causes >= 0, model.bilateral[np.maximum(causes, 0)], model.bilateral[0])

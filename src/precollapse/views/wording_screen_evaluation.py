"""The words of an evaluation of screening: numbers, sentences of difference, what can and cannot be said."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from precollapse.screen.evaluation_model import Both, Difference, Estimate, ScreeningEvaluation
from precollapse.views import numbers

WITHHELD = "withheld"
NOT_ESTIMATED = "not estimated"
ACTIONS = {
    "mri_now": "MRI now",
    "radiograph_and_mri": "radiograph and MRI",
    "repeat_mri": "repeat MRI",
    "see_doctor": "see a doctor",
    "nothing": "nothing",
}
RISKS = {
    "risk": "the probability that osteonecrosis is present at the index date",
    "risk_1_year": "the probability of new osteonecrosis within 1 year",
    "risk_5_years": "the probability of new osteonecrosis within 5 years",
}
LIMITS = (
    "A recorded diagnosis is not the truth. Silent osteonecrosis is never recorded, so a flagged patient"
    " without a diagnosis may have it. As far as the recorded diagnoses are right, and were there to be seen"
    " at the index date, the share of flagged patients with a diagnosis is a lower bound, and the number"
    " flagged per case an upper one.",
    "Who was imaged decides who was diagnosed. Doctors image those with pain and with known causes, who are"
    " flagged for the same reasons. Sensitivity is that for recorded cases; for all cases it is probably"
    " lower.",
    "Nobody was screened here. Whether earlier imaging would have spared anybody a collapse is not shown."
    " Lead time is the longest time that could have been won, not time that was.",
    "The risk is that of one hip, a diagnosis that of the patient, so observed over expected is a little"
    " above 1 even if every risk is right. To have osteonecrosis and to have it recorded are two things:"
    " calibration here is that of the risk as a forecast of a record.",
    "The weighted figures take those lost to be like those followed with the same flag. If the sick go to"
    " other hospitals, they are wrong.",
    "A difference between subgroups may come from unequal imaging and recording as well as from screening.",
)


def percent(share: float) -> str:
    """Return a share in percent; near 100 % as exactly as its distance from it is known: ``99.987``."""
    if share <= 0.9 or share >= 1:
        return numbers.percent(share).removesuffix(" %")
    decimals = max(0, 1 - math.floor(math.log10(100 * (1 - share))))
    text = f"{100 * share:.{min(decimals, 4)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(estimate: Estimate) -> str:
    """Return a share with its interval: ``60 % (44 to 74)``."""
    return _said(estimate, percent, " %")


def number(estimate: Estimate) -> str:
    """Return a number with its interval, two significant figures: ``1.2 (0.81 to 1.7)``."""
    return _said(estimate, plain, "")


def plain(value: float) -> str:
    """Return a number with two significant figures, whole ones above 100 with three."""
    figures = 3 if abs(value) >= 100 else 2
    return numbers.plain(float(f"{value:.{figures}g}")) if value >= 0 else f"-{plain(-value)}"


def _said(estimate: Estimate, written: Callable[[float], str], unit: str) -> str:
    if estimate.value is None and estimate.low is None:
        return WITHHELD if estimate.withheld else NOT_ESTIMATED
    value = "no value" if estimate.value is None else f"{written(estimate.value)}{unit}"
    if estimate.low is None:
        return value
    if estimate.high is None:
        return f"{value} (above {written(estimate.low)})"
    return f"{value} ({written(estimate.low)} to {written(estimate.high)})"


def count(value: int | None) -> str:
    """Return a count, or that it is withheld."""
    return WITHHELD if value is None else f"{value:,}"


def day(value: date) -> str:
    """Return a date in full: ``1 January 2018``."""
    return f"{value.day} {value:%B %Y}"


def years(value: float) -> str:
    """Return a span: ``1 year``, ``18 months``."""
    months = 12 * value
    if abs(months - round(months)) < 1e-9 and value != int(value) and value < 3:
        return f"{round(months)} months"
    return f"{numbers.plain(value)} {'year' if value == 1 else 'years'}"


def in_short(one: ScreeningEvaluation) -> str:
    """Return the result in three sentences."""
    funnel, flagging = one.funnel, one.flagging
    if not funnel.patients and funnel.patients is not None:
        return "There are no patients, so there is nothing to evaluate."
    said = [f"{count(funnel.evaluated)} patients were evaluated{_index(one)}."]
    flagged, horizon = count(flagging.flagged), years(one.horizon_years)
    said.append(f"Screening would have flagged {flagged} of them, {share(flagging.flagged_share)}.")
    said.append(f"Osteonecrosis of the hip was recorded in {count(funnel.diagnosed)} within {horizon}")
    if flagging.true_positives is None:
        said[-1] += "; how many of them were flagged is withheld."
    elif not funnel.diagnosed:
        said[-1] += ", so little can be said."
    else:
        said[-1] += f", {count(flagging.true_positives)} of them flagged."
    return " ".join(said)


def _index(one: ScreeningEvaluation) -> str:
    if one.index_from is None or one.index_to is None:
        return ""
    if one.index_from == one.index_to:
        return f" as of {day(one.index_from)}"
    return f" as of dates from {day(one.index_from)} to {day(one.index_to)}"


def weighting(one: ScreeningEvaluation) -> str:
    """Return how those lost were dealt with."""
    if not one.funnel.evaluated and one.funnel.evaluated is not None:
        return "Nobody was evaluated."
    if one.weighting is None:
        return (
            "Nobody was followed to the horizon without event, so nothing could be weighted for loss to"
            " follow-up: choose a shorter horizon. The counted figures leave those lost out and overstate how"
            " often diagnoses are made."
        )
    within = "flagged and other patients apart" if one.weighting == "flagged" else "all patients together"
    heaviest = plain(one.largest_weight or 1.0)
    return (
        "Counted: those lost are left out, which overstates how often diagnoses are made. Weighted: those"
        f" with known outcome also stand for those lost, {within} (one patient for {heaviest} at most). Death"
        " without diagnosis is a known outcome: no diagnosis can follow."
    )


def group(dimension: str, name: str) -> str:
    """Return the patients of a level in words."""
    if name == "not recorded":
        return f"patients whose {dimension} is not recorded"
    if dimension == "sex":
        return {"female": "women", "male": "men"}.get(name, name)
    if dimension == "age":
        return f"patients aged {name}"
    return "patients without a decisive cause" if name == "no decisive cause" else f"patients with {name}"


def difference(one: Difference) -> str:
    """Return a difference as a plain sentence with both estimates."""
    here = group(one.dimension, one.name)
    there = "the others" if one.against is None else group(one.dimension, one.against)
    if one.measure == "observed_over_expected":
        relation = "low" if one.higher else "high"
        figures = f"observed over expected {number(one.here)} against {number(one.there)}"
        return f"The risks are too {relation} for {here} compared with {there}: {figures}."
    figures = f"{share(one.here)} against {share(one.there)}"
    often = "more" if one.higher else "less"
    if one.measure == "flagged_share":
        return f"Flags {here} {often} often than {there}: {figures}."
    if one.measure == "sensitivity":
        part = "larger" if one.higher else "smaller"
        return f"Flags a {part} part of the recorded cases of {here} than of {there}: {figures}."
    return f"A flag is {often} often followed by a diagnosis in {here} than in {there}: {figures}."


def both(pair: Both, *, of_share: bool) -> tuple[str, str]:
    """Return the counted and the weighted figure in words."""
    said = share if of_share else number
    return said(pair.counted), "–" if pair.weighted is None else said(pair.weighted)

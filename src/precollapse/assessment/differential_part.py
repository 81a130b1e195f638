"""The differential of each hip: probabilities with their band, and what moved them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np

from precollapse.assessment.context import Context
from precollapse.assessment.diagnosis_nodes import DiagnosisWeighed, Differential, FindingWeighed
from precollapse.assessment.nodes import Interval, rounded
from precollapse.engine.differential import DifferentialResult
from precollapse.engine.influence import Moved, moved_by_findings
from precollapse.engine.network import Network, network
from precollapse.knowledge.bundle import Knowledge
from precollapse.knowledge.model import Figure
from precollapse.knowledge.model_diagnosis import Cell, Diagnosis, Finding, Sign

# A finding is listed when it changed the odds by a tenth, and does not fit when it is found
# (or missing) in fewer than one in five of those with the likeliest diagnosis.
WORTH_TELLING = 1.1
RARE = 0.2
MOST_FINDINGS = 5
SURE = 1e-6

SAYS = {
    "weighed": "Every finding of this hip and of the patient is weighed against {count} explanations.",
    "nothing recorded": "Nothing was recorded of this hip that tells one diagnosis from another: "
    "what is shown comes from age, sex and causes alone.",
    "no femoral head": "This hip has been replaced.",
}


class Influences:
    """What moved the differential of one patient; both sided hips are computed together, once."""

    def __init__(self, context: Context) -> None:
        self.net = network(context.knowledge)
        self._context = context
        self._of: dict[str, list[Moved]] = {}

    def of(self, hip: str) -> list[Moved]:
        """Return every finding that could have moved a hip; ``side`` 0 is this very hip or the left one."""
        key = hip if hip == "unspecified" else "sided"
        if key not in self._of:
            names = ("unspecified",) if key == hip else ("left", "right")
            rows = [self._context.rows[self._context.row_of(name)] for name in names]
            pair = np.array([[*rows, -1][:2]])
            self._of[key] = moved_by_findings(pair, self._context.evaluation.differential, self.net)
        return self._of[key]


def differential_part(context: Context, hip: str, influences: Influences) -> Differential:
    """Explain the differential of one hip."""
    row = context.row_of(hip)
    result, net = context.evaluation.differential, influences.net
    number = context.rows[row]
    if not result.applies[number]:
        return _without(context, "no femoral head")
    moved = influences.of(hip)
    side = int(hip == "right")
    own = [m for m in moved if m.side in {side, None}]
    order = np.argsort(-result.p[number], kind="stable")
    leading = int(order[0])
    state = "weighed" if moved or context.state("hip:pain", row) is not None else "nothing recorded"
    used = [_cell_counts(context.knowledge, m.finding, net) for m in own]
    return Differential(
        state=cast("Any", state),
        says=SAYS[state].format(count=len(net.diagnoses)),
        setting=_setting(context),
        diagnoses=tuple(_diagnosis(context, int(k), number, hip, moved, net) for k in order),
        does_not_fit=tuple(_does_not_fit(context, leading, hip, own, net)),
        figures=sum(total for total, _ in used),
        judged=sum(judged for _, judged in used),
        for_children=_for_children(context, row),
        sources=_sources(context.knowledge, [m.finding for m in own]),
    )


def _without(context: Context, state: str) -> Differential:
    return Differential(
        state=cast("Any", state),
        says=SAYS[state],
        setting=_setting(context),
        diagnoses=(),
        does_not_fit=(),
        figures=0,
        judged=0,
        for_children=None,
        sources=(),
    )


def _setting(context: Context) -> str:
    fact = context.facts.reference(context.knowledge.diagnosis_settings.setting, 0)
    return fact.value if isinstance(fact.value, str) else "unknown"


def _for_children(context: Context, row: int) -> str | None:
    if not context.state("hip:child", row) or context.state("hip:pain", row) is False:
        return None
    return context.knowledge.diagnosis_settings.child_says


def _diagnosis(
    context: Context, k: int, number: int, hip: str, moved: Sequence[Moved], net: Network
) -> DiagnosisWeighed:
    result: DifferentialResult = context.evaluation.differential
    entry: Diagnosis = context.knowledge.diagnoses[net.diagnoses[k]]
    side = int(hip == "right")
    changes = [(m, float(m.log_odds[side, k])) for m in moved]
    worth = [(m, change) for m, change in changes if abs(change) >= math.log(WORTH_TELLING)]
    rising = sorted((c for c in worth if c[1] > 0), key=lambda c: -c[1])
    falling = sorted((c for c in worth if c[1] < 0), key=lambda c: c[1])
    return DiagnosisWeighed(
        id=entry.id,
        name=entry.name,
        says=entry.says,
        probability=_probability(result.p[number, k]),
        band=Interval(low=_probability(result.low[number, k]), high=_probability(result.high[number, k])),
        before=_probability(result.prior.p[number, k]),
        for_it=tuple(_weighed(context, m, hip, change) for m, change in rising[:MOST_FINDINGS]),
        against_it=tuple(_weighed(context, m, hip, change) for m, change in falling[:MOST_FINDINGS]),
        key_test=entry.key_test,
        red_flag=entry.red_flag,
        sources=entry.sources,
    )


def _weighed(context: Context, moved: Moved, hip: str, change: float) -> FindingWeighed:
    finding = context.knowledge.findings[moved.finding]
    own = int(hip == "right")
    of = "patient" if moved.side is None else "this hip" if moved.side == own else "other hip"
    return FindingWeighed(
        id=finding.id,
        name=finding.name,
        found=moved.found,
        of=cast("Any", of),
        factor=rounded(math.exp(change)),
        facts=context.references(f"finding:{finding.id}", _row_of(context, moved, hip)),
    )


def _row_of(context: Context, moved: Moved, hip: str) -> int:
    """Return the place of the hip a finding belongs to; of the whole patient any row will do."""
    if moved.side is None:
        return 0
    return context.row_of(hip if hip == "unspecified" else ("left", "right")[moved.side])


def _does_not_fit(
    context: Context, leading: int, hip: str, own: Sequence[Moved], net: Network
) -> Iterable[FindingWeighed]:
    """Yield findings that are rare in the likeliest diagnosis and speak against it, the strangest first."""
    odd, side = [], int(hip == "right")
    for m in own:
        layer = net.hip if m.side is not None else net.patient
        n = layer.findings.index(m.finding)
        sign = int(layer.sign_of[n])
        p = layer.given.p[n, leading]
        if sign >= 0:
            there = layer.sign_given.p[sign, leading]
            p = layer.if_sign.p[n] * there + layer.if_no_sign.p[n] * (1 - there)
        change = float(m.log_odds[side, leading])
        if (p if m.found else 1 - p) < RARE and change < -math.log(WORTH_TELLING):
            odd.append((change, m))
    return [_weighed(context, m, hip, change) for change, m in sorted(odd, key=lambda pair: pair[0])]


def _cell_counts(knowledge: Knowledge, name: str, net: Network) -> tuple[int, int]:
    """Return how many figures stand behind a finding, and how many of them are judged."""
    cells = [cell for cell in _cells_of(knowledge, name, net.diagnoses) if cell is not None]
    return len(cells), sum(isinstance(cell, str) or cell.grade == "judgement" for cell in cells)


def _cells_of(knowledge: Knowledge, name: str, diagnoses: Sequence[str]) -> list[Cell | None]:
    finding: Finding = knowledge.findings[name]
    given: Finding | Sign = knowledge.signs[finding.sign] if finding.sign else finding
    table = [given.given.get(d, given.otherwise) for d in diagnoses]
    return [*table, finding.if_sign, finding.if_no_sign]


def _sources(knowledge: Knowledge, findings: Iterable[str]) -> tuple[str, ...]:
    """Return every source that the findings of a hip rest on, each once."""
    names: dict[str, None] = {}
    for name in findings:
        finding = knowledge.findings[name]
        cells = _cells_of(knowledge, name, tuple(knowledge.diagnoses))
        names |= dict.fromkeys(finding.sources)
        names |= dict.fromkeys(cell.source for cell in cells if isinstance(cell, Figure))
    return tuple(sorted(names))


def _probability(value: float) -> float:
    """Six decimals at both ends: what is inferred is never certain."""
    return min(max(rounded(value), SURE), 1 - SURE)

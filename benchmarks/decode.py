"""FHIR bundles into the chart, beside orjson with a loop over dictionaries and beside fhir.resources.

The loop does what one would write without typed decoding: it looks codes up in the same tables, brings
values to the same units and keeps the same dates. Before anything is timed, both must find the same
statements: the same concepts with the same values and dates in the same entries. What only the reader does
(sides, statuses, doses, text, duplicates, refused patients, the list of what was not read) the loop is
spared, which favours the loop. `fhir.resources` only validates.

Set PRECOLLAPSE_TEST_DATA to a folder of FHIR R4 bundles; without it the examples are read many times over.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.measure import in_turn, table

ROOT = Path(__file__).parents[1]
MOST_BUNDLES = 40
VALIDATED = 4
Statement = tuple[str, str, float | None, date | None]


def main() -> str:
    """Measure and return the report."""
    import polars as pl

    from precollapse.chart.fhir.read import read_fhir
    from precollapse.chart.model import ChartBuilder
    from precollapse.knowledge.load import load

    knowledge = load()
    bundles, origin = _bundles()
    peer = DictionaryLoop(knowledge)

    def ours() -> pl.DataFrame:
        builder = ChartBuilder()
        for name, data in bundles:
            read_fhir(data, knowledge, builder, name=name)
        return builder.build().statements

    def loop() -> pl.DataFrame:
        rows: list[Statement] = []
        for name, data in bundles:
            rows += peer.read(name, data)
        return pl.DataFrame(rows, schema=["entry", "concept", "value", "start"], orient="row")

    compared = _compare(ours(), loop())
    mine, theirs = in_turn(ours, loop)
    few = bundles[:VALIDATED]

    def ours_few() -> None:
        builder = ChartBuilder()
        for name, data in few:
            read_fhir(data, knowledge, builder, name=name)
        builder.build()

    mine_few, validated = in_turn(ours_few, lambda: _validate(few))
    per_bundle = len(bundles) / mine.median
    rows = [
        ("orjson and a loop over dictionaries", str(theirs), str(mine), _ratio(theirs.median, mine.median, 3)),
        (f"fhir.resources R4B, validation of {VALIDATED} of them", str(validated), str(mine_few),
         _ratio(validated.median, mine_few.median, 100)),
    ]  # fmt: skip
    size = sum(len(data) for _, data in bundles) / 1e6
    return (
        "## FHIR bundles into the chart\n\n"
        f"{len(bundles)} bundles, {size:.1f} MB ({origin}); {compared:,} statements found by both before timing; "
        f"{per_bundle:,.0f} bundles/s, {size / mine.median:,.0f} MB/s.\n\n"
        + table(("peer", "peer: median (fastest to slowest)", "precollapse", "ratio"), rows)
    )


def _ratio(peer: float, mine: float, aim: float) -> str:
    ratio = peer / mine
    return f"{ratio:,.1f}× (aim {aim:g}×{'' if ratio >= aim else ', MISSED'})"


def _bundles() -> tuple[list[tuple[str, bytes]], str]:
    folder = os.environ.get("PRECOLLAPSE_TEST_DATA")
    found = sorted(Path(folder).rglob("*.json"))[:MOST_BUNDLES] if folder else []
    if found:
        return [(path.name, path.read_bytes()) for path in found], "Synthea"
    example = ROOT / "examples" / "lupus-prednisolone.json"
    return [(f"{number}.json", example.read_bytes()) for number in range(MOST_BUNDLES)], "the example, repeated"


def _validate(bundles: list[tuple[str, bytes]]) -> None:
    from fhir.resources.R4B.bundle import Bundle

    for _, data in bundles:
        Bundle.model_validate_json(data)


def _compare(ours: Any, loop: Any) -> int:
    """Both must say the same of every coded entry that has a value or a diagnosis."""
    mine = {_key(entry.partition(" component")[0], *rest) for entry, *rest in ours.select(
        "origin", "concept", "value", "start").iter_rows()}  # fmt: skip
    theirs = {_key(*row) for row in loop.iter_rows()}
    missing = theirs - mine
    assert not missing, f"{len(missing)} statements of the loop are not in the chart: {sorted(missing, key=str)[:5]}"
    extra = {statement for statement in mine - theirs if statement[2] is not None}
    assert not extra, f"{len(extra)} numbers of the chart were not found by the loop: {sorted(extra, key=str)[:5]}"
    return len(theirs)


def _key(entry: str, concept: str, value: float | None, start: date | None) -> tuple[Any, ...]:
    return entry, concept, None if value is None else round(value, 6), start


class DictionaryLoop:
    """What one writes with orjson: dictionaries all the way down."""

    def __init__(self, knowledge: Any) -> None:
        from precollapse.chart.codes import CodeIndex, system_of

        self._index, self._system = CodeIndex.of(knowledge), system_of
        self._concepts = knowledge.concepts

    def read(self, name: str, data: bytes) -> list[Statement]:
        """Return (entry, concept, value, start) of every coded diagnosis, procedure and measurement."""
        import orjson

        rows: list[Statement] = []
        for number, entry in enumerate(orjson.loads(data).get("entry", [])):
            resource = entry.get("resource") or {}
            kind = resource.get("resourceType")
            place = f"{name}: entry[{number}] {kind}/{resource.get('id')}"
            if kind == "Observation":
                self._observation(place, resource, resource, rows)
                for component in resource.get("component", []):
                    self._observation(place, component, resource, rows)
            elif kind in {"Condition", "Procedure"}:
                self._event(place, resource, rows)
        return rows

    def _observation(
        self, place: str, part: dict[str, Any], whole: dict[str, Any], rows: list[Statement]
    ) -> None:
        quantity = part.get("valueQuantity")
        if whole.get("status") == "entered-in-error" or quantity is None:
            return
        start = _day(whole.get("effectiveDateTime"))
        for concept in self._meant(part.get("code")):
            value = self._in_unit(concept, quantity)
            if value is not None:
                rows.append((place, concept, value, start))

    def _event(self, place: str, resource: dict[str, Any], rows: list[Statement]) -> None:
        verified = [c.get("code") for c in (resource.get("verificationStatus") or {}).get("coding", [])]
        if "entered-in-error" in verified or resource.get("status") in {"entered-in-error", "not-done"}:
            return
        performed = resource.get("performedPeriod") or {}
        start = _day(
            resource.get("onsetDateTime") or resource.get("performedDateTime") or performed.get("start")
        )
        rows += [(place, concept, None, start) for concept in self._meant(resource.get("code"))]

    def _meant(self, code: dict[str, Any] | None) -> list[str]:
        found: list[str] = []
        for coding in (code or {}).get("coding", []):
            system = self._system(coding.get("system") or "")
            for hit in self._index.find(system, coding.get("code") or "") if system else ():
                if hit.concept not in found and not hit.corticosteroid:
                    found.append(hit.concept)
        return found

    def _in_unit(self, concept: str, quantity: dict[str, Any]) -> float | None:
        known = self._concepts[concept]
        rule = known.units.get(quantity.get("code") or quantity.get("unit") or "")
        if known.type != "number" or rule is None or quantity.get("value") is None:
            return None
        factor, offset = (rule, 0.0) if isinstance(rule, int | float) else (rule.factor, rule.offset)
        return float(quantity["value"] * factor + offset)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text and len(text) >= 10 else None


if __name__ == "__main__":
    print(main())

"""FHIR bundles into the chart, beside orjson with a loop over dictionaries and beside fhir.resources.

The loop does what one would write without typed decoding: it looks codes up in the same tables, brings
values to the same units, keeps the same dates, the words of the record and a list of the entries that gave
nothing. Before anything is timed, both must find the same statements: the same concepts with the same
values, choices and dates in the same entries. What only the reader does (sides, doubtful statuses, doses,
free text, ranges, partial dates, duplicates, refused patients) the loop is spared, which favours the loop.
`fhir.resources` only validates.

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
Statement = tuple[str, str, float | None, str | None, date | None, date | None, str]
COLUMNS = ["entry", "concept", "value", "choice", "start", "recorded", "said"]


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
        unread: list[tuple[str, str]] = []
        for name, data in bundles:
            peer.read(name, data, rows, unread)
        pl.DataFrame(unread, schema=["entry", "said"], orient="row")
        return pl.DataFrame(rows, schema=COLUMNS, orient="row", infer_schema_length=None)

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
    loop_ratio = _ratio(theirs.median, mine.median, 3)
    validation_ratio = _ratio(validated.median, mine_few.median, 100)
    rows = [
        ("orjson and a loop over dictionaries", str(theirs), str(mine), loop_ratio),
        (
            f"fhir.resources R4B, validating {VALIDATED} of them",
            str(validated),
            str(mine_few),
            validation_ratio,
        ),
    ]
    size = sum(len(data) for _, data in bundles) / 1e6
    return (
        "## FHIR bundles into the chart\n\n"
        f"{len(bundles)} bundles, {size:.1f} MB ({origin}); {compared:,} statements found by both before "
        f"timing; {per_bundle:,.0f} bundles/s, {size / mine.median:,.0f} MB/s.\n\n"
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
    return [
        (f"{number}.json", example.read_bytes()) for number in range(MOST_BUNDLES)
    ], "the example, repeated"


def _validate(bundles: list[tuple[str, bytes]]) -> None:
    from fhir.resources.R4B.bundle import Bundle

    for _, data in bundles:
        Bundle.model_validate_json(data)


def _compare(ours: Any, loop: Any) -> int:
    """Both must say the same of every coded entry; only what stands in free text is left to the reader."""
    columns = ("concept", "value", "choice", "start")
    coded = ours.filter(~ours["note"].fill_null("").str.contains("read from its words"))
    mine = {
        _key(entry.partition(" component")[0], *rest)
        for entry, *rest in coded.select("origin", *columns).iter_rows()
    }
    theirs = {_key(*row) for row in loop.select("entry", *columns).iter_rows()}
    missing, extra = theirs - mine, mine - theirs
    assert not missing, f"not in the chart: {sorted(missing, key=str)[:5]}"
    assert len(extra) < 0.01 * len(mine), f"not found by the loop: {sorted(extra, key=str)[:5]}"
    return len(theirs)


def _key(entry: str, concept: str, value: float | None, *rest: Any) -> tuple[Any, ...]:
    return entry, concept, None if value is None else round(value, 6), *rest


class DictionaryLoop:
    """What one writes with orjson: dictionaries all the way down."""

    def __init__(self, knowledge: Any) -> None:
        from precollapse.chart.codes import CodeIndex, system_of

        self._index, self._system = CodeIndex.of(knowledge), system_of
        self._concepts = knowledge.concepts

    def read(self, name: str, data: bytes, rows: list[Statement], unread: list[tuple[str, str]]) -> None:
        """Add a row for every coded statement, and one for every entry that gave none."""
        import orjson

        for number, entry in enumerate(orjson.loads(data).get("entry", [])):
            resource = entry.get("resource") or {}
            kind = resource.get("resourceType")
            place = f"{name}: entry[{number}] {kind}/{resource.get('id')}"
            before = len(rows)
            if kind == "Observation":
                self._observation(place, resource, resource, rows)
                for component in resource.get("component", []):
                    self._observation(place, component, resource, rows)
            elif kind in {"Condition", "Procedure"}:
                self._event(place, resource, resource.get("code"), rows)
            elif kind == "MedicationRequest":
                self._event(place, resource, resource.get("medicationCodeableConcept"), rows, medicine=True)
            if len(rows) == before:
                unread.append((place, _words(resource.get("code"))))

    def _observation(
        self, place: str, part: dict[str, Any], whole: dict[str, Any], rows: list[Statement]
    ) -> None:
        quantity, answer = part.get("valueQuantity"), part.get("valueCodeableConcept")
        if whole.get("status") == "entered-in-error" or (quantity is None and answer is None):
            return
        start, recorded = _day(whole.get("effectiveDateTime")), _day(whole.get("issued"))
        words = _words(part.get("code"))
        for hit in self._meant(part.get("code")):
            if quantity is not None:
                value = self._in_unit(hit.concept, quantity)
                if value is not None:
                    said = f"{words}: {quantity.get('value')} {quantity.get('unit')}"
                    rows.append((place, hit.concept, value, None, start, recorded, said))
            else:
                chosen = [a.choice for a in self._meant(answer) if a.concept == hit.concept and a.choice]
                if chosen:
                    rows.append((place, hit.concept, None, chosen[0], start, recorded, _words(answer)))

    def _event(
        self,
        place: str,
        resource: dict[str, Any],
        code: dict[str, Any] | None,
        rows: list[Statement],
        *,
        medicine: bool = False,
    ) -> None:
        verified = [c.get("code") for c in (resource.get("verificationStatus") or {}).get("coding", [])]
        if "entered-in-error" in verified or resource.get("status") in {"entered-in-error", "not-done"}:
            return
        performed = resource.get("performedPeriod") or {}
        start = _day(
            resource.get("onsetDateTime")
            or resource.get("performedDateTime")
            or performed.get("start")
            or resource.get("authoredOn")
        )
        recorded = _day(resource.get("recordedDate") or resource.get("authoredOn"))
        words = _words(code)
        rows += [
            (place, hit.concept, None, hit.choice, start, recorded, words)
            for hit in self._meant(code)
            if self._concepts[hit.concept].medicine == medicine
        ]

    def _meant(self, code: dict[str, Any] | None) -> list[Any]:
        found: dict[str, Any] = {}
        for coding in (code or {}).get("coding", []):
            system = self._system(coding.get("system") or "")
            for hit in self._index.find(system, coding.get("code") or "") if system else ():
                if not hit.corticosteroid:
                    found.setdefault(hit.concept, hit)
        return list(found.values())

    def _in_unit(self, concept: str, quantity: dict[str, Any]) -> float | None:
        known = self._concepts[concept]
        rule = known.units.get(quantity.get("code") or quantity.get("unit") or "")
        if known.type != "number" or rule is None or quantity.get("value") is None:
            return None
        factor, offset = (rule, 0.0) if isinstance(rule, int | float) else (rule.factor, rule.offset)
        return float(quantity["value"] * factor + offset)


def _words(code: dict[str, Any] | None) -> str:
    concept = code or {}
    return concept.get("text") or next((c.get("display") or "" for c in concept.get("coding", [])), "")


def _day(text: str | None) -> date | None:
    # A month or a year alone begins on its first day, as in the chart.
    return date.fromisoformat((text + "-01-01")[:10]) if text else None


if __name__ == "__main__":
    print(main())

"""Reads the imaging studies of a case file: each finding belongs to the method it was seen with."""

from __future__ import annotations

from precollapse.chart.case.entries import merged
from precollapse.chart.case.schema import Imaging
from precollapse.chart.case.times import when
from precollapse.chart.case.writer import Entry, Writer
from precollapse.chart.model import Side
from precollapse.chart.text import Reading, TextHit
from precollapse.chart.text_meanings import method_named
from precollapse.chart.text_tokens import phrase
from precollapse.chart.text_words import ANY_METHOD, HIP_WORDS, OTHER_SITES

NOT_STATED = frozenset(["not stated", "unknown", "not known", "unspecified", ""])
SPECIMENS = {"biopsy": "bone_biopsy_", "histolog": "bone_biopsy_", "aspirat": "joint_aspirate_"}
LONGEST_VERDICT = 8  # words; a longer finding that says "normal" somewhere is no verdict on the whole image
NAMES_DIAGNOSIS = "the imaging report names the diagnosis itself"
_HIP_REGION = frozenset(word for site in HIP_WORDS for word in phrase(site)) | {"pelvic", "pelvi"}
_OTHER_REGION = frozenset(word for site in OTHER_SITES for word in phrase(site)) | {
    "abdomen",
    "head",
    "brain",
}


def read_imaging(writer: Writer, item: Imaging | str, origin: str) -> None:
    """Read one study; every finding that yields nothing is listed."""
    if isinstance(item, str):
        method = method_named(phrase(item))
        entry = Entry(origin, item)
        reading = writer.index.read(item, prefer=method or ANY_METHOD)
        if not writer.hits(entry, reading.hits):
            writer.nothing_found(entry, reading)
        return
    writer.extra_keys(origin, item.model_extra)
    if not item.findings:
        writer.unread(origin, "no value", f"{item.modality}: no findings given")
    for number, finding in enumerate(item.findings):
        _read_finding(writer, item, finding, f"{origin}.findings[{number}]")


def _read_finding(writer: Writer, item: Imaging, finding: str, origin: str) -> None:
    side: Side | None = "both" if item.side == "bilateral" else item.side
    note = NAMES_DIAGNOSIS if item.names_diagnosis or item.imaging_names_diagnosis else None
    said = f"{item.modality}: {finding}"
    entry = Entry(origin, said, side, when(as_of=None, since=item.date), note, dated=True)
    readings = _readings(writer, item, finding)
    hits = [hit for hit in merged(*readings) if _fits_region(writer, item.region, hit)]
    if writer.hits(entry, hits):
        return
    if any(reading.hits for reading in readings):
        writer.unread(origin, "other site", f"{item.region}: {finding}")
    else:
        writer.nothing_found(entry, *readings)


def _readings(writer: Writer, item: Imaging, finding: str) -> list[Reading]:
    """Read a finding as the method's own; a verdict on the whole image ("normal") as that of the hip."""
    method = method_named(phrase(item.modality))
    readings = [writer.index.read(finding, prefer=method or _specimen(item.modality) or ANY_METHOD)]
    if method is None and item.modality.lower() not in NOT_STATED:
        readings.append(writer.index.read(f"{item.modality}: {finding}"))
    whole = writer.knowledge.concepts.get(f"{method}hip") if method is not None else None
    is_verdict = len(finding.split()) <= LONGEST_VERDICT and not readings[0].hits
    if whole is not None and is_verdict and _is_of_hip(item.region):
        verdict = writer.index.read(f"{whole.synonyms[0]}: {finding}", prefer=method)
        readings.append(Reading(tuple(hit for hit in verdict.hits if hit.concept == whole.id), ()))
    return readings


def _specimen(modality: str) -> str | None:
    """Return the prefix of the concepts that are results of a specimen, for a biopsy or an aspirate."""
    return next((prefix for word, prefix in SPECIMENS.items() if word in modality.lower()), None)


def _fits_region(writer: Writer, region: str | None, hit: TextHit) -> bool:
    """Keep findings of another region away from the hips."""
    return (
        _is_of_hip(region) or hit.corticosteroid or writer.knowledge.concepts[hit.concept].level == "patient"
    )


def _is_of_hip(region: str | None) -> bool:
    words = set(phrase(region)) if region else set()
    return bool(words & _HIP_REGION) or not words & _OTHER_REGION

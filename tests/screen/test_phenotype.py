"""The OHDSI phenotype: its codes, the shape of its cohort definitions, and whom its logic finds."""

from __future__ import annotations

import csv
import json
import runpy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from precollapse.chart.codes import CodeIndex
from precollapse.errors import InputError
from precollapse.knowledge.load import load
from tests.chart.omop_fixtures.omop_databases import duckdb_of, postgres_of, postgres_server

FOLDER = Path(__file__).parents[2] / "phenotype"
COHORTS = sorted((FOLDER / "cohorts").glob("*.json"))
SYSTEMS = {"SNOMED": "snomed", "ICD10CM": "icd10cm", "LOINC": "loinc", "RxNorm": "rxnorm"}
CRITERIA = {"ConditionOccurrence", "ProcedureOccurrence", "Measurement", "DrugExposure"}
KEYS = {
    "cdmVersionRange", "PrimaryCriteria", "ConceptSets", "QualifiedLimit", "ExpressionLimit",
    "InclusionRules", "CensoringCriteria", "CollapseSettings", "CensorWindow",
}  # fmt: skip
CONCEPT_KEYS = {
    "CONCEPT_ID", "CONCEPT_NAME", "STANDARD_CONCEPT", "STANDARD_CONCEPT_CAPTION", "INVALID_REASON",
    "INVALID_REASON_CAPTION", "CONCEPT_CODE", "DOMAIN_ID", "VOCABULARY_ID", "CONCEPT_CLASS_ID",
}  # fmt: skip
INCIDENT, SPECIFIC, SCREENING = 1, 2, 3


def _codes() -> list[dict[str, str]]:
    with (FOLDER / "codes.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _definition(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


# --- codes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", _codes(), ids=lambda row: f"{row['vocabulary_id']}-{row['concept_code']}")
def test_every_code_of_the_phenotype_means_its_concept_in_our_knowledge(row: dict[str, str]) -> None:
    hits = CodeIndex.of(load()).find(SYSTEMS[row["vocabulary_id"]], row["concept_code"])
    assert row["means"] in {hit.concept for hit in hits}
    assert not any(hit.absent for hit in hits)


def test_no_code_of_the_femoral_head_in_our_knowledge_is_forgotten() -> None:
    listed = {(SYSTEMS[row["vocabulary_id"]], row["concept_code"]) for row in _codes()}
    known = load().concepts["osteonecrosis_femoral_head"].codes
    assert {(code.system, code.code) for code in known if code.system in {"snomed", "icd10cm"}} <= listed


def test_a_printed_concept_id_names_where_it_was_seen_and_no_other_is_printed() -> None:
    for row in _codes():
        assert bool(row["concept_id"]) == bool(row["concept_id_seen_in"])
    assert len({row["concept_id"] for row in _codes() if row["concept_id"]}) == 14


# --- shape -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", COHORTS, ids=lambda path: path.stem)
def test_a_cohort_definition_has_the_shape_that_atlas_reads(path: Path) -> None:
    definition = _definition(path)
    assert set(definition) - {"EndStrategy"} == KEYS
    primary = definition["PrimaryCriteria"]
    assert set(primary) == {"CriteriaList", "ObservationWindow", "PrimaryCriteriaLimit"}
    sets = {concept_set["id"] for concept_set in definition["ConceptSets"]}
    used = set()
    for criterion in _criteria(definition):
        assert set(criterion) <= CRITERIA
        (content,) = criterion.values()
        used.add(content.get("CodesetId", content.get("ConditionSourceConcept")))
    assert used == sets
    for concept_set in definition["ConceptSets"]:
        for item in concept_set["expression"]["items"]:
            assert set(item) == {"concept", "isExcluded", "includeDescendants", "includeMapped"}
            assert set(item["concept"]) == CONCEPT_KEYS
    for rule in definition["InclusionRules"]:
        assert rule["expression"]["Type"] in {"ALL", "ANY"}
        for entry in rule["expression"]["CriteriaList"]:
            assert set(entry["StartWindow"]) == {"Start", "End", "UseIndexEnd", "UseEventEnd"}
            assert entry["Occurrence"]["Type"] in {0, 2}


def _criteria(definition: dict[str, Any]) -> list[dict[str, Any]]:
    rules = [
        entry["Criteria"]
        for rule in definition["InclusionRules"]
        for entry in rule["expression"]["CriteriaList"]
    ]
    return [*definition["PrimaryCriteria"]["CriteriaList"], *rules, *definition["CensoringCriteria"]]


@pytest.mark.parametrize("path", COHORTS, ids=lambda path: path.stem)
def test_the_concept_sets_of_a_definition_are_those_of_the_table_of_codes(path: Path) -> None:
    listed = {}
    for row in _codes():
        key = (int(row["concept_set_id"]), row["vocabulary_id"], row["concept_code"])
        number = int(row["concept_id"]) if row["concept_id"] else None
        listed[key] = (row["concept_name"], row["descendants"] == "true", row["excluded"] == "true", number)
    written = {}
    for concept_set in _definition(path)["ConceptSets"]:
        for item in concept_set["expression"]["items"]:
            concept = item["concept"]
            key = (concept_set["id"], concept["VOCABULARY_ID"], concept["CONCEPT_CODE"])
            flags = (item["includeDescendants"], item["isExcluded"])
            written[key] = (concept["CONCEPT_NAME"], *flags, concept["CONCEPT_ID"])
    sets = {key[0] for key in written}
    assert written == {key: value for key, value in listed.items() if key[0] in sets}


def test_the_days_in_the_definitions_are_those_of_the_sql() -> None:
    sql = (FOLDER / "cohorts.sql").read_text(encoding="utf-8")
    for path in COHORTS:
        definition = _definition(path)
        days = {definition["PrimaryCriteria"]["ObservationWindow"]["PriorDays"]}
        for rule in definition["InclusionRules"]:
            for entry in rule["expression"]["CriteriaList"]:
                window = entry["StartWindow"]
                days |= {window[side].get("Days", 0) for side in ("Start", "End")}
        assert all(f"{span}" in sql for span in days if span)


# --- logic -----------------------------------------------------------------------------------------------

INDEX = date(2024, 6, 1)
NUMBER_OF = {code: 1000 + at for at, code in enumerate(sorted({row["concept_code"] for row in _codes()}))}
LEFT_HEAD, PREDNISONE_TABLET, SICKLE_C = 5001, 5002, 5003  # below the listed codes in the hierarchy
ELSEWHERE = 5004  # to which a source code was mapped: osteonecrosis without a site

HEAD, FEMUR, PERTHES, MRI, MRI_LOINC = "203476003", "M87.151", "M91.11", "241639000", "36013-1"
REPLACED, PAIN, PAIN_ICD, PREDNISONE, SICKLE, TRAIT = (
    "52734007", "49218002", "M25.551", "8640", "417357006", "16402000",
)  # fmt: skip

Event = tuple[str, str | int, int]  # kind, code or concept id, days after the index day

# What happened to whom, and the cohorts in which they belong.
PEOPLE: dict[str, tuple[list[Event], set[int]]] = {
    "one diagnosis": ([("condition", HEAD, 0)], {INCIDENT}),
    "diagnosis of a side, below the listed code": ([("condition", LEFT_HEAD, 0)], {INCIDENT}),
    "source code whose mapping lost the site": ([("source", FEMUR, 0)], {INCIDENT}),
    "osteonecrosis of no stated site": ([("condition", ELSEWHERE, 0)], set()),
    "diagnosis in the first year of observation": ([("condition", HEAD, -1100)], set()),
    "known before, again later": ([("condition", HEAD, -1100), ("condition", HEAD, 0)], set()),
    "Perthes disease": ([("source", PERTHES, -30), ("condition", HEAD, 0)], set()),
    "MRI before": ([("condition", HEAD, 0), ("procedure", MRI, -90)], {INCIDENT, SPECIFIC}),
    "MRI as a measurement": ([("condition", HEAD, 0), ("measurement", MRI_LOINC, 20)], {INCIDENT, SPECIFIC}),
    "MRI long before": ([("condition", HEAD, 0), ("procedure", MRI, -91)], {INCIDENT}),
    "replaced": ([("condition", HEAD, 0), ("procedure", REPLACED, 365)], {INCIDENT, SPECIFIC}),
    "replaced too late": ([("condition", HEAD, 0), ("procedure", REPLACED, 366)], {INCIDENT}),
    "second diagnosis": ([("condition", HEAD, 0), ("source", FEMUR, 40)], {INCIDENT, SPECIFIC}),
    "the same day twice": ([("condition", HEAD, 0), ("source", FEMUR, 0)], {INCIDENT}),
    "pain after prednisone": ([("drug", PREDNISONE_TABLET, -1095), ("condition", PAIN, 0)], {SCREENING}),
    "pain by source code": ([("drug", PREDNISONE, -10), ("source", PAIN_ICD, 0)], {SCREENING}),
    "prednisone too long ago": ([("drug", PREDNISONE, -1096), ("condition", PAIN, 0)], set()),
    "prednisone only afterwards": ([("condition", PAIN, 0), ("drug", PREDNISONE, 1)], set()),
    "pain without a cause": ([("condition", PAIN, 0)], set()),
    "pain in sickle cell disease": ([("condition", SICKLE_C, -900), ("condition", PAIN, 0)], {SCREENING}),
    "pain with the sickle cell trait": ([("condition", TRAIT, -900), ("condition", PAIN, 0)], set()),
    "pain with an MRI": (
        [("drug", PREDNISONE, -10), ("procedure", MRI, -365), ("condition", PAIN, 0)], set(),
    ),
    "pain with an old MRI": (
        [("drug", PREDNISONE, -10), ("procedure", MRI, -366), ("condition", PAIN, 0)], {SCREENING},
    ),
    "pain after the diagnosis": (
        [("drug", PREDNISONE, -10), ("condition", HEAD, -5), ("condition", PAIN, 0)], {INCIDENT},
    ),
    "pain, MRI, diagnosis": (
        [("drug", PREDNISONE, -10), ("condition", PAIN, 0), ("procedure", MRI, 30), ("condition", HEAD, 40)],
        {INCIDENT, SPECIFIC, SCREENING},
    ),
    "nothing": ([], set()),
}  # fmt: skip
IDS = {name: number for number, name in enumerate(PEOPLE, start=1)}

_TABLES = {
    "condition": ("condition_occurrence", "condition", "condition_start_date"),
    "source": ("condition_occurrence", "condition", "condition_start_date"),
    "procedure": ("procedure_occurrence", "procedure", "procedure_date"),
    "measurement": ("measurement", "measurement", "measurement_date"),
    "drug": ("drug_exposure", "drug", "drug_exposure_start_date"),
}


def _cdm(folder: Path) -> Path:
    """Write the invented people as an OMOP folder, with a vocabulary of the phenotype's codes."""
    folder.mkdir()
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name, *_ in _TABLES.values()}
    for name, (events, _) in PEOPLE.items():
        for kind, code, days in events:
            table, stem, day = _TABLES[kind]
            number = code if isinstance(code, int) else NUMBER_OF[code]
            row = {"person_id": IDS[name], day: INDEX + timedelta(days=days)}
            standard = ELSEWHERE if kind == "source" else number
            source = number if kind == "source" else 0
            tables[table].append({**row, f"{stem}_concept_id": standard, f"{stem}_source_concept_id": source})
    tables["person"] = [{"person_id": number} for number in IDS.values()]
    tables["observation_period"] = [
        {"person_id": number, "observation_period_start_date": INDEX - timedelta(days=1400),
         "observation_period_end_date": INDEX + timedelta(days=500)}
        for number in IDS.values()
    ]  # fmt: skip
    tables["concept"] = _vocabulary()
    pairs = [
        (HEAD, LEFT_HEAD),
        (PREDNISONE, PREDNISONE_TABLET),
        (SICKLE, SICKLE_C),
        (SICKLE, NUMBER_OF[TRAIT]),
    ]
    tables["concept_ancestor"] = [
        {"ancestor_concept_id": NUMBER_OF[wide], "descendant_concept_id": narrow} for wide, narrow in pairs
    ]
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{name}.csv")
    return folder


def _vocabulary() -> list[dict[str, Any]]:
    seen = {row["concept_code"]: row for row in _codes()}
    return [
        {"concept_id": NUMBER_OF[code], "concept_name": row["concept_name"], "domain_id": "Condition",
         "vocabulary_id": row["vocabulary_id"], "concept_class_id": "Clinical Finding",
         "standard_concept": "" if row["vocabulary_id"] == "ICD10CM" else "S", "concept_code": code,
         "invalid_reason": ""}
        for code, row in seen.items()
    ]  # fmt: skip


_LOAD_DUCKDB = (
    f"CREATE TABLE phenotype_codes AS FROM read_csv('{FOLDER}/codes.csv', "
    "types = {'concept_code': 'VARCHAR', 'means': 'VARCHAR'})"
)
_CREATE = """CREATE TABLE phenotype_codes (concept_set_id int, concept_set text, vocabulary_id text,
    concept_code text, concept_name text, descendants boolean, excluded boolean, means text,
    concept_id bigint, concept_id_seen_in text)"""
_RESULT = """SELECT cohort_definition_id, subject_id, cohort_start_date, cohort_end_date
    FROM phenotype_cohort ORDER BY 1, 2"""

Member = tuple[int, int, date, date]


def _in_duckdb(folder: Path) -> list[Member]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    duckdb_of(folder, folder / "cdm.duckdb")
    with duckdb.connect(str(folder / "cdm.duckdb")) as connection:
        connection.execute(_LOAD_DUCKDB)
        connection.execute((FOLDER / "cohorts.sql").read_text(encoding="utf-8"))
        members: list[Member] = connection.execute(_RESULT).fetchall()
        listed = connection.execute((FOLDER / "concept_ids.sql").read_text(encoding="utf-8")).fetchall()
    assert len(listed) == len(_codes())
    assert all(row[4] == NUMBER_OF[row[3]] for row in listed)
    return members


def _in_postgresql(folder: Path) -> list[Member]:
    with postgres_server() as server:
        import psycopg

        postgres_of(folder, server, "cdm")
        with psycopg.connect(server) as connection:
            connection.execute("SET search_path TO cdm")
            connection.execute(_CREATE.encode())
            copy = "COPY phenotype_codes FROM STDIN CSV HEADER"
            with connection.cursor() as cursor, cursor.copy(copy) as target:
                target.write((FOLDER / "codes.csv").read_bytes())
            connection.execute((FOLDER / "cohorts.sql").read_bytes())
            return connection.execute(_RESULT.encode()).fetchall()


@pytest.mark.parametrize("run", [_in_duckdb, _in_postgresql], ids=["duckdb", "postgresql"])
def test_each_invented_person_is_in_the_cohorts_in_which_they_belong(run: Any, tmp_path: Path) -> None:
    members = run(_cdm(tmp_path / "cdm"))
    found: dict[str, set[int]] = {name: set() for name in PEOPLE}
    names = {number: name for name, number in IDS.items()}
    for cohort, person, *_ in members:
        assert cohort not in found[names[person]]
        found[names[person]].add(cohort)
    assert found == {name: cohorts for name, (_, cohorts) in PEOPLE.items()}
    days = {(cohort, names[person]): (start, end) for cohort, person, start, end in members}
    assert days[SCREENING, "pain after prednisone"] == (INDEX, INDEX + timedelta(days=365))
    assert days[SCREENING, "pain, MRI, diagnosis"] == (INDEX, INDEX + timedelta(days=30))
    assert days[INCIDENT, "one diagnosis"] == (INDEX, INDEX + timedelta(days=500))
    assert days[INCIDENT, "pain after the diagnosis"][0] == INDEX - timedelta(days=5)


# --- filling in the concept ids --------------------------------------------------------------------------


def test_the_definitions_are_filled_with_the_ids_of_a_vocabulary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = runpy.run_path(str(FOLDER / "fill.py"))
    folder = _cdm(tmp_path / "cdm")
    without = pl.read_csv(folder / "concept.csv", infer_schema=False).filter(
        pl.col("concept_code") != MRI_LOINC
    )
    without.write_csv(folder / "concept.csv")
    script["main"](str(folder), tmp_path / "filled")
    said = capsys.readouterr().out
    assert said.count(f"LOINC {MRI_LOINC}") == 2
    for path in COHORTS:
        for concept_set in _definition(tmp_path / "filled" / path.name)["ConceptSets"]:
            for item in concept_set["expression"]["items"]:
                concept = item["concept"]
                assert concept["CONCEPT_ID"] == NUMBER_OF[concept["CONCEPT_CODE"]]
                assert concept["STANDARD_CONCEPT"] in {"S", "N"}


def test_a_concept_set_that_would_be_empty_is_an_error(tmp_path: Path) -> None:
    script = runpy.run_path(str(FOLDER / "fill.py"))
    folder = _cdm(tmp_path / "cdm")
    concepts = pl.read_csv(folder / "concept.csv", infer_schema=False)
    concepts.filter(pl.col("vocabulary_id") != "ICD10CM").write_csv(folder / "concept.csv")
    with pytest.raises(InputError, match="source codes: the CONCEPT table holds none of its codes"):
        script["main"](str(folder), tmp_path / "filled")

"""Spark answers for every patient as one machine does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from precollapse.errors import InputError
from precollapse.screen import spark_session
from precollapse.screen.answers import ANSWERS
from precollapse.screen.run import Outcome, Plan, answers, run
from precollapse.screen.spark import run_spark, screen_with_spark

AS_OF = date(2026, 1, 1)
SAMPLE = Path(__file__).parents[2] / "synthetic" / "sample"
MASTER = "local[2]"
REPLICAS = 50

NO_SPARK = find_spec("pyspark") is None or find_spec("pyarrow") is None or find_spec("pandas") is None
NO_JAVA = (spark_session._java_version() or 0) < spark_session.OLDEST_JAVA
needs_spark = pytest.mark.skipif(
    NO_SPARK or NO_JAVA, reason="pyspark is not installed" if NO_SPARK else "Java 17 is missing"
)


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """One open session for all tests: starting Java takes seconds."""
    with spark_session.session(MASTER, {"spark.sql.shuffle.partitions": "3"}):
        yield


@pytest.fixture(scope="module")
def on_one_machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("one-machine")
    run(Plan((str(SAMPLE),), out, AS_OF))
    return out


@pytest.fixture(scope="module")
def replicas(on_one_machine: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """2,000 patients as a store and with one row a patient, in more parts than Spark has processes."""
    from benchmarks.screening.scale import replicate
    from precollapse.screen.spark_charts import charts_to_spark

    folder = tmp_path_factory.mktemp("replicas")
    patients = replicate(on_one_machine / "store", folder / "store", REPLICAS)
    assert patients == charts_to_spark(folder, folder / "charts") == 40 * REPLICAS
    return folder / "store", folder / "charts"


def written(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "patients" / "*.parquet")


def differences(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    from benchmarks.screening.scale import differences as found

    return found(one, other)


@pytest.mark.slow
@needs_spark
def test_two_thousand_stored_patients_get_the_answers_of_one_machine(
    spark: None, replicas: tuple[Path, Path], tmp_path: Path
) -> None:
    store, charts = replicas
    run(Plan((str(store),), tmp_path / "local", AS_OF))
    outcome = run_spark(str(charts), str(tmp_path / "spark"), AS_OF, master=MASTER)
    expected, found = answers(tmp_path / "local").collect(), written(tmp_path / "spark")
    assert outcome.patients == found.height == found["patient"].n_unique() == 2_000
    assert 0 < outcome.assessed <= 2_000
    assert differences(expected, found) == []
    # The comparison means something: unknown values, words in lists and dates are among the answers.
    assert found["cause"].null_count() > 0
    assert found["prescriber_specialty"].null_count() > 0
    assert found["action_date"].null_count() > 0
    assert max(map(len, found["facts"].to_list())) > 1
    assert set(found["as_of"]) == {AS_OF}
    assert not any(found[name].is_nan().any() for name in found.columns if found[name].dtype == pl.Float64)


@pytest.mark.slow
@needs_spark
def test_a_bulk_export_gets_the_answers_of_one_machine_and_its_charts_are_kept(
    spark: None, on_one_machine: Path, tmp_path: Path
) -> None:
    export = tmp_path / "export"
    shutil.copytree(SAMPLE, export)
    with (export / "Condition.ndjson").open("ab") as file:
        file.write(b'{"resourceType":"Condition","id":\n\n\xff\xfe\n')
    outcome = screen_with_spark([str(export)], str(tmp_path / "spark"), AS_OF, master=MASTER)
    plan = Plan((str(export),), tmp_path / "local", AS_OF)
    local = run(plan)
    expected = answers(on_one_machine).collect()
    assert differences(expected, written(tmp_path / "spark")) == []
    assert counted(outcome) == counted(local)
    assert outcome.corrupt_total == 2

    later = run_spark(str(tmp_path / "spark" / "charts"), str(tmp_path / "later"), AS_OF, master=MASTER)
    assert later.patients == 40
    assert differences(expected, written(tmp_path / "later")) == []


def counted(outcome: Outcome) -> dict[str, object]:
    return {
        "patients": outcome.patients,
        "lines": outcome.lines,
        "corrupt": outcome.corrupt_total,
        "unused": outcome.unused,
        "unread": outcome.unread,
        "files": outcome.files,
        "bytes": outcome.bytes,
    }


@pytest.mark.slow
@needs_spark
def test_a_patient_whose_lines_are_dealt_over_many_batches_stays_one_patient(
    spark: None, on_one_machine: Path, tmp_path: Path
) -> None:
    few = {"spark.sql.execution.arrow.maxRecordsPerBatch": "7"}
    screen_with_spark([str(SAMPLE)], str(tmp_path), AS_OF, master=MASTER, settings=few)
    assert differences(answers(on_one_machine).collect(), written(tmp_path)) == []


@pytest.mark.slow
@needs_spark
def test_answers_of_an_earlier_run_never_stand_among_those_of_a_later_one(
    spark: None, on_one_machine: Path, replicas: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(on_one_machine / "patients", tmp_path / "patients")
    few = tmp_path / "few"
    shutil.copytree(replicas[1], few)
    for path in sorted(few.iterdir())[1:]:
        path.unlink()
    run_spark(str(replicas[1]), str(tmp_path), AS_OF, master=MASTER)
    run_spark(str(few), str(tmp_path), AS_OF, master=MASTER)
    assert written(tmp_path)["patient"].str.ends_with("-0").all()
    assert written(tmp_path).height == 40
    assert answers(tmp_path).collect().height == 40


@pytest.mark.slow
@needs_spark
def test_the_answers_have_the_columns_of_one_machine(
    spark: None, replicas: tuple[Path, Path], tmp_path: Path
) -> None:
    run_spark(str(replicas[1]), str(tmp_path), AS_OF, master=MASTER)
    texts = {name: pl.String if isinstance(kind, pl.Enum) else kind for name, kind in ANSWERS.items()}
    assert dict(written(tmp_path).schema) == texts
    assert len(list((tmp_path / "patients").glob("*.parquet"))) > 1


@pytest.mark.slow
@needs_spark
def test_nobody_else_may_read_what_was_written(
    spark: None, replicas: tuple[Path, Path], tmp_path: Path
) -> None:
    run_spark(str(replicas[1]), str(tmp_path / "out"), AS_OF, master=MASTER)
    made = [replicas[1], tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.slow
@needs_spark
def test_charts_that_do_not_fit_are_refused_with_what_to_do(
    spark: None, replicas: tuple[Path, Path], tmp_path: Path
) -> None:
    charts = replicas[1]
    with pytest.raises(InputError, match="stored for 2026-01-01 and later"):
        run_spark(str(charts), str(tmp_path / "out"), date(2025, 12, 31), master=MASTER)
    other = tmp_path / "other"
    other.mkdir()
    table = pl.read_parquet(sorted(charts.iterdir())[0])
    table.with_columns(pl.lit("older").alias("knowledge")).write_parquet(other / "part.parquet")
    with pytest.raises(InputError, match="stored with knowledge older, not"):
        run_spark(str(other), str(tmp_path / "out"), AS_OF, master=MASTER)
    table.drop("through").write_parquet(other / "part.parquet")
    with pytest.raises(InputError, match="not in the layout for Spark"):
        run_spark(str(other), str(tmp_path / "out"), AS_OF, master=MASTER)
    with pytest.raises(InputError, match="there is no such file or folder"):
        run_spark(str(tmp_path / "nothing"), str(tmp_path / "out"), AS_OF, master=MASTER)
    with pytest.raises(InputError, match="holds no NDJSON"):
        screen_with_spark([str(tmp_path)], str(tmp_path.parent / "out"), AS_OF, master=MASTER)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@needs_spark
def test_an_export_within_the_folder_that_would_be_replaced_is_refused(spark: None, tmp_path: Path) -> None:
    export = tmp_path / "charts" / "export"
    shutil.copytree(SAMPLE, export)
    with pytest.raises(InputError, match="would be replaced while it is read"):
        screen_with_spark([str(export)], str(tmp_path), AS_OF, master=MASTER)
    assert (export / "Patient.ndjson").is_file()


@pytest.mark.slow
@needs_spark
def test_a_machine_of_the_cluster_with_other_knowledge_is_named_instead_of_answering() -> None:
    from precollapse.screen.spark_tasks import Order, answer_rows

    order = Order(AS_OF, "another version", None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="install the same version on all"):
        next(answer_rows(iter(()), order))


@needs_spark
def test_a_folder_with_other_files_is_never_replaced_by_charts(on_one_machine: Path, tmp_path: Path) -> None:
    from precollapse.screen.spark_charts import charts_to_spark

    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(InputError, match="exists and holds other files"):
        charts_to_spark(on_one_machine, tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_without_java_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(spark_session, "NEEDED", ())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    with pytest.raises(InputError, match=r"needs Java 17 or later, none was found; .* JAVA_HOME"):
        run_spark("charts", str(tmp_path), AS_OF, master=MASTER)


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_session, "NEEDED", ("a_library_that_is_not_there",))
    with pytest.raises(InputError, match=r"pip install 'precollapse\[spark\]'"):
        run_spark("charts", str(tmp_path), AS_OF, master=MASTER)

"""Screens on a cluster: the function that runs on one machine, through Spark's ``mapInArrow``.

Two ways lead in. Charts stored with one row a patient (``spark_charts.py``) are screened where they lie, file
by file, without any shuffle. Lines of NDJSON are sifted, the kept ones brought together by patient in one
shuffle, and the charts they make are written, so that a later screening starts from charts.

Spark needs Java 17. Everything may lie on any file system that Hadoop knows: ``file:``, ``hdfs:``, ``s3a:``.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precollapse.errors import InputError
from precollapse.knowledge.load import load
from precollapse.screen.answers import ANSWERS
from precollapse.screen.run import Outcome
from precollapse.screen.spark_session import ENGINE, session, short, told
from precollapse.screen.store import is_store
from precollapse.screen.work import ANSWERS_FOLDER

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CHARTS_FOLDER = "charts"
LINES_GLOB = "*.{ndjson,jsonl,ndjson.gz,jsonl.gz,ndjson.zst,jsonl.zst}"
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def screen_with_spark(
    inputs: Sequence[str],
    out: str,
    as_of: date,
    *,
    master: str | None = None,
    settings: dict[str, str] | None = None,
) -> Outcome:
    """Screen lines of NDJSON, charts laid out for Spark, or the store of an earlier run on this machine.

    Parameters
    ----------
    inputs
        One folder of charts or one store, or any number of files, folders and patterns of NDJSON.
    out
        Takes the folder ``patients``, and ``charts`` where charts had to be made.
    as_of
        The day of the assessment.
    master, settings
        As for ``run_spark``.

    Returns
    -------
    Outcome
        As of ``run_spark``, with the counts of the lines read.

    Raises
    ------
    InputError
        When an input cannot be used, or Spark cannot be started.
    """
    charts = f"{out.rstrip('/')}/{CHARTS_FOLDER}"
    begin = time.perf_counter()
    outcome = Outcome()
    store = _one_store(inputs)
    if store is not None:
        from precollapse.screen.spark_charts import charts_to_spark

        if _SCHEME.match(out) and not out.startswith("file:"):
            raise InputError(
                ENGINE, "reads a store only into a folder of this machine; copy its charts after"
            )
        charts_to_spark(store, Path(re.sub(r"^file:(//)?", "", charts)))
    with session(master, settings) as spark:
        if store is None:
            found = [_uri(one) for one in inputs]
            if len(found) == 1 and _matches(spark, f"{found[0].rstrip('/')}/*.parquet"):
                charts = found[0]
            else:
                _charts_of_lines(spark, found, _uri(charts), as_of, outcome)
        _screen(spark, _uri(charts), _uri(out), as_of, outcome)
    outcome.seconds = time.perf_counter() - begin
    return outcome


def run_spark(
    charts: str,
    out: str,
    as_of: date,
    *,
    master: str | None = None,
    settings: dict[str, str] | None = None,
) -> Outcome:
    """Screen charts laid out for Spark and write the answers beside those of the engine on one machine.

    Parameters
    ----------
    charts
        Folder of Parquet with one row a patient (``spark_charts.charts_to_spark``): a path of this machine
        or the address of any Hadoop file system.
    out
        Takes the folder ``patients``, which is replaced as a whole.
    as_of
        The day of the assessment.
    master
        Spark's master, such as ``local[2]`` or ``yarn``; None leaves it to ``spark-submit``.
    settings
        More settings of Spark; they win over those of ``spark_session.py``. In a session that is already
        open only those take effect that Spark lets change.

    Returns
    -------
    Outcome
        Counts. Those of patterns, lines and entries are Spark's accumulators: a task that is repeated after
        a failure counts again. The number of patients is that of the rows written.

    Raises
    ------
    InputError
        When the charts cannot be used, or Spark cannot be started.
    """
    begin = time.perf_counter()
    outcome = Outcome()
    with session(master, settings) as spark:
        _screen(spark, _uri(charts), _uri(out), as_of, outcome)
    outcome.seconds = time.perf_counter() - begin
    return outcome


def _screen(spark: SparkSession, charts: str, out: str, as_of: date, outcome: Outcome) -> None:
    from precollapse.screen.spark_charts import MADE_WITH, chart_schema, ddl
    from precollapse.screen.spark_tasks import Order, answer_rows

    knowledge = load()
    written = f"{out.rstrip('/')}/{ANSWERS_FOLDER}"
    _refuse_overlap(charts, written)
    with told(charts):
        rows = spark.read.schema(ddl(chart_schema(knowledge))).parquet(charts)
        _require_usable(rows, charts, as_of)
        counts = _counts(spark)
        order = Order(as_of, knowledge.version, counts)
        wanted = rows.drop(*MADE_WITH)
        wanted.mapInArrow(partial(answer_rows, order=order), ddl(ANSWERS)).write.mode("overwrite").parquet(
            written
        )
        outcome.patients = spark.read.schema(ddl(ANSWERS)).parquet(written).count()
    outcome.assessed += counts.value["assessed"]


def _require_usable(rows: DataFrame, place: str, as_of: date) -> None:
    """Refuse charts of other knowledge, of a later day, or in another layout."""
    from pyspark.sql import functions as F  # noqa: N812 - Spark's custom

    from precollapse.screen.spark_charts import require_knowledge

    made = rows.agg(F.collect_set("knowledge"), F.max("through"), F.count("*"), F.count("through")).first()
    versions, through, all_, said = made if made is not None else ([], None, 0, 0)
    if all_ and said < all_:
        raise InputError(short(place), "is not in the layout for Spark; write it with charts_to_spark")
    require_knowledge(short(place), versions, load())
    if through is not None and through > as_of:
        raise InputError(
            short(place),
            f"its charts were stored for {through.isoformat()} and later; give that day or screen the export"
            " itself again",
        )


def _charts_of_lines(
    spark: SparkSession, inputs: Sequence[str], charts: str, as_of: date, outcome: Outcome
) -> None:
    """Make charts of lines of NDJSON and write them with one row a patient."""
    from pyspark import StorageLevel
    from pyspark.sql import functions as F  # noqa: N812

    from precollapse.screen.spark_charts import chart_schema, ddl
    from precollapse.screen.spark_tasks import KEPT, PRODUCT, Order, chart_rows, sift

    knowledge = load()
    for one in inputs:
        _refuse_overlap(one, charts)
    counts = _counts(spark)
    order = Order(as_of, knowledge.version, counts)
    with told(", ".join(map(short, inputs))):
        # A line ends where the engine on one machine sees its end; of a folder only NDJSON is read.
        reader = spark.read.option("lineSep", "\n").option("recursiveFileLookup", "true")
        lines = reader.option("pathGlobFilter", LINES_GLOB).text(list(inputs))
        outcome.files = len(lines.inputFiles())
        if not outcome.files:
            raise InputError(
                ", ".join(map(short, inputs)),
                "holds no NDJSON (.ndjson, .jsonl, also .gz) and no charts for Spark",
            )
        kept = lines.mapInArrow(partial(sift, order=order), ddl(KEPT))
        # Kept on the executors' disks, since it is used twice: decoding every line is most of the work.
        kept = kept.withColumn("place", F.monotonically_increasing_id()).persist(StorageLevel.DISK_ONLY)
        for_all = kept.where(F.col("rank") == PRODUCT).orderBy("place").select("line").collect()
        products = spark.sparkContext.broadcast([bytes(row[0]) for row in for_all])
        own = kept.where(F.col("rank") != PRODUCT).repartition("patient")
        own = own.sortWithinPartitions("patient", "rank", "place").select(*KEPT)
        made = own.mapInArrow(
            partial(chart_rows, order=order, products=products), ddl(chart_schema(knowledge))
        )
        made.write.mode("overwrite").parquet(charts)
        kept.unpersist()
    _add(counts.value, outcome)


def _add(counts: Counter[str], outcome: Outcome) -> None:
    """Put what was counted where the engine on one machine puts it."""
    outcome.lines, outcome.corrupt_total = counts["lines"], counts["corrupt"]
    outcome.bytes = counts["bytes"]  # unpacked
    for name, count in sorted(counts.items()):
        kind, _, what = name.partition(":")
        if what:
            {"unused": outcome.unused, "unread": outcome.unread}[kind][what] = count


def _counts(spark: SparkSession) -> Any:
    from precollapse.screen.spark_tasks import Counts

    adds: Any = Counts()
    return spark.sparkContext.accumulator(Counter(), adds)


def _uri(path: str) -> str:
    """Return an address for Hadoop; a path without a scheme is one of this machine."""
    return path if _SCHEME.match(path) else f"file://{Path(path).absolute().as_posix()}"


def _one_store(inputs: Sequence[str]) -> Path | None:
    if len(inputs) != 1 or _SCHEME.match(inputs[0]):
        return None
    folder = Path(inputs[0])
    return next((one for one in (folder, folder / "store") if is_store(one)), None)


def _matches(spark: SparkSession, pattern: str) -> bool:
    """Tell whether anything lies under a pattern of any Hadoop file system."""
    with told(pattern):
        context: Any = spark.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(pattern)
        found = path.getFileSystem(context._jsc.hadoopConfiguration()).globStatus(path)
        return found is not None and len(found) > 0


def _refuse_overlap(source: str, target: str) -> None:
    """Refuse to write where is read from: Spark removes the target before it reads.

    Raises
    ------
    InputError
        When one lies within the other.
    """
    one, other = (f"{re.sub(r'^file:/*', '/', uri).rstrip('/')}/" for uri in (source, target))
    if one.startswith(other) or other.startswith(one):
        raise InputError(
            short(target), "would be replaced while it is read; give another folder for the answers"
        )

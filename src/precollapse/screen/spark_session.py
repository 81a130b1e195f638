"""Opens Spark with the settings that screening needs, and says in one line what stopped it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from precollapse.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
ENGINE = "--engine spark"
NEEDED = ("pyspark", "pyarrow", "pandas")  # Spark asks for pandas before it lets anybody use Arrow
_WHY = {"PATH_NOT_FOUND": "there is no such file or folder, and nothing matches it as a pattern"}

# Batches of many patients profit from the patterns that were assessed before; processes share the cores.
SETTINGS = {
    "spark.app.name": "precollapse screen",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.executorEnv.OMP_NUM_THREADS": "1",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
    "spark.hadoop.fs.permissions.umask-mode": "077",  # what is written is for nobody else to read
    "spark.ui.showConsoleProgress": "false",
}
CLUSTER_SETTINGS = {"spark.log.level": "ERROR"}
# On one machine nothing listens to the network, and only errors are said from the first line on.
LOCAL_SETTINGS = {
    "spark.driver.extraJavaOptions": "-Dlog4j2.configurationFile="
    + Path(__file__).with_name("spark.log4j2.properties").as_uri(),
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}


@contextmanager
def session(master: str | None, settings: dict[str, str] | None) -> Iterator[SparkSession]:
    """Open a session, or use the one that is open and leave it so."""
    _require_installed()
    from pyspark.sql import SparkSession

    local = (master or "").startswith("local")
    _choose_python(local)
    open_before = SparkSession.getActiveSession()
    builder = SparkSession.builder
    if master is not None:
        builder = builder.master(master)
    own = LOCAL_SETTINGS if local else CLUSTER_SETTINGS
    for name, value in {**SETTINGS, **own, **(settings or {})}.items():
        builder = builder.config(name, value)
    with told(ENGINE):
        spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        if open_before is None:
            spark.stop()


def _choose_python(local: bool) -> None:
    """Let the workers be the Python that runs this; on a cluster only where nothing else was said."""
    for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
        if local or name not in os.environ:
            os.environ[name] = sys.executable


def _require_installed() -> None:
    """Refuse to begin without pyspark or Java.

    Raises
    ------
    InputError
        Saying what to install.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise InputError(
            ENGINE, f"needs {', '.join(missing)}; install it with: pip install 'precollapse[spark]'"
        )
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return  # started by spark-submit: Java is what runs this
    version = _java_version()
    if version is None or version < OLDEST_JAVA:
        found = "none was found" if version is None else f"found {version}"
        raise InputError(
            ENGINE,
            f"needs Java {OLDEST_JAVA} or later, {found}; install it, or set JAVA_HOME to where it is",
        )


def _java_version() -> int | None:
    """Return the main version of the Java that Spark will start; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        return None
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


@contextmanager
def told(place: str) -> Iterator[None]:
    """Say in one line what stopped Spark; its message may quote a record, so only the kind is told.

    Raises
    ------
    InputError
        In place of Spark's own.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        kind = getattr(error, "getCondition", lambda: None)() or type(error).__name__
        ours = re.search(r"InputError: (.+)", str(error))
        why = (
            ours[1] if ours else _WHY.get(kind, f"Spark stopped ({kind}); its log on the machines says where")
        )
        raise InputError(short(place), why) from None


def short(uri: str) -> str:
    """Return how a place is called in messages."""
    return uri.rstrip("/").rpartition("/")[2] or uri

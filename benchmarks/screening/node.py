"""The peers in JavaScript: brings their packages in, starts them once and asks them again and again."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
PACKAGES = {"cql.mjs": ("cql-execution", "cql-exec-fhir"), "fhirpath.mjs": ("fhirpath",)}
OLDEST_NODE = 20


def why_not() -> str | None:
    """Return why the peers in JavaScript cannot run, or None; installs their packages when missing."""
    if shutil.which("node") is None:
        return "node is not installed"
    version = _said("node", "--version").lstrip("v")
    if int(version.split(".")[0]) < OLDEST_NODE:
        return f"node is {version}; {OLDEST_NODE} or newer is needed"
    if MODULES.is_dir():
        return None
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    done = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--prefix", str(HERE)], capture_output=True)
    return None if done.returncode == 0 else f"npm ci failed with exit code {done.returncode}"


def versions(script: str) -> str:
    """Return the packages behind a script with their installed versions."""
    found = []
    for package in PACKAGES[script]:
        about = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
        found.append(f"{package} {about['version']}")
    return ", ".join(found)


class NodePeer:
    """A script that is running: node has started, modules and models are loaded, threads stay."""

    def __init__(self, script: str, variant: str, workers: int) -> None:
        self._script = script
        self._task = {"variant": variant, "workers": workers}
        self._process = subprocess.Popen(
            ["node", str(HERE / script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, folder: Path, codes: Path) -> dict[str, Any]:
        """Have the export read and the question answered, and return what the script says.

        Returns
        -------
        dict
            ``patients``, ``lines``, ``positive`` (how many), ``positive_sha256`` (of the sorted ids,
            joined by line feeds), ``seconds_read``, ``seconds_evaluate`` (of the slowest thread),
            ``seconds_total``.

        Raises
        ------
        RuntimeError
            When the script ends without an answer.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        task = self._task | {"folder": str(folder), "codes": str(codes)}
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._script}: ended without an answer, see its messages above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> NodePeer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

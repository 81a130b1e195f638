"""The command line: ``python -m synthetic generate`` and ``python -m synthetic modules``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from synthetic.cohort import Plan, generate
from synthetic.modules import definitions, write_modules
from synthetic.parameters import PARAMETERS_FILE, ParameterError, load_parameters

AS_OF = date(2026, 6, 30)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _modules(options) if options.command == "modules" else _generate(options)
    except (ParameterError, FileExistsError, ModuleNotFoundError) as error:
        sys.stderr.write(f"synthetic: {error}\n")
        return 2


def _generate(options: argparse.Namespace) -> int:
    plan = Plan(
        patients=options.patients,
        seed=options.seed,
        as_of=options.as_of,
        core=options.core,
        gzipped=options.gzip,
        boost=options.prevalence_boost,
        parameters=options.parameters,
    )
    began = time.perf_counter()
    made = generate(plan, options.out, options.workers)
    seconds = time.perf_counter() - began
    sys.stdout.write(
        f"{made.patients:,} patients, {made.resources:,} resources, {made.size_bytes / 1e6:,.1f} MB "
        f"in {seconds:,.1f} s ({made.patients / seconds:,.0f} patients/s)\n"
    )
    return 0


def _modules(options: argparse.Namespace) -> int:
    parameters = load_parameters(options.parameters, options.prevalence_boost)
    found = definitions(parameters)
    write_modules(found, options.out)
    sys.stdout.write(f"{len(found)} modules written, every parameter filled in\n")
    return 0


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synthetic",
        description="Makes invented cohorts with planted osteonecrosis of the hip.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("generate", help="write a cohort as a FHIR bulk export with its truth.csv")
    make.add_argument("--patients", type=_at_least_one, default=1000)
    make.add_argument("--seed", type=int, default=1, help="the same seed gives the same files")
    make.add_argument("--workers", type=_at_least_one, default=1, help="processes (default 1)")
    make.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help="last day of the records")
    make.add_argument("--core", action="store_true", help="add Synthea's own modules (slow)")
    make.add_argument("--gzip", action="store_true", help="write .ndjson.gz")
    files = commands.add_parser("modules", help="write the module files with every parameter filled in")
    for command in (make, files):
        command.add_argument("--out", type=Path, required=True, help="a new or empty folder")
        command.add_argument(
            "--prevalence-boost",
            type=float,
            help="factor on the natural frequency of the causes (default: parameters.yaml; 1 is natural)",
        )
        command.add_argument("--parameters", type=Path, default=PARAMETERS_FILE, help="another YAML file")
    return parser


if __name__ == "__main__":
    sys.exit(main())

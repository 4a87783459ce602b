"""The audit as a command: `sapparot-audit URL|DIR`, and what `sapparot audit` calls."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TextIO, cast

import msgspec

from sapparot.audit.checkpoints import HOME
from sapparot.audit.download import Download
from sapparot.audit.facts import EXIT, AuditReport, Plan, Tell
from sapparot.audit.inspection import Inspection
from sapparot.audit.problems import FILE_UNUSABLE, NO_KEY
from sapparot.audit.progress import Bar
from sapparot.audit.source import is_url, open_folder
from sapparot.audit.supply import Here, Served
from sapparot.audit.words import report_lines
from sapparot.base.disk import refuse_unwritable, write_asked
from sapparot.base.problems import CannotGoOn, Problem

HELP: dict[str, str] = {
    "source": "directory with log/ and v1/ in it, or the address that serves them",
    "key": "verifier key of the log, known from elsewhere (name+hash+base64), or a file that holds it",
    "checkpoint": "a checkpoint that somebody else holds; may be repeated",
    "state": "file of the checkpoints seen before; one for each log in the home directory by default",
    "policy": "tlog-policy file: whose cosignatures are needed",
    "sample": "hash so many photographs, chosen by chance, instead of all",
    "every": "count each n-th snapshot and the last one again",
    "processes": "processes that work side by side; all cores by default",
    "keep": "directory for the files of a URL",
    "json": "write the report here as JSON",
}


def audit(plan: Plan, tell: Tell) -> AuditReport:
    """Audit what `plan` names; raises a problem when it cannot begin or the download does not succeed."""
    if is_url(plan.source):
        folder = plan.keep or Path.home() / HOME / "copies" / sha256(plan.source.encode()).hexdigest()[:16]
        return Inspection(plan, folder, Served(Download(plan.source, folder), folder, tell), tell).run()
    return Inspection(plan, open_folder(plan.source), Here(), tell).run()


def run(plan: Plan, json_file: Path | None, streams: tuple[TextIO, TextIO]) -> int:
    """Audit, write the report in words (and as JSON into a file) and return the exit code; raises :class:`Problem` or :class:`CannotGoOn`.

    Without a place for the report the audit does not begin.
    """
    out, err = streams
    try:
        if json_file is not None:
            refuse_unwritable(json_file)
        with Bar(err) as bar:
            report = audit(plan, bar)
        for line in report_lines(report):
            out.write(f"{line}\n")
        if json_file is not None:
            write_asked(json_file, msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    except OSError as error:
        what = f"{error.filename or ''} ({error.strerror or error})".strip()
        raise FILE_UNUSABLE.about(what) from error
    return EXIT[report.verdict]


def key_from(given: str | None) -> str | None:
    """Return the key that was given, or the one in the file that was named; raises a problem when it cannot be read."""
    if given is None or "+" in given:
        return given
    try:
        return Path(given).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NO_KEY.about(given) from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit 0 when everything holds, 1 when something does not, 2 when it cannot be judged."""
    asked = _parser().parse_args(arguments)
    try:
        plan = Plan(
            source=asked.source,
            key=key_from(asked.key),
            checkpoints=tuple(asked.checkpoint),
            state=asked.state,
            policy=asked.policy,
            sample=asked.sample,
            every=asked.every,
            processes=asked.processes,
            keep=asked.keep,
        )
        sys.exit(run(plan, asked.json, (sys.stdout, sys.stderr)))
    except (Problem, CannotGoOn) as problem:
        sys.stderr.write(f"{problem.detail.th}\n{problem.detail.en} [{problem.kind.code}]\n")
        flaws = problem.extensions.get("errors", []) if isinstance(problem, Problem) else []
        for flaw in cast("list[dict[str, str]]", flaws):
            sys.stderr.write(f"{flaw['th']}\n{flaw['en']}\n")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(2)


def processes() -> int:
    """Return how many processes work side by side unless somebody says otherwise."""
    return os.cpu_count() or 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("sapparot-audit", description=__doc__)
    parser.add_argument("source", help=HELP["source"])
    parser.add_argument("--key", help=HELP["key"])
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help=HELP["checkpoint"])
    for name in ("state", "policy", "keep", "json"):
        parser.add_argument(f"--{name}", type=Path, help=HELP[name])
    parser.add_argument("--sample", type=_number, help=HELP["sample"])
    parser.add_argument("--every", type=_positive, default=1, help=HELP["every"])
    parser.add_argument("--processes", type=_positive, default=processes(), help=HELP["processes"])
    return parser


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    if _number(text) < 1:
        raise ValueError(text)
    return int(text)

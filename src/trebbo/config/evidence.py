"""`trebbo evidence`: imports official files, and says how the imports stand."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from trebbo.ecosystem.evidence.choices import ImportStage
    from trebbo.ecosystem.evidence.models import Import

BAR = 30
LINE_EVERY = 2.0
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run `trebbo evidence`: 0 when done, 1 when refused, 130 when stopped (and resumable)."""
    options = _parser().parse_args(arguments)

    import django

    django.setup()
    from django.utils import translation

    with translation.override(options.language):
        done: int = options.run(options)
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trebbo evidence",
        description="Import official open data: CORDIS, ROR, OpenCoesione, Horizon 2020 "
        "participations, vocabularies (ESCO, EuroSciVoc, ATECO, NACE, municipalities).",
    )
    parser.add_argument("--language", choices=("it", "en"), default=_language())
    commands = parser.add_subparsers(required=True)
    taken = commands.add_parser("import", help="import files as they are published")
    taken.add_argument("files", nargs="+", type=Path, metavar="FILE")
    taken.add_argument("--allow-older", action="store_true", help="also an older edition")
    taken.set_defaults(run=_import)
    status = commands.add_parser("status", help="the imports and how they stand")
    status.set_defaults(run=_status)
    resumed = commands.add_parser("resume", help="take up an import that stopped or failed")
    resumed.add_argument("id", type=int, nargs="?", help="the last one, if not given")
    resumed.set_defaults(run=_resume)
    report = commands.add_parser("report", help="print an import's report (CSV)")
    report.add_argument("id", type=int)
    report.set_defaults(run=_report)
    forgotten = commands.add_parser("forget", help="remove an import that brought nothing")
    forgotten.add_argument("id", type=int)
    forgotten.set_defaults(run=_forget)
    for command in (taken, status, resumed):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _language() -> str:
    return "it" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("it") else "en"


def _import(options: argparse.Namespace) -> int:
    from trebbo.ecosystem.evidence.actions import start_import
    from trebbo.kernel.access import installation
    from trebbo.kernel.errors import Refusal

    worst, results = 0, []
    for file in options.files:
        try:
            started = start_import(
                actor=installation(),
                file_name=file.name,
                path=file,
                allow_older=options.allow_older,
            )
        except Refusal as refusal:
            print(refusal.message, file=sys.stderr)
            results.append({"file": str(file), "state": "refused", "message": refusal.message})
            worst = 1
            continue
        code, result = _carry_out(started.pk, quiet=options.json)
        results.append(result)
        worst = max(worst, code)
        if code == INTERRUPTED:
            break
    if options.json:
        print(json.dumps(results, indent=1, ensure_ascii=False))
    return worst


def _resume(options: argparse.Namespace) -> int:
    from trebbo.ecosystem.evidence.actions import resume_import
    from trebbo.ecosystem.evidence.choices import ImportState
    from trebbo.ecosystem.evidence.models import Import
    from trebbo.kernel.access import installation
    from trebbo.kernel.errors import Refusal

    number = options.id
    if number is None:
        over = (ImportState.PUBLISHED, ImportState.UNCHANGED)
        last = Import.objects.exclude(state__in=over).order_by("-created_at", "-pk").first()
        if last is None:
            print("There is no import to resume.", file=sys.stderr)
            return 1
        number = last.pk
    try:
        resume_import(actor=installation(), import_id=number)
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    code, result = _carry_out(number, quiet=options.json)
    if options.json:
        print(json.dumps([result], indent=1, ensure_ascii=False))
    return code


def _carry_out(number: int, *, quiet: bool) -> tuple[int, dict[str, Any]]:
    """Carry an import out with a progress bar; the exit code, and what became of it."""
    from trebbo.ecosystem.evidence.actions import carry_out_import
    from trebbo.ecosystem.evidence.choices import ImportState
    from trebbo.ecosystem.evidence.models import Import
    from trebbo.kernel.access import installation
    from trebbo.kernel.errors import Refusal

    bar = Bar(sys.stderr, quiet=quiet)
    message = ""
    try:
        with _stopping(bar):
            carry_out_import(actor=installation(), import_id=number, on_progress=bar)
    except Refusal as refusal:
        message = refusal.message
    except KeyboardInterrupt:
        pass
    bar.end()
    imported = Import.objects.get(pk=number)
    if message:
        print(f"{imported.file_name}: {message}", file=sys.stderr)
    elif imported.state == ImportState.STOPPED:
        print(f"Stopped. `trebbo evidence resume {number}` goes on from here.", file=sys.stderr)
    elif not quiet:
        for line in _summary(imported):
            print(line)
    code = 1 if message else INTERRUPTED if imported.state == ImportState.STOPPED else 0
    return code, _as_json(imported, message)


@contextmanager
def _stopping(bar: "Bar") -> Iterator[None]:
    """Let Ctrl-C and a polite end of the process stop at the next step; a second one at once."""

    def stop(number: int, _frame: object) -> None:
        if bar.stop_asked:
            raise KeyboardInterrupt
        bar.stop_asked = True

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Bar:
    """One line that rewrites itself on a terminal; elsewhere a plain line now and then."""

    def __init__(self, out: TextIO, *, quiet: bool) -> None:
        self._out, self._quiet = out, quiet
        self._lively = out.isatty()
        self._stage = ""
        self._told = 0.0
        self._width = 0
        self.stop_asked = False

    def __call__(self, stage: "ImportStage", done: int, total: int, member: str) -> None:
        """Show how far the import is; stops it where that was asked."""
        if self.stop_asked:
            from trebbo.ecosystem.evidence.actions import ImportInterrupted

            raise ImportInterrupted
        if self._quiet:
            return
        words = " ".join(filter(None, (str(stage.label), member)))
        if not self._lively:
            now = time.monotonic()
            if stage != self._stage or now - self._told >= LINE_EVERY:
                share = f" {100 * done // total} %" if total else ""
                print(f"{words}{share}", file=self._out, flush=True)
                self._told = now
        else:
            self._draw(words, done, total)
        self._stage = stage

    def _draw(self, words: str, done: int, total: int) -> None:
        filled = BAR * min(done, total) // total if total else 0
        share = f"{100 * min(done, total) // total:3} %" if total else "  … "
        line = f"{'█' * filled}{'░' * (BAR - filled)} {share} {words}"
        self._out.write(f"\r{line[:110]:<{self._width}}")
        self._out.flush()
        self._width = min(len(line), 110)

    def end(self) -> None:
        """Leave the line."""
        if self._lively and self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._out.flush()


def _summary(imported: "Import") -> Iterator[str]:
    from trebbo.ecosystem.evidence.queries.imports import told

    words = told(imported)
    seconds = (
        (imported.finished_at - imported.created_at).total_seconds()
        if (imported.finished_at)
        else 0
    )
    yield f"{imported.file_name}: {words.dataset}, {imported.get_state_display()} ({seconds:.1f} s)"
    for label, added, changed, gone in words.tables:
        yield f"  {label}: +{added:,} ~{changed:,} -{gone:,}"
    if words.vocabulary:
        one = words.vocabulary
        yield f"  +{one['added']:,} ~{one['changed']:,} -{one['gone']:,}"
    for reason, total in words.reasons:
        yield f"  {reason}: {total:,}"
    if words.links:
        yield f"  links: {words.links['made']:,} made, {words.links['proposed']:,} to be reviewed"
    if imported.counts and imported.state == "published":
        yield f"  report: trebbo evidence report {imported.pk}"


def _as_json(imported: "Import", message: str = "") -> dict[str, Any]:
    return {
        "id": imported.pk,
        "file": imported.file_name,
        "dataset": imported.dataset,
        "state": imported.state,
        "stage": imported.stage,
        "is_present": imported.is_present,
        "message": message,
        "counts": imported.counts,
    }


def _status(options: argparse.Namespace) -> int:
    from trebbo.ecosystem.evidence.queries.imports import imports, told_together
    from trebbo.kernel.access import installation

    rows = list(imports(viewer=installation())[:50])
    if options.json:
        print(json.dumps([_as_json(row) for row in rows], indent=1, ensure_ascii=False))
        return 0
    if not rows:
        print("Nothing has been imported yet.")
    for words in told_together(rows):
        one = words.imported
        present = " *" if one.is_present else ""
        share = f" {words.percent} %" if words.is_open and words.percent is not None else ""
        stage = f", {one.get_stage_display()}{share}" if words.is_open else ""
        problem = f": {words.problem}" if words.problem else ""
        print(
            f"{one.pk:>5}  {one.created_at:%Y-%m-%d %H:%M}  {one.get_state_display()}{stage}"
            f"  {words.dataset or '?'}  {one.file_name}{present}{problem}"
        )
    return 0


def _report(options: argparse.Namespace) -> int:
    import csv

    from trebbo.ecosystem.evidence.queries.imports import import_of, report_lines
    from trebbo.kernel.access import installation

    imported = import_of(viewer=installation(), import_id=options.id)
    lines = report_lines(imported) if imported else iter(())
    first = next(lines, None)
    if first is None:
        print("There is no report of this import.", file=sys.stderr)
        return 1
    writer = csv.writer(sys.stdout)
    writer.writerow(first)
    writer.writerows(lines)
    return 0


def _forget(options: argparse.Namespace) -> int:
    from trebbo.ecosystem.evidence.actions import forget_import
    from trebbo.kernel.access import installation
    from trebbo.kernel.errors import Refusal

    try:
        forget_import(actor=installation(), import_id=options.id)
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    return 0

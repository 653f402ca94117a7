# SPDX-License-Identifier: GPL-2.0-only
"""The options that several tools have in common: what to measure, how to judge it, how
to show what was found.
"""

import argparse
import itertools
import re
import shutil
import sys
from pathlib import Path

from . import exports, gating, tables
from .comparison import Comparison, Settings
from .measuring import Choice
from .resultset import RESULTS_ROOT
from .tool import Paint, Unusable, check_place, clean, write_whole

FORMATS = [*tables.FORMATS, *exports.FORMATS]


def number_from(low: float, high: float, kind=float):
    """A parser of options that are numbers between the two."""
    def parse(text: str):
        try:
            value = kind(text.removesuffix("%"))
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            what = "whole number" if kind is int else "number"
            raise argparse.ArgumentTypeError(
                f"{clean(text)[:40]!r} is no {what} from {low:g} to {high:g}")
        return value
    return parse


def regular_expression(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as err:
        raise argparse.ArgumentTypeError(f"{clean(text)[:40]!r}: {err}")
    return text


# --- measuring -------------------------------------------------------------------------

def add_measuring(parser: argparse.ArgumentParser) -> None:
    """What tools that measure have in common."""
    parser.add_argument("--workloads", default="", metavar='"W …"',
                        help="only these workload families (default: all)")
    parser.add_argument("--profile", default="quick", choices=["quick", "full"],
                        help="how much to measure (default: %(default)s)")
    parser.add_argument("--launches", default=gating.LAUNCHES, metavar="N",
                        type=number_from(1, 1000, int),
                        help="of every cell (default: %(default)s)")
    parser.add_argument("--again", default=gating.AGAIN, metavar="N",
                        type=number_from(1, 1000, int),
                        help="launches of what is measured again (default: %(default)s)")
    parser.add_argument("--threshold", default=0.0, metavar="PERCENT",
                        type=number_from(0, 1000), help="smaller changes are none "
                        "(default: the noise floor alone; of instructions "
                        f"{100 * gating.COUNTS_THRESHOLD:g})")
    parser.add_argument("--noise", metavar="FILE", type=Path, help="the noise floor that "
                        "tools/calibrate wrote (default: this machine's)")
    parser.add_argument("--no-instructions", action="store_true",
                        help="do not count instructions")
    # Apart from those of 'make bench': both sides of a change are no machine's history.
    parser.add_argument("--out", default=RESULTS_ROOT / "gate", type=Path,
                        metavar="FOLDER", help="where result sets are kept (default: "
                        "results/gate/ here)")
    parser.add_argument("--seed", metavar="N", type=number_from(0, 2 ** 64 - 1, int),
                        help="repeat the order and the random numbers of a run")


def choice_of(args: argparse.Namespace, variants: str = "") -> Choice:
    return Choice(args.out, variants.split(), args.workloads.split(), args.profile,
                  args.seed)


def procedure_of(args: argparse.Namespace, variants: tuple[str, str] | None,
                 ) -> gating.Procedure:
    settings = Settings(threshold=args.threshold / 100, variants=variants,
                        noise=args.noise, in_turn=True)
    return gating.Procedure(settings, args.launches, args.again,
                            counts=not args.no_instructions)


# --- showing ---------------------------------------------------------------------------

def add_showing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", action="append", default=[], metavar="FORMAT",
                        choices=FORMATS, help=f"{' '.join(FORMATS)} (default: terminal); "
                        "may be repeated, each with its --output")
    parser.add_argument("--all", action="store_true",
                        help="show what did not change, too (formats for programs do)")
    parser.add_argument("--output", action="append", default=[], metavar="FILE",
                        type=Path, help="write there, not to stdout")


def formats_of(args: argparse.Namespace, out: Path | None = None
               ) -> list[tuple[str, Path | None]]:
    """Each format with its file, None for stdout; all can be written there.

    To be asked before the work; out is a folder that it will make.
    """
    formats = args.format or ["terminal"]
    if not len(formats) - 1 <= len(args.output) <= len(formats):
        raise Unusable(f"{len(formats)} --format and {len(args.output)} --output: give "
                       "each format its own file, all but the last")
    for path in args.output:
        check_place(path, out)
    return list(itertools.zip_longest(formats, args.output))


def show(found: Comparison, args: argparse.Namespace) -> None:
    for name, path in formats_of(args):
        text = _text(found, name, args.all, sys.stdout.isatty() and not path)
        if path:
            write_whole(path, text)
        else:
            print(text, end="")


def _text(found: Comparison, name: str, everything: bool, colours: bool) -> str:
    if name in exports.FORMATS:
        return exports.FORMATS[name](found)
    width = shutil.get_terminal_size((100, 24)).columns
    return tables.FORMATS[name](found, tables.View(everything, width, Paint(colours)))

# SPDX-License-Identifier: GPL-2.0-only
"""Two sides measured as one run: their launches interleaved by build/dmapool-run, their
instructions counted by bench/insn.
"""

import os
import re
import shlex
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import building, children, resultset
from .resultset import ResultSet
from .tool import Failed, Unusable, clean

SIDES = ("base", "new")
STAND_IN = building.ROOT / "tools/sides"
COUNTED = "/threads:1"      # the end of the names of rows that bench/insn counts
ALWAYS_SAME = ("upstream-", "peer-")    # their pools, in all revisions
# What the runner says of a cell in the warnings of a result set.
LAUNCHES_FAILED = re.compile(r" failed in \d+ of \d+ launches: ")


@dataclass(frozen=True)
class Choice:
    """What of it to measure, and where the result sets go."""
    out: Path = resultset.RESULTS_ROOT
    variants: Sequence[str] = ()    # all
    workloads: Sequence[str] = ()   # all
    profile: str = "quick"
    seed: int | None = None


# --- what there is to measure ----------------------------------------------------------

def listed(program: Path, profile: str) -> list[str]:
    """The names of a benchmark program's rows."""
    done = children.run([program, "--benchmark_list_tests", f"--profile={profile}"])
    if done.status:
        raise Failed(f"{program} lists no rows: {clean(done.last_word)}")
    return done.said.split()


def check_choice(choice: Choice, *trees: Path) -> None:
    """What is named wrongly is told before anything is built, as far as trees tell."""
    own = [name for name in choice.variants if not name.startswith(ALWAYS_SAME)]
    for kind, wanted in ("variant", own), ("workload", choice.workloads):
        known = [building.names(tree, kind) for tree in trees]
        if all(known):
            _check_names(kind, wanted, [name for name in known[-1] if
                                        all(name in names for names in known)])


def _check_names(kind: str, wanted: Sequence[str], known: Collection[str]) -> None:
    for name in wanted:
        if name not in known:
            raise Unusable(f"no {kind} {clean(name)!r} in both: choose from "
                           f"{' '.join(known)}")


def chosen(rows: list[str], choice: Choice, variants: Sequence[str]) -> list[str]:
    """The rows of the variants and of the workloads of the choice."""
    for kind, place, wanted in (("variant", 1, variants),
                                ("workload", 0, choice.workloads)):
        _check_names(kind, wanted, dict.fromkeys(row.split("/")[place] for row in rows))
    return [row for row in rows if row.split("/")[1] in variants
            and row.split("/")[0] in (choice.workloads or [row.split("/")[0]])]


# --- measuring it ----------------------------------------------------------------------

@dataclass
class Bench:
    """One or two benchmark programs that have both sides' rows."""
    folder: Path                    # for what is made on the way
    programs: list[Path]            # one with all variants, or the base's and the new one
    rows: list[str]
    choice: Choice
    runner: Path
    revisions: tuple[str, str] = ("", "")
    missing: list[str] = field(default_factory=list)    # rows that one side lacks

    @property
    def pools(self) -> list[str]:
        """The variants that pass the contract of pools: peers are none."""
        variants = dict.fromkeys(row.split("/")[1] for row in self.rows)
        return [name for name in variants if not name.startswith("peer-")]

    def measure(self, cells: list[str], launches: int) -> tuple[ResultSet, ResultSet]:
        """Both sides; of these cells only, if some are named."""
        rows = [row for row in self.rows
                if not cells or "/".join(row.split("/")[:2]) in cells]
        command = [self.runner, f"--bench={self._stand_in(rows)}",
                   f"--out={self.choice.out}", f"--profile={self.choice.profile}",
                   f"--launches={launches}"]
        if self.choice.seed is not None:
            command.append(f"--seed={self.choice.seed}")
        done = children.run(command, shown=True)
        if not done.said.strip():
            raise Failed("nothing could be measured, see above")
        found = written(done.said.removesuffix("\n"))
        if done.status:
            found.failures.extend(filter(LAUNCHES_FAILED.search, found.warnings))
        if done.status and not found.failures:
            found.failures.append("the run failed, see above")
        return self._sides(found)

    def _stand_in(self, rows: list[str]) -> Path:
        """A program for the runner that has just these rows."""
        listing = self.folder / "rows"
        listing.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        script = self.folder / "bench"
        words = map(str, (STAND_IN, listing, *self.programs))
        # A path may be no text.
        script.write_bytes(os.fsencode(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n'))
        script.chmod(0o755)
        return script

    def _sides(self, found: ResultSet) -> tuple[ResultSet, ResultSet]:
        if len(self.programs) == 1:
            return with_both(found)
        base, new = (side_of(found, side, revision)
                     for side, revision in zip(SIDES, self.revisions))
        return base, new

    def uncounted(self) -> str:
        """Why there are no instructions to count; empty if there are."""
        if not any(row.endswith(COUNTED) for row in self.rows):
            return "instructions are counted in rows of one thread, and none was measured"
        if not shutil.which("valgrind"):
            raise Failed("valgrind is missing, which counts instructions: make deps "
                         "installs it, or say --no-instructions")
        return ""

    def count(self) -> tuple[ResultSet, ResultSet]:
        """The instructions of both sides."""
        sets = [written(self._count(program)) for program in self.programs]
        base, new = (replace(found, context=found.context | ({"revision": revision}
                                                             if revision else {}))
                     for found, revision in zip((sets[0], sets[-1]), self.revisions))
        return base, new

    def _count(self, program: Path) -> Path:
        variants = dict.fromkeys(row.split("/")[1] for row in self.rows)
        families = dict.fromkeys(row.split("/")[0] for row in self.rows)
        done = children.run(
            [building.ROOT / "bench/insn", f"--bench={program}",
             f"--out={self.choice.out}", f"--profile={self.choice.profile}",
             f"--variants={' '.join(variants)}", f"--workloads={' '.join(families)}"],
            shown=True)
        if done.status:
            raise Failed("bench/insn failed, see above: mend it, or say "
                         "--no-instructions")
        return Path(done.said.splitlines()[-1])


# --- what came of it -------------------------------------------------------------------

def written(path: str | Path) -> ResultSet:
    """The result set of a run that has just ended: what is amiss with it is the run's."""
    try:
        return resultset.load(path)
    except Unusable as err:
        raise Failed(str(err)) from err


def with_both(found: ResultSet) -> tuple[ResultSet, ResultSet]:
    """A result set with the rows of two dmapool.c, as that of both sides."""
    for side, variant in zip(SIDES, (building.BASE, building.NEW)):
        if variant not in found.variants():
            raise _unmeasured(side, found)
    return found, found


def side_of(found: ResultSet, side: str, revision: str) -> ResultSet:
    """One side's rows, by the names they have without the stand-in."""
    rows = {}
    for row in found.rows.values():
        variant, _, its = row.variant.rpartition("+")
        if its == side:
            name = row.name.replace(f"/{row.variant}/", f"/{variant}/", 1)
            rows[name] = replace(row, name=name, variant=variant)
    if not rows:
        raise _unmeasured(side, found)
    return ResultSet(found.path, found.context | {"revision": revision}, rows,
                     list(found.failures))


def _unmeasured(side: str, found: ResultSet) -> Failed:
    return Failed(f"nothing of {side} could be measured: "
                  f"{'; '.join(found.failures) or 'see above'}")


# --- making it -------------------------------------------------------------------------

def of_revisions(base: Path, new: Path, runner: Path, folder: Path, choice: Choice,
                 revisions: tuple[str, str]) -> Bench:
    """A bench of the rows that two benchmark programs have in common.

    Variants that are no part of this project are left out unless they are chosen.
    """
    both = listed(base, choice.profile), listed(new, choice.profile)
    rows = [row for row in both[1] if row in both[0]]
    own = dict.fromkeys(row.split("/")[1] for row in rows
                        if not row.split("/")[1].startswith(ALWAYS_SAME))
    missing = [row for row in dict.fromkeys(both[0] + both[1])
               if row not in rows and row.split("/")[1] in (choice.variants or own)]
    return Bench(folder, [base, new], chosen(rows, choice, choice.variants or list(own)),
                 choice, runner, revisions, missing)


def of_pools(tree: Path, folder: Path, choice: Choice) -> Bench:
    """A bench of the two dmapool.c that a tree was built with."""
    program = tree / "build/dmapool-bench"
    rows = chosen(listed(program, choice.profile), choice, (building.BASE, building.NEW))
    return Bench(folder, [program], rows, choice, tree / "build/dmapool-run")

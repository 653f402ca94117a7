# SPDX-License-Identifier: GPL-2.0-only
"""What tools/eval finds out of a change, and the report of it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import children, contracts, exports, gating, measuring, stopping, tables
from .building import BASE, NEW, ROOT, Pools
from .comparison import Comparison, Kind, Verdict
from .gating import Procedure
from .measuring import Choice
from .patches import Change
from .tool import (EXIT_FAILED, EXIT_FINE, EXIT_NOISY, EXIT_REGRESSION, Failed, Unusable,
                   clean, write_whole)

Say = Callable[[str], None]
INTREE = "intree"       # the kernel's own pool, for reference
EXACT_WAY = "icount"    # where it counts instructions: one launch says all
WORST_FIRST = (EXIT_REGRESSION, EXIT_FAILED, EXIT_NOISY, EXIT_FINE)
PLACES = {"userspace": "in userspace", "kernel": "in a kernel"}
SHOWN = 12              # regressions in the summary; all are in the tables


# --- measuring -------------------------------------------------------------------------

def kept_in(choice: Choice, output: Path) -> Choice:
    return replace(choice, out=output / "results")


def in_userspace(pools: Pools, folder: Path, choice: Choice, procedure: Procedure,
                 say: Say) -> Comparison:
    return gating.judge(measuring.of_pools(pools.tree, folder, choice), procedure, say)


@dataclass(frozen=True)
class Kernel:
    """A kernel to measure in, in the words of 'make kbench'."""
    kernel: str
    on: str
    exact: bool     # it counts instructions there


def find_kernel(kernel: str, on: str) -> Kernel:
    where = children.run([ROOT / "kmod/boot/where", "--on", on, "--kernel", kernel])
    if where.status:
        raise Unusable(clean(where.last_word).removeprefix("where: "))
    return Kernel(kernel, on, where.said.split()[0] == EXACT_WAY)


def in_kernel(pools: Pools, choice: Choice, procedure: Procedure, where: Kernel,
              say: Say) -> Comparison:
    """The same by 'make kbench', confirmed in the same way."""
    out = choice.out.resolve() / "kernel"

    def measure(cells: list[str], launches: int):
        workloads = dict.fromkeys(cell.split("/")[0] for cell in cells)
        words = [f"VARIANTS={BASE} {NEW} {INTREE}", f"KERNEL={where.kernel}",
                 f"ON={where.on}",
                 f"WORKLOADS={' '.join(workloads or choice.workloads)}",
                 f"PROFILE={choice.profile}", f"OUT={out}",
                 *([] if where.exact else [f"LAUNCHES={launches}"])]
        before = _sets(out)
        done = children.run(["make", "-s", "kbench", pools.upstream, pools.revision,
                             *words], pools.tree, shown=True)
        found = measuring.written(_only(_sets(out) - before, out))
        if done.status:
            found.failures.append("the run in a kernel failed, see above")
        return measuring.with_both(found)

    settings = procedure.settings
    if where.exact and not settings.threshold:
        settings = replace(settings, threshold=gating.COUNTS_THRESHOLD)
    return gating.decide(measure, replace(procedure, settings=settings), say)


def _sets(out: Path) -> set[Path]:
    return {path.parent for path in out.glob("*/*/results.json")}


def _only(fresh: set[Path], out: Path) -> Path:
    """The result set of a run: earlier ones say nothing of what was measured now."""
    if not fresh:
        raise Failed("nothing could be measured in a kernel, see above")
    if len(fresh) > 1:
        raise Failed(f"more than one run wrote to {out}: do one at a time")
    return fresh.pop()


def _table(found: Comparison) -> str:
    return tables.commit(found, tables.View()).rstrip()


# --- the report ------------------------------------------------------------------------

@dataclass
class Report:
    """What was found so far; finish() prints it, and keeps it where there is a folder."""
    change: Change
    folder: Path | None
    lines: list[str] = field(default_factory=list)      # about the change, the contract
    broken: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Comparison] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)    # part -> why there is none

    @property
    def refused(self) -> bool:
        return bool(self.broken)

    @property
    def exit_code(self) -> int:
        if self.refused:
            return EXIT_REGRESSION
        codes = {found.exit_code for found in self.parts.values()}
        if self.failed:
            codes.add(EXIT_FAILED)
        return next(code for code in WORST_FIRST if code in codes)

    @property
    def verdict(self) -> str:
        if self.refused:
            return "regression: it breaks the contract, nothing was timed"
        if stopping.asked:
            return "stopped: here is what was measured until then"
        words = {EXIT_REGRESSION: "regression", EXIT_FAILED: "a benchmark failed",
                 EXIT_NOISY: "too noisy to say"}
        return words.get(self.exit_code) or self._gain()

    def _gain(self) -> str:
        """What got better: how much of it, since only what got worse is confirmed."""
        told = []
        for title, found in self.parts.items():
            timed = [j for j in found.judgements if j.metric.kind == Kind.TIME]
            faster = [j for j in timed if j.verdict == Verdict.IMPROVEMENT]
            if faster:
                told.append(f"{len(faster)} of {len(timed)} rows faster {PLACES[title]}")
        if told:
            return f"{', '.join(told)}, not measured again"
        better = any(found.of(Verdict.IMPROVEMENT) for found in self.parts.values())
        return "better" if better else "no change"

    def contract(self, base: contracts.Outcome, new: contracts.Outcome) -> None:
        self.broken = contracts.broken_by(base, new)
        self.lines += contracts.told(base, new)

    def userspace(self, found: Comparison) -> None:
        self.parts["userspace"] = found

    def kernel(self, measure: Callable[[], Comparison]) -> None:
        """What it says; if it fails or is stopped, the rest of the report is worth no
        less."""
        try:
            self.parts["kernel"] = measure()
        except (Failed, KeyboardInterrupt) as err:
            self.failed["kernel"] = f"it failed: {err}" if str(err) else "it was stopped"

    def text(self) -> str:
        lines = [self.verdict, "", *self.change.told, *self.lines]
        lines += [f"broken: {test}: {why}" for test, why in self.broken.items()]
        if not self.refused:
            lines += ["", "What got worse:", *self._worse()]
        for title, found in self.parts.items():
            notes = [f"{kind}: {text}" for kind, text in tables.remarks(found)
                     if kind == "note"]
            lines += ["", f"{PLACES[title].capitalize()}: {_table(found)}", "", *notes]
        for title, why in self.failed.items():
            lines += ["", f"{PLACES[title].capitalize()}: {why}"]
        return tables.ascii_only("\n".join(lines)) + "\n"

    def _worse(self) -> list[str]:
        found = [(title, j) for title, part in self.parts.items()
                 for j in part.regressions]
        lines = [f"  {j.name} {j.metric.name}: {tables.figure(j, j.base_median)} -> "
                 f"{tables.figure(j, j.new_median)} ({tables.change(j)}), {PLACES[title]}"
                 for title, j in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"  and {len(found) - SHOWN} more, see below")
        return lines or ["  nothing"]

    def finish(self) -> None:
        text = self.text()
        print(text, end="")
        if not self.folder:
            return
        write_whole(self.folder / "report.txt", text)
        for name, file in (("base.c", self.change.base), ("new.c", self.change.new)):
            shutil.copyfile(file.path, self.folder / name)
        for title, found in self.parts.items():
            write_whole(self.folder / f"{title}.json", exports.as_json(found))
        self._draw(self.parts.get("userspace"))

    def _draw(self, found: Comparison | None) -> None:
        """The plots of the first run, and its page; after a stop nobody waits for it."""
        if found and not stopping.asked:
            children.run([ROOT / "plots/draw", found.new.path])
            children.run([ROOT / "tools/report", found.new.path,
                          "--output", self.folder / "report.html"])

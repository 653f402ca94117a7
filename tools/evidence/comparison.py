# SPDX-License-Identifier: GPL-2.0-only
"""Two result sets held against each other: one Judgement for each row and metric.

compare() is the only way to a Comparison; everything that shows, gates or reports reads
that. Medians are over launches; a ratio is the new median over the base's.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from . import comparable, gbench, inference, noise
from .resultset import ResultSet, Row, median
from .tool import EXIT_FAILED, EXIT_FINE, EXIT_NOISY, EXIT_REGRESSION, Unusable, clean

# Counts that do not vary over so many launches are no matter of chance.
STEADY_LAUNCHES = 5
# More than this of what was tested looks worse and cannot be confirmed: noisier than the
# floor, which by chance one row in sixteen exceeds that way.
UNCLEAR_SHARE = 0.1


# --- metrics ---------------------------------------------------------------------------

class Kind(str, Enum):
    TIME, MEMORY, INSTRUCTIONS, OTHER = "time", "memory", "instructions", "other"


@dataclass(frozen=True)
class Metric:
    """A key of the JSON's rows, and which way it is better."""
    name: str

    @property
    def larger_is_better(self) -> bool:
        return self.name.endswith(("_per_s", "_per_second"))

    @property
    def kind(self) -> Kind:
        if self.name.startswith(("pages_", "bytes_stranded")):
            return Kind.MEMORY
        if self.name == "instructions_per_op":
            return Kind.INSTRUCTIONS
        timed = self.larger_is_better or self.name.endswith(("_ns", "_time"))
        return Kind.TIME if timed or self.name == "ns_per_op" else Kind.OTHER

    @property
    def counted(self) -> bool:
        """Whether a figure is a count: without chance, it is the same on every launch."""
        return self.kind in (Kind.MEMORY, Kind.INSTRUCTIONS)

    @property
    def unit(self) -> str:
        if self.name in gbench.TIMES or self.name.endswith("_ns"):
            return "ns"
        return {"ns_per_op": "ns/op", "ops_per_s": "ops/s"}.get(
            self.name, self.name.split("_")[0] if self.counted else "")


DEFAULT_METRICS = ("ns_per_op", "pages_held", "bytes_stranded", "instructions_per_op")
PLAIN_METRICS = ("real_time",)


# --- what is found ---------------------------------------------------------------------

class Verdict(str, Enum):
    REGRESSION = "regression"       # worse, significantly, beyond the threshold
    IMPROVEMENT = "improvement"
    SAME = "same"                   # not beyond the threshold
    UNCLEAR = "unclear"             # it looks changed, and the launches do not confirm it


@dataclass(frozen=True)
class Settings:
    """What the user may choose; thresholds and floors are relative (0.05 is 5 %)."""
    metrics: tuple[str, ...] = ()       # the default ones
    threshold: float = 0.0
    alpha: float = inference.ALPHA
    rows: str = ""                      # a regular expression, found in the new name
    variants: tuple[str, str] | None = None     # the base's, held against the new's
    noise: Path | None = None
    force: bool = False
    in_turn: bool = False               # base and new were measured launch by launch


@dataclass(frozen=True)
class Judgement:
    """One metric of one row: the figures, what they say, and what that was held to."""
    base_row: Row
    new_row: Row
    metric: Metric
    base: tuple[float, ...]             # a figure for each launch
    new: tuple[float, ...]
    exact: bool                         # compared as they are: no test, no noise
    threshold: float                    # what |ratio - 1| has to exceed
    floor: float | None                 # the row's own noise, None if not measured
    p: float | None                     # None where exact
    alpha: float | None = None          # p has to be below; 1 - alpha has the interval
    corrected: float | None = None
    verdict: Verdict = Verdict.SAME

    @property
    def name(self) -> str:
        return self.new_row.name

    @functools.cached_property
    def interval(self) -> tuple[float, float] | None:
        """Of the ratio. It decides nothing and takes ten times as long as the test, so
        rows that are not shown go without.
        """
        return None if self.exact else inference.ratio_interval(self.base, self.new,
                                                                self.alpha)

    @property
    def base_median(self) -> float:
        return median(self.base)

    @property
    def new_median(self) -> float:
        return median(self.new)

    @property
    def ratio(self) -> float | None:
        """None where something has come of nothing."""
        if self.base_median:
            return self.new_median / self.base_median
        return None if self.new_median else 1.0

    @property
    def beyond(self) -> bool:
        """Whether the medians differ by more than the threshold."""
        return self.ratio is None or abs(self.ratio - 1) > self.threshold

    @property
    def size(self) -> float:
        """The change as a factor from 1 up, whichever way it goes."""
        return max(self.ratio, 1 / self.ratio) if self.ratio else float("inf")

    @property
    def worse(self) -> bool:
        grown = self.new_median > self.base_median
        return self.beyond and grown != self.metric.larger_is_better

    @property
    def launches(self) -> int:
        return min(len(self.base), len(self.new))


@dataclass(frozen=True)
class Look:
    """What the figures of one measurement are held to."""
    tests: int                      # of how many p-values the correction is
    alpha: float                    # what those have to be below
    threshold: float                # what changes have to exceed, beside the rows' floors


@dataclass
class Comparison:
    """All judgements in reading order, and what has to be said beside them."""
    base: ResultSet
    new: ResultSet
    settings: Settings
    judgements: list[Judgement]
    only_base: list[str] = field(default_factory=list)
    only_new: list[str] = field(default_factory=list)
    forced: list[str] = field(default_factory=list)     # what --force overlooked
    notes: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)     # all; what is measured again
    broken: dict[str, str] = field(default_factory=dict)    # of the contract: test -> why

    def of(self, *verdicts: Verdict, kind: Kind | None = None) -> list[Judgement]:
        return [j for j in self.judgements
                if j.verdict in verdicts and kind in (None, j.metric.kind)]

    @property
    def regressions(self) -> list[Judgement]:
        return self.of(Verdict.REGRESSION)

    @property
    def changed(self) -> list[Judgement]:
        """Regressions, improvements, the unclear; by metric, the largest change first."""
        verdicts = [Verdict.REGRESSION, Verdict.IMPROVEMENT, Verdict.UNCLEAR]
        metrics = list(dict.fromkeys(j.metric for j in self.judgements))
        return sorted(self.of(*verdicts), key=lambda j: (
            verdicts.index(j.verdict), metrics.index(j.metric), -j.size))

    @property
    def suspects(self) -> list[Judgement]:
        """What looks worse: to be measured again before anybody is alarmed."""
        return [j for j in self.changed if j.worse]

    @property
    def failures(self) -> list[str]:
        return list(dict.fromkeys(self.base.failures + self.new.failures))

    @property
    def too_noisy(self) -> bool:
        """Whether a regression could hide: unclear rows too many, or too few launches.

        Exact figures hide nothing, and say nothing of how noisy the others are.
        """
        unclear = [j for j in self.of(Verdict.UNCLEAR) if j.worse or not j.beyond]
        return (len(unclear) > UNCLEAR_SHARE * sum(not j.exact for j in self.judgements)
                or any(self._hidden(judgement) for judgement in unclear))

    def _hidden(self, judgement: Judgement) -> bool:
        """Whether all launches say that it is worse, and are too few to confirm it."""
        sizes = len(judgement.base), len(judgement.new)
        return judgement.worse and judgement.p <= inference.smallest_p(*sizes)

    @property
    def exit_code(self) -> int:
        if self.broken or self.regressions:
            return EXIT_REGRESSION
        if self.failures:
            return EXIT_FAILED
        return EXIT_NOISY if self.too_noisy else EXIT_FINE

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        if self.broken:
            return "regression: it breaks the contract, nothing was timed"
        parts = [_count(self, kind) for kind in Kind
                 if any(j.metric.kind == kind for j in self.judgements)]
        if unclear := len(self.of(Verdict.UNCLEAR)):
            parts.append(f"{unclear} unclear")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        before = "too noisy to say: " if self.exit_code == EXIT_NOISY else ""
        return before + ", ".join(parts)


def _count(comparison: Comparison, kind: Kind) -> str:
    """'3 of 86 rows slower, 1 faster', 'memory unchanged', 'instructions: …'."""
    worse = len(comparison.of(Verdict.REGRESSION, kind=kind))
    better = len(comparison.of(Verdict.IMPROVEMENT, kind=kind))
    mine = [j for j in comparison.judgements if j.metric.kind == kind]
    many = len({j.metric for j in mine}) > 1
    of = f"of {len(mine)} {'figures' if many else 'rows'}"
    if kind == Kind.TIME:
        if not worse and not better:
            return f"none {of} slower or faster"
        return f"{worse or 'none'} {of} slower, {better or 'none'} faster"
    name = kind.value if kind != Kind.OTHER else ", ".join(
        sorted({j.metric.name for j in mine}))
    if not worse and not better:
        return f"{name} unchanged"
    return f"{name}: {worse or 'none'} {of} worse, {better or 'none'} better"


# --- finding it ------------------------------------------------------------------------

def compare(base: ResultSet, new: ResultSet, settings: Settings = Settings()
            ) -> Comparison:
    """Judge every row that both sets have, by every chosen metric that both rows have."""
    forced = comparable.check(base, new, settings.force)
    if base is new:
        settings = replace(settings, in_turn=True)
    pairs = _pairs(base, new, settings)
    floor, missing = noise.find(new, settings.noise)
    counted = comparable.counts_exactly(base) and comparable.counts_exactly(new)
    judgements = [_measure(*pair, metric, counted, floor, settings)
                  for metric in _metrics(base, settings) for pair in pairs
                  if pair[0].values(metric.name) and pair[1].values(metric.name)]
    if not judgements:
        raise Unusable(_nothing(base, new, pairs, settings))
    look = Look(sum(not j.exact for j in judgements), settings.alpha,
                settings.threshold)
    judgements = _judged(judgements)
    notes = [*_floor_notes(judgements, missing),
             *_launch_notes(judgements, settings.alpha), *_set_notes(base, new)]
    found = Comparison(base, new, settings, judgements, forced=forced, notes=notes,
                       looks=[look])
    if not settings.variants:
        found.only_base = _unmatched(base, [old for old, _ in pairs], settings)
        found.only_new = _unmatched(new, [row for _, row in pairs], settings)
    return found


def _pairs(base: ResultSet, new: ResultSet, settings: Settings) -> list[tuple[Row, Row]]:
    """Rows of the same family, parameters and variant, or of the two variants named."""
    old, wanted = settings.variants or (None, None)
    for variant, results in ((old, base), (wanted, new)):
        if variant and variant not in results.variants():
            known = " ".join(filter(None, results.variants())) or "none"
            raise Unusable(f"no variant {clean(variant)!r} in {results.path}: choose "
                           f"from {known}")
    found = [(base.row(row.family, old or row.variant, row.params), row)
             for row in _chosen(new, settings) if wanted in (None, row.variant)]
    return [(before, row) for before, row in found if before]


def _chosen(results: ResultSet, settings: Settings) -> list[Row]:
    """The rows to look at, in reading order."""
    pattern = re.compile(settings.rows)
    return [row for family in results.families for variant in results.variants(family)
            for params in results.combinations(family)
            if (row := results.row(family, variant, params)) and pattern.search(row.name)]


def _unmatched(results: ResultSet, matched: list[Row], settings: Settings) -> list[str]:
    names = {row.name for row in matched}
    return [row.name for row in _chosen(results, settings) if row.name not in names]


def _metrics(base: ResultSet, settings: Settings) -> list[Metric]:
    names = settings.metrics or (PLAIN_METRICS if base.plain else DEFAULT_METRICS)
    return [Metric(name) for name in dict.fromkeys(names)]


def _nothing(base: ResultSet, new: ResultSet, pairs, settings: Settings) -> str:
    where = f"{base.path} and {new.path}"
    if not pairs:
        matching = f" that matches {clean(settings.rows)!r}" if settings.rows else ""
        return f"{where} have no row in common{matching}: measure the same rows for both"
    known = set.intersection(*({key for row in side for run in row.launches
                                for key in run.counters} for side in zip(*pairs)))
    names = ", ".join(metric.name for metric in _metrics(base, settings))
    return (f"{where} have no {clean(names)} in common: choose --metric from "
            f"{' '.join(sorted(known)) or 'nothing: they share no figure from 0 up'}")


def _measure(base_row: Row, new_row: Row, metric: Metric, counted: bool,
             floor: noise.Floor, settings: Settings) -> Judgement:
    base = tuple(base_row.values(metric.name))
    new = tuple(new_row.values(metric.name))
    launches = min(len(base), len(new))
    if _is_exact(metric, base, new, counted):
        return Judgement(base_row, new_row, metric, base, new, True, settings.threshold,
                         None, None)
    own = floor.of(base_row, metric.name, launches, settings.in_turn)
    threshold = max(settings.threshold, noise.DEFAULT if own is None else own)
    return Judgement(base_row, new_row, metric, base, new, False, threshold, own,
                     inference.u_test(base, new), settings.alpha)


def _is_exact(metric: Metric, base, new, counted: bool) -> bool:
    """Whether the figures are free of chance: counted ones that no launch disputes.

    Where even instructions are the same each time, so is all that they do: pages, too.
    """
    if not metric.counted or len(set(base)) > 1 or len(set(new)) > 1:
        return False
    return counted or min(len(base), len(new)) >= STEADY_LAUNCHES


def _judged(judgements: list[Judgement]) -> list[Judgement]:
    """The same with corrected p-values and verdicts: over all that were tested."""
    tested = iter(inference.corrected([j.p for j in judgements if not j.exact]))
    return [_with_verdict(j, None if j.exact else next(tested)) for j in judgements]


def _with_verdict(judgement: Judgement, corrected: float | None) -> Judgement:
    blind = not judgement.exact and inference.smallest_p(
        len(judgement.base), len(judgement.new)) > judgement.alpha
    if blind or judgement.beyond and not judgement.exact and corrected > judgement.alpha:
        verdict = Verdict.UNCLEAR
    elif judgement.beyond:
        verdict = Verdict.REGRESSION if judgement.worse else Verdict.IMPROVEMENT
    else:
        verdict = Verdict.SAME
    return replace(judgement, corrected=corrected, verdict=verdict)


# --- what has to be said ---------------------------------------------------------------

def _floor_notes(judgements: list[Judgement], missing: str) -> Iterable[str]:
    without = [j for j in judgements if not j.exact and j.floor is None]
    if missing and without:
        yield missing
    elif without:
        yield (f"{len(without)} figures have no noise floor, {noise.DEFAULT:.0%} is "
               "taken: run 'make calibrate'")


def _launch_notes(judgements: list[Judgement], alpha: float) -> Iterable[str]:
    tested = [j for j in judgements if not j.exact]
    if not tested:
        return
    fewest = min(tested, key=lambda j: j.launches)
    tests = len(tested)
    needed = inference.rows_needed(len(fewest.base), len(fewest.new), tests, alpha)
    if needed == 1:
        return
    enough = inference.launches_needed(fewest.launches, tests, alpha)
    if inference.smallest_p(len(fewest.base), len(fewest.new)) > alpha:
        few = inference.launches_needed(fewest.launches, 1, alpha)
        yield (f"too few launches to tell: {fewest.launches}, at least {few} are needed, "
               f"{enough} to confirm a change of one figure in {tests}")
    else:
        yield (f"{fewest.launches} launches confirm a change of {needed} or more of "
               f"{tests} figures; to confirm that of one it takes {enough}")


def _set_notes(base: ResultSet, new: ResultSet) -> Iterable[str]:
    if base.plain:
        yield ("repetitions are taken for launches: those of one process look tighter "
               "than they are")
        if unknown := [side for side, results in (("BASE", base), ("NEW", new))
                       if "host_name" not in results.context]:
            yield (f"{' and '.join(unknown)} without a host_name: nothing says that both "
                   "are of one machine")
    said = {"BASE": base.notes + base.warnings, "NEW": new.notes + new.warnings}
    for text in dict.fromkeys(said["BASE"] + said["NEW"]):
        yield f"{' and '.join(side for side in said if text in said[side])}: {text}"

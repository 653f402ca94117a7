# SPDX-License-Identifier: GPL-2.0-only
"""Result sets in memory: what `make bench` wrote, read once, checked, and grouped.

load() takes a result set's folder or one Google Benchmark JSON, if asked also one that
dmapool-bench did not write. Rows of the same name are the launches of one row; every
value handed out is a finite number; whatever cannot be used raises Unusable, whose text
is the one line a tool prints (tool.py).
"""

import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import gbench
from .jsonfile import read_json
from .tool import Unusable, clean

RESULTS_ROOT = Path(__file__).resolve().parents[2] / "results"

COUNTERS = frozenset("""
    ns_per_op ops_per_s fastest_cpu_ns slowest_cpu_ns p50_ns p90_ns p99_ns p999_ns
    p9999_ns max_ns pages_held pages_occupied pages_ideal bytes_stranded
    pages_held_after_trim bytes_stranded_after_trim trim_ns instructions_per_op
    cycles_per_op cache_misses_per_op pingpong_ns context_switches page_faults
    cpu_migrations
""".split())

FAMILY_ORDER = ("pair", "batch", "bulk", "dmapool_test", "contend", "handoff", "latency",
                "frag", "driver", "replay")
VARIANT_ORDER = ("global_list", "page_chain", "percpu_magazine", "upstream-",
                 "coherent_each", "null", "peer-")
NO_POOLS = ("coherent_each", "null", "peer-")     # what these begin with
BASELINE = "global_list"
PARAM_ORDER = ("pattern", "size", "align", "boundary", "blocks", "hold", "order", "phase",
               "op", "shared")      # all others behind these, threads last
WORD_ORDER = ("lifo", "fifo", "random", "alloc", "free", "down", "mixed", "nvme", "ehci",
              "nic", "mpt3sas")

SCHEMA = "dmapool-bench/1"
UNITS = {"ns": 1.0, "ps": 1e-3}
# More take minutes to judge.
MOST_ENTRIES = 200_000
INDICES = ("family_index", "per_family_instance_index", "repetitions", "repetition_index")
SERIES_COLUMNS = ["ops", "pages_held", "pages_occupied", "pages_ideal"]

NAME = re.compile(r"[\w.+-]+/[\w.+-]+(/[\w.+:=-]+)*/threads:\d+", re.ASCII)
NAME_LIMIT = 300
# What Google Benchmark itself may put into a name; it tells no two rows of ours apart.
HARNESS_PARTS = {"min_time", "min_warmup_time", "iterations", "repeats",
                 "process_time", "real_time", "manual_time"}


# --- names -----------------------------------------------------------------------------

def parse_name(name: str) -> tuple[str, str, dict[str, str]]:
    """'pair/null/size:8/threads:1' -> ('pair', 'null', {'size': '8', 'threads': '1'})."""
    if len(name) > NAME_LIMIT or not NAME.fullmatch(name):
        raise Unusable(f"row {clean(name)[:60]!r} is not named family/variant/…/threads:N"
                       ": give a result of dmapool-bench")
    family, variant, *rest = name.split("/")
    pairs = (part.partition(":") for part in rest)
    return family, variant, {k: v for k, _, v in pairs if k not in HARNESS_PARTS}


def natural(text: str) -> tuple:
    """A sort key by which 6.2 < 6.12 and lifo < fifo < random."""
    if text in WORD_ORDER:
        return ((0, WORD_ORDER.index(text), ""),)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part)
                 for part in re.split(r"(\d+)", text) if part)


def family_key(family: str) -> tuple:
    known = family in FAMILY_ORDER
    return (FAMILY_ORDER.index(family) if known else len(FAMILY_ORDER), family)


def variant_key(variant: str) -> tuple:
    group = next((g for g in ("upstream-", "peer-") if variant.startswith(g)), variant)
    known = group in VARIANT_ORDER
    # A variant this file has never heard of is somebody's new design: among the pools.
    rank = VARIANT_ORDER.index(group) if known else VARIANT_ORDER.index("upstream-") - 0.5
    return (rank, natural(variant))


def is_pool(variant: str) -> bool:
    return not variant.startswith(NO_POOLS)


def baseline(variants: list[str], wanted: str = BASELINE) -> str:
    """The one of variants in reading order that the others are held against: the one
    wanted, where it is missing the first pool.
    """
    pools = [name for name in variants if is_pool(name)]
    return wanted if wanted in variants else (pools or variants)[0]


def param_keys(combinations: list[dict[str, str]]) -> list[str]:
    """All parameters that any of the combinations has, in reading order."""
    keys = dict.fromkeys(key for params in combinations for key in params)
    known = {key: i for i, key in enumerate(PARAM_ORDER)}
    return sorted(keys, key=lambda k: (k == "threads", known.get(k, len(known))))


def number(value: float | None) -> str:
    """Three significant digits or more, in at most five characters."""
    if value is None:
        return "–"
    unit = ""
    if value >= 99999.5:
        exponent = min(4, int(math.log10(value * 1.0005) / 3))
        value, unit = value / 1000 ** exponent, "?kMGT"[exponent]
    if value == int(value) and not unit:
        return str(int(value))
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{digits}f}{unit}"


# --- rows ------------------------------------------------------------------------------

@dataclass(frozen=True)
class Launch:
    """One process's figures for one row."""
    index: int
    counters: dict[str, float]
    label: str = ""


@dataclass
class Row:
    """All launches of one benchmark name."""
    name: str
    family: str
    variant: str
    params: dict[str, str]
    launches: list[Launch] = field(default_factory=list)

    @property
    def threads(self) -> int:
        return int(self.params["threads"])

    def values(self, counter: str) -> list[float]:
        """The counter of every launch that has it, in the order of the launches."""
        return [run.counters[counter] for run in self.launches if counter in run.counters]


def median(values) -> float | None:
    """The median, or None of nothing."""
    return float(np.median(values)) if len(values) else None


def spread(values) -> float | None:
    """Half the interquartile range over the median; None for fewer than two values."""
    if len(values) < 2:
        return None
    low, middle, high = np.percentile(values, (25, 50, 75))
    return float((high - low) / 2 / middle) if middle else None


# --- the kernel test's line ------------------------------------------------------------

KERNEL_LINE = re.compile(
    r"size:\s*(\d{1,9})\s+align:\s*(\d{1,9})\s+blocks:\s*(\d{1,9})\s+time:\s*(\d{1,15})")
# µs of mm/dmapool_test.c by (size, blocks), before (6.1) and after (6.4) the move to one
# free list: the message of Linux commit da9619a30e73, measured on another machine.
PUBLISHED = {(16, 8192): (57282, 24997), (64, 8192): (172562, 26584),
             (256, 8192): (789247, 33542), (1024, 2048): (371823, 9022),
             (4096, 1024): (362237, 6045)}


def kernel_times(row: Row) -> dict[tuple[int, int], list[float]]:
    """µs by (size, blocks) out of the labels, which are mm/dmapool_test.c's own lines."""
    times: dict[tuple[int, int], list[float]] = {}
    for launch in row.launches:
        match = KERNEL_LINE.search(launch.label)
        if match:
            size, _, blocks, time = map(int, match.groups())
            times.setdefault((size, blocks), []).append(float(time))
    return times


# --- histograms ------------------------------------------------------------------------

def bucket_bounds(index: int, bits: int) -> tuple[int, int]:
    """(lowest value, width) of a bucket of the log-linear histogram."""
    if index < 1 << bits:
        return index, 1
    half = 1 << (bits - 1)
    shift = index // half - 1
    return (index % half + half) << shift, 1 << shift


@dataclass
class Histogram:
    """Counts by bucket; merging is adding, so parts give the percentiles of the whole."""
    bits: int
    counts: dict[int, int]
    ns: float = 1.0     # a unit of the buckets' values in nanoseconds

    def __post_init__(self):
        indices = sorted(i for i, n in self.counts.items() if n)
        bounds = (bucket_bounds(i, self.bits) for i in indices)
        middles = np.array([low + (width - 1) / 2 for low, width in bounds])
        self._middles = middles * self.ns
        self._ranks = np.cumsum([self.counts[i] for i in indices], dtype=np.int64)

    @property
    def total(self) -> int:
        return int(self._ranks[-1]) if len(self._ranks) else 0

    def quantile(self, q):
        """The ceil(q·n)-th smallest value in ns, its bucket's middle; q may be many."""
        # Rounding first: 0.07 * 100 must stay the 7th value, not become the 8th.
        rank = np.clip(np.ceil(np.round(np.asarray(q) * self.total, 6)), 1, self.total)
        return self._middles[np.searchsorted(self._ranks, rank)]


def merge(histograms) -> Histogram:
    """One histogram of all the samples of several."""
    counts: dict[int, int] = {}
    for part in histograms:
        for index, count in part.counts.items():
            counts[index] = counts.get(index, 0) + count
    return Histogram(histograms[0].bits, counts, histograms[0].ns)


# --- the set ---------------------------------------------------------------------------

@dataclass
class ResultSet:
    """Everything one run left behind; look-ups answer in an order fit for a reader."""
    path: Path
    context: dict[str, str]
    rows: dict[str, Row]
    failures: list[str]
    plain: bool = False     # written by another program: names and counters are its own
    notes: list[str] = field(default_factory=list)      # what of the file is not used
    _histograms: dict[tuple[str, str], list[Histogram]] = field(default_factory=dict)
    _series: dict[str, list[dict[str, np.ndarray]]] = field(default_factory=dict)

    def __post_init__(self):
        self._cells = {(row.family, row.variant, *sorted(row.params.items())): row
                       for row in self.rows.values()}
        # Another program's result may have as many families as rows.
        self._families: dict[str, list[Row]] = {}
        for row in self.rows.values():
            self._families.setdefault(row.family, []).append(row)

    @property
    def name(self) -> str:
        """What the run called it: the last part of its path, safe to print."""
        return clean(self.path.absolute().name)

    @property
    def families(self) -> list[str]:
        return sorted(self._families, key=family_key)

    def variants(self, family: str | None = None) -> list[str]:
        rows = self.rows.values() if family is None else self._families.get(family, [])
        return sorted({row.variant for row in rows}, key=variant_key)

    def combinations(self, family: str) -> list[dict[str, str]]:
        """Each combination of parameters that the family ran, whatever the variant."""
        seen = {}
        for row in self._families.get(family, []):
            seen.setdefault(tuple(sorted(row.params.items())), row.params)
        keys = param_keys(list(seen.values()))
        return sorted(seen.values(), key=lambda p: [natural(p.get(k, "")) for k in keys])

    def row(self, family: str, variant: str, params: dict[str, str]) -> Row | None:
        return self._cells.get((family, variant, *sorted(params.items())))

    def histograms(self, name: str, phase: str = "steady") -> list[Histogram]:
        """One histogram a launch; merge() them for the whole run's."""
        return self._histograms.get((name, phase), [])

    def series(self, name: str) -> list[dict[str, np.ndarray]]:
        """One set of equally long columns a launch."""
        return self._series.get(name, [])

    @property
    def warnings(self) -> list[str]:
        text = self.context.get("warning", "")
        return [part.strip() for part in text.split("; ") if part.strip()]

    @property
    def launches(self) -> int:
        """How many launches the fullest row has; 0 if there is no row."""
        return max((len(row.launches) for row in self.rows.values()), default=0)


def newest(root: Path = RESULTS_ROOT) -> Path:
    """The latest result set under results/: their names begin with the time.

    Those of bench/insn count and time nothing; they are shown when named.
    """
    found = [path.parent for path in root.glob("*/*/results.json")
             if not path.parent.name.endswith("-insn")]
    if not found:
        raise Unusable(f"no result set under {root}: run 'make bench', or name one")
    return max(found, key=lambda path: (path.name, str(path)))


def load(path: str | os.PathLike, plain: bool = False) -> ResultSet:
    """The result set in a folder, or the rows of one Google Benchmark JSON.

    With plain that JSON may be any program's: each repetition counts as a launch.
    """
    path = Path(path)
    if not os.path.isdir(path):
        return _grouped(path, path, {}, plain)
    file = path / "results.json"
    if not os.path.exists(file):
        raise Unusable(f"{path} holds no results.json: name a folder that 'make bench' "
                       "wrote, or a Google Benchmark JSON")
    facts = _optional(path / "fingerprint.json")
    result = _grouped(path, file, _strings(path / "fingerprint.json", facts))
    for where, entry in _entries(path / "histograms.json", "histograms"):
        key = (_text(where, entry, "name"), _text(where, entry, "phase"))
        histogram = _histogram(where, entry)
        parts = result._histograms.setdefault(key, [])
        if parts and (parts[0].bits, parts[0].ns) != (histogram.bits, histogram.ns):
            raise _bad(where, f"the histograms of {clean(key[0])} have different buckets")
        if histogram.total:
            parts.append(histogram)
    for where, entry in _entries(path / "series.json", "series"):
        name, columns = _text(where, entry, "name"), _columns(where, entry)
        if len(columns["ops"]):
            result._series.setdefault(name, []).append(columns)
    return result


# --- reading and checking --------------------------------------------------------------

def _optional(path: Path) -> dict:
    return read_json(path) if os.path.exists(path) else {}


def _bad(where, what: str) -> Unusable:
    return Unusable(f"{where}: {what}, as neither dmapool-bench nor Google Benchmark "
                    "writes it: give the file as it was written")


def _list(where, data: dict, key: str) -> list[dict]:
    entries = data.get(key)
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise _bad(where, f"'{key}' is no list of objects")
    return entries


def _text(where, entry: dict, key: str) -> str:
    if not isinstance(entry.get(key), str):
        raise _bad(where, f"an entry has no '{key}'")
    return entry[key]


def _strings(where, data: dict) -> dict[str, str]:
    """The plain facts of a context, as clean strings; lists and objects stay out."""
    if not isinstance(data, dict):
        raise _bad(where, "'context' is no object")
    return {clean(k): clean(v) for k, v in data.items()
            if isinstance(v, (str, int, float)) and str(v).strip()}


def _counters(where, entry: dict) -> dict[str, float]:
    for key in COUNTERS & entry.keys():
        if not gbench.is_figure(entry[key]):
            raise _bad(where, f"'{key}' of {clean(entry['name'])} is "
                       f"{clean(entry[key])[:20]}, no number from 0 up that could be "
                       "measured")
    return {key: float(entry[key]) for key in COUNTERS & entry.keys()}


def _times(where, entry: dict) -> dict[str, float]:
    """Google Benchmark's own times in nanoseconds."""
    present = [key for key in gbench.TIMES if key in entry]
    unit = entry.get("time_unit", "ns")
    if (not isinstance(unit, str) or unit not in gbench.TIME_UNITS
            or not all(gbench.is_number(entry[key]) for key in present)):
        raise _bad(where, f"the times of {clean(entry['name'])[:60]} are no numbers in "
                   f"{', '.join(gbench.TIME_UNITS)}")
    return {key: entry[key] * gbench.TIME_UNITS[unit] for key in present}


def _plain_name(name: str) -> tuple[str, str, dict[str, str]]:
    if not name or clean(name) != name:
        raise Unusable(f"row {clean(name)[:60]!r} has no name to print: give a result of "
                       "a benchmark")
    return name, "", {}


def _is_plain(where, context: dict, allowed: bool) -> bool:
    """Whether another program wrote the file; one of ours says its schema."""
    schema = context.get("schema", "")
    if schema.startswith("dmapool-bench/") and schema != SCHEMA:
        raise Unusable(f"{where} has the schema {clean(schema)[:40]!r}, not {SCHEMA}: "
                       "give a result of this version")
    return allowed and schema != SCHEMA


def _grouped(path: Path, file: Path, facts: dict[str, str],
             plain: bool = False) -> ResultSet:
    """The rows of a Google Benchmark JSON by name; aggregates are left out."""
    data = read_json(file)
    context = facts | _strings(file, data.get("context", {}))
    found = _Reader(file, _is_plain(file, context, plain))
    found.read(_list(file, data, "benchmarks"))
    if not found.rows:
        raise Unusable(f"{file} holds no benchmark row{found.why_no_rows()}")
    return ResultSet(path, context, found.rows, found.failures, found.plain,
                     found.notes())


@dataclass
class _Reader:
    """The rows of a file, and what of its entries became no row."""
    where: Path
    plain: bool
    rows: dict[str, Row] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    summed_up: list[str] = field(default_factory=list)      # as aggregates only
    namesakes: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)        # counters

    def read(self, entries: list[dict]) -> None:
        self._check(entries)
        measured, self.summed_up = gbench.measurements(entries)
        for name, own in self._benchmarks(measured, entries).items():
            row = self._row(name, own)
            if row.launches:
                self.rows[name] = row

    def _check(self, entries: list[dict]) -> None:
        if len(entries) > MOST_ENTRIES:
            raise Unusable(f"{self.where} has {len(entries)} rows, more than the "
                           f"{MOST_ENTRIES} that are read: give a file with fewer rows, "
                           "or fewer launches")
        for entry in entries:
            _text(self.where, entry, "name")
            for key in INDICES:
                if key in entry and not gbench.is_number(entry[key]):
                    raise _bad(self.where, f"a '{key}' is no number")

    def _benchmarks(self, entries: list[dict], written: list[dict]
                    ) -> dict[str, list[dict]]:
        """By name, which in results of ours is that of one benchmark."""
        found: dict[str, list[dict]] = {}
        if self.plain:
            found = gbench.by_benchmark(entries, written)
            self.namesakes = [name for name, own in found.items()
                              if name != own[0]["name"]]
        else:
            for entry in entries:
                found.setdefault(entry["name"], []).append(entry)
        return found

    def _row(self, name: str, entries: list[dict]) -> Row:
        row = Row(name, *(_plain_name(name) if self.plain else parse_name(name)))
        entries = [entry for entry in entries if self._ran(name, entry)]
        for entry, counters in zip(entries, self._figures(name, entries)):
            row.launches.append(Launch(
                entry.get("repetition_index", 0), counters | _times(self.where, entry),
                clean(entry.get("label", ""))))
        row.launches.sort(key=lambda launch: launch.index)
        return row

    def _ran(self, name: str, entry: dict) -> bool:
        skipped = gbench.skipped(entry)
        if skipped is not None:
            self.skipped.append(f"{name} ({skipped})" if skipped else name)
        elif why := gbench.failure(entry):
            self.failures.append(f"{name}: {clean(why)}")
        else:
            return True
        return False

    def _figures(self, name: str, entries: list[dict]) -> list[dict[str, float]]:
        if not self.plain:
            return [_counters(self.where, entry) for entry in entries]
        found, lacking = gbench.counters(entries)
        self.lacking += [f"{key} of {name}" for key in sorted(lacking)]
        return [{clean(key): value for key, value in own.items()} for own in found]

    def why_no_rows(self) -> str:
        if self.failures:
            return f" that ran ({self.failures[0]}): run the benchmark again"
        if self.skipped:
            return (f" that ran, skipped: {_first(self.skipped)}: run it where nothing "
                    "is skipped")
        if self.summed_up:
            return (", only aggregates: run it without "
                    "--benchmark_report_aggregates_only")
        return " that ran: run the benchmark again"

    def notes(self) -> list[str]:
        """What a reader has to know of the file, a line for each kind."""
        told = {"skipped": self.skipped,
                "of one name, told apart by their order in the program": self.namesakes,
                "left out, NaN, infinite or below 0": self.lacking,
                "left out, only aggregates are there": self.summed_up}
        return [f"{what}: {_first(names)}" for what, names in told.items() if names]


def _first(names: list[str]) -> str:
    one, *others = dict.fromkeys(map(clean, names))
    return f"{one} and {len(others)} more" if others else one


def _entries(path: Path, key: str):
    """(path, entry) of an optional file's list."""
    data = _optional(path)
    return [(path, entry) for entry in _list(path, data, key)] if data else []


def _histogram(where, entry: dict) -> Histogram:
    bits, pairs = entry.get("subbucket_bits"), entry.get("counts")
    if type(bits) is not int or not 1 <= bits <= 16:
        raise _bad(where, "'subbucket_bits' is no number from 1 to 16")
    if _text(where, entry, "unit") not in UNITS:
        raise _bad(where, f"'unit' is none of {', '.join(UNITS)}")
    # 64-bit values reach no further than this bucket.
    limit = (64 - bits + 2) << (bits - 1)
    counts: dict[int, int] = {}
    for pair in pairs if isinstance(pairs, list) else [None]:
        if not (isinstance(pair, list) and len(pair) == 2
                and all(type(number) is int for number in pair)
                and 0 <= pair[0] < limit and 0 <= pair[1] < 1 << 48):
            raise _bad(where, "'counts' is no list of [bucket, count]")
        counts[pair[0]] = counts.get(pair[0], 0) + pair[1]
    return Histogram(bits, counts, UNITS[entry["unit"]])


def _columns(where, entry: dict) -> dict[str, np.ndarray]:
    columns, points = entry.get("columns"), entry.get("points")
    if not (isinstance(columns, list) and all(isinstance(c, str) for c in columns)
            and set(SERIES_COLUMNS) <= set(columns) and isinstance(points, list)
            and all(isinstance(p, list) and len(p) == len(columns)
                    and all(gbench.is_number(v) and abs(v) < 1e18 for v in p)
                    for p in points)):
        raise _bad(where, f"a series is no table with {', '.join(SERIES_COLUMNS)}")
    table = np.array(points, dtype=float).reshape(len(points), len(columns))
    return {name: table[:, i] for i, name in enumerate(columns)}

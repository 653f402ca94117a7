# SPDX-License-Identifier: GPL-2.0-only
"""What the entries of a Google Benchmark JSON are: measurements, of which benchmark, or
aggregates, failures, and benchmarks that were skipped.

Newer versions of Google Benchmark say so in each entry (run_type, family_index); what
those before 1.5 wrote is told by names and order.
"""

import itertools
from collections import Counter

TIMES = ("real_time", "cpu_time")
# Units of time in nanoseconds.
TIME_UNITS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
BOOKKEEPING = {"family_index", "per_family_instance_index", "repetitions",
               "repetition_index", "threads", "iterations", "launch"}
# Between figures in these bounds each ratio is a number; nothing real lies outside.
LEAST, MOST = 1e-100, 1e100

STATISTICS = ("mean", "median", "stddev", "cv")


# --- figures ---------------------------------------------------------------------------

def is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_figure(value, unit: float = 1.0) -> bool:
    return is_number(value) and (value == 0 or LEAST <= value <= MOST / unit)


def counters(entries: list[dict]) -> tuple[list[dict[str, float]], set[str]]:
    """A benchmark's own counters in each of its repetitions, which may mean anything, and
    those left out: of some repetitions only they would tell of these, not of it.
    """
    numeric = {key for entry in entries for key, value in entry.items()
               if is_number(value)} - BOOKKEEPING - set(TIMES)
    lacking = {key for key in numeric
               if not all(is_figure(entry.get(key, 0)) for entry in entries)}
    return [{key: float(value) for key, value in entry.items()
             if key in numeric - lacking} for entry in entries], lacking


# --- what became of a benchmark --------------------------------------------------------

def failure(entry: dict) -> str:
    """Why an entry has no time that could have been measured; empty if it has."""
    # A user's counter may have these names, too, but is no boolean.
    if entry.get("error_occurred") is True:
        return str(entry.get("error_message", "failed"))
    if entry.get("iterations") == 0 and not any(entry.get(key) for key in TIMES):
        return "it ran no iteration"
    unit = TIME_UNITS.get(str(entry.get("time_unit")), 1.0)
    return next((f"its {key} is {_flaw(entry[key], unit)}" for key in TIMES
                 if _flaw(entry.get(key, 0), unit)), "")


def _flaw(value, unit: float) -> str:
    """What makes a number none that a clock could show."""
    if value is None:
        return "null"
    if not is_number(value) or is_figure(value, unit):
        return ""
    return "NaN" if value != value else "below 0" if value < 0 else "out of range"


def skipped(entry: dict) -> str | None:
    """Why the benchmark skipped itself, None if it did not."""
    if entry.get("skipped") is True:
        return str(entry.get("skip_message", ""))
    return None


# --- which benchmark -------------------------------------------------------------------

def measurements(entries: list[dict]) -> tuple[list[dict], list[str]]:
    """All but the aggregates, and the benchmarks of which there is nothing else."""
    counts = Counter(entry["name"] for entry in entries)
    effort = {entry["name"]: entry.get("iterations") for entry in entries}
    aggregates = [_is_aggregate(entry, counts, effort) for entry in entries]
    _mark_own_statistics(entries, aggregates)
    found = [entry for entry, aggregate in zip(entries, aggregates) if not aggregate]
    names = {entry["name"] for entry in found}
    # What tells of a whole family, its complexity, has no time.
    alone = dict.fromkeys(_summed_up(entry) for entry, aggregate in
                          zip(entries, aggregates) if aggregate and TIMES[0] in entry)
    return found, [name for name in alone if name not in names]


def _is_aggregate(entry: dict, counts: Counter, effort: dict) -> bool:
    if "run_type" in entry:
        return entry["run_type"] != "iteration"
    if "iterations" not in entry and ("big_o" in entry or "rms" in entry):
        return True
    name = entry["name"]
    base, _, statistic = name.rpartition("_")
    if statistic not in STATISTICS:
        return False
    # One is made of two repetitions or more.
    if counts[base]:
        return counts[base] >= 2 * counts[name]
    # Left alone, they come together and have the iterations of their benchmark.
    mean, stddev = f"{base}_mean", f"{base}_stddev"
    return (counts[mean] == counts[stddev] > 0
            and effort[mean] == effort[stddev] == effort[name])


def _mark_own_statistics(entries: list[dict], aggregates: list[bool]) -> None:
    """Before 1.5 those that a program computes itself, under any name, stand behind the
    others and have the iterations of their benchmark, too.
    """
    base, effort = "", None
    for number, entry in enumerate(entries):
        name, own = entry["name"], entry.get("iterations")
        if "run_type" in entry or not (base or aggregates[number]):
            base = ""
        elif aggregates[number]:
            base, effort = name.rpartition("_")[0], own
        elif name.startswith(f"{base}_") and own == effort:
            aggregates[number] = True
        else:
            base = ""


def _summed_up(aggregate: dict) -> str:
    base, _, statistic = aggregate["name"].rpartition("_")
    return str(aggregate.get("run_name",
                             base if statistic in STATISTICS else aggregate["name"]))


def by_benchmark(entries: list[dict], written: list[dict]) -> dict[str, list[dict]]:
    """Each benchmark's entries; of several with one name each gets a name of its own.

    Beside the entries that are measurements it takes all that were written.
    """
    begun: Counter = Counter()
    stretches = _stretches(written)
    groups: dict[str, dict[tuple, list[dict]]] = {}
    for entry in entries:
        groups.setdefault(entry["name"], {}).setdefault(
            _place(entry, begun, stretches), []).append(entry)
    return {f"{name} ({number} of {len(places)})" if len(places) > 1 else name:
            places[place] for name, places in groups.items()
            for number, place in enumerate(sorted(places), 1)}


def _stretches(written: list[dict]) -> dict[int, int]:
    """Which stretch of repetitions of its name an entry, by its id, stands in.

    Single runs that others come between may as well be of several launches.
    """
    found: dict[str, list[list[dict]]] = {}
    for name, own in itertools.groupby(written, key=lambda entry: entry["name"]):
        found.setdefault(name, []).append(list(own))
    return {id(entry): number for stretches in found.values()
            if all(len(own) > 1 for own in stretches)
            for number, own in enumerate(stretches) for entry in own}


def _place(entry: dict, begun: Counter, stretches: dict[int, int]) -> tuple[int, int]:
    """What tells a benchmark from others of its name, in the order of the program."""
    if "family_index" in entry:
        return entry["family_index"], entry.get("per_family_instance_index", 0)
    # Before 1.5 repetitions have no index, but aggregates behind the last.
    if "repetition_index" not in entry:
        return stretches.get(id(entry), 0), 0
    # Where repetitions begin anew there is another. Of single runs that may as well be
    # those of several launches, joined in one file.
    if entry.get("repetitions", 1) < 2:
        return 0, 0
    repetition = entry["name"], entry["repetition_index"]
    begun[repetition] += 1
    return begun[repetition], 0

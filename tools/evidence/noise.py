# SPDX-License-Identifier: GPL-2.0-only
"""The noise floor: how far apart a machine's measurements of one and the same thing lie.

measure() takes it from result sets, a Floor answers for a row and metric. A machine's
floor is kept beside its result sets, as results/HOST/noise.json.
"""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import comparable
from .jsonfile import read_json
from .resultset import RESULTS_ROOT, ResultSet, Row
from .tool import Unusable, clean

SCHEMA = "dmapool-bench-noise/1"
NAME = "noise.json"
SPLITS = 1000
PERCENTILE = 95
FEWEST_LAUNCHES = 6     # in both halves together
DEFAULT = 0.05          # where nothing was measured
CEILING = 1000.0        # of a figure that is often 0, which has no ratio
OTHERS = ("null", "peer-")


Table = dict[str, dict[str, float]]     # by row and metric


@dataclass
class Floor:
    """Relative noise of medians; if empty, nothing was measured."""
    launches: int = 0       # of each half
    machine: dict[str, str] = field(default_factory=dict)
    rows: Table = field(default_factory=dict)       # by chance
    steps: Table = field(default_factory=dict)      # in the course of time
    path: Path | None = None

    def of(self, row: Row, metric: str, launches: int, in_turn: bool) -> float | None:
        """The floor for medians of so many launches, None where nothing was measured.

        What was measured in turn knows no steps. A row that is not there, say of a
        variant under test, is as noisy as the middle one of the pools with the same
        family and parameters.
        """
        floor = _found(self.rows, row, metric)
        if floor is None:
            return None
        # The spread of a median shrinks with the root of its launches; more launches than
        # were measured here have the same steps.
        floor *= math.sqrt(max(self.launches / max(launches, 1), 1))
        return floor if in_turn else max(floor, _found(self.steps, row, metric) or 0)


def _found(table: Table, row: Row, metric: str) -> float | None:
    own = table.get(row.name, {}).get(metric)
    if own is not None or not row.variant:
        return own
    alike = [values[metric] for name, values in table.items()
             if metric in values and _like(name) == _like(row.name)]
    return float(np.median(alike)) if alike else None


def _like(name: str) -> tuple[str, str]:
    """A row's family and parameters; a row that tells nothing of pools is like none."""
    family, variant, *rest = f"{name}//".split("/", 2)
    return (name, "") if variant.startswith(OTHERS) else (family, rest[0].rstrip("/"))


# --- measuring -------------------------------------------------------------------------

def measure(sets: list[ResultSet]) -> Floor:
    """The floor of everything the sets measured; they are to be of one machine.

    By chance: the 95th percentile of |ratio - 1| over random halves of the launches. In
    the course of time: the change from the earlier half to the later, or between any two
    sets where that is larger, since runs differ by more than launches do.
    """
    sets = sorted(sets, key=lambda results: results.context.get("date", ""))
    for other in sets[1:]:
        comparable.check(sets[0], other, force=False)
    total = sum(results.launches for results in sets)
    if total < FEWEST_LAUNCHES:
        raise Unusable(f"{sets[0].path} has {total} launches, too few to split: measure "
                       f"at least {FEWEST_LAUNCHES}, better 20")
    floor = Floor(total // 2, comparable.facts(sets[0]))
    for name in dict.fromkeys(name for results in sets for name in results.rows):
        sessions = _sessions([results.rows[name] for results in sets
                              if name in results.rows])
        if sessions:
            floor.rows[name] = {key: _chance(found) for key, found in sessions.items()}
            floor.steps[name] = {key: _step(found) for key, found in sessions.items()}
    return floor


def _sessions(rows: list[Row]) -> dict[str, list[np.ndarray]]:
    """Each set's values, by metric, if they are enough and have a ratio."""
    metrics = sorted({key for row in rows for run in row.launches
                      for key in run.counters})
    found = {key: [np.array(values) for row in rows if (values := row.values(key))]
             for key in metrics}
    return {key: sessions for key, sessions in found.items()
            if len(whole := np.concatenate(sessions)) >= FEWEST_LAUNCHES
            and min(whole) >= 0 and np.median(whole) > 0}


def _chance(sessions: list[np.ndarray]) -> float:
    """What random halves of all launches are apart, were all sets on one level."""
    level = np.median(np.concatenate(sessions))
    values = np.concatenate([values * (level / (np.median(values) or level))
                             for values in sessions])
    half = len(values) // 2
    random = np.random.default_rng(0)
    shuffled = random.permuted(np.tile(values, (SPLITS, 1)), axis=1)
    apart = _distance(shuffled[:, :half], shuffled[:, half:])
    return _kept(np.percentile(apart, PERCENTILE))


def _step(sessions: list[np.ndarray]) -> float:
    """What the earlier half and the later, or any two sessions, are apart."""
    whole = np.concatenate(sessions)
    half = len(whole) // 2
    levels = [np.median(values) for values in sessions]
    pairs = [(whole[:half], whole[half:]), ([min(levels)], [max(levels)])]
    return _kept(max(_distance(np.array([base]), np.array([new]))[0]
                     for base, new in pairs))


def _kept(distance: float) -> float:
    """Rounded up: what a floor is taken from does not exceed it."""
    return math.ceil(distance * 1e5) / 1e5


def _distance(base: np.ndarray, new: np.ndarray) -> np.ndarray:
    """|ratio - 1| of the medians, line by line, the same whichever is the base."""
    base, new = np.median(base, axis=1), np.median(new, axis=1)
    low, high = np.minimum(base, new), np.maximum(base, new)
    ratio = np.where(high == low, 1.0, np.inf)
    np.divide(high, low, out=ratio, where=low > 0)
    # Of finite ones only can a percentile be taken.
    return np.minimum(ratio - 1, CEILING)


# --- keeping ---------------------------------------------------------------------------

def home(results: ResultSet) -> Path:
    """Where the floor of a result set's machine and build is kept."""
    build = results.context.get("build", "userspace")
    name = NAME if build == "userspace" else f"noise-{build}.json"
    return results.path.parent / name


def dump(floor: Floor) -> str:
    """The text of a noise.json."""
    return json.dumps({"schema": SCHEMA, "launches": floor.launches,
                       "percentile": PERCENTILE, "machine": floor.machine,
                       "floors": floor.rows, "steps": floor.steps},
                      indent=1, allow_nan=False) + "\n"


def load(path: Path) -> Floor:
    data = read_json(path)
    launches, machine = data.get("launches"), data.get("machine")
    tables = data.get("floors"), data.get("steps")
    if not (data.get("schema") == SCHEMA and type(launches) is int and launches > 0
            and _texts(machine) and all(map(_is_table, tables))):
        raise Unusable(f"{path} is no noise floor of {SCHEMA}: run 'make calibrate'")
    return Floor(launches, machine, *tables, path)


def _texts(value) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _is_table(value) -> bool:
    return isinstance(value, dict) and all(map(_floors, value.values()))


def _floors(value) -> bool:
    return isinstance(value, dict) and all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v < 1e9
        for v in value.values())


def find(results: ResultSet, named: Path | None = None) -> tuple[Floor, str]:
    """The floor of the set's machine, and a sentence if there is none to be used."""
    host = results.context.get("host_name", "").replace("/", "?")
    beside = home(results)
    places = [named] if named else [beside, RESULTS_ROOT / host / beside.name]
    path = next((p for p in places if named or p.is_file()), None)
    if not path:
        return Floor(), (f"no noise floor of this machine, {DEFAULT:.0%} is taken: run "
                         "'make calibrate'")
    floor = load(path)
    apart = sorted(comparable.differences(floor.machine, comparable.facts(results)))
    if apart:
        return Floor(), (f"the noise floor in {path} is of another machine or build "
                         f"({clean(apart[0])}), {DEFAULT:.0%} is taken: run "
                         "'make calibrate'")
    return floor, ""

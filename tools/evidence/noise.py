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
from .resultset import RESULTS_ROOT, ResultSet, Row
from .tool import Unusable, clean, read_json

SCHEMA = "dmapool-bench-noise/1"
NAME = "noise.json"
SPLITS = 1000
PERCENTILE = 95
FEWEST_LAUNCHES = 6     # in both halves together
DEFAULT = 0.05          # where nothing was measured
CEILING = 1000.0        # of a figure that is often 0, which has no ratio
OTHERS = ("null", "peer-")


@dataclass
class Floor:
    """Relative noise of medians by row and metric; if empty, nothing was measured."""
    launches: int = 0       # of each half
    machine: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, float]] = field(default_factory=dict)
    path: Path | None = None

    def of(self, row: Row, metric: str, launches: int) -> float | None:
        """The floor for medians of so many launches, None where nothing was measured.

        A row that is not there, say of a variant under test, is as noisy as the middle
        one of the pools with the same family and parameters.
        """
        floor = self.rows.get(row.name, {}).get(metric)
        if floor is None:
            floor = self._of_others(row, metric)
        if floor is None:
            return None
        # The spread of a median shrinks with the root of its launches; more launches than
        # were measured here may still drift as far.
        return floor * math.sqrt(max(self.launches / max(launches, 1), 1))

    def _of_others(self, row: Row, metric: str) -> float | None:
        alike = [floors[metric] for name, floors in self.rows.items()
                 if metric in floors and _like(name) == _like(row.name)]
        return float(np.median(alike)) if alike and row.variant else None


def _like(name: str) -> tuple[str, str]:
    """A row's family and parameters; a row that tells nothing of pools is like none."""
    family, variant, *rest = f"{name}//".split("/", 2)
    return (name, "") if variant.startswith(OTHERS) else (family, rest[0].rstrip("/"))


# --- measuring -------------------------------------------------------------------------

def measure(sets: list[ResultSet]) -> Floor:
    """The floor of everything the sets measured; they are to be of one machine.

    It is the largest of: the 95th percentile of |ratio - 1| over random halves of the
    launches; the change from the earlier half to the later, since drift is noise; and
    the largest change between any two sets, since runs differ by more than launches do.
    """
    sets = sorted(sets, key=lambda results: results.context.get("date", ""))
    for other in sets[1:]:
        comparable.check(sets[0], other, force=False)
    total = sum(results.launches for results in sets)
    if total < FEWEST_LAUNCHES:
        raise Unusable(f"{sets[0].path} has {total} launches, too few to split: measure "
                       f"at least {FEWEST_LAUNCHES}, better 20")
    rows = {}
    for name in dict.fromkeys(name for results in sets for name in results.rows):
        floors = _row_floors([results.rows[name] for results in sets
                              if name in results.rows])
        if floors:
            rows[name] = floors
    return Floor(total // 2, comparable.facts(sets[0]), rows)


def _row_floors(rows: list[Row]) -> dict[str, float]:
    metrics = sorted({key for row in rows for run in row.launches
                      for key in run.counters})
    found = {}
    for key in metrics:
        sessions = [values for row in rows if (values := row.values(key))]
        whole = np.concatenate(sessions)
        if len(whole) >= FEWEST_LAUNCHES and min(whole) >= 0 and np.median(whole) > 0:
            found[key] = round(max(_within(whole), _between(sessions)), 5)
    return found


def _between(sessions: list[list[float]]) -> float:
    """The largest distance of any two sessions' medians."""
    levels = np.array([[np.median(values)] for values in sessions])
    return float(_distance(levels.min(0)[None], levels.max(0)[None])[0])


def _within(values: np.ndarray) -> float:
    """What halves of all launches are apart by chance, or by drift."""
    half = len(values) // 2
    random = np.random.default_rng(0)
    shuffled = random.permuted(np.tile(values, (SPLITS, 1)), axis=1)
    chance = _distance(shuffled[:, :half], shuffled[:, half:])
    drift = _distance(values[None, :half], values[None, half:])
    return float(max(np.percentile(chance, PERCENTILE), drift[0]))


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
                       "floors": floor.rows}, indent=1, allow_nan=False) + "\n"


def load(path: Path) -> Floor:
    data = read_json(path)
    launches, machine, rows = (data.get(k) for k in ("launches", "machine", "floors"))
    if not (data.get("schema") == SCHEMA and type(launches) is int and launches > 0
            and _texts(machine) and isinstance(rows, dict)
            and all(map(_floors, rows.values()))):
        raise Unusable(f"{path} is no noise floor of {SCHEMA}: run 'make calibrate'")
    return Floor(launches, machine, rows, path)


def _texts(value) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


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

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/history: changes are found where they were planted and nowhere else,
in figures and in a machine's folder of result sets, and the page shows them.
"""

import itertools
import math
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from scipy import stats

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import analysis_test  # noqa: E402
from browser import PageCase  # noqa: E402
from evidence import changepoint, trend  # noqa: E402
from evidence.resultset import number  # noqa: E402

HISTORY = ROOT / "tools/history"
VARIANTS = ("global_list", "percpu_magazine")
FAMILIES = ("pair", "frag")
SETS, LAUNCHES, CHANGED = 9, 6, 5


# --- change points ---------------------------------------------------------------------

def noise(seed: int, sets: int = 12, launches: int = 7, drift: float = 0.01) -> list:
    """An A/A history: launches vary by 2 %, and what they vary about from set to set."""
    random = np.random.default_rng(seed)
    return [10 * random.lognormal(0, drift) * random.lognormal(0, 0.02, launches)
            for _ in range(sets)]


def planted(seed: int, at: int, factor: float, **shape) -> list:
    return [launches * (factor if n >= at else 1)
            for n, launches in enumerate(noise(seed, **shape))]


def places(samples, threshold: float = 0.05) -> list[int]:
    (found,) = changepoint.find([samples], [threshold])
    return [change.at for change in found]


class ChangePoints(unittest.TestCase):
    def test_noise_has_none(self):
        for drift in (0.01, 0.03):
            alarms = 0
            for seed in range(100):
                rows = [noise(1000 * seed + row, drift=drift) for row in range(10)]
                alarms += any(changepoint.find(rows, [0.05] * len(rows)))
            self.assertLessEqual(alarms, 5, drift)

    def test_noise_has_none_by_the_test_alone(self):
        # Without a threshold, of launches that are alike, p itself has to hold.
        alarms = sum(any(changepoint.find([noise(50 * seed + row, drift=0)
                                           for row in range(10)], [0.0] * 10))
                     for seed in range(200))
        self.assertLessEqual(alarms, 200 * 0.05 + 2 * np.sqrt(200 * 0.05 * 0.95))

    def test_a_change_is_found_where_it_was_planted(self):
        for at in (1, 2, 6, 11):
            for factor in (0.8, 1.12, 3):
                right = sum(places(planted(seed, at, factor)) == [at]
                            for seed in range(20))
                self.assertGreaterEqual(right, 19, (at, factor))

    def test_of_a_few_sets_no_change_is_told(self):
        for sets in range(1, changepoint.FEWEST_SETS):
            self.assertEqual(places(planted(1, sets // 2, 1.3, sets=sets)), [], sets)
        self.assertEqual(places(planted(1, 3, 1.3, sets=6)), [3])
        self.assertEqual(places(planted(1, 3, 1.3, sets=6, launches=1)), [])

    def test_several_changes_with_their_levels(self):
        samples = [launches * (1 if n < 5 else 1.5 if n < 10 else 1.2)
                   for n, launches in enumerate(noise(3, sets=15))]
        (found,) = changepoint.find([samples], [0.05])
        self.assertEqual([(one.at, one.sets) for one in found], [(5, 5), (10, 5)])
        self.assertAlmostEqual(found[0].before, np.median(np.concatenate(samples[:5])))
        self.assertAlmostEqual(found[0].after, np.median(np.concatenate(samples[5:10])))
        self.assertAlmostEqual(found[0].ratio, 1.5, delta=0.05)
        self.assertAlmostEqual(found[1].ratio, 0.8, delta=0.03)

    def test_smaller_than_the_threshold_is_none(self):
        self.assertEqual(places(planted(1, 6, 1.2), 0.1), [6])
        self.assertEqual(places(planted(1, 6, 1.2), 0.3), [])

    def test_the_statistic_and_the_p_are_those_of_the_book(self):
        for seed in range(10):
            samples = planted(seed, 3, 1.05, sets=8)
            at, p = changepoint.best_split(samples)
            both = [(np.concatenate(samples[:n]), np.concatenate(samples[n:]))
                    for n in range(1, 8)]
            told = [self.e_divisive(*sides) for sides in both]
            np.testing.assert_allclose(changepoint.distances(samples), told)
            self.assertEqual(at, 1 + int(np.argmax(told)))
            once = stats.mannwhitneyu(*both[at - 1]).pvalue
            self.assertAlmostEqual(p, min(1, 7 * once))

    def e_divisive(self, one, other) -> float:
        """Matteson and James, equations 5 and 6, with alpha 1."""
        n, m = len(one), len(other)
        across = np.abs(np.subtract.outer(one, other)).mean()
        within = [sum(abs(a - b) for a, b in itertools.combinations(side, 2))
                  / math.comb(len(side), 2) for side in (one, other)]
        return n * m / (n + m) * (2 * across - sum(within))

    def test_exact_counts_change_where_they_change(self):
        found = changepoint.exact([[100.0], [100.0], [101.0], [101.0], [0.0], [5.0]])
        self.assertEqual([(c.at, c.before, c.after, c.sets) for c in found],
                         [(2, 100, 101, 2), (4, 101, 0, 1), (5, 0, 5, 1)])
        self.assertIsNone(found[2].ratio)

    def test_something_of_nothing(self):
        self.assertEqual(places([[0.0] * 7] * 4 + [[3.0] * 7] * 4), [4])
        self.assertEqual(places([[0.0] * 7] * 8), [])


# --- a machine's folder ----------------------------------------------------------------

class Drifted(analysis_test.Fake):
    """Another day on the same machine, with percpu_magazine slower by a factor."""

    def __init__(self, number: int, factor: float):
        super().__init__(VARIANTS, LAUNCHES)
        self.random = np.random.default_rng(number)
        self.factor = factor

    def floor(self, variant: str, size: int) -> float:
        slower = self.factor if variant == "percpu_magazine" else 1
        return super().floor(variant, size) * slower


def name_of(number: int) -> str:
    return f"202601{number + 1:02}T120000Z-{number:07x}"


def machine(folder: Path, factor: float = 1.15) -> Path:
    """A folder of sets; from CHANGED on percpu_magazine is slower."""
    for count in range(SETS):
        made = Drifted(count, factor if count >= CHANGED else 1)
        made.write(folder / name_of(count), FAMILIES, host_name="imagined",
                   compiler="gcc 12" if count < 2 else "gcc 13")
    return folder


def setUpModule():
    """Sets made once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="history-test-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    Machines.steady = machine(folder / "steady", 1)
    Machines.changed = machine(folder / "changed")


class Machines(analysis_test.Case):
    """Tests with those folders at hand."""

    def copy(self) -> Path:
        return Path(shutil.copytree(self.changed, self.folder / "imagined"))

    def history(self, *command):
        done = self.run_tool(HISTORY, *command)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done


class Terminal(Machines):
    def test_a_line_has_first_last_change_and_where(self):
        said = self.history(self.changed, "--metric=ns_per_op").stdout
        found = trend.history(self.changed, ["ns_per_op"], "")
        for one in found.trends:
            (line,) = [line for line in said.splitlines()
                       if line.startswith(one.row.name + " ")]
            _, first, last, change, sets, *where = line.split()
            self.assertEqual((first, last), (number(one.first), number(one.last)))
            self.assertEqual(change, f"{one.last / one.first - 1:+.1%}")
            self.assertEqual(sets, str(SETS))
            slower = one.row.variant == "percpu_magazine"
            self.assertEqual(where[:1], [f"{CHANGED:07x}"] if slower else [])
        self.assertIn("2026-01-01 12:00 to 2026-01-09 12:00", said)
        self.assertIn("0000002: compiler: gcc 12 against gcc 13", said)

    def test_nothing_is_found_where_nothing_is(self):
        said = self.history(self.steady).stdout
        self.assertRegex(said, r"(?m)^changes  none of \d+ figures")

    def test_a_few_sets_tell_of_no_change_in_time(self):
        folder = self.copy()
        for count in range(CHANGED - 2):
            shutil.rmtree(folder / name_of(count))
        self.assertRegex(self.history(folder).stdout, r"(?m)^changes  \d+ of \d+ figures")
        shutil.rmtree(folder / name_of(CHANGED - 2))
        said = self.history(folder).stdout
        self.assertRegex(said, r"(?m)^changes  none of (\d+) figures")
        self.assertRegex(said, r"(?m)^note     (\d+) of \1 figures are of fewer than")

    def test_a_choice_of_rows_and_metrics(self):
        choice = "--metric=pages_held", "--filter=churn10"
        said = self.history(self.changed, *choice).stdout
        self.assertEqual(len([line for line in said.splitlines() if "frag/" in line]), 2)
        self.assertNotIn("ns_per_op", said)

    def test_counts_of_instructions_are_a_history_of_their_own(self):
        folder = self.copy()
        name = "pair/null/size:64/threads:1"
        for count in range(4):
            path = folder / f"{name_of(count)}-insn"
            path.mkdir()
            row = analysis_test.row(name, instructions_per_op=70 + count // 3)
            analysis_test.write(path / "results.json", {
                "context": {"build": "callgrind", "profile": "quick"},
                "benchmarks": [row]})
        said = self.history(folder).stdout
        self.assertIn("instructions_per_op (callgrind, quick)", said)
        self.assertRegex(said, rf"(?m)^{name} +70 +71 +\+1\.4% +4  0000003-insn \+1\.4%$")


class Damaged(Machines):
    def test_a_damaged_set_is_named_and_skipped(self):
        folder = self.copy()
        (folder / name_of(3) / "results.json").write_text('{"context": {')
        shutil.rmtree(folder / name_of(4))
        (folder / name_of(4)).mkdir()
        done = self.history(folder)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 2, done.stderr)
        self.assertRegex(lines[0], rf"^history: skipped: .*{name_of(3)}.* breaks off")
        self.assertRegex(lines[1], rf"^history: skipped: .*{name_of(4)} holds no results")
        self.assertIn(f"{SETS - 2} sets", done.stdout)
        self.assertIn(f"{CHANGED:07x} +", done.stdout)

    def test_a_set_that_is_being_written_is_not_there_yet(self):
        folder = self.copy()
        # As bench/run/store.c has it until all is written and the folder renamed.
        whole = self.history(folder)
        (folder / name_of(SETS - 1)).rename(folder / ".20260131T120000Z.tmp")
        done = self.history(folder)
        self.assertEqual(done.stderr, "")
        self.assertIn(f"{SETS - 1} sets", done.stdout)
        (folder / ".20260131T120000Z.tmp").rename(folder / name_of(SETS - 1))
        self.assertEqual(self.history(folder).stdout, whole.stdout)

    def test_what_cannot_be_used_gets_one_line(self):
        (self.folder / "empty").mkdir()
        for command, words in (([self.folder / "nowhere"], "is no folder"),
                               ([self.folder / "empty"], "holds no result set"),
                               ([self.changed, "--metric=nonsense"], "no such rows"),
                               ([self.changed, "--html", self.folder / "no/it.html"],
                                "no place")):
            with self.subTest(words=words):
                self.assert_one_line(self.run_tool(HISTORY, *command), 2, words)


# --- the page --------------------------------------------------------------------------

class Page(PageCase, Machines):
    def show(self, folder: Path, **how) -> Path:
        path = self.folder / "it.html"
        self.history(folder, "--html", path)
        self.open(path, **how)
        return path

    def test_sound_and_accessible(self):
        folder = self.copy()
        (folder / name_of(3) / "results.json").write_text("<script>alert(1)</script>")
        for width, scheme in ((1280, "light"), (375, "dark")):
            path = self.show(folder, width=width, scheme=scheme)
            self.assert_sound(path)
            self.assert_accessible()
        self.assertIn(name_of(3), self.find("#alerts").text)

    def test_axe_finds_nothing(self):
        self.show(self.changed)
        self.assert_axe()

    def test_the_change_is_marked_between_the_sets(self):
        self.show(self.changed)
        marks = self.js("return Chart.getChart(document.querySelector('.plot canvas'))"
                        ".options.plugins.marks.at.map(mark => [mark.x, mark.text])")
        self.assertEqual(marks, [[CHANGED - 0.5, f"{CHANGED:07x}"]])
        self.assertIn(f"{CHANGED:07x}", self.find("#content table").text)
        found = trend.history(self.changed, ["ns_per_op"], "pair/global_list/size:16/")
        (drawn,) = self.charts("course")
        self.assertEqual(drawn["global_list"],
                         [[n, float(np.median(launches))]
                          for n, launches in enumerate(found.trends[0].samples)])

    def test_filters_reach_the_changes(self):
        self.show(self.changed)
        self.find('input[value="percpu_magazine"]').click()
        self.assertTrue(self.find(".lead").text.startswith("None of"))

    def test_a_link_shows_a_row_as_its_sender_saw_it(self):
        path = self.show(self.changed, place="#?variant=percpu_magazine")
        link = self.find("section[aria-labelledby=rows] tbody a").get_attribute("href")
        self.open(path, place="#" + link.partition("#")[2])
        self.assertFalse(self.find('input[value="global_list"]').is_selected())
        self.assertIn("percpu_magazine", self.find("tr.visited").text)
        self.assert_sound(path)


if __name__ == "__main__":
    unittest.main()

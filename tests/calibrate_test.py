#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/calibrate and the noise floor: what chance and the course of time make
of equals, and whom each part of it concerns.
"""

import json
import sys
import unittest
from pathlib import Path

import jsonschema
import numpy as np

sys.dont_write_bytecode = True
import compare_test  # noqa: E402
from analysis_test import ROOT, write  # noqa: E402
from compare_test import COMPARE, NAME, launches  # noqa: E402
from evidence import noise, resultset  # noqa: E402

CALIBRATE = ROOT / "tools/calibrate"


class Calibrate(compare_test.Sets):
    def floors(self, *sets: Path) -> dict:
        done = self.run_tool(CALIBRATE, *sets)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        path = sets[0].parent / "noise.json"
        self.assertTrue(done.stdout.startswith(f"{path}: "))
        data = json.loads(path.read_text())
        schema = json.loads((ROOT / "results/schema/noise.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(data)
        return data

    def test_the_floor_is_that_of_the_halves(self):
        made = self.make("a", {f"pair/v{n}/s:{sigma}/threads:1": {
            "ns_per_op": launches(10, 18, sigma), "pages_held": [7] * 18}
            for n in range(20) for sigma in (0.002, 0.02)})
        data = self.floors(made)
        self.assertEqual(data["launches"], 9)
        # A median of 9 spreads by 1.25/3 of sigma, two of them by the root of 2 more.
        expected = 1.96 * 1.25 / 3 * 2 ** 0.5
        for sigma in (0.002, 0.02):
            floors = [f for name, f in data["floors"].items() if f"s:{sigma}/" in name]
            self.assertEqual({f["pages_held"] for f in floors}, {0})
            middle = np.median([f["ns_per_op"] for f in floors])
            self.assertAlmostEqual(middle / (sigma * expected), 1, delta=0.25)
        self.assertEqual(self.floors(made), data)
        self.assertNotIn("no noise floor", self.run_tool(COMPARE, made, made).stdout)

    def test_drift_is_noise(self):
        name = NAME.format("null", 1)
        drifting = np.linspace(10, 12, 18).tolist()
        whole = self.make("a", {name: {"ns_per_op": drifting}})
        expected = np.median(drifting[9:]) / np.median(drifting[:9]) - 1
        found = self.floors(whole)["steps"][name]["ns_per_op"]
        self.assertAlmostEqual(found, expected, places=4)
        # The same between two sets, whatever their order on the command line.
        late = self.make("a", {name: {"ns_per_op": drifting[9:]}},
                         date="2026-02-01T00:00:00+00:00")
        early = self.make("z", {name: {"ns_per_op": drifting[:9]}})
        found = self.floors(late, early)["steps"][name]["ns_per_op"]
        self.assertAlmostEqual(found, expected, places=4)

    def test_what_runs_differ_by_is_noise(self):
        # The middle one of three is another: no half of all launches tells.
        name = NAME.format("null", 1)
        runs = [self.make(f"run{n}", {name: {"ns_per_op": launches(level, 7, 0.001)}},
                          date=f"2026-01-0{n + 1}T00:00:00+00:00")
                for n, level in enumerate((10, 11, 10.2))]
        self.assertAlmostEqual(self.floors(*runs)["steps"][name]["ns_per_op"], 0.1,
                               delta=0.003)
        self.assertLess(self.floors(runs[0])["steps"][name]["ns_per_op"], 0.003)
        self.floors(*runs)
        floor = runs[0].parent / "noise.json"
        self.assertEqual(self.judge(runs[0], runs[1], noise=floor).exit_code, 0)
        # However many launches, a run is as far from another.
        row, many = resultset.load(runs[0]).rows[name], 10 ** 6
        self.assertAlmostEqual(noise.load(floor).of(row, "ns_per_op", many, False), 0.1,
                               delta=0.003)

    def test_what_is_measured_in_turn_knows_no_step(self):
        name = NAME.format("null", 1)
        runs = [self.make(f"run{n}", {name: {"ns_per_op": launches(level, 7, 0.001)}})
                for n, level in enumerate((10, 13))]
        self.floors(*runs)
        base, new = self.times("base", 10), self.times("new", 11.5)
        floor = runs[0].parent / "noise.json"
        for in_turn, verdict in ((False, "same"), (True, "regression")):
            self.assertEqual(self.verdicts(base, new, noise=floor, in_turn=in_turn),
                             [verdict])

    def test_a_figure_that_is_often_0_has_the_largest_floor(self):
        # Halves without a ratio: none of them, all, or only those beyond the percentile.
        for zeroes in range(10):
            values = [0] * zeroes + [1] * (19 - zeroes)
            made = self.make("a", {NAME.format("null", 1): {"pages_held": values}})
            floors = self.floors(made)["floors"][NAME.format("null", 1)]
            self.assertIn(floors["pages_held"], (0, noise.CEILING), zeroes)

    def test_what_cannot_be_used(self):
        few = self.times("few", 10, n=5)
        self.assert_one_line(self.run_tool(CALIBRATE, few), 2, "at least 6")
        other = self.times("other", 10, host_name="zeus")
        self.assert_one_line(self.run_tool(CALIBRATE, few, other), 2, "host_name")
        self.assertFalse((few.parent / "noise.json").exists())
        base = self.times("base", 5)
        for text in ("", "{}", "[", '{"schema": "dmapool-bench-noise/1"}', json.dumps(
                {"schema": noise.SCHEMA, "launches": 9, "machine": {}, "steps": {},
                 "floors": {"a": {"ns_per_op": -1}}})):
            write(base.parent / "noise.json", text)
            self.assert_one_line(self.run_tool(COMPARE, base, base), 2, "noise.json")
        self.assert_one_line(self.run_tool(
            COMPARE, base, base, "--noise", self.folder / "none.json"), 2, "none.json")


if __name__ == "__main__":
    unittest.main()

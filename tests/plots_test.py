#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of plots/: what is drawn of which result set, and that it can be read.

Texts are measured where they are drawn, so that "nothing overlaps" is no matter of eyes.
"""

import contextlib
import io
import sys
import tempfile
import unittest
from itertools import combinations
from pathlib import Path
from unittest import mock

import numpy as np

sys.dont_write_bytecode = True
from analysis_test import ROOT, VARIANTS, Case, Fake, row, write  # noqa: E402

sys.path.insert(0, str(ROOT / "plots"))
import charts  # noqa: E402
import keys  # noqa: E402
from evidence import pagedata, resultset  # noqa: E402
from looks import COLOURS, LOOKS, looks  # noqa: E402
from matplotlib.text import Text  # noqa: E402

DRAW = ROOT / "plots/draw"
PLOTS = {"latency-size", "throughput-threads", "latency-distribution", "pages-held",
         "batch-hold", "dmapool-test"}
LONG = "upstream-my-long-patch-name-v3"
TWO = ("global_list", "percpu_magazine")
SIX = (*TWO, "page_chain", "coherent_each", "null", "upstream-6.1")
SIXTEEN = (*SIX, "upstream-6.12", "upstream-7.2", "peer-rte_mempool", "peer-tcmalloc",
           "peer-jemalloc", "peer-mimalloc", LONG, "upstream-5.15", "upstream-patched",
           "design-x")


# --- the command -----------------------------------------------------------------------

class Draw(Case):
    def files(self, folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def test_every_plot_twice_the_same(self):
        made = Fake((*VARIANTS, "percpu_magazine", "upstream-mine", "design-x"),
                    launches=3).write(self.folder / "set")
        for out in ([], ["--out", self.folder / "again"]):
            done = self.run_tool(DRAW, made, *out)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        files = self.files(made / "plots")
        self.assertEqual(set(files),
                         {f"{name}.{kind}" for name in PLOTS for kind in ("svg", "png")})
        self.assertEqual(files, self.files(self.folder / "again"))

    def test_one_launch_few_variants_and_families(self):
        made = Fake(("page_chain", "null"), launches=1).write(
            self.folder / "set", families=("pair", "frag", "dmapool_test"))
        done = self.run_tool(DRAW, made)
        self.assertEqual(done.returncode, 0)
        self.assertEqual({Path(name).stem for name in self.files(made / "plots")},
                         {"latency-size", "pages-held"})
        self.assertEqual(len(done.stderr.splitlines()), len(PLOTS) - 2)
        self.assertRegex(done.stderr, "(?m)^draw: batch-hold left out: no batch rows")

    def test_nothing_to_draw_and_nowhere_to_put_it(self):
        path = self.results(row("bulk/null/size:64/threads:1", ns_per_op=1))
        self.assert_one_line(self.run_tool(DRAW, path), 2, "say --out DIR")
        done = self.run_tool(DRAW, self.folder)
        self.assertEqual(done.returncode, 0)
        self.assertIn("nothing to draw", done.stderr.splitlines()[-1])
        self.assertFalse((self.folder / "plots").exists())
        write(self.folder / "in-the-way", "")
        path = self.results(row("pair/null/size:64/threads:1", ns_per_op=1))
        done = self.run_tool(DRAW, path, "--out", self.folder / "in-the-way")
        self.assert_one_line(done, 4, "in-the-way")

    def test_names_are_text_and_no_formula(self):
        made = Fake(TWO, launches=1).write(
            self.folder / "set $\\frac$ 集合", cpu_model="a $x^$ CPU", host_name="主机")
        done = self.run_tool(DRAW, made)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


# --- the pictures ----------------------------------------------------------------------

class Picture:
    """A figure drawn as it is saved, and its texts with their places in pixels."""

    def __init__(self, figure):
        self.figure = figure
        self.texts: list[tuple[str, object]] = []
        figure.set_dpi(200)
        draw_text = Text.draw

        def noted(text, renderer, *args, **kwargs):
            if text.get_visible() and text.get_text().strip():
                self.texts.append((text.get_text(), text.get_window_extent(renderer)))
            return draw_text(text, renderer, *args, **kwargs)

        with mock.patch.object(Text, "draw", noted):
            figure.draw_without_rendering()

    def overlapping(self) -> list[tuple[str, str]]:
        return [(first, second) for (first, a), (second, b) in combinations(self.texts, 2)
                if min(a.x1, b.x1) - max(a.x0, b.x0) > 1
                and min(a.y1, b.y1) - max(a.y0, b.y0) > 1]

    def outside(self) -> list[str]:
        """The texts, or else what, reach over the figure's edge."""
        page = self.figure.bbox
        texts = [text for text, box in self.texts if not (
            page.x0 <= box.x0 and box.x1 <= page.x1
            and page.y0 <= box.y0 and box.y1 <= page.y1)]
        whole = self.figure.get_tightbbox(self.figure.canvas.get_renderer())
        wide, tall = self.figure.get_size_inches()
        inside = whole.x0 >= 0 <= whole.y0 and whole.x1 <= wide and whole.y1 <= tall
        return texts or ([] if inside else [f"something: {whole}"])

    def key(self) -> dict[str, tuple]:
        """The looks of the names in the figure's key."""
        return {line.get_label(): (line.get_color(), line.get_marker(),
                                   line.get_markerfacecolor())
                for axes in self.figure.axes if not axes.axison
                for line in axes.lines if not line.get_label().startswith("_")}


def drawn(results: resultset.ResultSet) -> dict[str, Picture]:
    figures = {}
    keep = mock.patch.object(charts.style, "save", lambda figure, _, name:
                             figures.update({name: figure}))
    unsaid = contextlib.redirect_stderr(io.StringIO())
    with keep, unsaid:
        charts.draw_all(results, Path())
    pictures = {name: Picture(figure) for name, figure in figures.items()}
    charts.style.plt.close("all")
    return pictures


class Pictures(Case):
    def assert_readable(self, made: Path, plots=PLOTS) -> dict[str, Picture]:
        pictures = drawn(resultset.load(made))
        self.assertEqual(set(pictures), set(plots))
        for name, picture in pictures.items():
            with self.subTest(name):
                self.assertEqual(picture.overlapping(), [])
                self.assertEqual(picture.outside(), [])
        return pictures

    def test_nothing_overlaps_or_leaves_the_figure(self):
        for launches, variants in enumerate((TWO, SIX, SIXTEEN), 1):
            with self.subTest(f"{len(variants)} variants"):
                self.assert_readable(Fake(variants, launches).write(
                    self.folder / f"{launches}",
                    warning="; ".join(["a warning of many words"] * 9)))

    def test_one_variant_and_forty(self):
        self.assert_readable(Fake(["null"], 2).write(self.folder / "null"),
                             PLOTS - {"pages-held", "dmapool-test"})
        self.assert_readable(Fake(["upstream-6.1"], 2).write(self.folder / "one"),
                             PLOTS - {"dmapool-test"})
        many = [f"upstream-patch-{n}" for n in range(24)]
        self.assert_readable(Fake((*SIXTEEN, *many), 2).write(self.folder / "forty"))

    def test_names_of_any_length(self):
        names = ["v" * 100 + "-a", "v" * 100 + "-b", "i" * 60, "M-" * 40 + "M"]
        self.assert_readable(Fake((*TWO, *names), 2).write(
            self.folder / ("x" * 200), cpu_model="CPU " * 60, host_name="h" * 200))

    def test_many_sizes_and_many_threads(self):
        made = Fake(SIX, 2)
        for variant in SIX:
            for power in range(4, 14):
                made.add(f"pair/{variant}/size:{1 << power}/threads:1", 0, 9)
            for threads in (1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384):
                for shared in (0, 1):
                    made.add(f"contend/{variant}/size:64/hold:1/shared:{shared}"
                             f"/threads:{threads}", 0, 9)
            for power in range(5, 18):
                made.add(f"batch/{variant}/size:64/hold:{1 << power}/order:fifo"
                         "/threads:1", 0, 9)
        self.assert_readable(made.write(self.folder / "many"))

    def test_a_variant_that_failed_in_the_last_panel_has_its_name(self):
        made = Fake(SIX, 1).write(self.folder / "set", families=["batch"])
        data = resultset.read_json(made / "results.json")
        data["benchmarks"] = [entry for entry in data["benchmarks"] if not (
            "page_chain" in entry["name"] and "random" in entry["name"])]
        write(made / "results.json", data)
        [picture] = self.assert_readable(made, ["batch-hold"]).values()
        self.assertEqual(set(picture.key()), set(SIX))

    def test_the_base_without_global_list(self):
        made = Fake((LONG, "intree", "null", "coherent_each"), 1).write(
            self.folder / "set", families=["dmapool_test"])
        [picture] = self.assert_readable(made, ["dmapool-test"]).values()
        self.assertIn("×1 is intree.", [text for text, _ in picture.texts])
        self.assertEqual(set(picture.key()), {LONG, "intree", "coherent_each"})

    def test_one_bad_launch_does_not_set_the_scale(self):
        class OneBadLaunch(Fake):
            def add(self, name, launch, ns, **more):
                super().add(name, launch, ns * (1000 if launch == 0 else 1), **more)

        families = ["pair", "contend", "batch"]
        good, bad = (drawn(resultset.load(kind(SIX, 5).write(
            self.folder / kind.__name__, families))) for kind in (Fake, OneBadLaunch))
        for name in ("latency-size", "throughput-threads", "batch-hold"):
            for before, after in zip(good[name].figure.axes, bad[name].figure.axes):
                if before.axison:
                    with self.subTest(name, panel=before.get_title()):
                        (low, high), (new_low, new_high) = before.get_ylim(), \
                            after.get_ylim()
                        self.assertLess(new_high, 2.5 * high)
                        self.assertGreaterEqual(new_low, low / 2.5)


# --- looks -----------------------------------------------------------------------------

# What is left of red, green and blue light without one kind of cone: Machado, Oliveira
# and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency.
SIGHT = {
    "all cones": np.eye(3),
    "no red cones": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099],
                              [-0.004, -0.048, 1.052]]),
    "no green cones": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047],
                                [-0.012, 0.043, 0.969]]),
}
# From light to what a cone answers, and from that to lightness and two hues: Ottosson's
# Oklab, here from 0 to 100.
CONES = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074],
                  [0.0883, 0.2817, 0.6300]])
OKLAB = 100 * np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506],
                        [0.0259, 0.7828, -0.8087]])


def seen(colour: str, sight: str) -> np.ndarray:
    channels = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    light = np.where(channels <= 0.04045, channels / 12.92,
                     ((channels + 0.055) / 1.055) ** 2.4)
    return OKLAB @ np.cbrt(CONES @ np.clip(SIGHT[sight] @ light, 0, 1))


def distance(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(seen(one, sight) - seen(other, sight)))


class Looks(Case):
    UNKNOWN = [f"{kind}{n}" for kind in ("upstream-p", "design") for n in range(4)]

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.sixteen = resultset.load(Fake(SIXTEEN, 1).write(Path(folder) / "set"))
        cls.pictures = drawn(cls.sixteen)

    def test_no_two_alike_in_any_picture(self):
        page = {its["name"]: its for its in pagedata.single(self.sixteen)["variants"]}
        for name, picture in self.pictures.items():
            key = picture.key()
            with self.subTest(name):
                self.assertEqual(len(set(key.values())), len(key))
                self.assertEqual(len({colour for colour, _, _ in key.values()})
                                 if name != "pages-held" else len(key), len(key))
                for variant in key.keys() & page.keys():
                    self.assertEqual(key[variant][0], page[variant]["colour"])

    def test_sixteen_have_a_name_in_every_key(self):
        for name in ("latency-size", "batch-hold", "throughput-threads",
                     "latency-distribution"):
            self.assertEqual(set(self.pictures[name].key()), set(SIXTEEN), name)

    def test_a_look_does_not_depend_on_the_others(self):
        for variant in SIXTEEN:
            self.assertEqual(looks([variant])[variant], looks(SIXTEEN)[variant])

    def test_unknown_variants_are_told_apart(self):
        names = [f"upstream-{n}" for n in range(12)] + [f"mine{n}" for n in range(12)]
        found = looks([*LOOKS, *names])
        self.assertEqual(len(set(found.values())), len(LOOKS) + 24)
        eight = looks(names[:8]).values()
        self.assertEqual({its.colour for its in eight}, set(COLOURS))

    def test_colours_are_told_apart(self):
        known = looks([*LOOKS, *self.UNKNOWN])
        for dark in (False, True):
            for (one, a), (other, b) in combinations(known.items(), 2):
                pair = (a.on_dark, b.on_dark) if dark else (a.colour, b.colour)
                alike = (a.marker, a.open) == (b.marker, b.open)
                for sight in SIGHT if alike else ["all cones"]:
                    self.assertGreater(distance(*pair, sight), 9 if alike else 6.5,
                                       (one, other, dark, sight))

    def test_each_has_a_shape_of_its_own_in_the_report(self):
        made = Fake(tuple(LOOKS), 1).write(self.folder / "set", families=["pair"])
        shapes = [(its["shape"], its["turn"], its["open"]) for its in
                  pagedata.single(resultset.load(made))["variants"]]
        self.assertEqual(len(set(shapes)), len(shapes))


# --- labels ----------------------------------------------------------------------------

class Apart(unittest.TestCase):
    def test_what_has_room_stays(self):
        self.assertEqual(keys.apart([50, 10, 90], 10, 0, 100), [50, 10, 90])

    def test_what_meets_moves_evenly_and_keeps_its_order(self):
        self.assertEqual(keys.apart([50, 52, 51], 10, 0, 100), [41, 61, 51])

    def test_nothing_leaves(self):
        random = np.random.default_rng(5)
        for count in range(1, 11):
            for _ in range(50):
                wanted = random.uniform(0, 100, count).tolist()
                found = keys.apart(wanted, 10, 5, 95)
                ordered = sorted(found)
                self.assertTrue(5 <= ordered[0] and ordered[-1] <= 95 + 1e-9, found)
                self.assertTrue(all(b - a > 10 - 1e-9
                                    for a, b in zip(ordered, ordered[1:])), found)
                self.assertEqual(np.argsort(found).tolist(), np.argsort(wanted).tolist())


if __name__ == "__main__":
    unittest.main()

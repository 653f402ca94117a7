#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of tools/report: the file it makes, and what a real Chromium shows of it."""

import csv
import io
import json
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import matplotlib.image
import numpy as np

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import analysis_test  # noqa: E402
from browser import PageCase  # noqa: E402
from evidence import (  # noqa: E402
    closing, comparison, pagedata, resultset, standings, webpage)
from evidence.resultset import median, number  # noqa: E402
from evidence.tool import Unusable  # noqa: E402

REPORT = ROOT / "tools/report"
VARIANTS = ("global_list", "page_chain", "percpu_magazine", "upstream-6.12",
            "coherent_each", "null", "peer-jemalloc", "mine")
HOSTILE = ["</script><script>window.hacked = 1</script>", "<!--<script>", "\"'`${x}\\",
           "<img src=x onerror='window.hacked = 1'>", "W" * 3000, "ثعلب 🦊 \u2028",
           "javascript:window.hacked=1", "{{x}} $title $data",
           "=HYPERLINK(\"//x\")", "@SUM(1)", "-2+3", "+1|' /C x'!A0", "a|b `c``d` @you"]
MANY = (*VARIANTS, "design-2", "upstream-4.19", "upstream-5.10", "upstream-6.1",
        "upstream-7.2", "peer-rte_mempool", "peer-tcmalloc", "peer-mimalloc")


class Slowed(analysis_test.Fake):
    """The same machine with one pool slower and another faster."""
    FACTORS = {"percpu_magazine": 1.2, "page_chain": 0.8}

    def floor(self, variant: str, size: int) -> float:
        return super().floor(variant, size) * self.FACTORS.get(variant, 1)


def setUpModule():
    """Result sets made once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="report-test-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    Reports.base = analysis_test.Fake(VARIANTS, launches=8).write(
        folder / "base", warning="the load was high; a hypervisor is present")
    slowed = Slowed(VARIANTS, launches=8)
    slowed.random = np.random.default_rng(8)
    Reports.new = slowed.write(folder / "new", revision="def5678")
    Reports.two = analysis_test.Fake(VARIANTS[:2], launches=2).write(folder / "two")
    Reports.many = analysis_test.Fake(MANY, launches=2).write(folder / "many")
    Reports.hostile = hostile_set(folder / "hostile <b>&amp;")


class Reports(analysis_test.Case):
    """Tests with those sets at hand, and with the reports of them made once."""
    made: dict[tuple, Path] = {}

    def report(self, *command) -> Path:
        """The report's file, which has to be made without a word on stderr."""
        if command not in self.made:
            output = self.base.parent / f"{len(self.made)}.html"
            done = self.run_tool(REPORT, *command, "--output", output)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.made[command] = output
        return self.made[command]


def hostile_set(folder: Path) -> Path:
    """Whatever of a set is free text is hostile, and names are as odd as they may be."""
    names = ["pair/__proto__/size:64/constructor:__proto__/threads:1",
             "pair/constructor/size:64/constructor:__proto__/threads:1",
             f"{'f' * 120}/{'v' * 120}/size:64/threads:1",
             "toString/global_list/__proto__:1/threads:1"]
    rows = [analysis_test.row(name, launch, HOSTILE[0], ns_per_op=10 + launch)
            for name in names for launch in range(3)]
    failed = analysis_test.row(names[0], 3) | {
        "error_occurred": True, "error_message": HOSTILE[3]}
    facts = {f"fact{HOSTILE[i]}": text for i, text in enumerate(HOSTILE)}
    folder.mkdir()
    analysis_test.write(folder / "results.json", {
        "context": {**facts, "warning": "; ".join(HOSTILE), "host_name": HOSTILE[0]},
        "benchmarks": [*rows, failed]})
    return folder


# --- the file --------------------------------------------------------------------------

class Making(Reports):
    def test_it_lies_in_the_set_and_is_named(self):
        done = self.run_tool(REPORT, self.base)
        self.assertEqual(done.stdout, f"report: {self.base}/report.html\n")
        text = (self.base / "report.html").read_text(encoding="utf-8")
        self.assertEqual([path.name for path in self.base.glob(".*")], [])
        self.assertIn("Permission is hereby granted, free of charge", text)
        self.assertRegex(text, r"\(c\) 20\d\d(-20\d\d)? Chart\.js Contributors")
        self.assertNotRegex(text, r"sourceMappingURL|<link[^>]*https?:|src=.https?:")

    def test_the_same_set_gives_the_same_bytes(self):
        again = self.folder / "again.html"
        self.run_tool(REPORT, self.base, "--output", again)
        self.assertEqual(self.report(self.base).read_bytes(), again.read_bytes())

    def test_no_text_leaves_its_element(self):
        text = self.report(self.hostile).read_text(encoding="utf-8")
        self.assertEqual(len(re.findall("<script", text)), 3)
        (held,) = re.findall(r'<script type="application/json".*?>(.*?)</script>', text)
        facts = dict(json.loads(held)["sets"][0]["facts"])
        self.assertEqual(facts[f"fact{HOSTILE[0]}"], HOSTILE[0])

    def test_what_cannot_be_used_gets_one_line(self):
        broken = analysis_test.write(self.folder / "results.json", '{"context": ')
        plain = analysis_test.write(self.folder / "plain.json", {"benchmarks": [
            analysis_test.row("BM_memcpy/8", ns_per_op=1)]})
        for command, words in (
                ([self.folder / "nowhere"], "does not exist"),
                ([broken], "breaks off"), ([plain], "not named family/variant"),
                ([self.base / "results.json"], "say --output FILE"),
                ([self.base, "--output", self.folder], "no place for a file"),
                ([self.base, "--output", self.folder / "no/it.html"], "no place"),
                ([self.base, "--compare", self.folder / "nowhere"], "does not exist")):
            with self.subTest(words=words):
                self.assert_one_line(self.run_tool(REPORT, *command), 2, words)

    def test_sets_of_other_machines_are_compared_by_force_only(self):
        other = analysis_test.Fake(("null",), 3).write(self.folder / "other",
                                                       ("pair",), lock="none")
        command = [REPORT, other, "--compare", self.base,
                   "--output", self.folder / "it.html"]
        self.assert_one_line(self.run_tool(*command), 2, "--force")
        self.assertFalse((self.folder / "it.html").exists())
        self.assertEqual(self.run_tool(*command, "--force").returncode, 0)

    def test_a_missing_library_is_named_with_what_brings_it(self):
        with self.assertRaisesRegex(Unusable, "run 'make deps'"):
            webpage.library_file(self.folder / "chart.min.js")


# --- the page --------------------------------------------------------------------------

class Page(PageCase, Reports):
    def show(self, *command, **how) -> Path:
        path = self.report(*command)
        self.open(path, **how)
        return path

    def box(self, name: str, value: str):
        return self.find(f'input[name="{name}"][value="{value}"]')

    def shown(self) -> str:
        return self.find("#shown").text


class Sound(Page):
    def test_every_kind_at_every_width_in_both_schemes(self):
        kinds = {"single": [self.base], "hostile": [self.hostile],
                 "two": [self.two], "many": [self.many],
                 "comparison": [self.new, "--compare", self.base]}
        for kind, command in kinds.items():
            path = self.report(*command)
            for width in (375, 800, 1280):
                for scheme in ("light", "dark"):
                    with self.subTest(kind=kind, width=width, scheme=scheme):
                        self.open(path, width, scheme)
                        self.assert_sound(path)
            self.assert_accessible()

    def test_axe_finds_nothing(self):
        for command in ([self.base], [self.new, "--compare", self.base]):
            for scheme in ("light", "dark"):
                self.show(*command, scheme=scheme)
                self.assert_axe()

    def test_headings_are_one_title_and_its_sections(self):
        self.show(self.base)
        levels = self.js("return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')]"
                         ".map(heading => heading.tagName)")
        self.assertEqual(levels[0], "H1")
        self.assertEqual(set(levels[1:]), {"H2"})
        self.assertEqual(self.js("return [...document.querySelectorAll('nav a')].every("
                                 "link => document.querySelector(link.hash))"), True)

    def test_hostile_texts_are_shown_as_they_are(self):
        self.show(self.hostile)
        self.assertIsNone(self.js("return window.hacked ?? null"))
        self.assertIn(HOSTILE[3], self.find("#alerts").text)
        facts = dict(self.table("section[aria-labelledby=fingerprint] table"))
        for i, text in enumerate(HOSTILE):
            self.assertEqual(facts[resultset.clean(f"fact{text}")], resultset.clean(text))
        self.assertTrue(self.box("variant", "__proto__").is_selected())
        self.assertEqual(self.shown(), "4 of 4 rows shown")


class Figures(Page):
    """What is shown equals what the JSON says."""

    def median_of(self, name: str, counter: str = "ns_per_op") -> float:
        entries = json.loads((self.base / "results.json").read_text())["benchmarks"]
        return float(np.median([entry[counter] for entry in entries
                                if entry["name"] == name]))

    def test_numbers_are_written_as_tools_summary_writes_them(self):
        self.show(self.base)
        values = [0, 1, 12, 0.5, 0.125, 0.375, 2.5, 9.994, 9.996, 99.94, 99.96, 1234.5,
                  1235.5, 99999, 99999.6, 123456, 999499, 999600, 1.5e9, 3e12, 7e16,
                  *np.random.default_rng(1).lognormal(3, 4, 500).tolist()]
        self.assertEqual(self.js("return arguments[0].map(number)", values),
                         [number(value) for value in values])

    def test_every_row(self):
        self.show(self.base)
        self.find("section[aria-labelledby=rows] summary").click()
        self.wait_for("section[aria-labelledby=rows] table")
        shown = {line[0]: line[1:] for line in
                 self.table("section[aria-labelledby=rows] table")}
        results = resultset.load(self.base)
        self.assertEqual(shown, {name: [*map(number, pagedata.summary(values)), "8"]
                                 for name, row in results.rows.items()
                                 if (values := row.values("ns_per_op"))})

    def test_curves(self):
        self.show(self.base)
        (drawn,) = self.charts("size")
        for variant in VARIANTS:
            expected = [[size, self.median_of(f"pair/{variant}/size:{size}/threads:1")]
                        for size in (16, 64, 256, 1024, 4096)]
            np.testing.assert_allclose(drawn[variant], expected)
        (drawn,) = self.charts("threads")
        for shared, name in ((0, "a pool each"), (1, "one pool")):
            row = f"contend/null/size:64/hold:1/shared:{shared}/threads:2"
            self.assertAlmostEqual(drawn[f"null, {name}"][1][1],
                                   self.median_of(row, "ops_per_s") / 1e6)
        line = drawn["one transfer of a cache line an operation"]
        self.assertTrue(1e3 / 95 < line[0][1] < 1e3 / 80, line)

    def test_distributions(self):
        self.show(self.base)
        results = resultset.load(self.base)
        name = "latency/{}/size:64/op:alloc/threads:1"
        for variant, *shown in self.table("section[aria-labelledby=distribution] table"):
            merged = resultset.merge(results.histograms(name.format(variant)))
            expected = merged.quantile([0.5, 0.9, 0.99, 0.999, 0.9999, 1])
            self.assertEqual(shown, [*map(number, expected), number(merged.total)])

    def test_memory(self):
        self.show(self.base)
        drawn = self.charts("memory")[0]
        entry = next(e for e in json.loads((self.base / "series.json").read_text())
                     ["series"] if "frag/global_list/" in e["name"]
                     and "churn10" in e["name"])
        expected = [point[:2] for point in entry["points"]]
        np.testing.assert_allclose(drawn["held"], expected)
        trade = {line[0]: line[1:] for line in
                 self.table("section[aria-labelledby=trade] table")}
        row = "frag/page_chain/size:64/blocks:25000/phase:churn10/threads:1"
        held, ideal = (self.median_of(row, key) for key in ("pages_held", "pages_ideal"))
        self.assertEqual(trade["page_chain"], [number(self.median_of(row)), number(held),
                                               "×" + number(held / ideal), "another is"])
        self.assertEqual(trade["percpu_magazine"][-1], "none")

    def test_the_overview_is_the_geometric_mean(self):
        self.show(self.base)
        lines = {line[0].removesuffix(pagedata.MEASURES.get(self.family(line[0]), "")):
                 line for line in self.table("section[aria-labelledby=overview] table")}
        ratios = [self.median_of(f"pair/percpu_magazine/size:{size}/threads:1")
                  / self.median_of(f"pair/global_list/size:{size}/threads:1")
                  for size in (16, 64, 256, 1024, 4096)]
        self.assertEqual(lines["pair"][1], "percpu_magazinefirst in 5 of 5 rows")
        mean = np.exp(np.mean(np.log(ratios)))
        low, high = number(min(ratios)), number(max(ratios))
        self.assertRegex(lines["pair"][2], rf"^×{number(mean)} ±[\d.]+ %"
                         rf"×{low} to ×{high} over 5 rows$")
        self.assertIn("percpu_magazineholds ×", lines["frag"][3])
        ratios = [self.median_of(f"dmapool_test/page_chain/{rest}")
                  / self.median_of(f"dmapool_test/global_list/{rest}")
                  for rest in {name.split("/", 2)[2] for name in
                               resultset.load(self.base).rows if "dmapool_test" in name}]
        lines = {line[0]: line[1:] for line in
                 self.table("section[aria-labelledby=standings] table")}
        place = VARIANTS.index("page_chain")
        self.assertEqual(lines["dmapool_test"][place],
                         f"×{number(np.exp(np.mean(np.log(ratios))))}")
        self.assertTrue(self.find(".lead").text.startswith(
            "Fastest pool: percpu_magazine in "))

    def test_the_overview_and_the_terminal_say_the_same(self):
        self.show(self.base)
        results = resultset.load(self.base)
        said = self.js("return [...document.querySelectorAll('.closing li')]"
                       ".map(item => item.textContent)")
        self.assertEqual(said, [f"{about.capitalize()}: {text}." for about, text
                                in closing.sentences(results)])
        for name, fastest, ratio, _ in self.table(
                "section[aria-labelledby=overview] table"):
            family = next(family for family in results.families
                          if name == family + pagedata.MEASURES[family])
            first = standings.standings(results, family, "global_list")[0]
            self.assertTrue(fastest.startswith(first.variant))
            self.assertTrue(ratio.startswith(
                closing.times(first.ratio)
                + closing.plus_minus(first.spread).replace("%", " %")), ratio)

    def test_fairness(self):
        self.show(self.base)
        (drawn,) = self.charts("fairness")
        results = resultset.load(self.base)
        for variant in VARIANTS:
            rows = [results.row("contend", variant, params)
                    for params in results.combinations("contend")
                    if params["threads"] == "2"]
            expected = [median(standings.unfairness(row)) for row in rows]
            np.testing.assert_allclose(sorted(x for x, _ in drawn[variant]),
                                       sorted(expected))
        shown = self.table("section[aria-labelledby=fairness] table")
        self.assertEqual(len(shown), 4)
        worst = max(x for x, _ in drawn["page_chain"])
        self.assertIn(closing.times(worst), " ".join(sum(shown, [])))

    def family(self, text: str) -> str:
        return next((name for name in pagedata.MEASURES
                     if text.startswith(name + pagedata.MEASURES[name])), "")

    def test_a_pool_that_launches_cannot_tell_from_the_first_is_level_with_it(self):
        twins = analysis_test.Fake(("global_list", "page_chain"), 8)
        twins.floor = lambda *_: 10.0
        self.show(twins.write(self.folder / "twins", ("pair",)))
        self.assertIn("several level in 1 of 1 workload", self.find(".lead").text)
        self.assertIn("level with", self.find("#content table").text)


class Comparing(Page):
    def test_counts_and_figures_are_those_of_tools_compare(self):
        self.show(self.new, "--compare", self.base)
        found = comparison.compare(resultset.load(self.base), resultset.load(self.new))
        self.assertEqual(self.find(".lead").text, found.headline)
        verdicts = [verdict.value for verdict in comparison.Verdict]
        for name, *cells in self.table("section[aria-labelledby=overview] table"):
            mine = [j for j in found.judgements if j.new_row.family == name]
            counts = [sum(j.verdict.value == verdict for j in mine)
                      for verdict in verdicts]
            self.assertEqual([int(re.sub(r"\D", "", cell)) for cell in cells[:4]],
                             [counts[verdicts.index(head)] for head in
                              ("regression", "improvement", "unclear", "same")])
        lines = self.table("section[aria-labelledby=changes] table")
        worst = max(found.regressions, key=lambda judgement: judgement.size)
        self.assertEqual(lines[0][0], "▲ regression")
        self.assertIn(f"+{number(100 * (worst.ratio - 1))} %", lines[0][4])
        self.assertTrue(lines[0][2].startswith(number(worst.base_median)))
        self.assertTrue(lines[0][3].startswith(number(worst.new_median)))
        self.assertEqual(len(lines), len(found.changed))

    def test_verdicts_are_filtered(self):
        self.show(self.new, "--compare", self.base)
        self.box("verdict", "improvement").click()
        self.box("verdict", "unclear").click()
        lines = self.table("section[aria-labelledby=changes] table")
        self.assertEqual({line[0] for line in lines}, {"▲ regression"})

    def test_facts_that_differ_are_marked_in_words(self):
        self.show(self.new, "--compare", self.base)
        facts = {line[0]: line[1:] for line in
                 self.table("section[aria-labelledby=fingerprint] table")}
        self.assertEqual(facts["revision"], ["abc1234", "def5678", "differs"])
        self.assertEqual(facts["lock"][2], "")


class Filters(Page):
    def press(self, key: str) -> None:
        """A key to whatever has the focus, as a keyboard gives it."""
        self.driver.switch_to.active_element.send_keys(key)

    def test_by_keyboard_alone(self):
        self.show(self.base)
        for _ in range(60):
            self.press("\ue004")    # Tab
            if self.js("return document.activeElement.value") == "page_chain":
                break
        self.press(" ")
        self.assertFalse(self.box("variant", "page_chain").is_selected())
        self.assertNotIn("page_chain", self.charts("size")[0])
        self.assertEqual(self.shown(), "280 of 320 rows shown")
        self.assertNotEqual(self.js("return getComputedStyle(document.activeElement)"
                                    ".outlineStyle"), "none")
        self.press(" ")
        self.assertIn("page_chain", self.charts("size")[0])

    def test_by_size_and_threads(self):
        self.show(self.base)
        self.box("size", "16").click()
        self.assertEqual([x for x, _ in self.charts("size")[0]["null"]],
                         [64, 256, 1024, 4096])
        self.box("threads", "1").click()
        lines = self.table("section[aria-labelledby=standings] table")
        names = [line[0] for line in lines]
        self.assertEqual(names, ["contend", "handoff"])

    def test_nothing_chosen_is_said_and_undone(self):
        path = self.show(self.base)
        self.find('button[aria-label="Workload: none"]').click()
        self.assertEqual(self.shown(), "0 of 320 rows shown")
        empty = [part.text for part in self.find_all(".empty") if part.is_displayed()]
        self.assertEqual(len(empty), 8)
        self.assertEqual([canvas for canvas in self.find_all(".plot canvas")
                          if canvas.is_displayed()], [])
        self.find('button[aria-label="Workload: all"]').click()
        self.assertEqual(self.shown(), "320 of 320 rows shown")
        self.assertTrue(self.charts("size")[0])
        self.assert_sound(path)

    def test_a_figures_own_choice(self):
        self.show(self.base)
        self.find("#size-choice").send_keys("dmapool_test")
        xs = [x for x, _ in self.charts("size")[0]["null"]]
        self.assertEqual(xs, [16, 64, 68, 256, 1024, 4096])


ROWS = "section[aria-labelledby=rows]"


def fragment(address: str) -> str:
    return "#" + address.partition("#")[2]


class Places(Page):
    """The address tells where a reader is and what is chosen."""

    def checked(self, name: str) -> list[str]:
        return [box.get_attribute("value")
                for box in self.find_all(f'input[name="{name}"]') if box.is_selected()]

    def place(self) -> str:
        return self.js("return decodeURIComponent(location.hash)")

    def test_a_choice_is_in_the_address_and_the_back_button_undoes_it(self):
        path = self.show(self.base)
        self.box("variant", "null").click()
        one = self.place()
        self.assertNotIn("variant=null", one)
        self.assertIn("variant=mine", one)
        self.box("threads", "2").click()
        self.find("#size-choice").send_keys("dmapool_test")
        self.assertIn("size-choice=", self.place())
        self.driver.back()
        self.wait_until(lambda: "size-choice" not in self.place())
        self.driver.back()
        self.wait_until(lambda: self.box("threads", "2").is_selected())
        self.assertEqual((self.place(), self.shown()), (one, "280 of 320 rows shown"))
        self.assertNotIn("null", self.charts("size")[0])
        self.driver.back()
        self.wait_until(lambda: self.box("variant", "null").is_selected())
        self.assertIn("null", self.charts("size")[0])
        self.driver.forward()
        self.wait_until(lambda: not self.box("variant", "null").is_selected())
        self.assert_sound(path)

    def test_a_link_shows_what_its_sender_saw(self):
        self.show(self.base)
        self.find('button[aria-label="Variant: none"]').click()
        self.box("variant", "mine").click()
        self.box("variant", "page_chain").click()
        self.box("size", "16").click()
        self.find("#hold-choice").send_keys("batch: order random")
        address, drawn = self.driver.current_url, self.charts("hold")
        self.show(self.base, place=fragment(address))
        self.assertEqual(self.checked("variant"), ["page_chain", "mine"])
        self.assertNotIn("16", self.checked("size"))
        self.assertEqual(self.charts("hold"), drawn)

    def test_none_and_what_is_not_there(self):
        self.show(self.base, place="#?family=")
        self.assertEqual(self.shown(), "0 of 320 rows shown")
        self.show(self.base, place="#?variant=mine&variant=gone&colour=red&figure=gone")
        self.assertEqual(self.checked("variant"), ["mine"])
        self.find(f"{ROWS} summary").click()
        self.wait_for(f"{ROWS} table")
        self.assertTrue(self.table(f"{ROWS} table"))

    def test_sections_keep_the_choice(self):
        self.show(self.base, place="#?variant=mine")
        self.find("nav a[data-to=threads]").click()
        self.assertEqual(self.place(), "#threads?variant=mine")
        self.assertEqual(self.checked("variant"), ["mine"])
        self.wait_until(lambda: self.js("return document.activeElement.id") == "threads")
        top = self.js("return document.activeElement.getBoundingClientRect().top")
        self.assertTrue(-1 <= top < 100, top)

    def test_a_row_has_a_link(self):
        path = self.show(self.base, place="#?variant=page_chain")
        self.find(f"{ROWS} summary").click()
        self.wait_for(f"{ROWS} table")
        link = self.find(f'{ROWS} a[data-to="row:pair/page_chain/size:256/threads:1"]')
        address = link.get_attribute("href")
        self.open(path, place=fragment(address))
        self.assertEqual(self.checked("variant"), ["page_chain"])
        self.assertTrue(self.find("tr.visited").text.startswith(
            "pair/page_chain/size:256/threads:1"))
        self.assertTrue(self.find("tr.visited").is_displayed())
        self.assertEqual(len({row.get_attribute("id") for row in
                              self.find_all(f"{ROWS} tbody tr")}), 40)
        self.assert_sound(path)

    def test_verdicts_and_their_rows(self):
        self.show(self.new, "--compare", self.base)
        self.box("verdict", "improvement").click()
        (link, *_) = self.find_all("section[aria-labelledby=changes] tbody a")
        address = link.get_attribute("href")
        self.show(self.new, "--compare", self.base, place=fragment(address))
        self.assertEqual(self.checked("verdict"), ["regression", "unclear"])
        self.assertIn("▲ regression", self.find("tr.visited").text)

    def test_nothing_in_an_address_is_run(self):
        for place in ("<img src=x onerror='window.hacked = 1'>", "%E0%A4%A", "data",
                      "?variant=<script>window.hacked=1</script>&__proto__=1",
                      "javascript:window.hacked=1", "?" * 50, "overview?size-choice=["):
            path = self.show(self.base, place=f"#{place}")
            self.assertIsNone(self.js("return window.hacked ?? null"))
            self.assertEqual(self.find_all("img"), [])
            self.assert_sound(path)


class Tables(Page):
    def names(self) -> list[str]:
        return [line[0] for line in self.table(f"{ROWS} table")]

    def open_rows(self) -> None:
        self.find(f"{ROWS} summary").click()
        self.wait_for(f"{ROWS} table")

    def press(self, column: int) -> str | None:
        """Sort by a column as one does by keyboard; how it is then said to be sorted."""
        head = f"{ROWS} thead th:nth-child({column})"
        self.js("document.querySelector(arguments[0]).focus()", f"{head} button")
        self.driver.switch_to.active_element.send_keys("\ue007")     # Enter
        return self.find(head).get_attribute("aria-sort")

    def test_sorting_by_keyboard(self):
        self.show(self.base)
        self.open_rows()
        before = self.names()
        rows = resultset.load(self.base).rows
        medians = {name: median(row.values("ns_per_op")) for name, row in rows.items()}
        self.assertEqual(self.press(2), "ascending")
        up = [medians[name] for name in self.names()]
        # As it is shown: what is rounded alike is equal.
        self.assertTrue(all(a <= b * 1.01 for a, b in zip(up, up[1:])))
        self.assertNotEqual(self.names(), before)
        self.assertEqual(self.press(2), "descending")
        self.assertEqual([medians[name] for name in self.names()][0], max(up))
        self.assertIsNone(self.press(2))
        self.assertEqual(self.names(), before)

    def test_names_are_sorted_as_numbers_are(self):
        self.show(self.base, place="#?family=pair&variant=mine")
        self.open_rows()
        self.press(1)
        self.assertEqual(self.names(), [f"pair/mine/size:{size}/threads:1"
                                        for size in (16, 64, 256, 1024, 4096)])

    def test_sorting_on_a_phone_where_nothing_stands_in_columns(self):
        self.show(self.base, width=375)
        table = "section[aria-labelledby=overview] table"
        before = [line[0] for line in self.table(table)]
        self.find(f"{table} thead button").click()
        self.assertEqual([line[0] for line in self.table(table)],
                         sorted(before, key=str.casefold))
        self.assertNotEqual(before, sorted(before, key=str.casefold))

    def test_a_sorting_outlives_a_filter(self):
        self.show(self.base)
        self.open_rows()
        self.press(3)
        self.box("variant", "null").click()
        self.assertEqual(self.find(f"{ROWS} thead th:nth-child(3)")
                         .get_attribute("aria-sort"), "ascending")
        lowest = [float(line[2]) for line in self.table(f"{ROWS} table")[:40]]
        self.assertEqual(lowest, sorted(lowest))

    def test_figures_in_every_dress_are_sorted_and_what_is_none_comes_last(self):
        self.show(self.base)
        self.assertEqual(self.js("return arguments[0].map(text => valueOf(text) ?? null)",
                                 ["×0.47", "12.3k", "1.15M (1M–2M) ns", "−5.1 %", "+2 %",
                                  "< 0.001", "–", "from none"]),
                         [0.47, 12300, 1150000, -5.1, 2, 0.001, None, None])
        order = self.js("""
            return [3, undefined, -1].sort((a, b) => compareKeys(a, b, arguments[0]))
                .map(value => value ?? null)""", True)
        self.assertEqual(order, [3, -1, None])

    def copy(self, section: str, what: str) -> str:
        button = self.find(f"section[aria-labelledby={section}] .tabled "
                           f'button[aria-label="Copy the table as {what}"]')
        self.js("arguments[0].closest('details')?.setAttribute('open', '')", button)
        button.click()
        self.wait_until(lambda: "Copied." in self.find(
            f"section[aria-labelledby={section}] .tabled [role=status]").text)
        return self.clipboard()

    def test_a_table_is_copied_as_csv(self):
        self.show(self.base)
        self.open_rows()
        self.press(2)
        head, *lines = csv.reader(io.StringIO(self.copy("rows", "CSV")))
        self.assertEqual(head, ["Row", "median", "lowest", "highest", "launches"])
        self.assertEqual([line[0] for line in lines], self.names())
        self.assertTrue(all(float(line[1]) > 0 for line in lines))
        lines = list(csv.reader(io.StringIO(self.copy("standings", "CSV"))))
        self.assertEqual(lines[0], [
            "Workload", *sorted(VARIANTS, key=resultset.variant_key)])
        self.assertEqual(lines[1][:2], ["pair", "1"])

    def test_a_table_is_copied_as_markdown(self):
        self.show(self.base)
        text = self.copy("memory", "Markdown")
        shown = self.table("section[aria-labelledby=memory] table")
        head, rule, *lines = text.splitlines()
        self.assertTrue(head.startswith("| Variant | at the peak |"))
        self.assertEqual(rule, "| --- |" + " --: |" * 5)
        self.assertEqual([[cell.strip(" `") for cell in line.split("|")[1:-1]]
                          for line in lines], shown)

    def test_no_copied_cell_is_a_formula_or_markup(self):
        self.show(self.hostile)
        for fact, value in list(csv.reader(io.StringIO(
                self.copy("fingerprint", "CSV"))))[1:]:
            self.assertNotRegex(fact + "\n" + value, r"(?m)^[=+\-@\t\r]")
        for line in self.copy("fingerprint", "Markdown").splitlines()[2:]:
            outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
            self.assertRegex(outside, r"^\| [\w ,()×÷–−±%+.-]* \|"
                                      r" [\w ,()×÷–−±%+.-]* \|$")
            self.assertEqual(len(re.findall(r"(?<!\\)\|", line)), 3, line)

    def test_without_a_clipboard_there_is_a_box_to_copy_from(self):
        self.show(self.base)
        self.js("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        self.find('section[aria-labelledby=overview] button[aria-label$="CSV"]').click()
        box = self.find("section[aria-labelledby=overview] textarea")
        self.assertTrue(box.get_attribute("value").startswith("Workload,Fastest pool,"))
        self.assertEqual(self.js("return [document.activeElement.selectionEnd, "
                                 "document.activeElement.value.length]"),
                         [len(box.get_attribute("value"))] * 2)


class Saving(Page):
    def saved(self, section: str) -> np.ndarray:
        """The picture that a figure saves, as rows of pixels."""
        self.save_into(self.folder)
        self.find(f"section[aria-labelledby={section}] > .tools button").click()
        self.wait_until(lambda: list(self.folder.glob("*.png")))
        (path,) = self.folder.glob("*.png")
        self.assertTrue(path.name.endswith(f"-{section}.png"))
        picture = matplotlib.image.imread(path)
        path.unlink()
        return picture[:, :, :3]

    def test_a_figure_is_saved_whole(self):
        for width, scheme, ground in ((1280, "light", 1.0), (375, "dark", 0.1)):
            self.show(self.base, width=width, scheme=scheme)
            for section in ("size", "memory"):
                picture = self.saved(section)
                self.assertEqual(picture.shape[1], 2000)
                self.assertAlmostEqual(float(picture[0, 0].mean()), ground, delta=0.03)
                for colour in self.js("""
                        return [...new Set(page.variants.filter(its => its.pool)
                            .map(its => colourOf(its.name)))]"""):
                    wanted = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
                    near = np.abs(picture - wanted).max(axis=2) < 0.02
                    # In the chart's half and, of the lines, in the key below.
                    self.assertGreater(near.sum(), 100, (section, colour))
        self.assertEqual(self.console(), [])


class Themes(Page):
    GROUND = "return getComputedStyle(document.body).backgroundColor"
    LINE = ("return Chart.getChart(document.querySelector('.plot canvas'))"
            ".data.datasets[0].borderColor")

    def test_the_system_decides_until_the_reader_does(self):
        self.show(self.base, scheme="dark")
        dark, line = self.js(self.GROUND), self.js(self.LINE)
        self.find("#theme").send_keys("\ue007")     # Enter
        light = self.js(self.GROUND)
        self.assertEqual((light, self.find("#theme").text),
                         ("rgb(255, 255, 255)", "Dark colours"))
        self.assertNotEqual(line, self.js(self.LINE))
        self.find("#theme").click()
        self.assertEqual(self.js(self.GROUND), dark)
        self.assertNotEqual(dark, light)

    def test_variants_differ_by_more_than_colour(self):
        self.show(self.base)
        looks = self.js("return page.variants"
                        ".map(its => [its.shape, its.turn, its.open])")
        self.assertEqual(len({tuple(look) for look in looks}), len(looks))


if __name__ == "__main__":
    unittest.main()

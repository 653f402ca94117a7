# SPDX-License-Identifier: GPL-2.0-only
"""A real Chromium for the tests of pages: what it fetched, what its console said, and
what a person finds on the page.
"""

import json
import os
import shutil
import unittest
from pathlib import Path

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.wait import WebDriverWait
except ImportError:
    webdriver = None

from patience import PATIENCE

DRIVER = shutil.which("chromedriver")
MISSING = "" if webdriver and DRIVER and shutil.which("chromium") else (
    "Chromium, its driver or selenium is missing: make deps")
SWITCHES = ("--headless=new", "--disable-gpu", "--window-size=1280,900")
# Where npm or a distribution may have put it; nothing here needs it.
AXE = [Path(os.environ.get("AXE", "/nowhere")),
       Path("/usr/share/nodejs/axe-core/axe.min.js"),
       Path("/usr/lib/node_modules/axe-core/axe.min.js"),
       Path("/usr/local/lib/node_modules/axe-core/axe.min.js")]


def start():
    """A Chromium that notes all that it fetches."""
    options = webdriver.ChromeOptions()
    for switch in SWITCHES + (("--no-sandbox",) if os.geteuid() == 0 else ()):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


@unittest.skipIf(MISSING, MISSING)
class PageCase(unittest.TestCase):
    """Tests that share one browser."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.driver = start()
        cls.addClassCleanup(cls.driver.quit)

    def open(self, path: Path, width: int = 1280, scheme: str = "light",
             place: str = "") -> None:
        """Show a page in a window that wide, for a person who prefers that scheme, as
        one who comes by a link to that place.
        """
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        # A link within the page that is shown would load nothing.
        self.driver.get("about:blank")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        self.driver.get(path.absolute().as_uri() + place)

    def js(self, script: str, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait_for(self, selector: str) -> None:
        """Until what answers an event a little later is there."""
        self.wait_until(lambda: self.find_all(selector))

    def wait_until(self, is_so) -> None:
        WebDriverWait(self.driver, PATIENCE).until(lambda _: is_so())

    def save_into(self, folder: Path) -> None:
        """Where what the page saves is to go."""
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {
            "behavior": "allow", "downloadPath": str(folder)})

    def clipboard(self) -> str:
        self.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
        return self.driver.execute_async_script(
            "navigator.clipboard.readText().then(arguments[0], arguments[0])")

    def console(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def fetched(self) -> list[str]:
        """The addresses of everything that was asked for since open()."""
        entries = (json.loads(entry["message"])["message"]
                   for entry in self.driver.get_log("performance"))
        return [entry["params"]["request"]["url"] for entry in entries
                if entry["method"] == "Network.requestWillBeSent"]

    def table(self, selector: str) -> list[list[str]]:
        """The texts of a table's body, also of one that is folded away."""
        return self.js("""
            return [...document.querySelector(arguments[0]).tBodies[0].rows]
                .map(row => [...row.cells].map(cell => cell.textContent))""", selector)

    def charts(self, section: str) -> list[dict]:
        """What the charts of a section draw: {label: [[x, y], …]}."""
        return self.js("""
            return [...document.querySelectorAll(arguments[0] + " .plot canvas")]
                .map(canvas => Chart.getChart(canvas).data.datasets)
                .map(sets => Object.fromEntries(sets.map(set =>
                    [set.label, set.data.map(point => [point.x, point.y])])))""",
                       f'section[aria-labelledby="{section}"]')

    def assert_sound(self, path: Path) -> None:
        """No error, nothing fetched but the page, nothing wider than the window."""
        self.assertEqual(self.console(), [])
        self.assertEqual({url for url in self.fetched() if not url.startswith("data:")},
                         {path.absolute().as_uri()})
        self.assertLessEqual(self.js("return document.documentElement.scrollWidth"),
                             self.js("return innerWidth"))

    def assert_accessible(self) -> None:
        """What a reader by keyboard or ear needs: names, headings, landmarks, tables."""
        self.assertEqual(self.js("""
            const named = node => node.getAttribute("aria-label") ||
                (node.labels && node.labels.length);
            return [...document.querySelectorAll(
                "canvas:not([aria-hidden]), select, input, [role=region], nav, form")]
                .filter(node => !named(node)).map(node => node.outerHTML)"""), [])
        self.assertEqual(self.js("""
            return [...document.querySelectorAll("section")].filter(section =>
                section.querySelector(".plot") && !section.querySelector("table"))
                .map(section => section.getAttribute("aria-labelledby"))"""), [])
        self.assertEqual(self.js("""
            return ["header", "nav", "main", "footer", "h1"].filter(tag =>
                document.querySelectorAll(tag).length !== 1)"""), [])
        self.assertEqual(self.js("""
            const ids = [...document.querySelectorAll("[id]")].map(node => node.id);
            return ids.filter((id, i) => ids.indexOf(id) !== i)"""), [])
        self.assertEqual(self.js("""
            return [...document.querySelectorAll("table")].filter(table =>
                !table.caption || table.querySelector("thead th:not([scope=col])"))
                .length"""), 0)

    def assert_axe(self) -> None:
        """axe-core's rules, where it is installed."""
        library = next((path for path in AXE if path.is_file()), None)
        if not library:
            self.skipTest("axe-core is not there: npm install -g axe-core")
        self.js("document.querySelectorAll('details').forEach(part => part.open = true)")
        # By the debugger: the page's own policy lets no other script in.
        self.driver.execute_cdp_cmd("Runtime.evaluate", {
            "expression": library.read_text(encoding="utf-8")})
        found = self.driver.execute_async_script(
            "axe.run().then(found => arguments[0](found.violations.map(rule =>"
            "[rule.id, ...rule.nodes.map(node => node.html)])))")
        self.assertEqual(found, [])

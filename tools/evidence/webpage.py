# SPDX-License-Identifier: GPL-2.0-only
"""One self-contained HTML page of data: web/'s template, style and scripts, the chart
library, and the data as JSON, which no text in them can leave.

The page's own policy lets nothing run but these scripts and nothing be fetched.
"""

import base64
import hashlib
import html
import json
from pathlib import Path
from string import Template

from .tool import Unusable

WEB = Path(__file__).resolve().parent / "web"
# In the order in which they build on each other; pages.js comes last and starts all.
SCRIPTS = ("base.js", "looks.js", "place.js", "tables.js", "filters.js", "charts.js",
           "save.js", "figure.js", "figures.js", "fairness.js", "memory.js",
           "overview.js", "changes.js", "trend.js", "facts.js", "pages.js")

# Debian's libjs-chart.js: the library, and its licence as the package states it.
LIBRARY = Path("/usr/share/javascript/chart.js/chart.min.js")
LICENCE = Path("/usr/share/doc/libjs-chart.js/copyright")


def build(data: dict) -> str:
    """The page, as text to be written to a file."""
    library = without_map(library_file(LIBRARY))
    scripts = "\n".join(read(WEB / name) for name in SCRIPTS)
    style = read(WEB / "style.css")
    return Template(read(WEB / "template.html")).substitute(
        title=html.escape(data["title"]), style=style, data=embedded(data),
        library=library, scripts=scripts, licence=html.escape(library_file(LICENCE)),
        policy=policy(style, library, scripts))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def library_file(path: Path) -> str:
    try:
        return read(path)
    except FileNotFoundError:
        raise Unusable(f"{path} is missing: run 'make deps', which installs "
                       "libjs-chart.js") from None


def without_map(script: str) -> str:
    """The script without its last comment, which would have a browser look for a file."""
    return "\n".join(line for line in script.splitlines()
                     if not line.startswith("//# sourceMappingURL="))


def embedded(data: dict) -> str:
    """JSON for a script element: without '<' nothing in it can end the element."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def policy(style: str, *scripts: str) -> str:
    """A Content-Security-Policy: these texts may be used, and nothing else at all."""
    return (f"default-src 'none'; style-src {digest(style)}; img-src data:; "
            f"script-src {' '.join(map(digest, scripts))}; base-uri 'none'; "
            "form-action 'none'")


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

# SPDX-License-Identifier: GPL-2.0-only
"""A copy of this tree, for tests that build, measure and edit: nobody else is in it, and
it goes away with the test. And where the files are that it may be given.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from evidence.cache import cache  # noqa: E402
from evidence.children import OWN  # noqa: E402

# The dmapool.c files that were fetched.
UPSTREAM = cache() / "upstream"


class Tree:
    """All files but the result sets, in a temporary folder that all may read."""

    def __init__(self, name: str = "tree") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dmapool-bench-"))
        self.folder.chmod(0o755)
        self.path = self.folder / name
        files = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"],
                               cwd=ROOT, capture_output=True, text=True,
                               check=True).stdout
        for name in files.split("\0"):
            if (ROOT / name).is_file() and not re.match("results/(?!schema/)", name):
                (self.path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.path / name)

    def remove(self) -> None:
        shutil.rmtree(self.folder)

    def surroundings(self, **how: Any) -> dict[str, Any]:
        """Where a command runs: in the tree, as from a shell of the user's."""
        env = {k: v for k, v in os.environ.items() if not f"{k}=".startswith(OWN)}
        return {"cwd": self.path, "text": True, **how, "env": env | how.get("env", {})}

    def run(self, *command: Any, **how: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, timeout=300, capture_output=True, check=False,
                              **self.surroundings(**how))

    def start(self, *command: Any, **how: Any) -> subprocess.Popen[str]:
        """In the background; what it says goes to a pipe."""
        return subprocess.Popen(command, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, **self.surroundings(**how))

    def must_run(self, *command: Any, **how: Any) -> str:
        """run(), what it says on stdout; it must succeed."""
        done = self.run(*command, **how)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def build(self) -> None:
        self.must_run("make", "-j2", "build/dmapool-bench", "build/dmapool-run")

    def listed(self) -> list[str]:
        """The rows of the benchmark program."""
        return self.must_run("build/dmapool-bench", "--benchmark_list_tests").splitlines()

    def result_sets(self) -> list[Path]:
        return sorted((self.path / "results").glob("*/*T*Z-*"))

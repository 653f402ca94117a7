# SPDX-License-Identifier: GPL-2.0-only
"""The cache: the folder of what was fetched, unpacked or built for good, upstream files
and kernels. variants/upstream/archive.sh says the same to scripts.
"""

import os
from pathlib import Path


def cache() -> Path:
    named = os.environ.get("DMAPOOL_BENCH_CACHE")
    above = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME", "") + "/.cache"
    return Path(named or f"{above}/dmapool-bench")

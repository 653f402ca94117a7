# SPDX-License-Identifier: GPL-2.0-only
"""Waiting for what a test has set going, as long as that may take on a busy machine."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 300  # seconds, far beyond what anything here takes


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Until it is true, and what it then is; what to say if that never comes."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.02)
    return found

# SPDX-License-Identifier: GPL-2.0-only
"""How programs here are stopped: Ctrl-C, SIGTERM, SIGQUIT and the SIGHUP of a terminal
that closes mean the same, and end in exit status 130. What is ignored when a program
starts, by nohup or as a job in the background, stays ignored.

A program's first line blocks Ctrl-C until something here is called: Python, while it
starts, would answer with a traceback.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator

STATUS = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

asked: list[int] = []       # the signals that have come, once gracefully() was called
_told: list[Callable[[int], None]] = []
_put_off = False


def at_once() -> None:
    """From now on end without a word: nothing has begun that could be kept."""
    _heed(lambda *_: os._exit(STATUS))


def gracefully() -> None:
    """From now on the first stop is a KeyboardInterrupt in the main thread; more of them
    do not disturb its cleaning up."""
    _heed(_on_stop)


def never() -> None:
    """From now on it is too late: all is done but leaving."""
    _heed(signal.SIG_IGN)


def tell(listener: Callable[[int], None]) -> None:
    """Have it called with every signal that comes, the first of all."""
    _told.append(listener)


def obeyed() -> None:
    """What was to stop has stopped; what comes now can be stopped by itself."""
    asked.clear()


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Meanwhile a stop reaches the listeners alone; the exception comes at the end. No
    thread but the main one ever sees it."""
    global _put_off
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = len(asked)
    _put_off = True
    try:
        yield
    finally:
        _put_off = False
    if len(asked) > before:
        raise KeyboardInterrupt


def _heed(handler) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _on_stop(number: int, _frame) -> None:
    asked.append(number)
    for listener in _told:
        listener(number)
    if len(asked) == 1 and not _put_off:
        raise KeyboardInterrupt

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Behaves like build/dmapool-bench towards the runner, and misbehaves when told to.

FAKE_DO   words "cell=deed" or "cell=deed@N": what goes wrong in every launch of the
          cell or in launch N only; "list=deed" is about listing
FAKE_SCALE  words "text=factor" or "text=factor@N": what the times of the rows with that
          in their name are multiplied by, always or in the first N launches of the cell
FAKE_LOG  file that gets one JSON line for every launch and every interrupt
FAKE_GATE file that a launch told to "hold" waits for
"""

import argparse
import json
import os
import re
import signal
import sys
import time
from typing import Any

ROWS = [
    "pair/null/size:64/threads:1",
    "pair/global_list/size:64/threads:1",
    "pair/global_list/size:4096/threads:1",
    "pair/upstream-6.1/size:64/threads:1",
    "pair/upstream-6x1/size:64/threads:1",
    "latency/global_list/size:64/op:alloc/threads:1",
    "latency/global_list/size:64/op:free/threads:1",
    "frag/page_chain/size:64/phase:churn/threads:1",
    "pair/null/size:4096/threads:1",
]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--variants", default="")
    parser.add_argument("--workloads", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--raw-out")
    parser.add_argument("--benchmark_list_tests", action="store_true")
    parser.add_argument("--benchmark_filter", default="")
    parser.add_argument("--benchmark_out")
    parser.add_argument("--benchmark_out_format")
    parser.add_argument("--benchmark_format", default="console")
    return parser.parse_args()


def die(line: str, status: int) -> None:
    print(line, file=sys.stderr)
    sys.exit(status)


def cell_of(row: str) -> str:
    return "/".join(row.split("/")[:2])


def pick(kind: str, place: int, wanted: str) -> set[str]:
    known = {row.split("/")[place] for row in ROWS}
    for name in wanted.split():
        if name not in known:
            die(f"fake-bench: no {kind} {name}: see --help", 2)
    return set(wanted.split()) or known


def chosen_rows(args: argparse.Namespace) -> list[str]:
    families = pick("workload", 0, args.workloads)
    variants = pick("variant", 1, args.variants)
    return [row for row in ROWS
            if row.split("/")[0] in families and row.split("/")[1] in variants
            and re.search(args.benchmark_filter, row)]


def log(entry: dict[str, Any]) -> None:
    if "FAKE_LOG" in os.environ:
        with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def launches_before(cell: str) -> int:
    try:
        with open(os.environ["FAKE_LOG"], encoding="utf-8") as file:
            return sum(json.loads(line).get("cell") == cell for line in file)
    except (KeyError, FileNotFoundError):
        return 0


def deed_for(cell: str) -> str:
    for word in os.environ.get("FAKE_DO", "").split():
        who, _, deed = word.partition("=")
        deed, _, launch = deed.partition("@")
        if who == cell and launch in ("", str(launches_before(cell))):
            return deed
    return ""


def scale_of(name: str) -> float:
    scale = 1.0
    for word in os.environ.get("FAKE_SCALE", "").split():
        text, _, factor = word.partition("=")
        factor, _, last = factor.partition("@")
        if text in name and launches_before(cell_of(name)) <= int(last or sys.maxsize):
            scale *= float(factor)
    return scale


def row_of(name: str, seed: int) -> dict[str, Any]:
    ns = (10 + seed % 1000 / 1000) * scale_of(name)
    row = {
        "name": name, "family_index": 0, "per_family_instance_index": 0,
        "run_name": name, "run_type": "iteration", "repetitions": 1,
        "repetition_index": 0, "threads": 1, "iterations": 1000,
        "real_time": ns, "cpu_time": ns, "time_unit": "ns",
        "ns_per_op": ns, "ops_per_s": 1e9 / ns,
    }
    if name.startswith("latency/"):
        row |= {"p50_ns": 12.0, "p99_ns": 40.0, "max_ns": 900.0}
    return row


def results_of(rows: list[str], seed: int) -> dict[str, Any]:
    return {
        "context": {
            "date": "2001-01-01T00:00:00+00:00", "host_name": os.uname().nodename,
            "executable": sys.argv[0], "num_cpus": 2, "mhz_per_cpu": 2000,
            "cpu_scaling_enabled": False, "caches": [], "load_avg": [0.5, 0.25, 0.1],
            "library_build_type": "debug", "schema": "dmapool-bench/1",
            "build": "userspace", "lock": "ck_spinlock_ticket", "irq": "none",
            "revision": "abc1234-dirty", "compiler": "gcc 12.2", "cflags": "-O2",
            "upstream": "6.1", "cpu_model": "a fake", "kernel": "6.1.0",
            "load_before": "0.50 0.25 0.10", "steal_before": "0.00", "seed": str(seed),
            "warning": f"nothing is measured; {cell_of(rows[0])} is a fake; "
                       f"the host has taken {seed} % of its time",
        },
        "benchmarks": [row_of(name, seed) for name in rows],
    }


def raw_of(rows: list[str]) -> dict[str, Any]:
    return {
        "schema": "dmapool-bench-raw/1",
        "histograms": [
            {"name": name, "subbucket_bits": 7, "unit": "ns", "phase": phase,
             "op": "alloc" if "op:alloc" in name else "free",
             "counts": [[12, 900], [40, 100]]}
            for name in rows if name.startswith("latency/")
            for phase in ("growth", "steady")],
        "series": [
            {"name": name, "points": [[0, 0, 0, 0], [1000, 16, 12, 9.5]],
             "columns": ["ops", "pages_held", "pages_occupied", "pages_ideal"]}
            for name in rows if name.startswith("frag/")],
    }


def note_interrupt(_number: int, _frame: Any) -> None:
    log({"interrupt": os.getpid()})


def end_interrupted(number: int, frame: Any) -> None:
    note_interrupt(number, frame)
    sys.exit(130)


def sleep_through(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(max(0.0, end - time.monotonic()))


def heed(deed: str) -> None:
    """Before anybody can know that there is a launch to be interrupted."""
    if deed == "wait":
        signal.signal(signal.SIGINT, end_interrupted)
    if deed == "stubborn":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, note_interrupt)


def misbehave(deed: str) -> None:
    """The deeds that do not depend on what would be written."""
    if deed == "fail":
        die("first line\nfake-bench: the pool leaks", 3)
    if deed == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if deed in ("wait", "stubborn"):
        sleep_through(1000)
    if deed == "slow":
        time.sleep(0.3)
    if deed == "hold":
        while not os.path.exists(os.environ["FAKE_GATE"]):
            time.sleep(0.02)


def spoil(deed: str, results: dict[str, Any], raw: dict[str, Any]) -> None:
    rows = results["benchmarks"]
    if deed == "nan":
        rows[0]["ns_per_op"] = float("nan")
    elif deed == "aggregate":
        rows[0]["run_type"] = "aggregate"
    elif deed in ("skip", "refuse"):
        rows[0] |= {"error_occurred": True, "error_message": "pool\nis; broken"}
    elif deed == "leave":
        rows[0] |= {"skipped": True, "skip_message": "not on this machine"}
    elif deed == "lacking":
        rows.pop()
    elif deed == "twice":
        rows.append(rows[0])
    elif deed == "rawless":
        raw["schema"] = "something-else/1"
    elif deed == "stray":
        raw["series"].append({"name": "no/such/row", "columns": [], "points": []})
    elif deed == "timeless":
        del rows[0]["ns_per_op"]
    elif deed == "away":
        rows[0]["threads"] = 2
        del rows[0]["ns_per_op"]
    elif deed == "big":
        results["context"]["padding"] = "x" * (24 << 20)


def say_context(args: argparse.Namespace, context: dict[str, Any]) -> None:
    """Where Google Benchmark does: on stderr, unless the report on stdout is JSON."""
    if args.benchmark_format == "console":
        for key, value in context.items():
            print(f"{key}: {value}", file=sys.stderr)


def write(path: str, document: dict[str, Any]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)


def launch(rows: list[str], args: argparse.Namespace) -> None:
    cell = cell_of(rows[0])
    deed = deed_for(cell)
    heed(deed)
    log({"cell": cell, "rows": rows, "seed": args.seed, "profile": args.profile,
         "time": time.monotonic(), "pid": os.getpid()})
    say_context(args, results_of(rows, args.seed)["context"])
    misbehave(deed)
    results, raw = results_of(rows, args.seed), raw_of(rows)
    spoil(deed, results, raw)
    write(args.benchmark_out, results)
    write(args.raw_out, raw)
    if deed == "garbage":
        with open(args.benchmark_out, "w", encoding="utf-8") as file:
            file.write('{"context": {}, "benchm')
    if deed == "silent":
        os.unlink(args.benchmark_out)
    if deed == "refuse":
        sys.exit(4)


def main() -> None:
    args = parse_args()
    rows = chosen_rows(args)
    if not args.benchmark_list_tests:
        launch(rows, args)
    elif deed_for("list") == "stranger":
        print("BM_something")
    elif deed_for("list") != "empty":
        heed(deed_for("list"))
        log({"list": os.getpid()})
        misbehave(deed_for("list"))
        print("\n".join(rows))


if __name__ == "__main__":
    main()

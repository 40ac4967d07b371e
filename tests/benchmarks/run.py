#!/usr/bin/env python3
"""Measures Moldau and Apache Kafka side by side: the same work on each in turn, round after round.

run.sh builds and fetches what this needs; README.md says what the rows are.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

import brokers
import machine
import plot
import report
import turn as turns
import workloads

BARE = brokers.Side("bare", "no broker: what the kernel gives")


def parse(words):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--only", help="names of rows, with commas; * stands for anything")
    add("--sides", help="of a row's brokers only these, with commas")
    add("--rounds", type=int, help="turns of each broker in a row (5); some rows take fewer")
    add("--seconds", type=float, help="how long the work of a turn lasts (2)")
    add("--fill-mib", type=int, help="size of the topics that are consumed (768)")
    add("--quick", action="store_true", help="to try: one round, short and small")
    add("--list", action="store_true", help="say what there is and end")
    add("--out", type=pathlib.Path, default=brokers.ROOT / "build/benchmarks/results.json")
    options = parser.parse_args(words)
    options.seconds = options.seconds or 2.0
    options.rounds_asked = options.rounds is not None
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.fill_mib = options.fill_mib or (128 if options.quick else 768)
    options.warmup_seconds = 1.0 if options.quick else 10.0
    options.idle_seconds = 2.0 if options.quick else 20.0
    options.tool_records = 100_000 if options.quick else 500_000
    return options


def chosen(options):
    if not options.only:
        return [row for row in workloads.ROWS if row.by_default]
    patterns = options.only.split(",")
    rows = [row for row in workloads.ROWS
            if any(fnmatch.fnmatchcase(row.name, pattern) for pattern in patterns)]
    unknown = [pattern for pattern in patterns
               if not fnmatch.filter([row.name for row in workloads.ROWS], pattern)]
    if unknown:
        sys.exit(f"no such row: {', '.join(unknown)}; --list shows them")
    return rows


def sides_of(row, options):
    wanted = options.sides.split(",") if options.sides else row.sides
    return [side for side in row.sides if side in wanted]


def rounds_of(row, options):
    if options.rounds_asked or row.rounds is None:
        return options.rounds
    return min(options.rounds, row.rounds)


def measure(rows, options, results, stage):
    for number, row in enumerate(rows):
        for round_number in range(rounds_of(row, options)):
            for name in sides_of(row, options):
                take_turn(stage, row, name, round_number, results)
        stage.forget(row.name)
        stage.keep_only({name for later in rows[number + 1:] for name in sides_of(later, options)})
        results.save(options.out)


def take_turn(stage, row, name, round_number, results):
    began = time.monotonic()
    side = brokers.SIDES.get(name, BARE)
    try:
        results.add(row, name, row.work(turns.Turn(stage, side, row)))
        outcome = ""
    except Exception as error:  # A row that fails is reported; the others are still measured.
        results.add_error(row, name, error)
        stage.forget(row.name)
        outcome = f" FAILED: {error}"
    print(f"  {row.name}, round {round_number + 1}, {name}: "
          f"{time.monotonic() - began:.1f} s{outcome}", file=sys.stderr, flush=True)


def about(options, folder):
    return {
        "machine": machine.describe(folder),
        "options": {"rounds": options.rounds, "seconds": options.seconds,
                    "fill_mib": options.fill_mib, "quick": options.quick},
        "sides": {name: {"description": side.description, "version": side.version(),
                         "java_options": side.java_options, "settings": side.settings}
                  for name, side in brokers.SIDES.items()},
    }


def scratch_folder():
    parent = pathlib.Path(os.environ.get("MOLDAU_BENCH_DIR",
                                         brokers.ROOT / "build/benchmarks/scratch"))
    parent.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=parent))


def main():
    options = parse(sys.argv[1:])
    rows = chosen(options)
    if options.list:
        for row in rows:
            print(f"{row.name:20} {row.title} [{', '.join(row.sides)}]")
        return 0
    # A request to end is taken like Ctrl-C: brokers are stopped and folders removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    folder = scratch_folder()
    results = report.Results(about(options, folder))
    stage = turns.Stage(folder, options)
    try:
        measure(rows, options, results, stage)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        results.errors.append({"row": "-", "side": "-", "error": "interrupted"})
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The cleaning up is not interrupted.
        stage.close()
        results.save(options.out)
    show(rows, options, results)
    return 1 if results.errors else 0


def show(rows, options, results):
    for name, value in results.about["machine"].items():
        print(f"{name}: {value}")
    for name, side in results.about["sides"].items():
        print(f"{name} ({side['version']}): {side['description']}")
    print()
    print(results.table(rows))
    drawn = plot.draw(json.loads(options.out.read_text()))
    if drawn:
        options.out.with_suffix(".svg").write_text(drawn)
    print(f"in full: {options.out}")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.bench [names] [--contacts 100000]`: runs the benches and prints a Markdown table.

Every bench does the same work in two ways, asserts that the results are identical, and compares the medians of
interleaved runs on this machine. It ends with 1 when something asked for was missed.
"""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence

from tests.bench.place import Result

BENCHES = {
    "planning": "tests.bench.planning",
    "launching": "tests.bench.launching",
    "counting": "tests.bench.counting",
    "draining": "tests.bench.drain",
    "delivering": "tests.bench.delivering",
    "importing": "tests.bench.importing",
    "pages": "tests.bench.pages",
}
"""Name -> module with a function `bench(contacts) -> list[Result]`."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(BENCHES), help=", ".join(BENCHES))
    parser.add_argument("--contacts", type=int, default=100_000)
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    results: list[Result] = []
    for name in asked.names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        results += importlib.import_module(BENCHES[name]).bench(asked.contacts)
    print(table(results))
    return 0 if all(result.held for result in results) else 1


def table(results: Sequence[Result]) -> str:
    rows = [("measured", "ours", "compared with", "ratio", "asked", "")]
    rows += [(r.what, r.ours, r.baseline, r.measured, r.limit, "" if r.held else "**missed**") for r in results]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

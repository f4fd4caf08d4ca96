"""Prints what ``make faults`` has counted: ``python -m tests.faults.report FILE``."""

import json
import sys
from collections import Counter
from pathlib import Path


def main(path: Path) -> None:
    """One row a fault, in the order in which they were first tried."""
    total: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        found = json.loads(line)
        total[found["fault"]] += found["times"]
    width = max((len(fault) for fault in total), default=0)
    for fault, number in total.items():
        print(f"{fault:<{width}}  {number:>6}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

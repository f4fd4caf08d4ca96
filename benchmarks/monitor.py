"""Claim: the monitor tells the truth at ten million points, at once. A row a promise, the peers beside it.

Every row starts the real program in a pseudo-terminal on journals that a trainer would have written. Times are from
starting the program, or from a key, to the last byte that matters. "Cold" means that the journals are not in the page
cache. Peers that ``benchmarks/setup_monitors.sh`` installed are measured in the same rounds on the same curves in their
own formats; one that cannot be run is named with its error. Prints one JSON document.

    python benchmarks/monitor.py [--only ROW ...] [--rounds N] [--peers FOLDER]
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from monitor_rows import Monitor


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        monitor = Monitor(Path(folder), options.rounds, options.peers)
        unknown = set(options.only) - set(monitor.rows)
        if unknown:
            parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(monitor.rows)}")
        rows = {}
        for name in options.only or monitor.rows:
            try:
                rows[name] = monitor.rows[name]()
            except (OSError, RuntimeError, TimeoutError) as error:
                rows[name] = {"error": str(error)}
            print(json.dumps({name: rows[name]}), file=sys.stderr)
    print(json.dumps({"load": os.getloadavg(), "cores": os.cpu_count(), "rows": rows}, indent=2))


if __name__ == "__main__":
    main()

"""One sweep in a process of its own: ``python -m tests.bench.sweeping '["kernel", 2, 50, 10000]'``."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from sim.sweep.rounds import sweep
from tests.bench.questions import HUNDRED, plan_of

UNIT = 1 << 20 if sys.platform == "darwin" else 1 << 10


def peak() -> int:
    """Return the most memory of this process so far, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage also counts what the parent had when this process began
        high = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(high.split()[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT)


def main(engine: str, workers: int, replicas: int, replications: int) -> None:
    """Sweep a hundred strategies into a folder; print seconds, runs, and MiB at the most."""
    plan = plan_of(replicas, *HUNDRED)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        sample = sweep(plan, replications, engine=engine, workers=workers, out=Path(folder) / "out")  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
    peaks = [peak(), round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / UNIT)]
    print(
        json.dumps({"seconds": seconds, "runs": len(sample.runs), "mib": peaks, "checksum": sample.checksum})
    )


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))

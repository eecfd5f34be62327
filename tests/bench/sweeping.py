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


def main(engine: str, workers: int, replicas: int, replications: int) -> None:
    """Sweep a hundred strategies into a folder; print seconds, runs, and MiB at the most."""
    plan = plan_of(replicas, *HUNDRED)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        sample = sweep(plan, replications, engine=engine, workers=workers, out=Path(folder) / "out")  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peaks = [
        round(resource.getrusage(who).ru_maxrss / unit)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(
        json.dumps({"seconds": seconds, "runs": len(sample.runs), "mib": peaks, "checksum": sample.checksum})
    )


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))

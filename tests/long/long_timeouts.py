"""Twenty checks of three Deployments: run by `make long` only, since they take minutes."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from tests.long.kept import ALLOWED, DEPLOYMENTS, ROLLOUTS, SHARE, WIDEST, Kept, kept

CHECKS = 20
MOST_BROKEN = 1  # of CHECKS


def long_advice_is_kept_and_not_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    with capsys.disabled():
        print(f"\n{SHARE}: {ROLLOUTS:,} rollouts of another seed; broken by (advised s, x the shortest)")
        for name in DEPLOYMENTS:
            for seed in range(1, CHECKS + 1):
                rows = kept(name, seed, workers=None)
                for row in rows:
                    found[name, row.what].append(row)
                told = "  ".join(f"{row.broken:2} ({row.advised_s:3}, {row.margin:.2f})" for row in rows)
                print(f"{name:7} seed {seed:2}, by {rows[0].runs:6,}:  {told}", flush=True)
        for (name, what), rows in found.items():
            broken, margins = [row.broken for row in rows], [row.margin for row in rows]
            print(
                f"{name:7} {what:14}  more than {ALLOWED} broken in {sum(n > ALLOWED for n in broken)} of "
                f"{CHECKS} checks, at most {max(broken)}; {np.median(margins):.3f} times the shortest in the "
                f"middle, {max(margins):.3f} at most, too long in {sum(row.too_long for row in rows)}"
            )
    for rows in found.values():
        assert sum(row.broken > ALLOWED for row in rows) <= MOST_BROKEN
        assert sum(row.too_long for row in rows) <= MOST_BROKEN, f"more than {WIDEST} times the shortest"

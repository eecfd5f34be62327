"""The session of a run as a terminal shows it: when each line was typed, the line, the answer, the exit
code."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sim.cli.format import safe_json
from sim.units import format_seconds

if TYPE_CHECKING:
    from sim.trace import Trace

SHELL_LINES = ("curl ", "for ")  # what is not typed to kubectl
LONG_S = 1.0  # a command that takes longer than this shows when it ended; others only when they fail


def transcript_lines(trace: Trace) -> Iterator[str]:
    """Return the lines of the session; of a command that has not ended, what it had printed by then."""
    blocks = [(row["started"], list(_block(row, trace.horizon_s))) for row in rows(trace)]
    events = trace.tables["events"]
    for at, kind, message in zip(events["time_s"], events["kind"], events["message"], strict=True):
        if kind == "skipped":
            blocks.append((at, [f"[{format_seconds(at)}] # left out: {message}"]))
    for number, (_, lines) in enumerate(sorted(blocks, key=itemgetter(0))):
        if number:
            yield ""
        yield from lines


def _block(row: dict[str, Any], horizon_s: float) -> Iterator[str]:
    line = row["command"] if row["command"].startswith(SHELL_LINES) else f"kubectl {row['command']}"
    yield f"[{format_seconds(row['started'])}] $ {line}"
    if row["output"]:
        yield from row["output"].removesuffix("\n").split("\n")
    if row["finished"] is None:
        yield f"# still running when the simulation ends, at {format_seconds(horizon_s)}"
    elif row["exit"] != 0 or row["finished"] - row["started"] >= LONG_S:
        yield f"# exit {row['exit']} at {format_seconds(row['finished'])}"


def rows(trace: Trace) -> list[dict[str, Any]]:
    """Return the commands as mappings: started, finished (None: never), command, exit (None: never),
    output."""
    table = trace.tables["commands"]
    return [
        {
            "started": started,
            "finished": None if math.isnan(finished) else finished,
            "command": command,
            "exit": None if code == "" else code,
            "output": output,
        }
        for started, finished, command, code, output in zip(*table.values(), strict=True)
    ]


def transcript_json(trace: Trace) -> str:
    """Return {"provenance": …, "commands": […]} as text, without a last line end."""
    document = {"provenance": trace.provenance.as_dict(), "commands": rows(trace)}
    return safe_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))

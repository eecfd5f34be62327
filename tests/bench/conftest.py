"""Writes docs/benchmarks.md out of what was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = """\
# How fast

`make bench` measures this on your machine and writes this page. Every ratio is between two rows of one run;
times are medians. The machine: {machine}.

"""
PODS = """\
## A new pod, in microseconds

A Deployment of the default profile, maxSurge and maxUnavailable 25 %, one core. *Luck shared*: in a sweep all
strategies have the same luck, which is drawn once. *Bare heap*: a binary heap, compiled by Numba, with as many
events and the same draws.

| replicas | model | bare SimPy | kernel | model / kernel | luck shared | model / that | draws | bare heap | kernel / heap |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""  # noqa: E501
GROWTH = """
## Growth

| replicas | kernel, µs a pod | beside 100 replicas | luck shared | beside 100 replicas |
| ---: | ---: | ---: | ---: | ---: |"""
SWEEPS = """
## Sweeps and commands

100 strategies of 10 replicas, start of the processes and Parquet included:

| engine | workers | runs | s | runs/s |
| --- | ---: | ---: | ---: | ---: |"""
COMMANDS = """
| command | s | beside `python -c` | s | ratio |
| --- | ---: | --- | ---: | ---: |"""
Rows = list[tuple[str, dict[str, Any], float]]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page when everything was measured."""
    found = getattr(session.config, "_benchmarksession", None)
    if found is None:
        return
    rows = [
        (one.name.split("[")[0], one.extra_info, one.stats.median)
        for one in found.benchmarks
        if one.stats.data
    ]
    if {"bench_model", "bench_a_million"} <= {name for name, _, _ in rows}:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        PAGE.write_text(HEAD.format(machine=machine) + "\n".join(page(rows)) + "\n", encoding="utf-8")


def page(rows: Rows) -> Iterator[str]:
    """Return the lines of the page."""
    cost = {
        (info["row"], info["replicas"]): median / info["pods"] * 1e6
        for _, info, median in rows
        if "replicas" in info
    }
    yield PODS
    for n in sorted(replicas for row, replicas in cost if row == "model"):
        model, kernel, shared = cost["model", n], cost["kernel", n], cost["kernel, luck shared", n]
        draws, heap = cost["draws", n], cost["bare heap", n]
        cells = [f"{n:,}", f"{model:.0f}", f"{cost['bare SimPy', n]:.0f}"]
        cells += [f"{kernel:.2f}", f"{model / kernel:.0f}", f"{shared:.2f}", f"{model / shared:.0f}"]
        cells += [f"{draws:.2f}", f"{heap:.2f}", f"{kernel / heap:.2f}"]
        yield "| " + " | ".join(cells) + " |"
    yield GROWTH
    for n in sorted(replicas for row, replicas in cost if row == "kernel"):
        ways = [(cost[row, n], cost[row, 100]) for row in ("kernel", "kernel, luck shared")]
        yield f"| {n:,} |" + "".join(f" {there:.2f} | {there / hundred:.2f} |" for there, hundred in ways)
    yield from whole(rows)


def whole(rows: Rows) -> Iterator[str]:
    """Return the lines about whole sweeps and commands."""
    yield SWEEPS
    for name, info, median in rows:
        if name == "bench_sweep":
            engine, workers = info["row"].split(", ")
            runs = info["runs"]
            yield f"| {engine} | {workers} | {runs:,} | {median:.1f} | {runs / median:,.0f} |"
    (million,) = (info for name, info, _ in rows if name == "bench_a_million")
    parent, worker = million["mib"]
    yield ""
    yield f"{million['runs']:,} rollouts of 50 replicas, 100 strategies, two workers, measures in Parquet:"
    yield f"{million['seconds']:.1f} s; at the most {parent} MiB of memory in the process that collects them,"
    yield f"and {worker} MiB in a worker."
    yield COMMANDS
    beside = {info["row"]: (info["beside"], median) for name, info, median in rows if name == "bench_imports"}
    for name, info, median in rows:
        if name == "bench_command":
            code, least = beside[info["row"]]
            yield f"| {info['row']} | {median:.2f} | `{code}` | {least:.2f} | {median / least:.2f} |"

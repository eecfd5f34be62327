"""The tables of pods and of their states, made of the pods' columns at the end of a run, all pods at once."""

from __future__ import annotations

from array import array
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.clock import SECOND
from sim.engine.state import NEVER, PodTable
from sim.trace import COLUMNS, Table

# What Kubernetes makes random names of: no vowels, and nothing that looks like one.
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
LETTERS = len(ALPHABET)
PAIRS = [one + other for other in ALPHABET for one in ALPHABET]
LATER = 1 << 62


def suffix(pod: int, salt: int) -> str:
    """Return the five letters that end the name of ``pod``: different for every pod of a run."""
    # The multiplier is prime to the number of suffixes, a power of 3.
    number = (pod * 5_000_011 + salt) % LETTERS**5
    return (
        PAIRS[number % LETTERS**2] + PAIRS[number // LETTERS**2 % LETTERS**2] + ALPHABET[number // LETTERS**4]
    )


def pod_table(
    pods: PodTable, names: list[str], about: dict[int, tuple[str, int, str]], nodes: list[str]
) -> Table:
    """Return the table of pods. ``about``: name, revision and image of every ReplicaSet, by its number."""
    owners = [about[key] for key in pods.replicaset[: len(names)]]
    head: list[list[Any]] = [names, *(list(map(itemgetter(i), owners)) for i in range(3))]
    where = [nodes[node] if node >= 0 else "" for node in pods.node[: len(names)]]
    moments = (
        pods.created,
        pods.scheduled,
        pods.running,
        pods.ready_first,
        pods.available,
        pods.deleted,
        pods.gone,
    )
    seconds = [_seconds(_column(moment, len(names))) for moment in moments]
    return dict(zip(COLUMNS["pods"], [*head, where, *seconds], strict=True))


def state_rows(pods: PodTable, names: list[str]) -> list[tuple[float, str, str]]:
    """Return (time_s, pod, state) for every state that the pods' moments tell, in order of time.

    Of several states in one instant only the last is one, and what the deletion overtook never was.
    """
    number = len(names)
    stages = (
        (pods.created, "pending"),
        (pods.scheduled, "starting"),
        (pods.pull_begin, "pulling"),
        (pods.pull_end, "starting"),
        (pods.running, "unready"),
        (pods.ready_first, "ready"),
        (pods.available, "available"),
    )
    deleted, gone = _column(pods.deleted, number), _column(pods.gone, number)
    found = [(deleted, deleted != NEVER, "terminating"), (gone, gone != NEVER, "gone")]
    after = np.where(deleted != NEVER, deleted, LATER)
    for moment, state in reversed(stages):
        at = _column(moment, number)
        is_one = (at != NEVER) & (at < after)
        after = np.where(is_one, at, after)
        found.append((at, is_one, state))
    which = [np.flatnonzero(is_one) for _, is_one, _ in found]
    pod = np.concatenate(which)
    time = np.concatenate([at[rows] for (at, _, _), rows in zip(found, which, strict=True)])
    label = np.repeat(np.arange(len(found)), [len(rows) for rows in which])
    order = np.lexsort((pod, time))
    seconds, states = _seconds(time[order]), [state for _, _, state in found]
    return [
        (at, names[p], states[s])
        for at, p, s in zip(seconds, pod[order].tolist(), label[order].tolist(), strict=True)
    ]


def _column(values: array[int], number: int) -> NDArray[np.int64]:
    return np.frombuffer(values, np.int64)[:number] if number else np.empty(0, np.int64)


def _seconds(moments: NDArray[np.int64]) -> list[float]:
    seconds: list[float] = np.where(moments >= 0, moments / SECOND, np.nan).tolist()
    return seconds

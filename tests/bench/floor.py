"""The floor: a bare binary heap, compiled by Numba, that pushes and pops events and does nothing else."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def push(heap, size, key):
    i = size
    while i > 0 and heap[(i - 1) >> 1] > key:
        heap[i] = heap[(i - 1) >> 1]
        i = (i - 1) >> 1
    heap[i] = key


@njit(cache=True)
def pop(heap, size):
    first = heap[0]
    size -= 1
    key = heap[size]
    i = 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = key
    return first


@njit(cache=True)
def turn(heap, delays, waiting, events):
    """Push and pop ``events`` events, of which ``waiting`` are always there; return the last moment."""
    for i in range(waiting):
        push(heap, i, delays[i % delays.size])
    now = np.int64(0)
    for i in range(events - waiting):
        now = pop(heap, waiting)
        push(heap, waiting - 1, now + delays[(i + waiting) % delays.size])
    for i in range(waiting):
        now = pop(heap, waiting - i)
    return now

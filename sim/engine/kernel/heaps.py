"""Binary heaps of single words in a region: nodes by their pods, pods by the stamp with which they wait."""

from __future__ import annotations

from sim.engine.kernel.jit import inner


@inner
def rise(m, heap, i, value):
    """Put ``value`` where the heap's free place i is, or nearer to its top."""
    while i > 0 and m[heap + ((i - 1) >> 1)] > value:
        m[heap + i] = m[heap + ((i - 1) >> 1)]
        i = (i - 1) >> 1
    m[heap + i] = value


@inner
def sink(m, heap, n, value):
    """Put ``value`` in place of the first of n words, or as far down as it belongs."""
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and m[heap + child + 1] < m[heap + child]:
            child += 1
        if m[heap + child] >= value:
            break
        m[heap + i] = m[heap + child]
        i = child
    m[heap + i] = value

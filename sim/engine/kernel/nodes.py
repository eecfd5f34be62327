"""Which node a pod is bound to: `sim.engine.scheduler`, over a heap of nodes."""

from __future__ import annotations

from sim.engine.kernel.chance import die
from sim.engine.kernel.heaps import rise, sink
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.replicasets import pod_at


@inner
def entry(m, count, node):
    # Fewest pods first, then by chance, then by number.
    return (count << 20 | die(m)) << 20 | node


@inner
def push_node(m, value):
    i = m[W_SPREAD]
    m[W_SPREAD] = i + 1
    rise(m, m[A_SPREAD], i, value)


@inner
def place(m, pod):
    """Choose the node that has the fewest pods of the Deployment, any one among equals."""
    heap = m[A_SPREAD]
    while True:
        first = m[heap]
        node = first & ((1 << 20) - 1)
        count = first >> 40
        at = m[A_ON_NODE] + node
        if m[at] == count:
            m[at] += 1
            sink(m, heap, m[W_SPREAD], entry(m, count + 1, node))
            m[pod_at(m, pod) + P_NODE] = node
            return
        n = m[W_SPREAD] - 1
        m[W_SPREAD] = n
        sink(m, heap, n, m[heap + n])


@inner
def leave(m, node):
    m[m[A_ON_NODE] + node] -= 1
    push_node(m, entry(m, m[m[A_ON_NODE] + node], node))

"""The kernel's clock: events in order of (time, serial), and what the control plane shares.

As in the model updates of an instant come before its reconciling. What is due in this very instant waits in a
ring of its own and needs no heap: it comes after all that was due now before.
"""

from __future__ import annotations

from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *


@inner
def pack(kind, a, b):
    return kind | a << KIND_BITS | b << (KIND_BITS + A_BITS)


@inner
def push(m, delay, kind, a, b):
    """Let an event happen after ``delay``, as `clock.Call` does."""
    what = kind | a << KIND_BITS | b << (KIND_BITS + A_BITS)
    time = m[W_NOW] + delay
    if time >= m[W_HORIZON]:
        if kind != DEPLOYMENT_DUE:  # a look at the deadline moves nothing by itself
            m[W_LEFTOVER] = 1
        return
    if delay == 0:
        end = m[W_SOON_END]
        m[m[A_SOON] + (end & m[W_RING])] = what
        m[W_SOON_END] = end + 1
        return
    serial = m[W_SERIAL]
    m[W_SERIAL] = serial + 1
    key = time << SERIAL_BITS | serial
    heap = m[A_EVENTS]
    n = m[W_EVENTS]
    m[W_EVENTS] = n + 1
    rise(m, heap, n, key, what)


@inner
def rise(m, heap, i, key, what):
    """Put an event where the heap's free place i is, or nearer to its top."""
    while i > 0:
        parent = (i - 1) >> 1
        above = m[heap + 2 * parent]
        if above <= key:
            break
        m[heap + 2 * i] = above
        m[heap + 2 * i + 1] = m[heap + 2 * parent + 1]
        i = parent
    m[heap + 2 * i] = key
    m[heap + 2 * i + 1] = what


@inner
def pop(m):
    """Take the first event out of the heap; return what it is. The clock is the caller's."""
    heap = m[A_EVENTS]
    n = m[W_EVENTS] - 1
    m[W_EVENTS] = n
    what = m[heap + 1]
    key = m[heap + 2 * n]
    last = m[heap + 2 * n + 1]
    # The hole goes down to a leaf, and the last event up from there: it belongs far down, nearly always.
    i = 0
    child = 1
    while child + 1 < n:
        if m[heap + 2 * child + 2] < m[heap + 2 * child]:
            child += 1
        m[heap + 2 * i] = m[heap + 2 * child]
        m[heap + 2 * i + 1] = m[heap + 2 * child + 1]
        i = child
        child = 2 * i + 1
    if child < n:
        m[heap + 2 * i] = m[heap + 2 * child]
        m[heap + 2 * i + 1] = m[heap + 2 * child + 1]
        i = child
    rise(m, heap, i, key, last)
    return what


@inner
def renumber(m):
    """Give the events that wait new serials, in their order: the low bits of a key are used up."""
    n = m[W_EVENTS]
    heap = m[A_EVENTS]
    # Heapsort, in place: the last of all is swapped to the end, and so on; then the whole is turned round.
    for end in range(n - 1, 0, -1):
        first_key = m[heap]
        first = m[heap + 1]
        m[W_EVENTS] = end + 1
        pop(m)
        m[heap + 2 * end] = first_key
        m[heap + 2 * end + 1] = first
    for i in range(n // 2):
        j = n - 1 - i
        for word in range(2):
            one = m[heap + 2 * i + word]
            m[heap + 2 * i + word] = m[heap + 2 * j + word]
            m[heap + 2 * j + word] = one
    for i in range(n):
        m[heap + 2 * i] = (m[heap + 2 * i] >> SERIAL_BITS) << SERIAL_BITS | i
    m[W_EVENTS] = n
    m[W_SERIAL] = n


@inner
def first_of_all(m, kind, a, b):
    """Let something happen before all other events of this instant, as a SimPy process begins."""
    end = m[W_URGENT_END]
    m[m[A_URGENT] + (end & m[W_RING])] = pack(kind, a, b)
    m[W_URGENT_END] = end + 1


@inner
def turn(m, whose):
    """Let a controller reconcile when all updates of this instant are over."""
    end = m[W_TURNS_END]
    m[m[A_TURNS] + (end & 7)] = whose
    m[W_TURNS_END] = end + 1


@inner
def stamp(m, now):
    unit = m[W_STAMP]
    return now if unit == 0 else now - (now + m[W_PHASE]) % unit


@inner
def watch_hop(m):
    i = m[W_WATCHES]
    m[W_WATCHES] = i + 1
    if i >= m[W_WATCH_ROOM]:
        m[W_STATUS] = MORE_WATCHES
        return 0
    return m[m[A_WATCHES] + i]


@inner
def reserve(m, tokens, interval, slack):
    """Take a token of the bucket whose state is the word ``tokens``; return how long until it may be used."""
    if interval == 0:
        return 0
    now = m[W_NOW]
    base = m[tokens]
    if base < now - slack:
        base = now - slack
    base += interval
    m[tokens] = base
    return base - now if base > now else 0


@inner
def write_hop(m):
    i = m[W_WRITES]
    m[W_WRITES] = i + 1
    if i >= m[W_WRITE_ROOM]:
        m[W_STATUS] = MORE_WRITES
        return 0
    return m[m[A_WRITES] + i]


@inner
def request(m, tokens):
    return reserve(m, tokens, m[W_INTERVAL], m[W_SLACK]) + write_hop(m)


@inner
def collector_request(m):
    return reserve(m, W_GC_TOKENS, m[W_GC_INTERVAL], m[W_GC_SLACK]) + write_hop(m)


@inner
def delivery(m, last_seen):
    """Return how long until the informers have what is stored now; changes of one kind keep their order."""
    seen = max(m[W_NOW] + watch_hop(m), m[last_seen])
    m[last_seen] = seen
    return seen - m[W_NOW]


@inner
def backoff(m, failures, tokens):
    wait = min(BACKOFF_BASE << min(failures, 40), BACKOFF_CAP)
    # Ten retries a second in all, after a burst of a hundred.
    return max(wait, reserve(m, tokens, SECOND // 10, 10 * SECOND))


@inner
def is_spared(m, spent):
    """Whether the event recorder's spam filter lets an event through; the object's budget is a word."""
    floor = m[W_NOW] - EVENTS_BURST * EVENTS_REFILL
    after = max(m[spent], floor) + EVENTS_REFILL
    if after > m[W_NOW]:
        return False
    m[spent] = after
    return True


@inner
def post(m, pending, busy, tokens, spent, kind):
    if m[W_POSTS] == 0 or not is_spared(m, spent):
        return
    m[pending] += 1
    if m[busy] == 0:
        send(m, pending, busy, tokens, kind)


@inner
def send(m, pending, busy, tokens, kind):
    m[busy] = 1 if m[pending] > 0 else 0
    if m[busy]:
        m[pending] -= 1
        push(m, request(m, tokens), kind, 0, 0)


@inner
def log(m, kind, a=0, b=0, c=0, d=0, e=0, f=0, g=0, h=0, i=0, j=0, k=0):
    """Add a row to the log, if there is one."""
    if m[W_LOGS] == 0:
        return
    row = m[W_LOG_ROWS]
    if row >= m[W_LOG_ROOM]:
        m[W_STATUS] = MORE_LOG
        return
    m[W_LOG_ROWS] = row + 1
    at = m[A_LOG] + row * LOG_WIDTH
    m[at] = kind
    m[at + 1] = m[W_NOW]
    m[at + 2] = a
    m[at + 3] = b
    m[at + 4] = c
    m[at + 5] = d
    m[at + 6] = e
    m[at + 7] = f
    m[at + 8] = g
    m[at + 9] = h
    m[at + 10] = i
    m[at + 11] = j
    m[at + 12] = k

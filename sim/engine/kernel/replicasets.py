"""The ReplicaSet controller: `sim.engine.replicasets` and `ranking`, cut at their writes."""

from __future__ import annotations

import numpy as np

from sim.engine.kernel import rules
from sim.engine.kernel.clock import push, request, watch_hop
from sim.engine.kernel.heaps import rise, sink
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import write_replicaset
from sim.engine.kernel.queues import add_replicaset_after, copy, owned_at, replicaset_done, seen_at, stored_at
from sim.engine.kernel.tally import told

# What a sync waits for.
RESTING, CREATING, DELETING, WRITING, ASKING, WRITING_AGAIN = range(6)


@inner
def held_at(m, key):
    return m[A_HELD] + key * REPLICASET


@inner
def pod_at(m, pod):
    return m[A_POD] + pod * POD


@inner
def sync_replicaset(m, key):
    """Compare a ReplicaSet with its pods; create or delete some, and write its status."""
    seen = seen_at(m, key)
    if m[seen + R_EXISTS] == 0:
        replicaset_done(m, key, True)
        return
    o = owned_at(m, key)
    rs = held_at(m, key)
    copy(m, seen, rs, REPLICASET)
    count_available(m, key, m[rs + R_MIN_READY])
    active = m[o + O_ACTIVE]
    m[o + O_WAS_ACTIVE] = active
    m[o + O_WAS_READY] = m[o + O_READY]
    m[o + O_WAS_AVAILABLE] = m[o + O_AVAILABLE]
    spec = m[rs + R_SPEC]
    if active == spec or m[o + O_CREATES] > 0 or m[o + O_DELETES] > 0:
        m[o + O_NOTED] = 0
        keep_counts(m, key)
        return
    note_waiting(m, key)
    if active < spec:
        number = rules.creates(active, spec, 500)
        m[o + O_CREATES] += number
        m[o + O_LEFT] = number
        m[o + O_BATCH] = rules.slow_start_next(0, number)
        create_batch(m, key)
    else:
        delete_pods(m, key, rules.deletes(active, spec, 500))


@inner
def count_available(m, key, min_ready):
    """Count the pods that have been ready for long enough."""
    o = owned_at(m, key)
    heap = m[A_WAITING] + key * m[W_POD_ROOM]
    while m[o + O_WAITING] > 0:
        first = m[heap]
        stamp = first >> STAMP_SHIFT
        if stamp + min_ready > m[W_NOW]:
            return
        pod = first & ((1 << STAMP_SHIFT) - 1)
        n = m[o + O_WAITING] - 1
        m[o + O_WAITING] = n
        sink(m, heap, n, m[heap + n])
        q = pod_at(m, pod)
        if m[q + P_WAITS] == stamp:
            m[q + P_WAITS] = NEVER
        if m[q + P_READY] and m[q + P_COUNTED] == 0 and m[q + P_READY_STAMP] == stamp:
            m[q + P_COUNTED] = 1
            m[o + O_AVAILABLE] += 1
            if m[q + P_AVAILABLE] == NEVER:
                m[q + P_AVAILABLE] = m[W_NOW]
                m[W_CHANGED] = m[W_NOW]
                m[W_LAST_STATE] = m[W_NOW]
            else:
                told(m, q, pod, STATE_AVAILABLE)


@inner
def became_ready(m, key, pod):
    """Note that a pod is seen Ready, and that it waits to be available."""
    o = owned_at(m, key)
    q = pod_at(m, pod)
    m[q + P_READY] = 1
    m[o + O_READY] += 1
    stamp = m[q + P_READY_STAMP]
    if m[q + P_WAITS] == stamp:
        return
    m[q + P_WAITS] = stamp
    heap = m[A_WAITING] + key * m[W_POD_ROOM]
    entry = stamp << STAMP_SHIFT | pod
    i = m[o + O_WAITING]
    if i >= m[W_POD_ROOM]:
        m[W_STATUS] = MORE_PODS  # that turn ready again and again
        return
    m[o + O_WAITING] = i + 1
    rise(m, heap, i, entry)


@inner
def lost(m, key, pod):
    """Note that a pod is ready no longer, or going away."""
    o = owned_at(m, key)
    q = pod_at(m, pod)
    if m[q + P_READY]:
        m[q + P_READY] = 0
        m[o + O_READY] -= 1
    if m[q + P_COUNTED]:
        m[q + P_COUNTED] = 0
        m[o + O_AVAILABLE] -= 1


@inner
def still_waits(m, entry):
    q = pod_at(m, entry & ((1 << STAMP_SHIFT) - 1))
    return m[q + P_READY] and m[q + P_COUNTED] == 0 and m[q + P_READY_STAMP] == entry >> STAMP_SHIFT


@inner
def note_waiting(m, key):
    """Note the stamps of the pods that are ready and not available: who of them is, will be asked again."""
    o = owned_at(m, key)
    count = 0
    if m[o + O_AVAILABLE] < m[o + O_READY]:
        heap = m[A_WAITING] + key * m[W_POD_ROOM]
        noted = m[A_NOTED] + key * m[W_POD_ROOM]
        for i in range(m[o + O_WAITING]):
            entry = m[heap + i]
            if still_waits(m, entry):
                m[noted + count] = entry >> STAMP_SHIFT
                count += 1
    m[o + O_NOTED] = count


@inner
def create_batch(m, key):
    """Create a slow-start batch; wait for its last answer."""
    o = owned_at(m, key)
    batch = m[o + O_BATCH]
    if batch <= 0:
        keep_counts(m, key)
        return
    m[o + O_LEFT] -= batch
    last = 0
    for _ in range(batch):
        delay = request(m, W_R_TOKENS)
        last = max(last, delay)
        push(m, delay + watch_hop(m), POD_CREATED, key, 0)
    m[o + O_PHASE] = CREATING
    push(m, last, REPLICASET_WRITES, key, 0)


@inner
def delete_pods(m, key, number):
    o = owned_at(m, key)
    m[o + O_DELETES] += number
    rank(m, key, number)
    last = 0
    for i in range(number):
        delay = request(m, W_R_TOKENS)
        last = max(last, delay)
        push(m, delay + watch_hop(m), POD_DELETED, m[m[A_CHOSEN] + i], 0)
    m[o + O_PHASE] = DELETING
    push(m, last, REPLICASET_WRITES, key, 0)


@inner
def keep_counts(m, key):
    """Write the counts of the pods as listed at the start, if they are others than on record."""
    o = owned_at(m, key)
    rs = held_at(m, key)
    m[o + O_COUNTED_AT] = m[W_NOW]
    noted = m[A_NOTED] + key * m[W_POD_ROOM]
    for i in range(m[o + O_NOTED]):
        if m[noted + i] + m[rs + R_MIN_READY] <= m[W_NOW]:
            m[o + O_WAS_AVAILABLE] += 1
    if (
        m[rs + R_REPLICAS] == m[o + O_WAS_ACTIVE]
        and m[rs + R_READY] == m[o + O_WAS_READY]
        and m[rs + R_AVAILABLE] == m[o + O_WAS_AVAILABLE]
        and m[rs + R_OBSERVED] == m[rs + R_GENERATION]
    ):
        look_again(m, key)
        over(m, key, True)
        return
    m[o + O_OBSERVED] = m[rs + R_GENERATION]
    counts_soon(m, key, WRITING)


@inner
def counts_soon(m, key, phase):
    o = owned_at(m, key)
    rs = held_at(m, key)
    m[rs + R_REPLICAS] = m[o + O_WAS_ACTIVE]
    m[rs + R_READY] = m[o + O_WAS_READY]
    m[rs + R_AVAILABLE] = m[o + O_WAS_AVAILABLE]
    m[rs + R_OBSERVED] = m[o + O_OBSERVED]
    m[o + O_PHASE] = phase
    push(m, request(m, W_R_TOKENS), REPLICASET_WRITES, key, 0)


@inner
def over(m, key, succeeded):
    m[owned_at(m, key) + O_PHASE] = RESTING
    replicaset_done(m, key, succeeded)


@inner
def replicaset_writes(m, key):
    """Go on with a sync after what it has waited for."""
    o = owned_at(m, key)
    rs = held_at(m, key)
    phase = m[o + O_PHASE]
    if phase == CREATING:
        m[o + O_BATCH] = rules.slow_start_next(m[o + O_BATCH], m[o + O_LEFT])
        create_batch(m, key)
    elif phase == DELETING:
        keep_counts(m, key)
    elif phase == WRITING:
        if write_replicaset(m, rs):
            look_again(m, key)
            over(m, key, True)
        else:
            m[o + O_PHASE] = ASKING
            push(m, request(m, W_R_TOKENS), REPLICASET_WRITES, key, 0)
    elif phase == ASKING:
        stored = stored_at(m, key)
        if m[stored + R_EXISTS] == 0:
            over(m, key, True)
        else:
            copy(m, stored, rs, REPLICASET)
            counts_soon(m, key, WRITING_AGAIN)
    else:
        written = write_replicaset(m, rs)
        if written:
            look_again(m, key)
        over(m, key, written)


@inner
def look_again(m, key):
    """Look at the ReplicaSet again when a pod may have become available: `recheck_after_sync`."""
    rs = held_at(m, key)
    min_ready = m[rs + R_MIN_READY]
    if min_ready <= 0:
        return
    precise = m[W_PRECISE] != 0
    due_in = 0
    if precise and m[rs + R_READY] != m[rs + R_AVAILABLE]:
        due_in = NEVER
        o = owned_at(m, key)
        heap = m[A_WAITING] + key * m[W_POD_ROOM]
        for i in range(m[o + O_WAITING]):
            entry = m[heap + i]
            due = (entry >> STAMP_SHIFT) + min_ready
            # What was due when the pods were counted is in the status, or kept out by a stale object.
            if due > m[o + O_COUNTED_AT] and still_waits(m, entry):
                wait = max(0, due - m[W_NOW])
                if due_in == NEVER or wait < due_in:
                    due_in = wait
    wait = rules.recheck_after_sync(
        min_ready, m[rs + R_READY], m[rs + R_AVAILABLE], m[rs + R_SPEC], due_in, precise
    )
    if wait >= 0:
        add_replicaset_after(m, key, wait)


# Which pods go first: ranking.py over a list of pods, narrowed down rule by rule.


@inner
def rank(m, key, number):
    """Put ``number`` of the active pods into A_CHOSEN, those that Kubernetes deletes first."""
    o = owned_at(m, key)
    chosen = m[A_CHOSEN]
    n = m[o + O_ACTIVE]
    pod = m[o + O_FIRST]
    if not rules.needs_ranking(number, n):
        for i in range(n):
            m[chosen + i] = pod
            pod = m[pod_at(m, pod) + P_NEXT]
        return
    pods = m[A_SCRATCH]
    keys = pods + m[W_POD_ROOM]
    order = keys + m[W_POD_ROOM]
    for i in range(n):
        m[pods + i] = pod
        pod = m[pod_at(m, pod) + P_NEXT]
    found = 0
    for rule in range(7):
        if rule == 2 and (m[W_LOG2] == 0 or not stamps_differ(m, pods, n)):
            continue
        least = FOREVER
        most = -FOREVER
        for i in range(n):
            value = rank_key(m, rule, m[pods + i])
            m[keys + i] = value
            least = min(least, value)
            most = max(most, value)
        if least == most:
            if n == number:
                break
            continue
        limit = least if number == 1 else smallest(m, keys, order, n, number)
        kept = 0
        taken = 0
        for i in range(n):
            if m[keys + i] < limit:
                m[chosen + found + taken] = m[pods + i]
                taken += 1
            elif m[keys + i] == limit:
                m[pods + kept] = m[pods + i]
                kept += 1
        found += taken
        number -= taken
        n = kept
        if n == number:
            break
    for i in range(number):
        m[chosen + found + i] = m[pods + i]


@inner
def rank_key(m, rule, pod):
    q = pod_at(m, pod)
    if rule == 0:
        node = m[q + P_NODE]
        related = m[m[A_ON_NODE] + node] if node >= 0 else 0
        return rules.deletion_class(node >= 0, m[q + P_PHASE], m[q + P_READY] != 0) * MOST_PODS - related
    if rule == 1:
        return age(m, m[q + P_READY_STAMP]) if m[q + P_READY] else 0
    if rule == 3:
        return -m[q + P_RESTARTS]
    if rule == 4:
        return age(m, m[q + P_CREATED_STAMP])
    if rule == 6:
        return pod
    return uid(pod, m[W_SALT])


@inner
def age(m, stamp):
    passed = m[W_NOW] - stamp
    if m[W_LOG2] == 0:
        return passed
    return rules.age_bucket(passed * NANOSECONDS)


@inner
def stamps_differ(m, pods, n):
    first = FOREVER
    for i in range(n):
        q = pod_at(m, m[pods + i])
        if m[q + P_READY]:
            if first == FOREVER:
                first = m[q + P_READY_STAMP]
            elif m[q + P_READY_STAMP] != first:
                return True
    return False


@inner
def uid(pod, salt):
    """A number in place of a pod's random UID: the finaliser of SplitMix64."""
    x = np.uint64(pod) + np.uint64(salt)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64(x >> np.uint64(2))


@inner
def smallest(m, keys, order, n, number):
    """Return the ``number``-th smallest of n keys (Hoare's quickselect, on a copy)."""
    for i in range(n):
        m[order + i] = m[keys + i]
    low = 0
    high = n - 1
    wanted = number - 1
    while low < high:
        pivot = m[order + ((low + high) >> 1)]
        i = low
        j = high
        while i <= j:
            while m[order + i] < pivot:
                i += 1
            while m[order + j] > pivot:
                j -= 1
            if i <= j:
                one = m[order + i]
                m[order + i] = m[order + j]
                m[order + j] = one
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return m[order + wanted]

"""The kernel's loop: one replication after the other, each from a complete Deployment to the end of the
question.
"""

from __future__ import annotations

from numba import config, njit, types

from sim.engine.kernel import containers, pods, session
from sim.engine.kernel.beginning import begin
from sim.engine.kernel.clock import delivery, log, pop, push, renumber, request, send
from sim.engine.kernel.compiled import kept
from sim.engine.kernel.deployments import deployment_writes, sync_deployment
from sim.engine.kernel.jit import inner, pointer
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import deployment_at
from sim.engine.kernel.outcome import conclude
from sim.engine.kernel.queues import (
    add_deployment,
    add_replicaset,
    copy,
    deployment_due,
    owned_at,
    replicaset_due,
    seen_at,
    service_done,
    wake_deployments,
    wake_replicasets,
    wake_services,
)
from sim.engine.kernel.replicasets import replicaset_writes, sync_replicaset
from sim.engine.kernel.tally import show_deployment, show_replicaset, template_at

MARGIN = 1100  # events that one event may set off: two batches of 500 and a little


@inner
def dispatch(m, what):
    kind = what & ((1 << KIND_BITS) - 1)
    a = (what >> KIND_BITS) & ((1 << A_BITS) - 1)
    b = what >> (KIND_BITS + A_BITS)
    if kind == REPLICASET_SEEN:
        replicaset_seen(m)
    elif kind == REPLICASET_WRITES:
        replicaset_writes(m, a)
        if m[W_R_QUEUE_END] > m[W_R_QUEUE] and m[owned_at(m, a) + O_PROCESSING] == 0:
            wake_replicasets(m)
    elif kind == DEPLOYMENT_WRITES:
        deployment_writes(m)
        if m[W_D_QUEUED] and m[W_D_PROCESSING] == 0:
            wake_deployments(m)
    elif kind == DEPLOYMENT_SEEN:
        deployment_seen(m)
    elif kind == POD_CREATED:
        pods.pod_created(m, a)
    elif kind == BOUND:
        pods.bound(m, a)
    elif kind == POD_RUNNING:
        containers.running(m, a, b)
    elif kind == TURNED_READY:
        containers.turned_ready(m, a, b)
    elif kind == POD_DELETED:
        pods.pod_deleted(m, a)
    elif kind == POD_GONE:
        pods.gone(m, a)
    elif kind == REPLICASET_POSTS:
        send(m, W_R_PENDING, W_R_BUSY, W_R_TOKENS, REPLICASET_POSTS)
    elif kind == DEPLOYMENT_POSTS:
        send(m, W_D_PENDING, W_D_BUSY, W_D_TOKENS, DEPLOYMENT_POSTS)
    elif kind == ENDPOINTS_SEEN:
        endpoints_seen(m, a, b)
    elif kind == ENDPOINTS_WRITES:
        endpoints_writes(m, a)
    elif kind == REPLICASET_DUE:
        replicaset_due(m, a)
    elif kind == DEPLOYMENT_DUE:
        deployment_due(m)
    else:
        dispatch_rare(m, kind, a, b)


@inner
def dispatch_rare(m, kind, a, b):
    if kind == DIED:
        containers.died(m, a, b)
    elif kind == CRASH_SEEN:
        containers.crash_seen(m, a, b)
    elif kind == TURNED_UNREADY:
        containers.turned_unready(m, a, b)
    elif kind == RECOVERED:
        containers.recovered(m, a, b)
    elif kind == REPLICASET_GONE:
        replicaset_gone(m)
    elif kind == COLLECT:
        pods.collect(m, a, COLLECT_AGAIN)
    elif kind == COLLECT_AGAIN:
        pods.collect(m, a, COLLECTED)
    elif kind == COLLECTED:
        pods.collected(m, a)
    elif kind == COLLECTED_SEEN:
        pods.collected_seen(m, a)
    elif kind == STEP_DUE:
        session.step_due(m)
    elif kind == STEP_NEWS:
        session.step_news(m)
    elif kind == STEP_LIMIT:
        session.step_limit(m, a)
    elif kind == STEP_HOP:
        session.resume(m)
    elif kind == STEP_TYPED:
        session.step_typed(m)
    else:
        session.step_answered(m)


@inner
def replicaset_seen(m):
    at = m[W_R_FLIGHTS]
    m[W_R_FLIGHTS] = at + 1
    new = m[A_R_FLIGHTS] + at % m[W_FLIGHT_ROOM] * REPLICASET
    key = m[new + R_KEY]
    copy(m, new, seen_at(m, key), REPLICASET)
    show_replicaset(
        m, key, m[new + R_TEMPLATE], m[new + R_REVISION], m[new + R_SPEC], m[new + R_REPLICAS],
        m[new + R_READY], m[new + R_AVAILABLE], LOG_REPLICASET,
    )  # fmt: skip
    add_replicaset(m, key)
    add_deployment(m)


@inner
def replicaset_gone(m):
    at = m[W_R_FLIGHTS]
    m[W_R_FLIGHTS] = at + 1
    old = m[A_R_FLIGHTS] + at % m[W_FLIGHT_ROOM] * REPLICASET
    key = m[old + R_KEY]
    m[seen_at(m, key) + R_EXISTS] = 0
    show_replicaset(m, key, m[old + R_TEMPLATE], m[old + R_REVISION], 0, 0, 0, 0, LOG_REPLICASET_GONE)
    add_deployment(m)
    pods.collect_pods(m, key)


@inner
def deployment_seen(m):
    at = m[W_D_FLIGHTS]
    m[W_D_FLIGHTS] = at + 1
    new = m[A_D_FLIGHTS] + at % m[W_FLIGHT_ROOM] * DEPLOYMENT
    session.changed(m)
    show_deployment(m, new)
    copy(m, new, deployment_at(m, IS_SEEN), DEPLOYMENT)
    add_deployment(m)


@inner
def endpoints_writes(m, service):
    v = m[A_SERVICE] + service * SERVICE
    push(m, delivery(m, W_E_LAST_SEEN), ENDPOINTS_SEEN, service, m[v + V_WRITES])
    service_done(m, service)
    if m[W_E_QUEUE_END] > m[W_E_QUEUE]:
        wake_services(m)


@inner
def endpoints_seen(m, service, ready):
    v = m[A_SERVICE] + service * SERVICE
    if m[v + V_SHOWN] != ready:
        m[v + V_SHOWN] = ready
        m[W_CHANGED] = m[W_NOW]
        log(m, LOG_ENDPOINTS, service, ready)


@inner
def reconcile(m, whose):
    if whose == OF_REPLICASETS:
        m[W_R_WOKEN] = 0
        while m[W_R_QUEUE_END] > m[W_R_QUEUE] and m[W_R_PROCESSING] < m[W_REPLICASET_WORKERS]:
            head = m[W_R_QUEUE]
            m[W_R_QUEUE] = head + 1
            key = m[m[A_R_QUEUE] + (head & m[W_RING])]
            o = owned_at(m, key)
            m[o + O_DIRTY] = 0
            m[o + O_PROCESSING] = 1
            m[W_R_PROCESSING] += 1
            sync_replicaset(m, key)
    elif whose == OF_DEPLOYMENTS:
        m[W_D_WOKEN] = 0
        while m[W_D_QUEUED] and m[W_D_PROCESSING] == 0:
            m[W_D_QUEUED] = 0
            m[W_D_DIRTY] = 0
            m[W_D_PROCESSING] = 1
            sync_deployment(m)
    else:
        m[W_E_WOKEN] = 0
        while m[W_E_QUEUE_END] > m[W_E_QUEUE] and m[W_E_PROCESSING] < m[W_DEPLOYMENT_WORKERS]:
            head = m[W_E_QUEUE]
            m[W_E_QUEUE] = head + 1
            sync_service(m, m[m[A_E_QUEUE] + (head & m[W_RING])])


@inner
def sync_service(m, service):
    v = m[A_SERVICE] + service * SERVICE
    m[v + V_DIRTY] = 0
    m[v + V_PROCESSING] = 1
    m[W_E_PROCESSING] += 1
    if m[v + V_CHANGED] == 0:
        service_done(m, service)
        return
    m[v + V_CHANGED] = 0
    m[v + V_WRITES] = m[v + V_READY]
    push(m, request(m, W_E_TOKENS), ENDPOINTS_WRITES, service, 0)


@inner
def play(m, phase, salt):
    """Play one replication whose chance is in place; return how that ended."""
    for word in range(W_NOW, W_STATUS + 1):
        if word != W_HORIZON:
            m[word] = 0
    m[W_LOG_ROWS] = 0
    m[W_COURSE_ROWS] = 0
    for word in range(W_WRITES, W_TYPINGS + 1):
        m[word] = 0
    m[W_PHASE] = phase
    m[W_SALT] = salt
    for word in range(W_D_TOKENS, W_EVENT_ROOM):
        m[word] = 0
    for word in range(W_D_TOKENS, W_R_RETRIES + 1):
        m[word] = -FOREVER
    m[W_D_SPENT] = -FOREVER
    m[W_D_DUE] = NEVER
    for word in (W_COMPLETED, W_FIRST_AVAILABLE, W_DEADLINE, W_DIP, W_FROM):
        m[word] = NEVER
    m[W_LEAST_READY] = FOREVER
    m[W_GAP_FROM] = FOREVER
    for template in range(m[W_TEMPLATES]):
        t = template_at(m, template)
        for word in range(T_PODS, TEMPLATE):
            m[t + word] = 0
        m[t + T_LAST_GONE] = NEVER
    m[W_WANTED] = m[m[A_SPEC] + S_TEMPLATE]
    m[W_NEEDED] = m[m[A_SPEC] + S_DESIRED] - m[m[A_SPEC] + S_UNAVAILABLE]
    begin(m)
    session.next_steps(m)
    run(m)
    return m[W_STATUS]


@inner
def run(m):
    """Let everything happen, in order, until nothing is left before the horizon."""
    heap = m[A_EVENTS]
    ring = m[W_RING]
    while m[W_STATUS] == FINE:
        if m[W_URGENT_END] > m[W_URGENT]:
            at = m[W_URGENT]
            m[W_URGENT] = at + 1
            what = m[m[A_URGENT] + (at & ring)]
        elif m[W_EVENTS] > 0 and m[heap] >> SERIAL_BITS == m[W_NOW]:
            what = pop(m)
        elif m[W_SOON_END] > m[W_SOON]:
            at = m[W_SOON]
            m[W_SOON] = at + 1
            what = m[m[A_SOON] + (at & ring)]
        elif m[W_TURNS_END] > m[W_TURNS]:
            at = m[W_TURNS]
            m[W_TURNS] = at + 1
            reconcile(m, m[m[A_TURNS] + (at & 7)])
            what = NEVER
        elif m[W_EVENTS] > 0:
            m[W_NOW] = m[heap] >> SERIAL_BITS
            m[W_INSTANT] = 0
            what = pop(m)
        else:
            break
        if what != NEVER:
            dispatch(m, what)
        m[W_INSTANT] += 1
        if m[W_INSTANT] > m[W_INSTANT_MOST] + MOST_A_POD * m[W_PODS]:
            m[W_STATUS] = BEYOND  # time stands still: the model says where
        if (
            m[W_EVENTS] + MARGIN > m[W_EVENT_ROOM]
            or m[W_SOON_END] - m[W_SOON] + MARGIN > ring
            or m[W_URGENT_END] - m[W_URGENT] + MARGIN > ring
            or m[W_SPREAD] + MARGIN > m[W_SPREAD_ROOM]
        ):
            m[W_STATUS] = MORE_EVENTS
        if m[W_SERIAL] + MARGIN + m[W_POD_ROOM] > 1 << SERIAL_BITS:
            renumber(m)


@inner
def take_row(m, at, table, row, width):
    for i in range(width):
        m[at + i] = table[row, i]


@inner
def take_chance(m, row, luck, extra, writes, watches, dice, kubectls, typings, phases, salts):
    """Put a replication's chance into the arena."""
    width = m[W_LUCK_ROOM]
    for stage in range(luck.shape[0]):
        take_row(m, m[A_LUCK] + stage * width, luck[stage], row, width)
    for what in range(extra.shape[0]):
        take_row(m, m[A_EXTRA] + what * width, extra[what], row, width)
    take_row(m, m[A_WRITES], writes, row, m[W_WRITE_ROOM])
    take_row(m, m[A_WATCHES], watches, row, m[W_WATCH_ROOM])
    take_row(m, m[A_DICE], dice, row, m[W_DICE_ROOM])
    take_row(m, m[A_KUBECTLS], kubectls, row, m[W_KUBECTL_ROOM])
    take_row(m, m[A_TYPINGS], typings, row, m[W_TYPING_ROOM])
    for node in range(m[W_NODES]):
        m[m[A_PHASES] + node] = phases[row, 1 + node] * m[W_RELIST] // SECOND


def _play_rows(
    arena, first, stop, luck, extra, writes, watches, dice, kubectls, typings, phases, salts, out, means
):
    """Play the replications of the rows ``first`` to ``stop`` - 1 of a block; return the row that needs
    more room,
    or ``stop``. The outcome of the row ``first`` is the first of ``out``.
    """
    m = pointer(arena)
    for row in range(first, stop):
        take_chance(m, row, luck, extra, writes, watches, dice, kubectls, typings, phases, salts)
        i = row - first
        status = play(m, phases[row, 0], salts[row, 0])
        if status == FINE:
            conclude(m, out[i], means[i : i + 1])
            status = m[W_STATUS]
        out[i, X_STATUS] = status
        if status == BEYOND:
            out[i, X_LEAST_A] = 1
            out[i, X_LEAST_D] = 1
        if FINE < status < BEYOND:
            return row
    return stop


with kept() as can_keep:
    play_rows = njit(cache=can_keep, nogil=True)(_play_rows)


def compile_all() -> None:
    """Compile `play_rows`, or load it, for the arrays that it is called with."""
    words, table, cube = types.int64[::1], types.int64[:, ::1], types.int64[:, :, ::1]
    if not config.DISABLE_JIT:
        play_rows.compile(
            (words, types.int64, types.int64, cube, cube, *[table] * 7, table, types.float64[::1])
        )

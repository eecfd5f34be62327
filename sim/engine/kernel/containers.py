"""The kubelet's part: containers start, are probed, end and start again; pods stop (`sim.engine.node`)."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.chance import READY, STATUS, STOP, extra, happens, luck, template_of
from sim.engine.kernel.clock import log, push, stamp
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.replicasets import pod_at
from sim.engine.kernel.shown import ABSENT, UNREADY, is_ready, lost_ready, pod_changed, updated
from sim.engine.kernel.tally import template_at, told


@inner
def next_look(m, q, at):
    relist = m[W_RELIST]
    if relist == 0:
        return at
    return at + (m[m[A_PHASES] + m[q + P_NODE]] - at) % relist


@inner
def start(m, pod, started, attempt, status):
    q = pod_at(m, pod)
    m[q + P_STARTED] = started
    m[q + P_SINCE] = started
    known = started if m[W_TICKER_RESET] else next_look(m, q, started)
    m[q + P_KNOWN] = known
    push(m, known + status - m[W_NOW], POD_RUNNING, pod, attempt)


@inner
def is_stale(m, q, attempt):
    return m[q + P_DELETED] != NEVER or m[q + P_ATTEMPT] != attempt


@inner
def running(m, pod, attempt):
    q = pod_at(m, pod)
    if is_stale(m, q, attempt):
        return
    now = m[W_NOW]
    template = template_of(m, q)
    m[q + P_PHASE] = RUNNING
    if attempt == 0:
        m[q + P_RUNNING] = now
        m[W_CHANGED] = now
        m[W_LAST_STATE] = now
        pod_changed(m, template, ABSENT, UNREADY)
    else:
        told(m, q, pod, STATE_UNREADY)
    foresee(m, q, template, attempt)
    if m[q + P_DIES] != NEVER:  # when it dies
        push(m, max(0, m[q + P_DIES] - now), DIED, pod, attempt)
    ready = m[q + P_RUN_READY]
    if ready != NEVER:
        delay = ready - now
        if delay > 0 or m[W_PLAYED]:
            delay += luck(m, template, STATUS, m[q + P_ORDINAL])
        if delay <= 0:
            turned_ready(m, pod, attempt)
            return
        push(m, delay, TURNED_READY, pod, attempt)
    updated(m, q)


@inner
def crash_time(m, template, t, ordinal, attempt, started):
    if m[t + T_FAULTS] and happens(m, m[t + T_CRASH], template, CRASHES, attempt, ordinal):
        return started + extra(m, template, CRASHES_AFTER, attempt, ordinal)
    return FOREVER


@inner
def foresee(m, q, template, attempt):
    """Tell when the pod turns ready (P_RUN_READY), and when its container dies (P_DIES) and why."""
    t = template_at(m, template)
    now = m[W_NOW]
    ordinal = m[q + P_ORDINAL]
    started = m[q + P_SINCE]
    crash = crash_time(m, template, t, ordinal, attempt, started)
    up = FOREVER
    runs_on = m[m[A_RUNS_ON] + template * m[W_NODES] + m[q + P_NODE]]
    if runs_on == 0:
        crash = started
    if not (m[t + T_FAULTS] and happens(m, m[t + T_NEVER_READY], template, IS_NEVER_READY, 0, ordinal)):
        takes = (
            extra(m, template, AGAIN_READY, attempt, ordinal)
            if attempt
            else luck(m, template, READY, ordinal)
        )
        if takes < m[W_LONGEST]:
            up = started + takes
    m[q + P_PROBE] = NEVER
    m[q + P_GRID] = NEVER
    m[q + P_CAUSE] = CAUSE_ERROR
    if m[W_PLAYED] or m[t + T_PROBED] == 0:
        ready = up if m[W_PLAYED] else now
        m[q + P_RUN_READY] = ready if ready < crash else NEVER
        m[q + P_DIES] = crash if crash < FOREVER else NEVER
        return
    probe(m, q, template, t, up, crash)


@inner
def probe_at(m, template, kind, number):
    return m[A_PROBE] + ((template * 3 + kind) * m[W_PROBES] + number) * PROBE


@inner
def probe(m, q, template, t, up, crash):
    """container.foresee, of a pod with probes."""
    now = m[W_NOW]
    started = stamp(m, m[q + P_SINCE])
    known = m[q + P_KNOWN]
    origin = m[q + P_SCHEDULED]
    if m[W_TRIGGER] == 0 and m[t + T_READINESS] > 0:
        # The tick of the probe workers: before 1.21 each began at a random point of its period.
        u = extra(m, template, JITTERS, 0, m[q + P_ORDINAL])
        period = m[probe_at(m, template, READINESS, 0) + B_PERIOD]
        origin += int(u / SECOND * period)
    tick = next_look(m, q, now + 1) if m[W_RELIST] else now
    relist = m[W_RELIST]
    dies = crash
    cause = CAUSE_ERROR
    begin = known
    poked = False
    has_startup = m[t + T_STARTUP] > 0
    for i in range(m[t + T_STARTUP]):
        b = probe_at(m, template, STARTUP, i)
        period = m[b + B_PERIOD]
        wait = m[b + B_DELAY]
        killed = rules.grid_failure(up, started, origin, period, wait, m[b + B_FAILURE], known)
        if killed != -1 and killed < dies:
            dies = killed
            cause = CAUSE_STARTUP
        passed = rules.grid_ready(up, started, origin, period, wait, 1, known) if up < FOREVER else FOREVER
        if passed > begin:
            begin = passed
            poked = passed > rules.grid_ready(known, started, origin, period, wait, 1, known)
    after = begin + 1 if has_startup and relist else begin
    if begin < FOREVER:
        for i in range(m[t + T_LIVENESS]):
            b = probe_at(m, template, LIVENESS, i)
            killed = rules.grid_failure(
                up, started, origin, m[b + B_PERIOD], m[b + B_DELAY], m[b + B_FAILURE], after
            )
            if killed != -1 and killed < dies:
                dies = killed
                cause = CAUSE_LIVENESS
    ready = max(now, begin)
    for i in range(m[t + T_READINESS]):
        b = probe_at(m, template, READINESS, i)
        at, grid = readiness(m, b, has_startup, up, started, origin, tick, begin, poked, after)
        if at >= ready or m[q + P_PROBE] == NEVER:
            ready = max(at, ready)
            m[q + P_PROBE] = i
            m[q + P_GRID] = grid
    m[q + P_RUN_READY] = ready if ready < dies else NEVER
    m[q + P_DIES] = dies if dies < FOREVER else NEVER
    m[q + P_CAUSE] = cause


@inner
def readiness(m, b, has_startup, up, started, origin, tick, begin, poked, after):
    """When a readiness probe succeeds, and a moment of the grid on which it goes on."""
    up = max(up, begin)
    if up >= FOREVER:
        return FOREVER, origin
    relist = m[W_RELIST]
    period = m[b + B_PERIOD]
    wait = m[b + B_DELAY]
    threshold = m[b + B_SUCCESS]
    if m[W_TRIGGER] == 0:
        return rules.grid_ready(up, started, origin, period, wait, threshold, after), origin
    second = tick + (relist if relist else SECOND)
    if has_startup and begin > tick:
        look = tick - (tick - begin) // relist * relist if relist else begin
        tick = look
        second = look + (relist if relist else SECOND)
        if poked and look > begin + 1:
            tick = begin + 1
            second = look
    if m[W_TICKER_RESET] == 0:
        at = rules.triggered_grid_ready(up, started, origin, tick, second, period, wait, threshold, after)
        return at, origin
    at = rules.triggered_ready(up, started, tick, second, period, wait, threshold)
    return at, tick if at == tick else second


@inner
def turned_ready(m, pod, attempt):
    q = pod_at(m, pod)
    if is_stale(m, q, attempt):
        return
    if m[q + P_READY_FIRST] == NEVER:
        m[q + P_READY_FIRST] = m[W_NOW]
        m[W_CHANGED] = m[W_NOW]
        m[W_LAST_STATE] = m[W_NOW]
    else:
        told(m, q, pod, STATE_READY)
    m[q + P_READY_STAMP] = stamp(m, m[q + P_RUN_READY])
    is_ready(m, pod)
    template = template_of(m, q)
    if m[template_at(m, template) + T_UNREADY] > 0:
        foresee_unready(m, pod, attempt, template, m[q + P_RUN_READY])


@inner
def foresee_unready(m, pod, attempt, template, ready):
    q = pod_at(m, pod)
    t = template_at(m, template)
    ordinal = m[q + P_ORDINAL]
    if not happens(m, m[t + T_UNREADY], template, FAILS, attempt, ordinal):
        return
    after = extra(m, template, FAILS_AFTER, attempt, ordinal)
    if after >= m[W_LONGEST]:
        return
    down = ready + after
    lasts = extra(m, template, FAILS_FOR, attempt, ordinal)
    up = down + lasts
    status = 0
    if m[W_PLAYED] == 0:
        if m[q + P_PROBE] == NEVER:
            return
        status = luck(m, template, STATUS, ordinal)
        b = probe_at(m, template, READINESS, m[q + P_PROBE])
        period = m[b + B_PERIOD]
        back = rules.grid_ready(up, 0, m[q + P_GRID], period, 0, m[b + B_SUCCESS], -1)
        down = rules.grid_unready(down, up, m[q + P_GRID], period, m[b + B_FAILURE])
        up = back
        if down == -1:
            return
    now = m[W_NOW]
    push(m, max(0, down + status - now), TURNED_UNREADY, pod, attempt)
    if lasts < m[W_LONGEST]:
        m[q + P_BACK] = up
        push(m, max(0, up + status - now), RECOVERED, pod, attempt)


@inner
def turned_unready(m, pod, attempt):
    q = pod_at(m, pod)
    if is_stale(m, q, attempt) or m[q + P_READY] == 0:
        return
    log(m, LOG_FAULT, pod, FAULT_UNREADY)
    told(m, q, pod, STATE_UNREADY)
    lost_ready(m, pod)


@inner
def recovered(m, pod, attempt):
    q = pod_at(m, pod)
    if is_stale(m, q, attempt) or m[q + P_READY]:
        return
    told(m, q, pod, STATE_READY)
    m[q + P_READY_STAMP] = stamp(m, m[q + P_BACK])
    is_ready(m, pod)


@inner
def died(m, pod, attempt):
    q = pod_at(m, pod)
    if is_stale(m, q, attempt):
        return
    now = m[W_NOW]
    end = now
    template = template_of(m, q)
    ordinal = m[q + P_ORDINAL]
    row = m[q + P_ROW]
    last_start = m[q + P_LAST_START] if row else m[q + P_SINCE]
    if rules.backoff_resets((now - last_start) / SECOND):
        row = 0
    cause = m[q + P_CAUSE]
    if cause != CAUSE_ERROR:
        end += stopping(m, template, ordinal)
    known = next_look(m, q, end)
    again = max(known, end + round(rules.crash_backoff(row) * SECOND))
    m[q + P_ROW] = row + 1
    m[q + P_LAST_START] = again
    m[q + P_ATTEMPT] = attempt + 1
    status = luck(m, template, STATUS, ordinal)
    push(m, known + status - now, CRASH_SEEN, pod, cause)
    start(m, pod, again + extra(m, template, AGAIN_START, attempt + 1, ordinal), attempt + 1, status)


@inner
def crash_seen(m, pod, cause):
    q = pod_at(m, pod)
    if m[q + P_DELETED] != NEVER:
        return
    m[q + P_RESTARTS] += 1
    told(m, q, pod, STATE_CRASHED)
    log(m, LOG_FAULT, pod, FAULT_CRASHED, m[q + P_RESTARTS], cause)
    if m[q + P_READY]:
        lost_ready(m, pod)
    else:
        updated(m, q)


@inner
def stopping(m, template, ordinal):
    t = template_at(m, template)
    stop = luck(m, template, STOP, ordinal) / SECOND
    seconds = rules.term_time(m[t + T_HOOK] / SECOND, m[t + T_GRACE] / SECOND, stop)
    return round(seconds * SECOND)


@inner
def stop(m, pod):
    """Stop a pod that was just marked for deletion."""
    q = pod_at(m, pod)
    now = m[W_NOW]
    end = now
    if m[q + P_NODE] >= 0:
        template = template_of(m, q)
        ordinal = m[q + P_ORDINAL]
        if m[template_at(m, template) + T_GRACE] == 0 and m[W_PLAYED] == 0:
            push(m, 0, POD_GONE, pod, 0)
            return
        if m[W_PLAYED]:
            end += luck(m, template, STOP, ordinal)
        elif m[q + P_STARTED] != NEVER and m[q + P_STARTED] <= now:
            end += stopping(m, template, ordinal)
        end = next_look(m, q, end) + luck(m, template, STATUS, ordinal)
    push(m, end - now, POD_GONE, pod, 0)

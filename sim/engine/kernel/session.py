"""The steps of a scenario, taken one after the other: `sim.engine.session`, and the shell's pace.

What each step makes of the Deployment was worked out before (`question`): here it is only stored.
"""

from __future__ import annotations

from sim.engine.kernel.clock import log, push
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import complete, deployment_at, settled, spec_at, store_deployment
from sim.engine.kernel.rollouts import asked_for, scaled
from sim.engine.kernel.tally import settle


@inner
def step_at(m):
    return m[A_STEP] + m[W_STEP] * STEP


@inner
def changed(m):
    """Wake the session if it waits for a change of anything."""
    if m[W_NEWS]:
        m[W_NEWS] = 0
        push(m, 0, STEP_NEWS, 0, 0)


@inner
def next_steps(m):
    """Take steps until one has to be waited for."""
    while m[W_STEP] < m[W_STEPS]:
        z = step_at(m)
        if m[z + Z_AT] > m[W_NOW]:
            m[W_SESSION] = FOR_MOMENT
            push(m, m[z + Z_AT] - m[W_NOW], STEP_DUE, 0, 0)
            return
        if not conditions(m, z):
            return
    m[W_SESSION] = FOR_NOTHING


@inner
def conditions(m, z):
    """Wait for the step's condition, then go on; False when there is something to wait for."""
    m[W_LIMIT_PASSED] = 0
    m[W_LIMIT] = 0
    if m[z + Z_FIELD] != NEVER and m[z + Z_LIMIT] != NEVER and m[W_NOW] + m[z + Z_LIMIT] < m[W_HORIZON]:
        m[W_LIMIT] = 1
        push(m, m[z + Z_LIMIT], STEP_LIMIT, m[W_STEP], 0)
    return hold(m, z)


@inner
def hold(m, z):
    if m[z + Z_FIELD] != NEVER and not holds(m, z):
        if m[W_LIMIT_PASSED]:
            leave_out(m, z, SKIPPED_CONDITION)
            m[W_STEP] += 1
            m[W_TAKEN] += 1
            return True
        m[W_SESSION] = FOR_CONDITION
        m[W_NEWS] = 1
        return False
    return calm(m, z)


@inner
def holds(m, z):
    d = deployment_at(m, IS_STORED)
    if m[d + D_OBSERVED] < m[d + D_GENERATION]:
        return False
    s = spec_at(m, d)
    field = m[z + Z_FIELD]
    if field == OF_DESIRED:
        found = m[s + S_DESIRED]
    elif field == OF_REPLICAS:
        found = m[d + D_REPLICAS]
    elif field == OF_UPDATED:
        found = m[d + D_UPDATED]
    elif field == OF_READY:
        found = m[d + D_READY]
    elif field == OF_AVAILABLE:
        found = m[d + D_AVAILABLE]
    elif field == OF_UNAVAILABLE:
        found = m[d + D_UNAVAILABLE]
    elif field == OF_REVISION:
        found = m[d + D_REVISION]
    elif field == OF_PROGRESSING:
        found = m[d + D_STATUS]
    elif field == OF_COMPLETE:
        found = 1 if complete(m, d) else 0
    else:
        found = m[s + S_PAUSED]
    value = m[z + Z_VALUE]
    operator = m[z + Z_OPERATOR]
    if operator == EQUAL:
        return found == value
    if operator == UNEQUAL:
        return found != value
    if operator == LESS:
        return found < value
    if operator == AT_MOST:
        return found <= value
    return found > value if operator == MORE else found >= value


@inner
def calm(m, z):
    """Wait until all is settled and quiet, if the step asks for that; then take it."""
    if m[z + Z_SETTLE] != NEVER:
        m[W_SESSION] = FOR_QUIET
        if not settled(m, deployment_at(m, IS_STORED)):
            m[W_NEWS] = 1
            return False
        left = m[W_CHANGED] + m[z + Z_SETTLE] - m[W_NOW]
        if left > 0:
            push(m, left, STEP_DUE, 0, 0)
            return False
    return take(m, z)


@inner
def take(m, z):
    m[W_TAKEN] += 1
    kind = m[z + Z_KIND]
    if kind in (STEP_CHANGE, STEP_LOOK):
        log(m, LOG_TYPED, m[W_STEP])
        m[W_CHANGED] = m[W_NOW]
        i = m[W_KUBECTLS]
        m[W_KUBECTLS] = i + 1
        m[W_SESSION] = FOR_START
        push(m, m[m[A_KUBECTLS] + i], STEP_TYPED, 0, 0)
        return False
    if kind == STEP_TEMPLATE:
        change(m, z)
    m[W_STEP] += 1
    return True


@inner
def change(m, z):
    """Store the Deployment as the step makes it: admin.change_deployment."""
    if m[z + Z_CHANGES] == 0:
        return
    d = deployment_at(m, TO_WRITE_NOW)
    stored = deployment_at(m, IS_STORED)
    for word in range(DEPLOYMENT):
        m[d + word] = m[stored + word]
    m[d + D_SPEC] = m[z + Z_SPEC]
    m[d + D_GENERATION] += m[z + Z_GENERATION]
    settle(m)
    if m[z + Z_IS_STEP]:
        log(m, LOG_STEP, m[W_STEP])
        m[W_CHANGED] = m[W_NOW]
        m[W_CHANGED_AT] = m[W_NOW]
        if m[W_ROLLOUTS] == 0:
            scaled(m)
    s = m[A_SPEC] + m[z + Z_SPEC] * SPEC
    if m[s + S_TEMPLATE] != m[W_WANTED]:
        asked_for(m, m[s + S_TEMPLATE])
    m[W_WANTED] = m[s + S_TEMPLATE]
    m[W_NEEDED] = m[s + S_DESIRED] - m[s + S_UNAVAILABLE]
    m[W_RESIZED] = max(m[W_RESIZED], m[z + Z_SCALES])
    log(m, LOG_ASKED, m[z + Z_SPEC])
    store_deployment(m, d)


@inner
def leave_out(m, z, why):
    log(m, LOG_SKIPPED, m[W_STEP], why)
    m[W_CHANGED] = m[W_NOW]
    if m[z + Z_CHANGES]:
        # What comes after it was worked out as if it had been taken.
        for later in range(m[W_STEP] + 1, m[W_STEPS]):
            if m[m[A_STEP] + later * STEP + Z_ASKS]:
                m[W_STATUS] = BEYOND


@inner
def step_due(m):
    z = step_at(m)
    if m[W_SESSION] == FOR_MOMENT:
        if conditions(m, z):
            next_steps(m)
    elif calm(m, z):
        next_steps(m)


@inner
def step_news(m):
    """Something has changed. With a limit the two are one event, which comes a moment later."""
    if m[W_SESSION] != FOR_CONDITION or m[W_LIMIT] == 0:
        resume(m)
    elif m[W_LIMIT] == 1:
        m[W_LIMIT] = 2
        push(m, 0, STEP_HOP, 0, 0)


@inner
def step_limit(m, step):
    if step != m[W_STEP] or m[W_SESSION] != FOR_CONDITION:
        return
    m[W_LIMIT_PASSED] = 1
    if m[W_LIMIT] == 1:
        m[W_LIMIT] = 2
        m[W_NEWS] = 0
        push(m, 0, STEP_HOP, 0, 0)


@inner
def resume(m):
    z = step_at(m)
    if m[W_LIMIT] == 2:
        m[W_LIMIT] = 1
    ahead = hold(m, z) if m[W_SESSION] == FOR_CONDITION else calm(m, z)
    if ahead:
        next_steps(m)


@inner
def step_typed(m):
    """kubectl has started: what it asks for is done, and whoever waits for that sees it now."""
    z = step_at(m)
    if m[z + Z_KIND] == STEP_CHANGE:
        change(m, z)
    log(m, LOG_ANSWERED, m[W_STEP])
    changed(m)
    i = m[W_TYPINGS]
    m[W_TYPINGS] = i + 1
    m[W_SESSION] = FOR_ANSWER
    push(m, m[m[A_TYPINGS] + i], STEP_ANSWERED, 0, 0)


@inner
def step_answered(m):
    log(m, LOG_ENDED, m[W_STEP])
    m[W_CHANGED] = m[W_NOW]
    m[W_STEP] += 1
    next_steps(m)

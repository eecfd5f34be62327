"""Which rollout is measured, and from when until when: `sim.metrics.rollout`.

The last rollout that was asked for is: each change of the template begins one, unless it brings back the
template from before, which undoes it. The window of what is measured is open until the rollout is complete
or undone; what its old pods cost is counted until they are gone. Where no template ever changes, the window
opens with the first step and stays open.
"""

from __future__ import annotations

from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import deployment_at, spec_at
from sim.engine.kernel.queues import owned_at
from sim.engine.kernel.replicasets import pod_at
from sim.engine.kernel.tally import end_window, look_afresh, template_at


@inner
def asked_for(m, template):
    """Another template is asked for: a rollout begins, or the one that is measured is undone."""
    came_from = m[W_WANTED]
    undoes = m[W_OPEN] != UNOPENED and m[W_IS_UNDO] == 0 and template == m[W_FROM]
    if undoes:
        close(m)
    else:
        open_window(m, template)
    m[W_IS_UNDO] = undoes
    m[W_FROM] = came_from


@inner
def scaled(m):
    """Something else than the template changes where that never does; completion is looked for afresh."""
    if m[W_OPEN] == UNOPENED:
        open_window(m, m[W_WANTED])
    look_afresh(m)


@inner
def open_window(m, template):
    m[W_OPEN] = OPEN
    m[W_TARGET] = template
    m[W_TALLIED] = m[W_NOW]
    m[W_STARTED] = m[W_NOW]
    m[W_LEAST_A] = 1
    m[W_LEAST_D] = 1
    m[W_LEAST_READY] = FOREVER
    for word in (W_BELOW, W_BELOW_FLOOR, W_EXTRA, W_DEEPEST, W_LONGEST_DIP, W_MOST_PODS, W_MOST_PHYSICAL):
        m[word] = 0
    m[W_REVISED] = 0
    for word in (W_DIP, W_DEADLINE, W_ENOUGH, W_GAP):
        m[word] = NEVER
    for word in range(4 * m[W_SPECS]):
        m[m[A_MEAN] + word] = 0
    look_afresh(m)


@inner
def close(m):
    """The rollout that is measured is undone: what comes is not its own."""
    if m[W_OPEN] == CLOSED:
        return
    if m[W_NOW] == m[W_STARTED]:
        m[W_STATUS] = BEYOND  # no time at all: what holds in this very moment the model knows
    if m[W_OPEN] == OPEN:
        end_window(m, m[W_NOW])
        look_for_faults(m)
    note_drained(m)
    m[W_PAUSED] = m[spec_at(m, deployment_at(m, IS_STORED)) + S_PAUSED]
    m[W_OPEN] = CLOSED


@inner
def note_drained(m):
    """Note when the last pod of another template went, and what there was beyond the desired until then."""
    drained = m[W_STARTED]
    surplus = 0
    for template in range(m[W_TEMPLATES]):
        t = template_at(m, template)
        if template == m[W_TARGET]:
            continue
        if m[t + T_ALIVE] > 0:
            drained = NEVER
            break
        if m[t + T_LAST_GONE] > drained:
            drained = m[t + T_LAST_GONE]
            surplus = m[t + T_EXTRA]
    if m[template_at(m, m[W_TARGET]) + T_ROWS] == 0:
        drained = NEVER
    m[W_DRAINED] = drained
    m[W_SURPLUS] = surplus if drained != NEVER else m[W_EXTRA]


@inner
def look_for_faults(m):
    """Count what keeps the target's pods: those never ready, those in a crash loop."""
    for word in (W_NEVER_READY, W_LOOPING, W_RESTARTS):
        m[word] = 0
    m[W_LOOPING_POD] = NEVER
    for pod in range(m[W_PODS]):
        q = pod_at(m, pod)
        if m[owned_at(m, m[q + P_REPLICASET]) + O_TEMPLATE] != m[W_TARGET]:
            continue
        if m[W_NOW] < m[W_HORIZON] and m[W_NOW] in (
            m[q + P_CREATED], m[q + P_READY_FIRST], m[q + P_TOLD], m[q + P_AVAILABLE], m[q + P_DELETED]
        ):  # fmt: skip
            m[W_STATUS] = BEYOND  # whether it was before the change or after it the model knows
        if m[q + P_DELETED] != NEVER:
            continue
        if m[q + P_READY_FIRST] == NEVER:
            m[W_NEVER_READY] += 1
        if m[q + P_RESTARTS] > 1:
            told = m[q + P_TOLD]
            available = m[q + P_AVAILABLE]
            if m[q + P_TOLD_AVAILABLE] == 1 if told > available else available != NEVER:
                continue
            m[W_LOOPING] += 1
            m[W_RESTARTS] += m[q + P_RESTARTS]
            m[W_LOOPING_POD] = pod

"""What chance has in store for a pod: how long its stages take, whether something goes wrong."""

from __future__ import annotations

from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.queues import owned_at

SCHEDULE, PULL, START, READY, STOP, STATUS = range(6)


@inner
def luck(m, template, stage, ordinal):
    """Return how long a stage takes in the first try, in microseconds."""
    if ordinal >= m[W_LUCK_ROOM]:
        m[W_STATUS] = MORE_LUCK
        return 0
    if template == 0 and stage != STOP and m[W_FIRST_DRAWN] == 0:
        m[W_STATUS] = MORE_STAGES
        return 0
    return m[m[A_LUCK] + (template * STAGES + stage) * m[W_LUCK_ROOM] + ordinal]


@inner
def extra(m, template, what, attempt, ordinal):
    if ordinal >= m[W_LUCK_ROOM]:
        m[W_STATUS] = MORE_LUCK
        return 0
    if attempt >= m[W_ATTEMPTS]:
        m[W_STATUS] = MORE_ATTEMPTS
        return 0
    row = (template * EXTRAS + what) * m[W_ATTEMPTS] + attempt
    return m[m[A_EXTRA] + row * m[W_LUCK_ROOM] + ordinal]


@inner
def happens(m, threshold, template, what, attempt, ordinal):
    """Whether something happens whose probability is ``threshold`` millionths, rounded up."""
    return threshold > 0 and extra(m, template, what, attempt, ordinal) < threshold


@inner
def template_of(m, q):
    return m[owned_at(m, m[q + P_REPLICASET]) + O_TEMPLATE]


@inner
def die(m):
    """Throw a die: a whole number of millionths."""
    i = m[W_DICE]
    m[W_DICE] = i + 1
    if i >= m[W_DICE_ROOM]:
        m[W_STATUS] = MORE_DICE
        return 0
    return m[m[A_DICE] + i]

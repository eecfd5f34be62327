"""How the kernel lays out a cluster: one flat array of whole numbers, the *arena*.

The first words are the world's own (`W_…`); some of them (`A_…`) say where the regions begin: pods,
ReplicaSets, templates … A region is a row of records, and a record's fields have names here: field
`P_READY` of the pod whose record begins at word q is ``m[q + P_READY]``. Times are whole microseconds,
NEVER (-1) is a moment that has not come; a field means what the model's attribute of that name means
(`sim.engine.state`).
"""

from __future__ import annotations

NEVER = -1
SECOND = 1_000_000
FOREVER = 1 << 62
PENDING, RUNNING = 0, 2
OLD = 86_400 * SECOND
NANOSECONDS = 1000
MOST_PODS = 1 << 40
MOST_A_POD = 100  # as clock.MOST_A_POD
BACKOFF_BASE, BACKOFF_CAP, RETRIES = 5_000, 1_000 * SECOND, 15
EVENTS_BURST, EVENTS_REFILL = 25, 300 * SECOND

# What an event does. Its two other numbers, a (24 bits) and b (31 bits), stand beside it in one word.
(
    DEPLOYMENT_SEEN, REPLICASET_SEEN, REPLICASET_GONE, ENDPOINTS_SEEN,
    POD_CREATED, POD_DELETED, BOUND, POD_RUNNING, DIED, TURNED_READY, TURNED_UNREADY, RECOVERED, CRASH_SEEN,
    POD_GONE, DEPLOYMENT_DUE, REPLICASET_DUE, DEPLOYMENT_POSTS, REPLICASET_POSTS,
    DEPLOYMENT_WRITES, REPLICASET_WRITES, ENDPOINTS_WRITES,
    COLLECT, COLLECT_AGAIN, COLLECTED, COLLECTED_SEEN,
    STEP_DUE, STEP_NEWS, STEP_LIMIT, STEP_HOP, STEP_TYPED, STEP_ANSWERED,
) = range(31)  # fmt: skip
KIND_BITS, A_BITS = 5, 24
SERIAL_BITS = 21  # events of one instant are told apart by the low bits of their key
STAMP_SHIFT = 20  # of a pod that waits to be available: its stamp, then its number
MOST_PODS_EVER = 1 << STAMP_SHIFT

# Which controller reconciles.
OF_DEPLOYMENTS, OF_REPLICASETS, OF_ENDPOINTS = 0, 1, 2

# How a replication ends; all but the first mean that it has to be played again, with more room or by the
# model.
(
    FINE, MORE_EVENTS, MORE_PODS, MORE_WRITES, MORE_WATCHES, MORE_DICE, MORE_LUCK, MORE_STAGES,
    MORE_ATTEMPTS, MORE_SETS, MORE_LOG, BEYOND,
) = range(12)  # fmt: skip

# Tries after the first, and chances of faults (rows of the region A_EXTRA).
(
    AGAIN_START, AGAIN_READY, IS_NEVER_READY, CRASHES, CRASHES_AFTER, FAILS, FAILS_AFTER, FAILS_FOR, JITTERS,
) = range(9)  # fmt: skip
EXTRAS = 9
STAGES = 6  # first tries: SCHEDULE to STATUS of draws.py

# Rows of the log, out of which a trace is made.
(
    LOG_REPLICASET, LOG_REPLICASET_GONE, LOG_DEPLOYMENT, LOG_ENDPOINTS, LOG_SCALED, LOG_HISTORY, LOG_STATE,
    LOG_FAULT, LOG_STEP, LOG_SKIPPED, LOG_TYPED, LOG_ANSWERED, LOG_ENDED, LOG_ASKED,
) = range(14)  # fmt: skip
LOG_WIDTH = 13
STATE_UNREADY, STATE_READY, STATE_AVAILABLE, STATE_CRASHED = range(4)
CAUSE_ERROR, CAUSE_STARTUP, CAUSE_LIVENESS = range(3)
FAULT_NEVER_STARTS, FAULT_UNREADY, FAULT_CRASHED = range(3)
COURSE_WIDTH = 4  # time, available, pods, physical

# Kinds of probe, and kinds of step.
STARTUP, LIVENESS, READINESS = range(3)
STEP_TEMPLATE, STEP_CHANGE, STEP_LOOK, STEP_WAIT = range(4)
SKIPPED_CONDITION, SKIPPED_HORIZON, SKIPPED_UNSETTLED, SKIPPED_RESTLESS = range(4)
# What the session waits for, what a condition is about, and how it compares.
FOR_MOMENT, FOR_CONDITION, FOR_QUIET, FOR_START, FOR_ANSWER, FOR_NOTHING = range(6)
(
    OF_DESIRED, OF_REPLICAS, OF_UPDATED, OF_READY, OF_AVAILABLE, OF_UNAVAILABLE, OF_REVISION, OF_PROGRESSING,
    OF_COMPLETE, OF_PAUSED,
) = range(10)  # fmt: skip
EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST = range(6)

(
    # the clock
    W_NOW, W_HORIZON, W_LEFTOVER, W_SERIAL, W_EVENTS, W_SOON, W_SOON_END, W_URGENT, W_URGENT_END,
    W_TURNS, W_TURNS_END, W_INSTANT, W_STATUS, W_LOGS, W_LOG_ROWS, W_COURSES, W_COURSE_ROWS,
    # chance
    W_WRITES, W_WATCHES, W_DICE, W_KUBECTLS, W_TYPINGS, W_SALT, W_PHASE,
    # the cluster: what it is like
    W_INTERVAL, W_SLACK, W_GC_INTERVAL, W_GC_SLACK, W_SCHEDULER_INTERVAL, W_SCHEDULER_SLACK,
    W_POSTS, W_STAMP, W_PRECISE, W_LOG2, W_TRIGGER, W_TICKER_RESET, W_RELIST, W_PLAYED, W_NODES,
    W_DEPLOYMENT_WORKERS, W_REPLICASET_WORKERS, W_SERVICES, W_TEMPLATES, W_SPECS, W_STEPS, W_ANNOTATIONS,
    W_IMAGES, W_ATTEMPTS, W_LONGEST, W_FIRST_DRAWN, W_PROBES, W_ROLLOUTS,
    W_INSTANT_MOST,
    # tokens taken, and what waits to be posted
    W_D_TOKENS, W_R_TOKENS, W_E_TOKENS, W_GC_TOKENS, W_SCHEDULER_TOKENS, W_D_RETRIES, W_R_RETRIES,
    W_D_PENDING, W_D_BUSY, W_D_SPENT, W_R_PENDING, W_R_BUSY,
    W_D_LAST_SEEN, W_R_LAST_SEEN, W_E_LAST_SEEN, W_D_FLIGHTS, W_D_FLIGHTS_END, W_R_FLIGHTS, W_R_FLIGHTS_END,
    # the work queues
    W_D_QUEUED, W_D_DIRTY, W_D_PROCESSING, W_D_DUE, W_D_FAILURES, W_D_WOKEN,
    W_R_QUEUE, W_R_QUEUE_END, W_R_PROCESSING, W_R_WOKEN,
    W_E_QUEUE, W_E_QUEUE_END, W_E_PROCESSING, W_E_WOKEN,
    # the Deployment's sync
    W_PHASE_D, W_READ, W_NEW, W_TOTAL, W_MOST, W_DONE, W_BUDGET, W_INDEX, W_SCALED, W_SIZE, W_BEFORE,
    W_JUDGED, W_ORDERED, W_ASKED,
    # pods and nodes
    W_PODS, W_SETS, W_SPREAD,
    # the session
    W_STEP, W_SESSION, W_NEWS, W_LIMIT, W_LIMIT_PASSED, W_CHANGED, W_TAKEN, W_RESIZED,
    # what is measured
    W_STARTED, W_CHANGED_AT, W_WANTED, W_TALLIED, W_OPEN, W_DESIRED, W_FLOOR, W_CEILING, W_S_UPDATED,
    W_S_CURRENT, W_S_AVAILABLE, W_S_SEEN, W_COUNTED, W_READY, W_AVAILABLE, W_PHYSICAL, W_COMPLETED,
    W_FIRST_AVAILABLE, W_DEADLINE, W_LAST_REASON, W_LEAST_A, W_LEAST_D, W_BELOW, W_BELOW_FLOOR,
    W_LEAST_READY, W_LIVE, W_MOST_PODS, W_MOST_PHYSICAL, W_EXTRA, W_DEEPEST, W_DIP, W_LONGEST_DIP, W_LAST_ROW,
    W_LAST_STATE, W_EPOCH, W_MEAN_AT_A, W_MEAN_AT_D,
    W_TARGET, W_FROM, W_IS_UNDO, W_REVISED, W_NEEDED, W_ENOUGH, W_LAST_UPDATE, W_JUDGED_REASON,
    W_JUDGED_UPDATE, W_GAP, W_GAP_FROM, W_DRAINED, W_SURPLUS, W_PAUSED, W_NEVER_READY, W_LOOPING, W_RESTARTS,
    W_LOOPING_POD,
    # capacities
    W_EVENT_ROOM, W_POD_ROOM, W_SET_ROOM, W_RING, W_WRITE_ROOM, W_WATCH_ROOM, W_DICE_ROOM, W_KUBECTL_ROOM,
    W_TYPING_ROOM, W_LOG_ROOM, W_COURSE_ROOM, W_LUCK_ROOM, W_FLIGHT_ROOM, W_SPREAD_ROOM,
    # where the regions begin
    A_EVENTS, A_SOON, A_URGENT, A_TURNS, A_R_QUEUE, A_E_QUEUE, A_DEPLOYMENT, A_D_FLIGHTS, A_SPEC, A_STORED,
    A_SEEN, A_R_FLIGHTS, A_WORK, A_HELD, A_OWNED, A_WAITING, A_NOTED, A_TEMPLATE, A_PROBE, A_RUNS_ON, A_POD,
    A_SERVICE, A_SELECTS, A_STEP, A_MERGED, A_COVERED, A_LUCK, A_EXTRA, A_WRITES, A_WATCHES, A_DICE,
    A_KUBECTLS, A_TYPINGS, A_PHASES, A_ON_NODE, A_SPREAD, A_PULLING, A_PRESENT, A_CHOSEN, A_SCRATCH, A_SHARES,
    A_MEAN, A_COURSE, A_LOG, A_END, WORLD,
) = range(226)  # fmt: skip

# The Deployment: as stored, as seen by the informers, as the sync goes on with it, as it is to be written.
(
    D_VERSION, D_SPEC, D_GENERATION, D_OBSERVED, D_REPLICAS, D_UPDATED, D_READY, D_AVAILABLE, D_UNAVAILABLE,
    D_ENOUGH, D_REVISION, D_STATUS, D_REASON, D_LAST_UPDATE, D_LAST_TRANSITION, DEPLOYMENT,
) = range(16)  # fmt: skip
IS_STORED, IS_SEEN, IN_SYNC, TO_WRITE, TO_WRITE_NOW = range(5)

# What is asked of it, from one of its changes to the next.
(
    S_TEMPLATE, S_DESIRED, S_ROLLING, S_SURGE, S_UNAVAILABLE, S_MIN_READY, S_DEADLINE, S_HISTORY, S_PAUSED,
    S_ANNOTATIONS, S_FLOOR, SPEC,
) = range(12)  # fmt: skip

# A ReplicaSet, by its key: as stored, as seen, as its own sync or the Deployment's has read it.
(
    R_EXISTS, R_KEY, R_VERSION, R_TEMPLATE, R_CREATED, R_SPEC, R_MIN_READY, R_GENERATION,
    R_DESIRED_ANNOTATION, R_MAX_ANNOTATION, R_REVISION, R_OBSERVED, R_REPLICAS, R_READY, R_AVAILABLE,
    R_ANNOTATIONS, R_READ_SPEC, R_READ_GENERATION, REPLICASET,
) = range(19)  # fmt: skip

# Its pods as the informer sees them, its place in the work queue, its sync.
(
    O_ACTIVE, O_FIRST, O_LAST, O_PRESENT, O_READY, O_AVAILABLE, O_CREATES, O_DELETES, O_WAITING, O_TEMPLATE,
    O_DIRTY, O_PROCESSING, O_DUE, O_FAILURES, O_SPENT, O_PHASE, O_LEFT, O_BATCH, O_WAS_ACTIVE, O_WAS_READY,
    O_WAS_AVAILABLE, O_NOTED, O_OBSERVED, O_COUNTED_AT, OWNED,
) = range(25)  # fmt: skip

# A pod template; behind its own values what is tallied of its ReplicaSet's rows and its pods.
(
    T_IMAGE, T_PULLS, T_PROBED, T_GRACE, T_HOOK, T_FAULTS, T_NEVER_READY, T_CRASH, T_UNREADY, T_NAME_RANK,
    T_STARTUP, T_LIVENESS, T_READINESS, T_PODS,
    T_ROWS, T_REVISION, T_SPEC, T_CURRENT, T_READY, T_AVAILABLE, T_ALIVE, T_LAST_GONE,
    T_EXTRA, TEMPLATE,
) = range(24)  # fmt: skip
B_DELAY, B_PERIOD, B_SUCCESS, B_FAILURE, PROBE = range(5)

(
    P_REPLICASET, P_ORDINAL, P_NODE, P_PHASE, P_READY, P_READY_STAMP, P_COUNTED, P_RESTARTS, P_ATTEMPT,
    P_CREATED, P_CREATED_STAMP, P_SCHEDULED, P_PULL_BEGIN, P_PULL_END, P_STARTED, P_SINCE, P_KNOWN, P_RUNNING,
    P_READY_FIRST, P_AVAILABLE, P_DELETED, P_GONE, P_WAITS, P_NEXT, P_PREVIOUS, P_RUN_READY, P_GRID, P_PROBE,
    P_CAUSE, P_DIES, P_BACK, P_ROW, P_LAST_START, P_TOLD, P_TOLD_AVAILABLE, POD,
) = range(36)  # fmt: skip

# A Service: what a pod is worth to it that is unready, or ready; its ready addresses.
V_UNREADY, V_WORTH, V_READY, V_CHANGED, V_DIRTY, V_PROCESSING, V_WRITES, V_SHOWN, SERVICE = range(9)

# A step: when it is taken, which spec it makes, whether it asks for a change at all.
(
    Z_KIND, Z_AT, Z_FIELD, Z_OPERATOR, Z_VALUE, Z_LIMIT, Z_SETTLE, Z_SPEC, Z_CHANGES, Z_GENERATION, Z_IS_STEP,
    Z_ASKS, Z_SCALES, STEP,
) = range(14)  # fmt: skip

# The window of what is measured: not begun, a rollout that goes on, one that is complete (its old pods may
# still be there), one that another has ended; and what becomes of a rollout.
UNOPENED, OPEN, OVER, CLOSED = range(4)
IS_COMPLETE, IS_ROLLED_BACK, IS_STUCK, IS_PAUSED, IS_RUNNING, IS_SCALED, IS_UNCHANGED = range(7)

# What came of a replication: one row of whole numbers.
(
    X_STATUS, X_QUIET, X_START, X_END, X_COMPLETED, X_DRAINED, X_FIRST_AVAILABLE, X_LEAST_A, X_LEAST_D,
    X_BELOW, X_BELOW_FLOOR, X_LEAST_READY, X_MOST_PODS, X_MOST_PHYSICAL, X_EXTRA, X_DEEPEST,
    X_LONGEST_DIP, X_DEADLINE, X_PAUSED, X_NEVER_READY, X_LOOPING, X_RESTARTS, X_LOOPING_POD, X_SALT,
    X_MOVED, X_TEMPLATE, X_OUTCOME, X_GAP, X_ENOUGH, OUTCOME,
) = range(30)  # fmt: skip

"""What a kubelet decides about one container: its probes, its restarts and its end.

Follows `pkg/kubelet/prober/worker.go`, `pkg/kubelet/kuberuntime/kuberuntime_{manager,container}.go` and
client-go's `util/flowcontrol/backoff.go`. The closed forms below (`…_ready`, `grid_…`) give in one step what
the worker finds probe by probe: integer microseconds in and out, integer arithmetic only. An application
answers from `app_up` on, at that instant included. `start` is the container's StartedAt stamp; a caller that
models the stamp's cut to whole seconds passes the cut value. `seen` is when the kubelet's own status first
shows it running (-1: not later than `start`).
"""

from __future__ import annotations

# Kinds of probe.
LIVENESS, READINESS, STARTUP = 0, 1, 2

# Outcomes of a probe and published results; PROBE_NONE is a prober's error or a result that was never set.
PROBE_NONE, PROBE_UNKNOWN, PROBE_SUCCESS, PROBE_FAILURE = -1, 0, 1, 2

# States of a container.
WAITING, RUNNING, TERMINATED = 0, 1, 2


def initial_result(kind: int) -> int:
    """What a worker publishes for a new container (worker.go, newWorker): liveness Success, readiness
    Failure, startup Unknown: `initial_result(READINESS)` is 2, PROBE_FAILURE.
    """
    if kind == 0:
        return 1
    return 2 if kind == 1 else 0


def do_probe(
    kind: int, has_status: bool, pod_ended: bool, has_container: bool, is_new_container: bool,
    container_state: int, restarts_never: bool, terminating: bool, started: bool,
    age_s: float, initial_delay_s: int, outcome: int,
    success_threshold: int, failure_threshold: int, holds_after_any_startup: bool,
    published: int, last_outcome: int, run_length: int, on_hold: bool,
) -> tuple[bool, int, int, int, bool]:  # fmt: skip
    """One round of a probe worker: (goes_on, published, last_outcome, run_length, on_hold) (worker.go,
    doProbe).

    The last four arguments are the state before. `age_s` counts from StartedAt in seconds and is compared as
    a whole number; `outcome` is what the probe would say now. `holds_after_any_startup`: newer kubelets stop
    a startup probe after success too. Readiness, threshold 3, published Failure after two successes, and a
    third: (True, PROBE_SUCCESS, PROBE_SUCCESS, 3, False).
    """
    if not has_status:
        return True, published, last_outcome, run_length, on_hold
    if pod_ended:
        return False, published, last_outcome, run_length, on_hold
    if not has_container:
        return True, published, last_outcome, run_length, on_hold
    if is_new_container:
        published = 1 if kind == 0 else 2 if kind == 1 else 0
        on_hold = False
    if on_hold:
        return True, published, last_outcome, run_length, on_hold
    if container_state != 1:
        return container_state != 2 or not restarts_never, 2, last_outcome, run_length, on_hold
    if terminating and kind != 1:
        return False, 1, last_outcome, run_length, on_hold
    if int(age_s) < initial_delay_s or started == (kind == 2) or outcome == -1:
        return True, published, last_outcome, run_length, on_hold
    run_length = run_length + 1 if outcome == last_outcome else 1
    if run_length < (failure_threshold if outcome == 2 else success_threshold):
        return True, published, outcome, run_length, on_hold
    if (kind != 1 and outcome == 2) or (kind == 2 and holds_after_any_startup):
        return True, outcome, outcome, 0, True
    return True, outcome, outcome, run_length, on_hold


def crash_backoff(restarts: int, base: float = 10.0, cap: float = 300.0) -> float:
    """Seconds from a container's exit to its next start (kuberuntime_manager.go, doBackOff; backoff.go,
    Next).

    `restarts` were made since the back-off was last reset: 0 restarts at once (0), then 10, 20, 40 … up to
    300.
    """
    if restarts <= 0:
        return 0.0
    wait = min(base, cap)
    for _ in range(restarts - 1):
        if wait >= cap:
            break
        wait = min(2 * wait, cap)
    return wait


def backoff_resets(since_last_restart: float, cap: float = 300.0) -> bool:
    """Whether a container ran long enough for its back-off to start afresh (backoff.go, hasExpired): 601 s
    yes, 600 s no.
    """
    return since_last_restart > 2 * cap


def term_time(pre_stop: float, grace: float, stop: float) -> float:
    """Seconds from the start of termination to the end of the process (kuberuntime_container.go,
    killContainer).

    The preStop hook takes its time from the grace period (in whole seconds, and at most all of it); at least
    2 s are left for `stop`, the time the process needs after SIGTERM, and then it is killed. preStop 5, grace
    30, stop 3: 8. Stop 100: 30. preStop 60: 30 + 2 = 32. Grace 0 leaves 2 s too, without a hook.
    """
    hook = min(pre_stop, grace)
    return hook + min(stop, max(2, grace - int(hook)))


def grid_ready(
    app_up: int,
    start: int,
    grid_origin: int,
    period: int,
    initial_delay: int,
    success_threshold: int,
    seen: int = -1,
) -> int:
    """When a probe on a fixed grid first publishes success: the ticks are grid_origin + k * period
    (worker.go, run).

    Ticks before start + initial_delay do nothing. In seconds: up at 4, started at 2, grid 0 + k * 3, delay 5,
    threshold 1: 9; delay 0: 6; threshold 3: 12. A startup probe has its `success_threshold` 1.
    """
    first = max(app_up, start + initial_delay)
    if seen != -1 and seen > first:
        first = seen
    ticks = max(0, -((grid_origin - first) // period))
    return grid_origin + (ticks + success_threshold - 1) * period


def triggered_ready(
    app_up: int, start: int, tau1: int, tau2: int, period: int, initial_delay: int, success_threshold: int
) -> int:
    """When a readiness probe first publishes success in kubelets from 1.29 on (worker.go, manualTriggerCh
    with Reset).

    Probes come at tau1 and tau2, the two relist ticks after the container is seen, then every period after
    tau2. A probe before start + initial_delay is skipped and does not shift the rest. In seconds, tau 1 and
    2, period 10: up at 0.5 gives 1, up at 1.5 gives 2, up at 3 gives 12; threshold 2 and up at 0.5 gives 2;
    delay 5 and up at 0.5 gives 12.
    """
    first = max(app_up, start + initial_delay)
    missing = success_threshold
    if tau1 >= first:
        missing -= 1
        if missing <= 0:
            return tau1
    if tau2 >= first:
        missing -= 1
        if missing <= 0:
            return tau2
    ticks = max(1, -((tau2 - first) // period))
    return tau2 + (ticks + missing - 1) * period


def triggered_grid_ready(
    app_up: int, start: int, grid_origin: int, tau1: int, tau2: int,
    period: int, initial_delay: int, success_threshold: int, seen: int = -1,
) -> int:  # fmt: skip
    """When a readiness probe first publishes success in kubelets 1.21 to 1.28: triggers beside a grid that
    stays fixed.

    Probes at tau1 and tau2 and at grid_origin + k * period, each counts. In seconds, tau 1 and 2, grid 0.4 +
    k * 10, period 10: up at 0.5 gives 1, up at 3 gives 10.4; threshold 3 and up at 0.5 gives 10.4; delay 5
    gives 10.4.
    """
    first = max(app_up, start + initial_delay)
    if seen != -1 and seen > first:
        first = seen
    grid = grid_origin + max(0, -((grid_origin - first) // period)) * period
    triggers = [tau1, tau2]
    at = grid
    next_trigger = 0
    for _ in range(success_threshold):
        while next_trigger < 2 and triggers[next_trigger] < first:
            next_trigger += 1
        if next_trigger < 2 and triggers[next_trigger] <= grid:
            at = triggers[next_trigger]
            next_trigger += 1
        else:
            at = grid
            grid += period
    return at


def grid_failure(
    app_up: int,
    start: int,
    grid_origin: int,
    period: int,
    initial_delay: int,
    failure_threshold: int,
    seen: int = -1,
) -> int:
    """When a liveness or startup probe kills the container: the last of `failure_threshold` failures; -1 if
    the application is up first.

    In seconds, started at 2, grid 0 + k * 3, delay 0, threshold 3: failures at 3, 6, 9, so 9 when the
    application is up at 9.5, and -1 when it is up at 9.
    """
    first = start + initial_delay
    if seen != -1 and seen > first:
        first = seen
    ticks = max(0, -((grid_origin - first) // period))
    killed = grid_origin + (ticks + failure_threshold - 1) * period
    return killed if killed < app_up else -1


def grid_unready(down: int, up: int, grid_origin: int, period: int, failure_threshold: int) -> int:
    """When a running pod's probe first publishes failure, -1 if the application answers again in time
    (worker.go, doProbe).

    The application is silent from `down` to `up`. In seconds, grid 0 + k * 10, threshold 3, down at 5:
    failures at 10, 20, 30, so 30 when it is up at 31 and -1 when it is up at 30.
    """
    ticks = max(0, -((grid_origin - down) // period))
    failed = grid_origin + (ticks + failure_threshold - 1) * period
    return failed if failed < up else -1

"""The default horizon: how long a scenario is simulated when nobody says it.

Long enough for all that is asked to end, and for a rollout that is stuck to reach its deadline:

    horizon = the last step's `at` + all waits (`settle`, `limit`, kubectl wait) + rollouts + the deadline
    a rollout = waves x a wave + requests
    waves = ceil(replicas / max(1, maxSurge + maxUnavailable)), 1 for Recreate and for what is created
    a wave = a pod's start + minReadySeconds + 3 s, and a pod's stop where that comes first (maxSurge 0)
    requests = 10 x replicas / the control plane's rate

The deadline is the longest progressDeadlineSeconds. Rollouts of several Deployments begin together, and only
the longest counts, unless a step waits for what others began. What a pod takes is what 99 of 100 take in
every stage (schedule, pull, start, ready, the kubelet's notice), and its probes' delays and periods. What
never comes (`LONGEST_S`) is not waited for: that is what the deadline is there for. Faults do not count.

Example: 40 pods, maxSurge 1, maxUnavailable 0, each up after 90 s at most, deadline 600 s, 20 requests a
second: 40 x (90 + 3) + 10 x 40 / 20 + 600 = 4340 s, which is rounded up to 73 min. Of the same with maxSurge
25 % it would be 4 x 93 + 20 + 600 = 992 s, less than the hour that is always simulated.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sim.kubectl.command import Command
from sim.spec.actions import KubectlStep, Step
from sim.spec.distributions import LONGEST_S, Distribution
from sim.spec.models import Deployment, PodTemplate, Probe
from sim.spec.profile import Profile
from sim.spec.rollouts import Rollout, rollouts_of

DEFAULT_HORIZON_S = 3600.0
LONGEST_HORIZON_S = 30 * 86400.0
SHARE = 0.99
WAVE_S = 3.0  # times are cut to whole seconds, and what informers and re-tries of a sync take
REQUESTS = 10  # for a pod that is replaced: create, delete, events, status and size of two ReplicaSets
_LONGEST_WAIT_S = 86_400.0  # kubectl's "for ever" is a week: nobody means to watch that
_WAITS = ("wait", "rollout status")


def default_horizon_s(deployments: Sequence[Deployment], steps: Sequence[Step], profile: Profile) -> float:
    """Return when the simulation of `steps` ends at the latest, in whole minutes, 3600 s to 30 days."""
    rollouts = rollouts_of(deployments, steps)
    last_s = max((step.timing.at_s or 0.0 for step in steps), default=0.0)
    every = [*deployments, *(rollout.after for rollout in rollouts)]
    deadline_s = max((d.progress_deadline_seconds or 0 for d in every), default=0)
    one_by_one = any(_waits(step) for step in steps)
    total = last_s + sum(map(_wait_s, steps)) + _together_s(rollouts, profile, one_by_one) + deadline_s
    # Requests that hardly ever get a token may take for ever.
    return max(DEFAULT_HORIZON_S, 60.0 * math.ceil(min(LONGEST_HORIZON_S, total) / 60))


def rollout_s(rollout: Rollout, profile: Profile) -> float:
    """Return how long a rollout's waves take at most, in seconds, as far as anybody can say."""
    d, old = rollout.after, rollout.before
    wave_s = pod_s(d.template, profile) + d.min_ready_seconds + WAVE_S
    added = d.replicas - old.replicas if old is not None else d.replicas
    if old is None or (old.template.hash == d.template.hash and added > 0):
        return wave_s
    surge = d.strategy.max_surge.of(d.replicas, round_up=True)
    if surge == 0:
        wave_s += max(stop_s(one.template, profile) for one in (d, old))
    if d.strategy.type == "Recreate":
        return wave_s
    size = max(1, surge + d.strategy.max_unavailable.of(d.replicas, round_up=False))
    return wave_s * math.ceil(max(d.replicas, old.replicas) / size)


def pod_s(template: PodTemplate, profile: Profile) -> float:
    """Return how long a pod takes at most from its creation until it is ready, in seconds."""
    image = profile.for_image(template.image)
    stages = image.stages
    pull_s = 0.0 if image.cached else upper_s(stages.pull)
    notice_s = profile.kubelet.relist_s + upper_s(profile.kubelet.status)
    up_s = upper_s(stages.schedule) + pull_s + upper_s(stages.start) + upper_s(stages.ready) + notice_s
    if profile.readiness != "probe":
        return up_s
    probes = ((c.startup_probe, c.readiness_probe) for c in template.containers)
    return up_s + max(sum(_probe_s(probe) for probe in pair) for pair in probes)


def stop_s(template: PodTemplate, profile: Profile) -> float:
    """Return how long a pod takes at most to stop, in seconds: the grace period, unless it stops before."""
    hook_s = max(container.pre_stop_seconds for container in template.containers)
    grace_s = float(template.termination_grace_period_seconds)
    stages = profile.for_image(template.image).stages
    return min(grace_s, hook_s + stages.stop.quantile(SHARE)) + profile.kubelet.relist_s


def upper_s(stage: Distribution) -> float:
    """Return what 99 of 100 pods take for a stage at most, in seconds; 0 for what never comes."""
    listed = stage.values
    if listed is not None:
        return max((value for value in listed if value < LONGEST_S), default=0.0)
    value = stage.quantile(SHARE)
    return value if value < LONGEST_S else 0.0


def _probe_s(probe: Probe | None) -> float:
    # The application may be up just after a probe, and the first one has a period's jitter.
    if probe is None:
        return 0.0
    return float(probe.initial_delay_seconds + (probe.success_threshold + 1) * probe.period_seconds)


def _together_s(rollouts: Iterable[Rollout], profile: Profile, one_by_one: bool) -> float:
    takes: dict[str, float] = defaultdict(float)
    requests = 0
    for rollout in rollouts:
        takes[rollout.after.name] += rollout_s(rollout, profile)
        requests += REQUESTS * rollout.after.replicas
    longest_s = sum(takes.values()) if one_by_one else max(takes.values(), default=0.0)
    rate = profile.control_plane.qps
    # The controllers of all Deployments share one client.
    return longest_s + (requests / rate if rate > 0 else 0.0)


def _waits(step: Step) -> bool:
    if step.timing.when is not None or step.timing.settle_s is not None:
        return True
    return isinstance(step, KubectlStep) and _verb(step) in _WAITS


def _wait_s(step: Step) -> float:
    wait_s = (step.timing.settle_s or 0.0) + (step.timing.limit_s or 0.0)
    if isinstance(step, KubectlStep) and isinstance(step.command, Command) and _verb(step) == "wait":
        timeout_s = float(step.command.flags["timeout"])
        wait_s += timeout_s if timeout_s < _LONGEST_WAIT_S else 0.0
    return wait_s


def _verb(step: KubectlStep) -> str:
    return step.command.verb if isinstance(step.command, Command) else ""

"""Kubernetes' decisions, compiled: the very functions of `sim.rules`."""

from __future__ import annotations

from sim.engine.kernel.jit import inner
from sim.rules import deployment, kubelet, progress, replicaset
from sim.rules.deployment import RECREATE_CREATE as RECREATE_CREATE
from sim.rules.deployment import RECREATE_SCALE_DOWN as RECREATE_SCALE_DOWN
from sim.rules.deployment import RECREATE_SCALE_UP as RECREATE_SCALE_UP
from sim.rules.deployment import RECREATE_SETTLED as RECREATE_SETTLED
from sim.rules.progress import COMPLETE as COMPLETE
from sim.rules.progress import DEADLINE_EXCEEDED as DEADLINE_EXCEEDED
from sim.rules.progress import FALSE as FALSE
from sim.rules.progress import FOUND_NEW_REPLICASET as FOUND_NEW_REPLICASET
from sim.rules.progress import KEEP as KEEP
from sim.rules.progress import NEW_REPLICASET_AVAILABLE as NEW_REPLICASET_AVAILABLE
from sim.rules.progress import NEW_REPLICASET_CREATED as NEW_REPLICASET_CREATED
from sim.rules.progress import PAUSED as PAUSED
from sim.rules.progress import PROGRESSING as PROGRESSING
from sim.rules.progress import REASON_NONE as REASON_NONE
from sim.rules.progress import REMOVE as REMOVE
from sim.rules.progress import REPLICASET_UPDATED as REPLICASET_UPDATED
from sim.rules.progress import RESUMED as RESUMED
from sim.rules.progress import TIMED_OUT as TIMED_OUT
from sim.rules.progress import TRUE as TRUE
from sim.rules.progress import UNKNOWN as UNKNOWN

is_complete = inner(deployment.is_complete)
is_progressing = inner(deployment.is_progressing)
is_min_available = inner(deployment.is_min_available)
is_scaling_event = inner(deployment.is_scaling_event)
is_saturated = inner(deployment.is_saturated)
active_or_latest = inner(deployment.active_or_latest)
annotations_need_update = inner(deployment.annotations_need_update)
history_deletable = inner(deployment.history_deletable)
history_excess = inner(deployment.history_excess)
max_scaled_down = inner(deployment.max_scaled_down)
min_available = inner(deployment.min_available)
new_replicaset_size = inner(deployment.new_replicaset_size)
old_cut = inner(deployment.old_cut)
reconciled_new_size = inner(deployment.reconciled_new_size)
recreate_action = inner(deployment.recreate_action)
recreate_enqueues = inner(deployment.recreate_enqueues)
scale_down_budget = inner(deployment.scale_down_budget)
scale_proportionally = inner(deployment.scale_proportionally)
unavailable_replicas = inner(deployment.unavailable_replicas)
unhealthy_cut = inner(deployment.unhealthy_cut)

keeps_transition_time = inner(progress.keeps_transition_time)
paused_condition = inner(progress.paused_condition)
requeue_after = inner(progress.requeue_after)
rollout_condition = inner(progress.rollout_condition)
timed_out = inner(progress.timed_out)

creates = inner(replicaset.creates)
deletes = inner(replicaset.deletes)
deletion_class = inner(replicaset.deletion_class)
age_bucket = inner(replicaset.age_bucket)
needs_ranking = inner(replicaset.needs_ranking)
recheck_after_sync = inner(replicaset.recheck_after_sync)
recheck_on_ready = inner(replicaset.recheck_on_ready)
slow_start_next = inner(replicaset.slow_start_next)

backoff_resets = inner(kubelet.backoff_resets)
crash_backoff = inner(kubelet.crash_backoff)
grid_failure = inner(kubelet.grid_failure)
grid_ready = inner(kubelet.grid_ready)
grid_unready = inner(kubelet.grid_unready)
term_time = inner(kubelet.term_time)
triggered_grid_ready = inner(kubelet.triggered_grid_ready)
triggered_ready = inner(kubelet.triggered_ready)

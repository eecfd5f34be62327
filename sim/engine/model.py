"""The readable reference: controllers, kubelets and endpoints wired together on one SimPy clock."""

from __future__ import annotations

from itertools import count, repeat
from typing import Any

from sim._version import __version__
from sim.engine.api import ApiServer
from sim.engine.clock import SECOND, Call, Clock, to_us
from sim.engine.deployments import DeploymentController
from sim.engine.draws import WATCH, WRITE, Draws
from sim.engine.endpoints import EndpointsController
from sim.engine.node import Kubelets
from sim.engine.pods import Pods
from sim.engine.queues import Client, EventRecorder, WorkQueue
from sim.engine.ranking import Ranking
from sim.engine.record import Recorder
from sim.engine.replicasets import ReplicaSetController
from sim.engine.rollout_status import StatusKeeper, is_complete
from sim.engine.scheduler import Spread
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, RUNNING, Cluster, DeploymentObject, OwnedPods, ReplicaSetObject
from sim.engine.templates import Luck, Templates
from sim.rules import deployment as rules
from sim.rules import progress
from sim.spec import manifest
from sim.spec.scenario import Scenario, Step
from sim.trace import Provenance, Trace


class Model:
    """One replication of a scenario. Build it, then `run` it once."""

    def __init__(self, scenario: Scenario, seed: int, replication: int) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        self.env = Clock()
        self.cluster = Cluster()
        self._profile = profile = scenario.profile
        self._draws = draws = Draws(seed, replication)
        self._templates = Templates(scenario)
        self._newest: dict[str, str] = {}
        self._luck_of: dict[int, Luck] = {}  # by template
        self._luck: dict[int, Luck] = {}  # by ReplicaSet
        plane = profile.control_plane
        self._nodes = profile.node_count(sum(d.replicas for d in scenario.deployments))
        self._on_node = {d.name: [0] * self._nodes for d in scenario.deployments}
        self._write_hop = draws.stream(plane.write, WRITE)
        self._api = ApiServer(self.env, self.cluster, draws.stream(plane.watch, WATCH))
        self._stamps = Stamps(to_us(plane.stamp_s), draws.phases(1, SECOND)[0])
        names = [f"node-{i:03d}" for i in range(self._nodes)]
        self._recorder = Recorder(self.env, self.cluster, self._templates.images(), names, draws.salt)
        self._replicasets = self._make_replicasets()
        self._deployments = self._make_deployments()
        self._endpoints = self._make_endpoints()
        self._kubelets = self._make_kubelets()
        self._spread = Spread(self._on_node, draws.dice())
        self.pods = self._make_pods()
        self._replicasets.pods = self._kubelets.pods = self.pods
        self._listen()

    def _client(self) -> Client:
        plane = self._profile.control_plane
        return Client(self.env, plane.qps, plane.burst, self._write_hop)

    def _make_replicasets(self) -> ReplicaSetController:
        plane, features, client = self._profile.control_plane, self._profile.features, self._client()
        salt = self._draws.salt
        return ReplicaSetController(
            env=self.env,
            cluster=self.cluster,
            api=self._api,
            client=client,
            events=EventRecorder(self.env, client, plane.events),
            recorder=self._recorder,
            ranking=Ranking(self.env, self.cluster, features.log2_deletion, salt, self._on_node),
            precise=features.precise_min_ready,
            queue=WorkQueue(self.env, plane.replicaset_workers, lambda key: self._replicasets.sync(key)),
        )

    def _make_deployments(self) -> DeploymentController:
        plane, client = self._profile.control_plane, self._client()
        queue = WorkQueue(
            self.env, plane.deployment_workers, lambda name: self._deployments.sync(name), RETRIES
        )
        return DeploymentController(
            env=self.env,
            cluster=self.cluster,
            api=self._api,
            client=client,
            events=EventRecorder(self.env, client, plane.events),
            stamps=self._stamps,
            recorder=self._recorder,
            status=StatusKeeper(self.env, self._api, client, self._stamps, queue),
            features=self._profile.features,
            names=self._templates.hashes(),
            queue=queue,
            serials=count(),
        )

    def _make_endpoints(self) -> EndpointsController:
        workers = self._profile.control_plane.deployment_workers
        services = self.scenario.services
        return EndpointsController(
            env=self.env,
            api=self._api,
            client=self._client(),
            recorder=self._recorder,
            queue=WorkQueue(self.env, workers, lambda service: self._endpoints.sync(service), RETRIES),
            selected=self._templates.selected(),
            publish_not_ready=frozenset(s.name for s in services if s.publish_not_ready_addresses),
        )

    def _make_kubelets(self) -> Kubelets:
        relist = to_us(self._profile.kubelet.relist_s)
        return Kubelets(
            env=self.env,
            table=self.cluster.pods,
            stamps=self._stamps,
            recorder=self._recorder,
            features=self._profile.features,
            relist=relist,
            phases=self._draws.phases(self._nodes, relist),
            played=self._profile.readiness == "application",
            luck=self._luck,
        )

    def _make_pods(self) -> Pods:
        plane = self._profile.control_plane
        return Pods(
            env=self.env,
            cluster=self.cluster,
            table=self.cluster.pods,
            stamps=self._stamps,
            spread=self._spread,
            # Binding is part of the stage `schedule`: the client adds only the wait for its token.
            scheduler=Client(self.env, plane.scheduler_qps, plane.scheduler_burst, repeat(0)),
            luck=self._luck,
            replicasets=self._replicasets,
            deployments=self._deployments.queue,
            endpoints=self._endpoints,
            kubelets=self._kubelets,
        )

    def _listen(self) -> None:
        api, queue = self._api, self._deployments.queue
        api.on_deployment += [self._recorder.deployment, lambda d: queue.add(d.name)]
        api.on_replicaset += [
            self._recorder.replicaset,
            self._own,
            lambda rs: self._replicasets.queue.add(rs.key),
            lambda rs: queue.add(rs.deployment),
        ]
        api.on_replicaset_gone.append(lambda rs: queue.add(rs.deployment))

    def _own(self, rs: ReplicaSetObject) -> None:
        if rs.key not in self.cluster.owned:
            self.cluster.owned[rs.key] = OwnedPods()
            # A template that comes back with a new ReplicaSet goes on with its luck.
            number = rs.template
            if number not in self._luck_of:
                self._luck_of[number] = Luck(self._templates.by_number[number], self._draws)
            self._luck[rs.key] = self._luck_of[number]

    def _begin(self) -> None:
        """Lay out the state before time begins: every Deployment complete, its pods available for a day."""
        for d in self.scenario.deployments:
            surge, unavailable = rules.resolve_fenceposts(
                d.strategy.max_surge.value,
                d.strategy.max_surge.is_percent,
                d.strategy.max_unavailable.value,
                d.strategy.max_unavailable.is_percent,
                d.replicas,
            )
            rolling = d.strategy.type == "RollingUpdate"
            new = _complete(d)
            new.rolling = rolling
            new.max_surge = rules.max_surge(rolling, surge)
            new.max_unavailable = rules.max_unavailable(rolling, unavailable, d.replicas)
            new.template = self._templates.number(d.name, d.template)
            self.cluster.deployments[d.name] = self.cluster.seen_deployments[d.name] = new
            self.cluster.physical[d.name] = 0
            self._begin_replicaset(new)
            self._recorder.deployment(new)
        self._endpoints.start()

    def _begin_replicaset(self, d: DeploymentObject) -> None:
        rs = self._deployments.blank_replicaset(d, 1)
        rs.created = -OLD
        rs.spec = rs.replicas = rs.ready = rs.available = d.desired
        rs.observed = rs.generation
        self.cluster.replicasets[rs.key] = self.cluster.seen_replicasets[rs.key] = rs
        self.cluster.owner[rs.key] = d.name
        self._own(rs)
        pods, owned = self.cluster.pods, self.cluster.owned[rs.key]
        luck = self._luck[rs.key]
        luck.foresee_end(d.desired)
        self._kubelets.has_image(luck.template.image)
        for _ in range(d.desired):
            pod = self.pods.add(rs.key)
            pods.node[pod] = self._spread.place(d.name)
            pods.phase[pod] = RUNNING
            pods.ready[pod] = pods.counted[pod] = 1
            pods.scheduled[pod] = pods.running[pod] = pods.ready_first[pod] = pods.available[pod] = 0
            pods.started[pod] = -OLD
            pods.created_stamp[pod] = pods.ready_stamp[pod] = -OLD
            self._kubelets.adopted(pod)
        owned.ready = owned.available = d.desired
        self._endpoints.begin(d.template, d.desired)
        self._recorder.replicaset(rs)

    def run(self) -> Trace:
        """Play the scenario to its end and return what happened."""
        self._begin()
        for step in self.scenario.steps:
            Call(self.env, to_us(step.at_s), self._take, step)
        horizon = to_us(self.scenario.horizon_s)
        quiet = self.env.play(horizon)
        profile = self.scenario.profile
        return Trace(
            provenance=Provenance(
                version=__version__,
                scenario=self.scenario.name,
                digest=self.scenario.digest,
                seed=self.seed,
                replication=self.replication,
                engine="model",
                kubernetes=profile.kubernetes,
                profile=profile.name,
            ),
            tables=self._recorder.tables(),
            started_s=self.scenario.steps[0].at_s if self.scenario.steps else 0.0,
            # What is never complete is so until the end of the question, though nothing more happens.
            ended_s=(self._last_change() if quiet and self._is_complete() else horizon) / SECOND,
            horizon_s=self.scenario.horizon_s,
            quiet=quiet,
            newest=self._newest,
        )

    def _is_complete(self) -> bool:
        return all(is_complete(d) for d in self.cluster.deployments.values())

    def _last_change(self) -> int:
        pods = self.cluster.pods
        moments = (pods.running, pods.ready_first, pods.available, pods.gone)
        return max(self._recorder.changed, *(max(column, default=0) for column in moments))

    def _take(self, event: Any) -> None:
        step: Step = event.value
        number = self._templates.number(step.deployment, step.template)
        self._newest[step.deployment] = f"{step.deployment}-{step.template.hash}"
        self._recorder.event("step", step.deployment, "TemplateChanged", step.text)

        def change(d: DeploymentObject) -> None:
            d.template = number

        self._api.patch_deployment(step.deployment, change)


RETRIES = (
    15  # maxRetries of the Deployment and endpoints controllers; the ReplicaSet controller never gives up
)
OLD = 86_400 * SECOND  # the pods that run before time begins turned ready a day ago


def _complete(d: manifest.Deployment) -> DeploymentObject:
    new = DeploymentObject()
    new.version = 1
    new.name, new.paused = d.name, d.paused
    new.desired = new.replicas = new.updated = new.ready = new.available = d.replicas
    new.unavailable = 0
    new.min_ready = to_us(d.min_ready_seconds)
    watched = d.progress_deadline_seconds is not None and progress.has_deadline(d.progress_deadline_seconds)
    new.deadline = to_us(d.progress_deadline_seconds or 0) if watched else NEVER
    new.history_limit = NEVER if d.revision_history_limit is None else d.revision_history_limit
    new.generation = new.observed = new.revision = 1
    new.available_condition = True
    new.status = progress.TRUE if watched else NEVER
    new.reason = progress.NEW_REPLICASET_AVAILABLE if watched else progress.REASON_NONE
    new.last_update = new.last_transition = -OLD
    return new

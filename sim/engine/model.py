"""The readable reference: controllers, kubelets and endpoints wired together on one SimPy clock."""

from __future__ import annotations

from itertools import count, repeat
from typing import Any

from sim._version import __version__
from sim.engine.api import ApiServer
from sim.engine.clock import SECOND, Call, Clock, to_us
from sim.engine.deployments import DeploymentController
from sim.engine.draws import CLOCK_PHASE, CLUSTER, NODE_PHASE, WATCH, WRITE, Draws
from sim.engine.endpoints import READY, UNREADY, EndpointsController
from sim.engine.node import Kubelets
from sim.engine.pods import Pods
from sim.engine.queues import Client, EventRecorder, WorkQueue
from sim.engine.ranking import Ranking
from sim.engine.record import Recorder
from sim.engine.replicasets import ReplicaSetController
from sim.engine.scheduler import Spread
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, RUNNING, Cluster, DeploymentObject, OwnedPods, ReplicaSetObject
from sim.engine.templates import Luck, Template, compile_template
from sim.rules import deployment as rules
from sim.rules import progress
from sim.spec import manifest
from sim.spec.scenario import Scenario, Step
from sim.trace import Provenance, Trace


class Model:
    """One replication of a scenario. Build it, then `run` it once.

    ``watch``: called with the cluster after every event, for tests of its invariants.
    """

    def __init__(self, scenario: Scenario, seed: int, replication: int) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        profile = scenario.profile
        plane = profile.control_plane
        self.env = env = Clock()
        self.cluster = Cluster()
        self.draws = Draws(seed, replication)
        self._templates = _Templates(scenario)
        self._luck: dict[int, Luck] = {}
        pods = sum(d.replicas for d in scenario.deployments)
        self.nodes = profile.node_count(pods)
        on_node = {d.name: [0] * self.nodes for d in scenario.deployments}
        write, watch = self.draws.stream(plane.write, WRITE), self.draws.stream(plane.watch, WATCH)
        self.api = ApiServer(env, self.cluster, watch)
        stamps = Stamps(to_us(plane.stamp_s), int(self.draws.fraction(CLOCK_PHASE, CLUSTER, 0) * SECOND))
        nodes = [f"node-{i:03d}" for i in range(self.nodes)]
        self.recorder = Recorder(env, self.cluster, self._templates.images(), nodes, self.draws.salt)

        def client() -> Client:
            return Client(env, plane.qps, plane.burst, write)

        rs_client, d_client = client(), client()
        self._replicasets = ReplicaSetController(
            env=env,
            cluster=self.cluster,
            api=self.api,
            client=rs_client,
            events=EventRecorder(env, rs_client, plane.events),
            recorder=self.recorder,
            ranking=Ranking(env, self.cluster, profile.features.log2_deletion, self.draws.salt, on_node),
            precise=profile.features.precise_min_ready,
            queue=WorkQueue(env, plane.replicaset_workers, lambda key: self._replicasets.sync(key)),
        )
        self._deployments = DeploymentController(
            env=env,
            cluster=self.cluster,
            api=self.api,
            client=d_client,
            events=EventRecorder(env, d_client, plane.events),
            stamps=stamps,
            recorder=self.recorder,
            names=self._templates.hashes(),
            queue=WorkQueue(env, plane.deployment_workers, lambda name: self._deployments.sync(name)),
            serials=count(),
        )
        self._endpoints = EndpointsController(
            env=env,
            api=self.api,
            client=client(),
            recorder=self.recorder,
            queue=WorkQueue(env, plane.deployment_workers, lambda service: self._endpoints.sync(service)),
            selected=self._templates.selected(),
            publish_not_ready=frozenset(s.name for s in scenario.services if s.publish_not_ready_addresses),
        )
        self._kubelets = Kubelets(
            env=env,
            table=self.cluster.pods,
            stamps=stamps,
            recorder=self.recorder,
            features=profile.features,
            relist=to_us(profile.kubelet.relist_s),
            phases=[
                int(self.draws.fraction(NODE_PHASE, CLUSTER, i) * profile.kubelet.relist_s * SECOND)
                for i in range(self.nodes)
            ],
            played=profile.readiness == "application",
            luck=self._luck,
        )
        self._spread = Spread(on_node)
        self.pods = Pods(
            env=env,
            cluster=self.cluster,
            table=self.cluster.pods,
            stamps=stamps,
            spread=self._spread,
            scheduler=Client(env, plane.scheduler_qps, plane.scheduler_burst, repeat(0)),
            luck=self._luck,
            replicasets=self._replicasets,
            deployments=self._deployments.queue,
            endpoints=self._endpoints,
            kubelets=self._kubelets,
        )
        self._replicasets.pods = self._kubelets.pods = self.pods
        self._listen()

    def _listen(self) -> None:
        api, queue = self.api, self._deployments.queue
        api.on_deployment += [self.recorder.deployment, lambda d: queue.add(d.name)]
        api.on_replicaset += [
            self.recorder.replicaset,
            self._own,
            lambda rs: self._replicasets.queue.add(rs.key),
            lambda rs: queue.add(rs.deployment),
        ]
        api.on_replicaset_gone.append(lambda rs: queue.add(rs.deployment))

    def _own(self, rs: ReplicaSetObject) -> None:
        if rs.key not in self.cluster.owned:
            self.cluster.owned[rs.key] = OwnedPods()
            self._luck[rs.key] = Luck(self._templates.by_number[rs.template], self.draws)

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
            self.recorder.deployment(new)
        self._endpoints.start()

    def _begin_replicaset(self, d: DeploymentObject) -> None:
        rs = self._deployments.blank_replicaset(d, 1)
        rs.created = NEVER
        rs.spec = rs.replicas = rs.ready = rs.available = d.desired
        rs.observed = rs.generation
        self.cluster.replicasets[rs.key] = self.cluster.seen_replicasets[rs.key] = rs
        self.cluster.owner[rs.key] = d.name
        self._own(rs)
        pods, owned = self.cluster.pods, self.cluster.owned[rs.key]
        self._kubelets.has_image(self._luck[rs.key].template.image)
        for _ in range(d.desired):
            pod = self.pods.add(rs.key)
            pods.node[pod] = self._spread.place(d.name)
            pods.phase[pod] = RUNNING
            pods.scheduled[pod] = pods.running[pod] = pods.ready_first[pod] = pods.available[pod] = 0
            pods.created_stamp[pod] = pods.ready_stamp[pod] = -OLD
            owned.became_ready(pods, pod)
            self._endpoints.pod_changed(d.template, UNREADY, READY)
        owned.count_available(pods, -OLD, 0)
        self.recorder.replicaset(rs)

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
            tables=self.recorder.tables(),
            started_s=self.scenario.steps[0].at_s if self.scenario.steps else 0.0,
            ended_s=(self.recorder.changed if quiet else horizon) / SECOND,
            horizon_s=self.scenario.horizon_s,
            quiet=quiet,
        )

    def _take(self, event: Any) -> None:
        step: Step = event.value
        number = self._templates.number(step.deployment, step.template)
        self.recorder.event("step", step.deployment, "TemplateChanged", step.text)

        def change(d: DeploymentObject) -> None:
            d.template = number

        self.api.patch_deployment(step.deployment, change)


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


class _Templates:
    """Every pod template of a scenario, numbered from 1; equal templates of one Deployment are one."""

    def __init__(self, scenario: Scenario) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._labels: dict[int, dict[str, str]] = {}
        self._services = scenario.services
        self.by_number: dict[int, Template] = {}
        described = [(d.name, d.template) for d in scenario.deployments]
        for name, template in described + [(s.deployment, s.template) for s in scenario.steps]:
            if (name, template.hash) not in self._numbers:
                number = self._numbers[name, template.hash] = CLUSTER + 1 + len(self._numbers)
                self.by_number[number] = compile_template(number, name, template, scenario.profile)
                self._labels[number] = template.labels

    def number(self, deployment: str, template: manifest.PodTemplate) -> int:
        return self._numbers[deployment, template.hash]

    def images(self) -> dict[int, str]:
        return {number: template.image for number, template in self.by_number.items()}

    def hashes(self) -> dict[int, str]:
        return {number: template.hash for number, template in self.by_number.items()}

    def selected(self) -> dict[int, tuple[str, ...]]:
        return {
            number: tuple(s.name for s in self._services if s.selects(labels))
            for number, labels in self._labels.items()
        }

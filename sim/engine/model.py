"""The readable reference: controllers, kubelets and endpoints wired together on one SimPy clock."""

from __future__ import annotations

from itertools import count, repeat

from sim._version import __version__
from sim.engine import objects
from sim.engine.admin import Admin
from sim.engine.api import ApiServer
from sim.engine.clock import MOST_IN_INSTANT, SECOND, Clock, StandstillError, to_us
from sim.engine.deployments import DeploymentController
from sim.engine.draws import CURL, DICE, KUBECTL, TYPING, WATCH, WRITE, Draws, uniform
from sim.engine.endpoints import EndpointsController
from sim.engine.garbage import GarbageCollector
from sim.engine.node import Kubelets
from sim.engine.pods import Pods
from sim.engine.queues import Client, EventRecorder, WorkQueue
from sim.engine.ranking import Ranking
from sim.engine.record import Recorder
from sim.engine.replicasets import ReplicaSetController
from sim.engine.rollout_status import StatusKeeper, is_complete
from sim.engine.scheduler import Spread
from sim.engine.session import Session
from sim.engine.shell import Shell
from sim.engine.shell.access import Access
from sim.engine.stamps import Stamps
from sim.engine.state import RUNNING, Cluster, DeploymentObject, OwnedPods, ReplicaSetObject
from sim.engine.templates import Luck, Templates
from sim.errors import Diagnostic, InputError
from sim.spec.scenario import Scenario
from sim.trace import Provenance, Trace


class Model:
    """One replication of a scenario. Build it, then `run` it once."""

    def __init__(self, scenario: Scenario, seed: int, replication: int) -> None:
        self.scenario, self.seed, self.replication = scenario, seed, replication
        self.env = Clock()
        self.cluster = Cluster()
        self._profile = profile = scenario.profile
        self._draws = draws = Draws(seed, replication)
        self.templates = Templates(profile)
        self._luck_of: dict[int, Luck] = {}  # by template
        self._luck: dict[int, Luck] = {}  # by ReplicaSet
        plane = profile.control_plane
        self._nodes = profile.node_count(scenario.replicas)
        self._on_node: dict[str, list[int]] = {}
        self._write_hop = draws.stream(plane.write, WRITE)
        self._api = ApiServer(self.env, self.cluster, draws.stream(plane.watch, WATCH))
        self._stamps = Stamps(to_us(plane.stamp_s), draws.phases(0, 1, SECOND)[0])
        names = [f"node-{i:03d}" for i in range(self._nodes)]
        self.recorder = Recorder(self.env, self.cluster, self.templates.images, names, draws.salt)
        self._replicasets = self._make_replicasets()
        self._deployments = self._make_deployments()
        self.endpoints = self._make_endpoints()
        self._kubelets = self._make_kubelets()
        self._garbage = self._make_garbage()
        self._spread = Spread(self._on_node, self._nodes, draws.stream(uniform, DICE))
        self.pods = self._make_pods()
        self._replicasets.pods = self._kubelets.pods = self.pods
        self.admin = self._make_admin()
        self._garbage.delete_pod = self.admin.delete_pod
        self.session = self._make_session()
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
            recorder=self.recorder,
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
            recorder=self.recorder,
            status=StatusKeeper(self.env, self._api, client, self._stamps, queue),
            features=self._profile.features,
            names=self.templates.hashes,
            queue=queue,
            serials=count(),
        )

    def _make_endpoints(self) -> EndpointsController:
        workers = self._profile.control_plane.deployment_workers
        return EndpointsController(
            env=self.env,
            api=self._api,
            client=self._client(),
            recorder=self.recorder,
            queue=WorkQueue(self.env, workers, lambda service: self.endpoints.sync(service), RETRIES),
        )

    def _make_kubelets(self) -> Kubelets:
        relist = to_us(self._profile.kubelet.relist_s)
        return Kubelets(
            env=self.env,
            table=self.cluster.pods,
            stamps=self._stamps,
            recorder=self.recorder,
            features=self._profile.features,
            relist=relist,
            phases=self._draws.phases(1, self._nodes, relist),
            played=self._profile.readiness == "application",
            luck=self._luck,
            architectures=[self._profile.architecture_of(node) for node in range(self._nodes)],
        )

    def _make_garbage(self) -> GarbageCollector:
        plane = self._profile.control_plane
        client = Client(self.env, 2 * plane.qps, 2 * plane.burst, self._write_hop)
        return GarbageCollector(self.env, self.cluster, self._api, client)

    def _make_admin(self) -> Admin:
        return Admin(
            cluster=self.cluster,
            api=self._api,
            templates=self.templates,
            endpoints=self.endpoints,
            spread=self._spread,
            stamps=self._stamps,
            recorder=self.recorder,
            pods=self.pods,
        )

    def _make_session(self) -> Session:
        self.desk = desk = Access(
            env=self.env,
            cluster=self.cluster,
            admin=self.admin,
            salt=self._draws.salt,
            horizon=to_us(self.scenario.horizon_s),
            # Looking at a cluster does not change the luck of its controllers.
            hop=self._draws.stream(self._profile.control_plane.write, TYPING).__next__,
            counts_restart_ages=self._profile.minor >= 22,
        )
        self.pods.changed = desk.changed
        self._api.on_deployment.append(desk.deployment_seen)
        self._api.on_deployment_gone.append(desk.deployment_gone)
        start = self._draws.stream(self._profile.control_plane.kubectl, KUBECTL)
        return Session(
            env=self.env,
            cluster=self.cluster,
            admin=self.admin,
            shell=Shell(desk, start.__next__, self._draws.stream(uniform, CURL)),
            recorder=self.recorder,
            steps=self.scenario.steps,
            last_change=self._last_change,
            horizon=to_us(self.scenario.horizon_s),
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
            endpoints=self.endpoints,
            kubelets=self._kubelets,
            garbage=self._garbage,
            had=[0] * self._nodes,
        )

    def _listen(self) -> None:
        api, queue = self._api, self._deployments.queue
        api.on_deployment += [self.recorder.deployment, lambda d: queue.add(d.name)]
        api.on_replicaset += [
            self.recorder.replicaset,
            self._own,
            lambda rs: self._replicasets.queue.add(rs.key),
            lambda rs: queue.add(rs.deployment),
            self._garbage.replicaset_seen,
        ]
        api.on_replicaset_gone += [
            self.recorder.replicaset_gone,
            lambda rs: queue.add(rs.deployment),
            self._garbage.replicaset_gone,
        ]
        api.on_deployment_gone += [self.recorder.deployment_gone, self._garbage.deployment_gone]

    def _own(self, rs: ReplicaSetObject) -> None:
        if rs.key not in self.cluster.owned:
            self.cluster.owned[rs.key] = OwnedPods()
            # A template that comes back with a new ReplicaSet goes on with its luck.
            number = rs.template
            if number not in self._luck_of:
                self._luck_of[number] = Luck(self.templates.by_number[number], self._draws)
            self._luck[rs.key] = self._luck_of[number]

    def _begin(self) -> None:
        """Lay out the state before time begins: every Deployment complete, its pods available for a day."""
        for service in self.scenario.services:
            self.endpoints.add(service)
        for manifest in self.scenario.deployments:
            d = self.admin.begin(manifest)
            self._begin_replicaset(d)
            self.recorder.deployment(d)
        self.endpoints.start()

    def _begin_replicaset(self, d: DeploymentObject) -> None:
        rs = self._deployments.blank_replicaset(d, 1)
        rs.created = -objects.OLD
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
            self.pods.place(pod)
            pods.phase[pod] = RUNNING
            pods.ready[pod] = pods.counted[pod] = 1
            pods.scheduled[pod] = pods.running[pod] = pods.ready_first[pod] = pods.available[pod] = pods.up[
                pod
            ] = 0
            pods.started[pod] = -objects.OLD
            pods.created_stamp[pod] = pods.ready_stamp[pod] = -objects.OLD
            self._kubelets.adopted(pod)
        owned.ready = owned.available = d.desired
        self.endpoints.begin(d.template, d.desired)
        self.recorder.replicaset(rs)

    def run(self) -> Trace:
        """Play the scenario to its end and return what happened; raises InputError (E531) when it has none,
        because time stands still.
        """
        self._begin()
        self.env.process(self.session.play())
        horizon = to_us(self.scenario.horizon_s)
        try:
            quiet = self.env.play(
                horizon, self._deployments.queue.due, lambda: len(self.cluster.pods.deleted)
            )
        except StandstillError as error:
            raise self._standstill(error.now) from None
        over = quiet and self._is_complete()
        last_change = self._last_change()
        over = self.session.end() and over
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
            started_s=self.recorder.started / SECOND,
            # What is never complete is so until the end of the question, though nothing more happens.
            ended_s=(last_change if over else horizon) / SECOND,
            horizon_s=self.scenario.horizon_s,
            quiet=quiet,
        )

    def _standstill(self, now: int) -> InputError:
        message = f"simulated time stands still at {now / SECOND:g} s: {MOST_IN_INSTANT:,} events and no end"
        expected = "stages, probes and a control plane that take time"
        source = self.scenario.source or self.scenario.name
        return InputError(Diagnostic(code="E531", message=message, file=source, expected=expected))

    def _is_complete(self) -> bool:
        return all(is_complete(d) for d in self.cluster.deployments.values())

    def _last_change(self) -> int:
        pods = self.cluster.pods
        moments = (pods.running, pods.ready_first, pods.available, pods.gone)
        return max(self.recorder.changed, *(max(column, default=0) for column in moments))


RETRIES = (
    15  # maxRetries of the Deployment and endpoints controllers; the ReplicaSet controller never gives up
)

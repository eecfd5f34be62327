"""Sessions: what is typed at which moment, what the cluster does, what is answered."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from sim.engine import simulate
from sim.engine.model import Model
from sim.spec.scenario import load
from sim.trace import Trace
from tests.engine.build import NAME, deployment, pods, profile, rows, service, stepped

Steps = list[dict[str, Any]]


def played(manifest: dict[str, Any], steps: Steps, *more: dict[str, Any], **cluster: Any) -> Trace:
    """Play a session on a running Deployment; starts take 10 s, the control plane no time."""
    return simulate(stepped(manifest, steps, profile(**cluster), *more))


def created(steps: Steps, **cluster: Any) -> Trace:
    """Play a session that begins with an empty cluster."""
    document = {"name": "test", "profile": profile(**cluster), "steps": steps}
    return simulate(load("-", stdin=io.BytesIO(json.dumps(document).encode())))


def typed(trace: Trace) -> list[SimpleNamespace]:
    """Return the commands of a run."""
    return rows(trace, "commands")


def k(line: str, **keys: Any) -> dict[str, Any]:
    """Return a step that types a line."""
    return {"kubectl": line, **keys}


def image(tag: str) -> str:
    """Return the line that sets the image of this tag."""
    return f"set image deploy/{NAME} main=web:{tag}"


def sizes_at(trace: Trace, time_s: float) -> dict[int, int]:
    """Return the size of every revision's ReplicaSet at a moment."""
    found: dict[int, int] = {}
    for row in rows(trace, "replicasets"):
        if row.time_s <= time_s:
            found[row.revision] = row.desired
    return found


# Moments.


def test_a_condition_is_met_as_soon_as_the_status_shows_it() -> None:
    steps = [k(image("v2")), k(f"rollout pause deploy {NAME}", when="available == 4")]
    trace = played(deployment(3, 1, 0), steps)
    # Of surge 1 the first new pod is available at 10 s: four are, for the moment until an old one is told to
    # go.
    pause = typed(trace)[1]
    assert pause.started_s == 10
    assert pause.output == f"deployment.apps/{NAME} paused\n"


@pytest.mark.parametrize(
    ("condition", "at_s"),
    [
        ("updated == 1", 0),
        ("updated >= 2", 10),
        ("updated != 3", 0),
        ("complete == true", 30),
        ("available < 3", None),
        ("revision > 1", 0),
        ("progressing != True", None),
    ],
)
def test_conditions(condition: str, at_s: float | None) -> None:
    steps = [k(image("v2")), k(f"get deploy {NAME}", when=condition, limit=60)]
    trace = played(deployment(3, 1, 0), steps)
    assert [row.started_s for row in typed(trace)[1:]] == ([] if at_s is None else [at_s])


def test_a_condition_that_is_not_met_in_time_leaves_its_step_out() -> None:
    steps = [
        k(image("v2")),
        k(f"rollout pause deploy {NAME}", when="updated == 9", limit="5s"),
        k(f"get deploy {NAME}"),
    ]
    trace = played(deployment(3, 1, 0), steps)
    assert [row.command.split()[0] for row in typed(trace)] == ["set", "get"]
    assert typed(trace)[1].started_s == 5
    (left_out,) = [row for row in rows(trace, "events") if row.kind == "skipped"]
    assert left_out.message == f"kubectl rollout pause deploy {NAME}: updated == 9 never came true"


def test_settle_waits_until_all_is_complete_and_quiet() -> None:
    # Complete at 30 s; the last old pod is gone 1.5 s later; 2 s of quiet after that.
    steps = [k(image("v2")), {"settle": "2s"}, k(f"get deploy {NAME}")]
    assert typed(played(deployment(3, 1, 0), steps, stop=1.5))[1].started_s == 33.5


def skipped(trace: Trace) -> list[str]:
    """Return what is said of the steps that were left out."""
    return [row.message for row in rows(trace, "events") if row.kind == "skipped"]


def test_settle_comes_true_while_a_deployment_is_paused() -> None:
    pause = k(f"rollout pause deploy {NAME}")
    steps = [pause, k(image("v2")), {"settle": "5s"}, k("get rs")]
    assert typed(played(deployment(3, 1, 0), steps))[2].started_s == 5
    # Paused in the middle: of surge 1 the pod that was started at 0 s is available at 10 s, and no old one
    # goes until somebody resumes.
    steps = [k(image("v2")), k(pause["kubectl"], at=5), {"settle": "2s"}, k("get rs")]
    trace = played(deployment(3, 1, 0), steps)
    assert typed(trace)[2].started_s == 12
    assert sizes_at(trace, 900) == {1: 3, 2: 1}
    assert skipped(trace) == []


def test_a_paused_deployment_that_is_scaled_settles_when_its_pods_are_there() -> None:
    steps = [k(f"rollout pause deploy {NAME}"), k(f"scale deploy {NAME} --replicas=5")]
    steps += [{"settle": "2s"}, k("get rs"), k(f"scale deploy {NAME} --replicas=1")]
    steps += [{"settle": "2s"}, k("get rs")]
    found = typed(played(deployment(3, 1, 0), steps, stop=1.5))
    # Two new pods take 10 s; four pods that go are gone after 1.5 s.
    assert [row.started_s for row in found] == [0, 0, 12, 12, 15.5]


def test_a_settle_that_never_comes_true_says_why() -> None:
    stuck = profile(faults={"never_ready": 1})
    steps = [k(image("v2")), {"settle": "2s"}, k("get rs")]
    trace = simulate(stepped(deployment(3, 1, 0), steps, stuck, horizon_s=100))
    assert skipped(trace) == [
        f"the wait: it never settled: {NAME} is not complete",
        "kubectl get rs: not reached before the simulation ends",
    ]
    steps = [k(image("v2")), k(f"rollout pause deploy {NAME}", at=5), k("get rs", settle="2s")]
    trace = simulate(stepped(deployment(3, 1, 0), steps, stuck, horizon_s=100))
    assert skipped(trace) == [f"kubectl get rs: it never settled: {NAME} is not complete"]
    steps = [k(image("v2")), k("get rs", settle="80s")]
    trace = simulate(stepped(deployment(3, 1, 0), steps, profile(), horizon_s=100))
    assert skipped(trace) == ["kubectl get rs: it never settled: it was not quiet for 1m20s"]


def test_all_that_keep_a_settle_waiting_are_named() -> None:
    text = json.dumps(deployment(1))
    both = [json.loads(text.replace(f'"{NAME}"', f'"{name}"')) for name in ("a", "b")]
    steps: Steps = [
        k("create -f -", input=[*both, deployment(1, paused=True)]),  # which asks for no pod
        k("get rs", settle=1),
    ]
    document = {"name": "t", "profile": profile(faults={"never_ready": 1}), "steps": steps, "horizon": 60}
    trace = simulate(load("-", stdin=io.BytesIO(json.dumps(document).encode())))
    assert skipped(trace) == ["kubectl get rs: it never settled: a, b are not complete"]


def test_the_terminal_waits_for_a_command_unless_it_runs_in_the_background() -> None:
    status = f"rollout status deploy {NAME}"
    steps = [k(image("v2")), k(status), k(f"get deploy {NAME}", at=5)]
    assert [row.started_s for row in typed(played(deployment(3, 1, 0), steps))] == [0, 0, 30]
    steps[1] = k(status, background=True)
    found = typed(played(deployment(3, 1, 0), steps))
    assert [(row.started_s, row.finished_s) for row in found] == [(0, 0), (0, 30), (5, 5)]


def test_kubectl_takes_its_time() -> None:
    plane = {"preset": "instant", "kubectl": 0.05, "write": 0.01}
    found = typed(created([k("create -f -", input=[deployment(1), service()]), k("get deploy")], plane=plane))
    # create starts three times as long, writes two objects one after the other, and ends.
    assert [(row.started_s, row.finished_s) for row in found] == [(0, 0.17), (0.17, pytest.approx(0.23))]


def test_what_has_not_ended_at_the_horizon_has_no_exit_code() -> None:
    steps = [k(image("v2")), k(f"rollout status deploy {NAME}")]
    cluster = profile(faults={"never_ready": 1})
    (_, status) = typed(simulate(stepped(deployment(1, 1, 0), steps, cluster, horizon_s=100)))
    assert status.exit == ""
    assert status.finished_s != status.finished_s
    assert status.output.startswith("Waiting for deployment")


# Creation and revisions.


def test_a_created_deployment_is_revision_1_and_becomes_complete() -> None:
    steps = [k("create -f - --record", input=[deployment(2)]), k(f"rollout status deploy {NAME}")]
    trace = created(steps)
    reasons = [row.progressing_reason for row in rows(trace, "deployments")]
    assert list(dict.fromkeys(reasons))[-3:] == [
        "NewReplicaSetCreated",
        "ReplicaSetUpdated",
        "NewReplicaSetAvailable",
    ]
    assert {(pod.revision, pod.ready_s) for pod in rows(trace, "pods")} == {(1, 10)}
    assert typed(trace)[1].output.endswith("successfully rolled out\n")


def test_revisions_causes_and_undo() -> None:
    steps = [
        k("create -f -", input=[deployment(1)]),
        k(f"annotate deploy {NAME} kubernetes.io/change-cause=first"),
        *(
            k(line, settle=1)
            for line in (
                f"{image('v2')} --record",
                image("v3"),
                f"rollout undo deploy {NAME}",
                f"rollout history deploy {NAME}",
                f"rollout undo deploy {NAME} --to-revision=1",
                f"rollout history deploy {NAME}",
                f"rollout undo deploy {NAME} --to-revision=2",
            )
        ),
    ]
    found = typed(created(steps))
    cause = f"kubectl set image deploy/{NAME} main=web:v2 --record=true"
    assert found[5].output.splitlines()[2:5] == [
        "1         first",
        f"3         {cause}",
        f"4         {cause}",
    ]
    # Undone to what had been revision 1: its cause comes back with it.
    assert found[7].output.splitlines()[2:5] == [
        f"3         {cause}",
        f"4         {cause}",
        "5         first",
    ]
    assert (found[8].exit, found[8].output) == (1, "error: unable to find specified revision 2 in history\n")


def test_the_history_is_cut_to_its_limit() -> None:
    steps = [k(image(tag), settle=1) for tag in ("v2", "v3", "v4", "v5")]
    steps += [k("get rs -o name", settle=1), k(f"rollout undo deploy {NAME} --to-revision=1")]
    *_, listed, undone = typed(played(deployment(1, revisionHistoryLimit=2), steps))
    assert len(listed.output.splitlines()) == 3
    assert undone.output == "error: unable to find specified revision 1 in history\n"


def test_a_restart_is_a_rollout_of_the_same_image() -> None:
    trace = played(deployment(2, 1, 0), [k(f"rollout restart deploy/{NAME}", at=1.5)])
    assert [(pod.image, pod.revision) for pod in rows(trace, "pods")] == [("web:v1", 1)] * 2 + [
        ("web:v1", 2)
    ] * 2


# Pausing and scaling.


def test_a_paused_deployment_rolls_out_when_it_is_resumed() -> None:
    steps = [
        k(f"rollout pause deploy/{NAME}"),
        k(image("v2")),
        k(f"set env deploy/{NAME} A=b"),
        k(f"rollout undo deploy/{NAME}"),
        k(f"rollout resume deploy/{NAME}", at=50),
    ]
    trace = played(deployment(2, 1, 0, progressDeadlineSeconds=20), steps)
    # One new version for both changes, and the pause is not held against the deadline of 20 s.
    assert {pod.revision for pod in rows(trace, "pods")} == {1, 2}
    assert min(pod.created_s for pod in pods(trace, 2)) == 50
    assert "ProgressDeadlineExceeded" not in trace.tables["deployments"]["progressing_reason"]
    assert typed(trace)[3].output.startswith("error: no rollout history found")


def test_a_rollout_stuck_half_way_is_scaled_in_proportion() -> None:
    # The example of Kubernetes' documentation: 10 pods, surge 3, unavailable 2, an image that never works:
    # 8 old and 5 new ones. To 15: 3 more of the old, 2 more of the new.
    steps = [k(image("bad")), k(f"scale deploy/{NAME} --replicas=15", at=30)]
    cluster = {"images": {"web:bad": {"faults": {"never_ready": 1}}}}
    trace = played(deployment(10, 3, 2), steps, **cluster)
    assert sizes_at(trace, 29) == {1: 8, 2: 5}
    assert sizes_at(trace, 30) == {1: 11, 2: 7}


@pytest.mark.parametrize(
    ("replicas", "expected"), [(0, {1: 0, 2: 0}), (4, {1: 4, 2: 3}), (20, {1: 14, 2: 9})]
)
def test_a_paused_rollout_is_scaled_in_proportion_too(replicas: int, expected: dict[int, int]) -> None:
    steps = [
        k(image("bad")),
        k(f"rollout pause deploy/{NAME}", at=20),
        k(f"scale deploy/{NAME} --replicas={replicas} --current-replicas=10", at=30),
    ]
    trace = played(deployment(10, 3, 2), steps, images={"web:bad": {"faults": {"never_ready": 1}}})
    assert sizes_at(trace, 29) == {1: 8, 2: 5}
    assert sizes_at(trace, 30) == expected


def test_scale_may_ask_for_the_size_it_expects() -> None:
    (scaled,) = typed(played(deployment(3), [k(f"scale deploy {NAME} --replicas=5 --current-replicas=4")]))
    assert (scaled.exit, scaled.output) == (1, "error: Expected replicas to be 4, was 3\n")


def test_the_strategy_may_change_in_mid_rollout() -> None:
    patch = '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'
    steps = [k(image("v2")), k(["patch", "deploy", NAME, "-p", patch], at=5)]
    trace = played(deployment(3, 1, 0), steps, stop=4)
    # At 5 s every old pod is told to go. The last one gone, at 9 s, wakes a controller only where no pod at
    # all is left: here the first new one wakes it, when it turns ready.
    assert {pod.deleted_s for pod in pods(trace, 1)} == {5}
    assert [pod.created_s for pod in pods(trace, 2)] == [0, 10, 10]


def test_a_third_version_takes_over_from_the_oldest() -> None:
    steps = [k(image("v2")), k(image("v3"), at=15)]
    trace = played(deployment(4, 1, 1), steps)
    (v1, v2, v3) = (pods(trace, revision) for revision in (1, 2, 3))
    assert len(v3) == 4
    assert max(pod.deleted_s for pod in v1) <= max(pod.deleted_s for pod in v2)
    assert rows(trace, "deployments")[-1].progressing_reason == "NewReplicaSetAvailable"


# Deletion.


def test_a_deleted_deployment_takes_its_pods_along() -> None:
    steps = [
        k(f"delete deployment {NAME}"),
        k("get all", at=1),
        k("get po", at=6),
        k(f"rollout status deploy {NAME}"),
        {"curl": "front"},
    ]
    trace = played(deployment(3), steps, service(), stop=5)
    _, rest, none, status, curl = typed(trace)
    assert rest.output.count("Terminating") == 3
    assert "replicaset" not in rest.output
    assert none.output == "No resources found in default namespace.\n"
    assert status.output == f'Error from server (NotFound): deployments.apps "{NAME}" not found\n'
    assert (curl.exit, curl.output) == (
        7,
        "curl: (7) Failed to connect to front port 80 after 0 ms: Connection refused\n",
    )
    assert {pod.gone_s for pod in rows(trace, "pods")} == {5}


def test_a_deployment_of_the_same_name_starts_afresh() -> None:
    steps = [
        k(f"delete deploy {NAME}"),
        k("create -f -", input=[deployment(2)], at=30),
        k("rollout history deploy", at=60),
    ]
    trace = played(deployment(3), steps)
    assert typed(trace)[2].output.splitlines()[2:3] == ["1         <none>"]
    assert sum(pod.gone_s != pod.gone_s for pod in rows(trace, "pods")) == 2


def test_recreate_does_not_wait_for_the_pods_of_a_namesake() -> None:
    second = deployment(1, recreate=True, container={"image": "web:v2"})
    steps = [
        k(f"delete deploy {NAME}"),
        k("create -f -", input=[second], at=1),
        k(image("v3"), at=15),
    ]
    # The first one's pod needs until 30 s to stop; the second's own old pod until 17 s.
    images = {"web:v1": {"stop": 30}, "web:v2": {"stop": 2}}
    trace = played(deployment(1), steps, images=images)
    (new,) = [pod for pod in rows(trace, "pods") if pod.image == "web:v3"]
    assert new.created_s == 17


def test_the_largest_replicaset_is_scaled_first() -> None:
    steps = [k(image("bad")), k(f"scale deploy/{NAME} --replicas=15", at=30), k("describe deploy", at=31)]
    trace = played(deployment(10, 3, 2), steps, images={"web:bad": {"faults": {"never_ready": 1}}})
    scaled = [row.message for row in rows(trace, "events") if row.kind == "scale" and row.time_s == 30]
    assert [text.rsplit(" from ", 1)[1] for text in scaled] == ["8 to 11", "5 to 7"]


def test_a_deleted_replicaset_comes_back_when_it_is_the_newest() -> None:
    trace = played(deployment(2), [k("delete rs --all"), k("get rs", settle=1)])
    deleted, listed = typed(trace)
    name = deleted.output.split('"')[1]
    assert listed.output.split()[5:9] == [name, "2", "2", "2"]
    # Its pods went with it, and are not the new one's.
    assert sum(pod.deleted_s == pod.deleted_s for pod in rows(trace, "pods")) == 2


def test_without_its_replicaset_a_revision_is_gone() -> None:
    steps = [
        k(image("v2")),
        k("delete rs -l app=web", settle=1),
        k(f"rollout undo deploy {NAME}", settle=1),
        k(f"rollout history deploy {NAME}"),
    ]
    *_, undone, listed = typed(played(deployment(1), steps))
    assert undone.output == f'error: no rollout history found for deployment "{NAME}"\n'
    assert listed.output.splitlines()[2:3] == ["1         <none>"]


def test_a_deleted_pod_is_replaced_and_waited_for() -> None:
    trace = played(deployment(2), [k("delete po -l app=web"), k("get po -o name")], stop=4)
    deleted, listed = typed(trace)
    assert deleted.finished_s == 4
    assert len(listed.output.splitlines()) == 2
    assert len(rows(trace, "pods")) == 4


# Services.


def test_two_deployments_behind_one_service() -> None:
    canary = deployment(1)
    canary["metadata"]["name"] = "canary"
    canary["spec"]["template"]["metadata"]["labels"] = {"app": NAME, "track": "canary"}
    canary["spec"]["selector"] = {"matchLabels": {"track": "canary"}}
    canary["spec"]["template"]["spec"]["containers"][0]["image"] = "web:v2"
    stable = deployment(3)
    stable["spec"]["selector"] = {"matchLabels": {"track": "stable"}}
    stable["spec"]["template"]["metadata"]["labels"] = {"app": NAME, "track": "stable"}
    steps: Steps = [
        {"curl": "front", "requests": 4000},
        k("scale deploy canary --replicas=3"),
        k("scale deploy web --replicas=1"),
        {"settle": 1},
        {"curl": "front", "requests": 4000},
    ]
    first, *_, last = typed(played(stable, steps, canary, service()))
    shares = [[int(line.split()[0]) / 4000 for line in row.output.splitlines()] for row in (first, last)]
    assert shares == [pytest.approx([0.75, 0.25], abs=0.04), pytest.approx([0.25, 0.75], abs=0.04)]


def test_the_selector_of_a_service_decides_whom_it_asks() -> None:
    selector = '{"spec":{"selector":{"app":"nobody"}}}'
    steps: Steps = [{"curl": "front"}, k(["patch", "svc", "front", "-p", selector]), {"curl": "front"}]
    assert [row.exit for row in typed(played(deployment(1), steps, service()))] == [0, 0, 7]
    assert typed(played(deployment(1), [{"curl": "back"}], service()))[0].exit == 6


def test_requests_reach_an_application_only_while_it_is_up() -> None:
    # Without a readiness probe the pod is in the Service from 10 s on, and its application is up at 15 s.
    steps: Steps = [
        k("create -f -", input=[deployment(1), service()]),
        *({"curl": "front", "at": at} for at in (5, 12, 16)),
    ]
    assert [row.exit for row in typed(created(steps, ready=5))[1:]] == [7, 7, 0]


# Applying.


def test_apply_changes_what_its_manifest_says_and_leaves_the_rest() -> None:
    first, second = deployment(3, minReadySeconds=5), deployment(3)
    del first["spec"]["replicas"], second["spec"]["replicas"]
    steps = [
        k("apply -f -", input=first),
        k(f"scale deploy {NAME} --replicas=4"),
        k("apply -f -", input=first),
        k("apply -f -", input=second),
        k(f"describe deploy {NAME}"),
    ]
    made, _, same, changed, described = typed(created(steps))
    assert [row.output for row in (made, same, changed)] == [
        f"deployment.apps/{NAME} {word}\n" for word in ("created", "unchanged", "configured")
    ]
    # What only the last apply wanted is gone, what somebody else set stays.
    assert "MinReadySeconds:        0" in described.output
    assert "4 desired" in described.output


def test_apply_warns_of_what_it_did_not_make() -> None:
    steps = [k("create -f -", input=deployment(1)), k("apply -f -", input=deployment(1))]
    assert typed(created(steps))[1].output.startswith(f"Warning: resource deployments/{NAME} is missing the")


def test_what_the_server_refuses_changes_nothing() -> None:
    patch = '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}}'
    trace = played(deployment(2), [k(["patch", "deploy", NAME, "-p", patch])])
    (refused,) = typed(trace)
    assert refused.exit == 1
    assert refused.output.startswith(
        f'The Deployment "{NAME}" is invalid: spec.strategy.rollingUpdate.maxUnavailable'
    )
    assert len(rows(trace, "pods")) == 2


# The whole.


def test_a_session_gives_the_same_bytes_again() -> None:
    steps: Steps = [k(image("v2")), k("get po -o wide", at=3), {"curl": "front", "requests": 20}, k("get po")]
    scenario = stepped(deployment(3), steps, {"base": "node"}, service())
    assert simulate(scenario, 5).canonical() == simulate(scenario, 5).canonical()
    assert simulate(scenario, 5).canonical() != simulate(scenario, 6).canonical()


def test_nothing_is_left_of_what_was_deleted() -> None:
    steps = [k(f"delete deploy {NAME}"), k("delete svc front")]
    model = Model(stepped(deployment(3), steps, profile(), service()), 1, 0)
    model.run()
    cluster = model.cluster
    assert not cluster.deployments
    assert not cluster.replicasets
    assert all(gone >= 0 for gone in cluster.pods.gone[: len(cluster.pods)])
    cluster.check()


# What goes wrong is answered, and the session goes on.


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("rollout status deploy/nope", 'Error from server (NotFound): deployments.apps "nope" not found'),
        (
            "scale deploy/nope --replicas=2",
            'error: no objects passed to scale deployments.apps "nope" not found',
        ),
        (
            "set image deploy web nope main=web:v2",
            'Error from server (NotFound): deployments.apps "nope" not found',
        ),
        ("set image deploy/web x=web:v2", 'error: unable to find container named "x"'),
        ("rollout resume deploy/web", 'error: deployments.apps "web" is not paused'),
        ("rollout undo deploy/web", 'error: no rollout history found for deployment "web"'),
        ("rollout undo deploy/web --to-revision=7", "error: unable to find specified revision 7 in history"),
        ("rollout history deploy/web --revision=7", "error: unable to find the specified revision"),
        ("wait deploy/web --for=condition=Foo --timeout=0", "error: condition not met for deployments/web"),
        ("wait deploy/x --for=create --timeout=1s", "error: timed out waiting for the condition"),
        ("delete svc x", 'Error from server (NotFound): services "x" not found'),
        (
            "annotate deploy/web a=b -n other",
            'Error from server (NotFound): deployments.apps "web" not found',
        ),
        ("frobnicate", 'error: unknown command "frobnicate" for "kubectl"'),
        ("rollout undo deploy/web --foo", "error: unknown flag: --foo"),
        ("get frobs", 'error: the server doesn\'t have a resource type "frobs"'),
    ],
)
def test_mistakes_are_answered_and_the_session_goes_on(line: str, answer: str) -> None:
    wrong, after = typed(played(deployment(1), [k(line), k("get deploy -o name")]))
    assert (wrong.exit, wrong.output.splitlines()[0]) == (1, answer)
    assert (after.exit, after.output) == (0, "deployment.apps/web\n")


@pytest.mark.parametrize(
    ("patch", "answer"),
    [
        (
            '{"spec":{"strategy":{"type":"Recreate"}}}',
            'The Deployment "web" is invalid: spec.strategy.rollingUpdate: Forbidden: '
            "may not be specified when strategy `type` is 'Recreate'",
        ),
        ('{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}', "deployment.apps/web patched"),
        (
            '{"spec":{"replicas":-1}}',
            'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: '
            "must be greater than or equal to 0",
        ),
        (
            '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}}',
            'The Deployment "web" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: '
            'intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when `maxSurge` is 0',
        ),
        (
            '{"metadata":{"name":"x"}}',
            "Error from server (BadRequest): the name of the object (x) does not match the name on the URL "
            "(web)",
        ),
        ('{"spec":{"minReadySeconds":0}}', "deployment.apps/web patched (no change)"),
    ],
)
def test_patches_are_answered_by_the_server(patch: str, answer: str) -> None:
    (patched,) = typed(played(deployment(1), [k(["patch", "deploy", NAME, "-p", patch])]))
    assert patched.output.splitlines()[0] == answer


def test_what_is_not_reached_is_told() -> None:
    steps = [k("get po", when="updated == 9"), k("get rs")]
    trace = played(deployment(1), steps)
    left = [row.message for row in rows(trace, "events") if row.kind == "skipped"]
    assert left == [f"kubectl get {kind}: not reached before the simulation ends" for kind in ("po", "rs")]


def test_images_are_set_where_there_are_containers_for_them() -> None:
    trace = played(deployment(1), [k(f"{image('v2')} other=x:1")])
    (answer,) = typed(trace)
    assert (
        answer.output == 'deployment.apps/web image updated\nerror: unable to find container named "other"\n'
    )
    assert {pod.image for pod in pods(trace, 2)} == {"web:v2"}


@pytest.mark.parametrize(
    ("version", "created_with", "grown"),
    [("1.27", "to 1", "to 2"), ("1.28", "to 1", "to 2 from 1"), ("1.31", "from 0 to 1", "from 1 to 2")],
)
def test_scaling_is_told_in_the_words_of_the_version(version: str, created_with: str, grown: str) -> None:
    trace = played(deployment(2, 1, 0), [k(image("v2"))], kubernetes=version)
    told = [row.message.split(maxsplit=5)[-1] for row in rows(trace, "events") if row.kind == "scale"]
    assert [told[0], told[2]] == [created_with, grown]


@pytest.mark.parametrize(("version", "restarts"), [("1.21", "1"), ("1.22", "1 (15s ago)")])
def test_restarts_say_when_from_1_22_on(version: str, restarts: str) -> None:
    faults = {"crash": {"probability": 1, "after": 20}}
    steps = [k("create -f -", input=[deployment(1)]), k("get po", at=45)]
    listed = typed(created(steps, kubernetes=version, faults=faults))[1].output.splitlines()[1]
    assert listed.split(maxsplit=3)[3].rsplit("   ", 1)[0].strip() == restarts

"""Ages, columns and the tables of `kubectl get`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sim.kubectl import tables
from sim.kubectl.layout import age, aligned, escaped, rfc1123z
from sim.kubectl.quantity import quantity_text

M, H, D, Y, MS = 60, 3600, 86400, 365 * 86400, 0.001


# duration_test.go of apimachinery.
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1s"),
        (70, "70s"),
        (190, "3m10s"),
        (70 * M, "70m"),
        (47 * H, "47h"),
        (49 * H, "2d1h"),
        (8 * D + 2 * H, "8d"),
        (367 * D, "367d"),
        (2 * Y + 25 * H, "2y1d"),
        (8 * Y + 2 * H, "8y"),
        (-2, "<invalid>"),
        (-2 + MS, "0s"),
        (0, "0s"),
        (1 - MS, "0s"),
        (2 * M - MS, "119s"),
        (2 * M, "2m"),
        (2 * M + 1, "2m1s"),
        (10 * M - MS, "9m59s"),
        (10 * M, "10m"),
        (10 * M + 1, "10m"),
        (3 * H - MS, "179m"),
        (3 * H, "3h"),
        (3 * H + M, "3h1m"),
        (8 * H - MS, "7h59m"),
        (8 * H, "8h"),
        (8 * H + 59 * M, "8h"),
        (2 * D - MS, "47h"),
        (2 * D, "2d"),
        (2 * D + H, "2d1h"),
        (8 * D - MS, "7d23h"),
        (8 * D, "8d"),
        (8 * D + 23 * H, "8d"),
        (2 * Y - MS, "729d"),
        (2 * Y, "2y"),
        (2 * Y + 23 * H + 59 * M, "2y"),
        (2 * Y + 24 * H - MS, "2y"),
        (2 * Y + 24 * H, "2y1d"),
        (3 * Y, "3y"),
        (7 * Y, "7y"),
        (8 * Y - MS, "7y364d"),
        (8 * Y, "8y"),
        (8 * Y + 364 * D, "8y"),
        (9 * Y, "9y"),
    ],
)
def test_ages(seconds, text):
    assert age(seconds) == text


def test_times_are_written_as_go_does_whatever_the_locale():
    assert rfc1123z(datetime(2021, 1, 1, tzinfo=UTC)) == "Fri, 01 Jan 2021 00:00:00 +0000"
    assert rfc1123z(datetime(2021, 1, 1)) == "Fri, 01 Jan 2021 00:00:00 +0000"
    east = timezone(timedelta(hours=5, minutes=30))
    assert rfc1123z(datetime(2024, 2, 29, 8, 5, 9, tzinfo=east)) == "Thu, 29 Feb 2024 08:05:09 +0530"


def test_terminal_controls_are_escaped():
    assert escaped("a\x1b[1mb\rc") == "a^[[1mb\\rc"


def test_a_column_ends_where_a_line_has_no_cell_for_it():
    text = "a\tb\nlong\tc\nalone\nx\ty\tz\nxx\tyyy\tz\n\tq\n"
    assert aligned(text, min_width=0, padding=2) == (
        "a     b\nlong  c\nalone\nx   y    z\nxx  yyy  z\n    q\n"
    )
    assert aligned("a\tb\n", min_width=6, padding=3) == "a     b\n"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("0.5", "500m"),
        ("2000m", "2"),
        (1, "1"),
        (0.25, "250m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1000", "1k"),
        ("128974848", "128974848"),
        ("1e3", "1e3"),
        ("0", "0"),
        ("what", "what"),
    ],
)
def test_quantities_come_back_in_canonical_form(given, text):
    assert quantity_text(given) == text


# seed-3-history-undo, get replicasets.
RECORDED = """\
NAME                DESIRED   CURRENT   READY   AGE
testqc-6fd65fb77b   0         0         0       29s
testqc-7ccd96d697   0         0         0       24s
testqc-85df4bd5b6   3         3         3       12s
"""


def replica_set(name, replicas, seconds):
    return tables.ReplicaSetRow(
        name=name, desired=replicas, current=replicas, ready=replicas, age=seconds,
        containers=("nodejs",), images=("qinchaowhut/allen:v1",), selector="app=allen",
    )  # fmt: skip


def test_replica_sets_as_recorded():
    rows = [
        replica_set("testqc-6fd65fb77b", 0, 29.4),
        replica_set("testqc-7ccd96d697", 0, 24),
        replica_set("testqc-85df4bd5b6", 3, 12),
    ]
    assert tables.replicasets_table(rows) == RECORDED
    bare = tables.replicasets_table(rows[2:], no_headers=True)
    assert bare == "testqc-85df4bd5b6   3     3     3     12s\n"


def test_nothing_is_printed_of_no_rows():
    assert tables.replicasets_table([]) == ""


def test_wide_replica_sets_with_their_kind():
    assert tables.replicasets_table([replica_set("web-1", 2, 125)], wide=True, with_kind=True) == (
        "NAME                    DESIRED   CURRENT   READY   AGE    "
        "CONTAINERS   IMAGES                 SELECTOR\n"
        "replicaset.apps/web-1   2         2         2       2m5s   "
        "nodejs       qinchaowhut/allen:v1   app=allen\n"
    )


DEPLOYMENT = tables.DeploymentRow(
    name="testqc", desired=3, ready=2, updated=1, available=2, age=61,
    containers=("nodejs", "side"), images=("allen:v1", "b"), selector="app=allen",
)  # fmt: skip


def test_deployments():
    assert tables.deployments_table([DEPLOYMENT]) == (
        "NAME     READY   UP-TO-DATE   AVAILABLE   AGE\ntestqc   2/3     1            2           61s\n"
    )
    assert tables.deployments_table([DEPLOYMENT], wide=True) == (
        "NAME     READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS    IMAGES       SELECTOR\n"
        "testqc   2/3     1            2           61s   nodejs,side   allen:v1,b   app=allen\n"
    )


def test_pods():
    rows = [
        tables.PodRow(name="a-1", ready=1, containers=1, status="Running", restarts=0, age=5,
            ip="10.0.0.1", node="n1"),
        tables.PodRow(name="a-2", ready=0, containers=1, status="CrashLoopBackOff", restarts=2, age=99,
                      last_restart_age=15.5),
        tables.PodRow(name="a-3", ready=0, containers=2, status="Pending", restarts=3, age=0),
    ]  # fmt: skip
    assert tables.pods_table(rows) == (
        "NAME   READY   STATUS             RESTARTS      AGE\n"
        "a-1    1/1     Running            0             5s\n"
        "a-2    0/1     CrashLoopBackOff   2 (15s ago)   99s\n"
        "a-3    0/2     Pending            3             0s\n"
    )
    assert tables.pods_table(rows[:1], wide=True) == (
        "NAME   READY   STATUS    RESTARTS   AGE   IP         NODE   NOMINATED NODE   READINESS GATES\n"
        "a-1    1/1     Running   0          5s    10.0.0.1   n1     <none>           <none>\n"
    )
    assert "<none>   <none>   <none>           <none>\n" in tables.pods_table(rows[2:], wide=True)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "<none>"),
        (0, ""),
        (1, "10.0.0.0:80"),
        (3, "10.0.0.0:80,10.0.0.1:80,10.0.0.2:80"),
        (5, "10.0.0.0:80,10.0.0.1:80,10.0.0.2:80 + 2 more..."),
    ],
)
def test_endpoints(count, text):
    addresses = None if count is None else tuple(f"10.0.0.{i}:80" for i in range(count))
    row = tables.EndpointsRow(name="svc", addresses=addresses, age=40)
    width = max(9, len(text)) + 3
    assert tables.endpoints_table([row]) == (
        f"NAME   {'ENDPOINTS'.ljust(width)}AGE\nsvc    {text.ljust(width)}40s\n"
    )


def service(**fields):
    row = {"name": "s", "type": "ClusterIP", "cluster_ip": "10.96.0.1", "age": 3600 * 3, **fields}
    return tables.services_table([tables.ServiceRow(**row)]).splitlines()[1].split()


def test_services():
    row = tables.ServiceRow(
        name="allen-loadbalancer", type="LoadBalancer", cluster_ip="10.96.1.2", age=14,
        ports=(tables.ServicePort(port=80, node_port=30123), tables.ServicePort(port=53, protocol="UDP")),
        selector={"tier": "x", "app": "allen"},
    )  # fmt: skip
    assert tables.services_table([row], wide=True) == (
        "NAME                 TYPE           CLUSTER-IP   EXTERNAL-IP   PORT(S)               AGE   "
        "SELECTOR\n"
        "allen-loadbalancer   LoadBalancer   10.96.1.2    <pending>     80:30123/TCP,53/UDP   14s   "
        "app=allen,tier=x\n"
    )


def test_external_addresses_of_services():
    assert service() == ["s", "ClusterIP", "10.96.0.1", "<none>", "<none>", "3h"]
    assert service(type="NodePort", external_ips=("1.1.1.1", "2.2.2.2"))[3] == "1.1.1.1,2.2.2.2"
    assert (
        service(type="LoadBalancer", load_balancer=("9.9.9.9",), external_ips=("1.1.1.1",))[3]
        == "9.9.9.9,1.1.1.1"
    )
    assert service(type="LoadBalancer", load_balancer=("a-long-name.example.org",))[3] == "a-long-name.e..."
    assert service(type="ExternalName", cluster_ip="", external_name="db.example.org")[2:4] == [
        "<none>",
        "db.example.org",
    ]


def test_several_kinds_are_set_apart_by_an_empty_line():
    one, two = "NAME\na\n", "NAME\nb\n"
    assert tables.tables([one, "", two]) == "NAME\na\n\nNAME\nb\n"
    assert tables.tables(["a\n", "b\n"], no_headers=True) == "a\nb\n"


def test_names_only():
    assert tables.names("deployments", ["a", "b"]) == "deployment.apps/a\ndeployment.apps/b\n"
    assert tables.names("pods", ["x"]) == "pod/x\n"


def test_cells_are_cut_at_the_end_of_their_line():
    assert tables.table(["NAME", "X"], [["a\nb", "c\x1b"]]) == "NAME   X\na...   c^[\n"


def test_selectors():
    assert tables.format_selector({}) == "<none>"
    assert tables.format_selector({"matchLabels": {"b": "1", "a": "2"}}) == "a=2,b=1"
    expressions = [
        {"key": "c", "operator": "In", "values": ["y", "x"]},
        {"key": "a", "operator": "Exists"},
        {"key": "d", "operator": "NotIn", "values": ["z"]},
        {"key": "e", "operator": "DoesNotExist"},
    ]
    text = tables.format_selector({"matchLabels": {"b": "1"}, "matchExpressions": expressions})
    assert text == "a,b=1,c in (x,y),d notin (z),!e"

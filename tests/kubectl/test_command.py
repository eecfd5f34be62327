"""Command lines and what they mean; the answers to wrong lines are those of kubectl v1.32.4."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kubectl.command import RECORD_DEPRECATED, Command, Refused, Target, Unsupported, parse, selector
from sim.kubectl.lookup import ROOT
from sim.kubectl.verbs import CHILDREN, COMPLETE

DEPLOY, WEB = Target("deployments"), Target("deployments", "web")
MISSING = (
    "error: You must provide one or more resources by argument or filename.\nExample resource specifications "
    "include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
)
NO_NEED = (
    "error: there is no need to specify a resource type as a separate argument when passing arguments in "
    "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
    "resource/<resource_name>'"
)


@pytest.mark.parametrize(
    ("line", "verb", "targets", "args", "flags"),
    [
        ("create -f -", "create", (), (), {"filename": ("-",), "validate": "strict"}),
        ("create -f - --validate=false", "create", (), (), {"filename": ("-",), "validate": "ignore"}),
        (
            *("apply -f a.yaml,b.yaml", "apply", (), ()),
            {"filename": ("a.yaml", "b.yaml"), "validate": "strict"},
        ),
        ("set image deploy web app=a:v2", "set image", (WEB,), ("app=a:v2",), {}),
        ("set image deploy/web a=1 a=2 --dry-run=none", "set image", (WEB,), ("a=2",), {}),
        ("set image deploy --all *=a", "set image", (DEPLOY,), ("*=a",), {"all": True}),
        (
            *("set env deploy/web -e B=2 A=1 C- -c x*", "set env", (WEB,), ("B=2", "A=1", "C-")),
            {"containers": "x*", "overwrite": True},
        ),
        (
            *("set resources deploy web --limits=cpu=1,memory=1Gi", "set resources", (WEB,), ()),
            {"containers": "*", "limits": "cpu=1,memory=1Gi"},
        ),
        ("scale deploy web --replicas=3", "scale", (WEB,), (), {"replicas": 3, "current-replicas": -1}),
        ("patch deploy web -p {}", "patch", (WEB,), (), {"patch": "{}", "type": "strategic"}),
        ("patch deploy web -p {} --type=Merge", "patch", (WEB,), (), {"patch": "{}", "type": "merge"}),
        ("annotate deploy/web a=b c-", "annotate", (WEB,), ("a=b", "c-"), {"overwrite": False}),
        (
            *("rollout status deploy web --timeout=170s", "rollout status", (WEB,), ()),
            {"watch": True, "revision": 0, "timeout": 170.0},
        ),
        ("rollout undo deploy web", "rollout undo", (WEB,), (), {"to-revision": 0}),
        ("rollout undo deployment/web --to-revision 2", "rollout undo", (WEB,), (), {"to-revision": 2}),
        ("rollout restart deploy -l app=web", "rollout restart", (DEPLOY,), (), {"selector": "app=web"}),
        ("rollout pause deployments.apps web", "rollout pause", (WEB,), (), {}),
        ("rollout resume Deployment.v1.apps/web", "rollout resume", (WEB,), (), {}),
        ("get deploy,rs,po", "get", (DEPLOY, Target("replicasets"), Target("pods")), (), {}),
        ("get deploy,rs web", "get", (WEB, Target("replicasets", "web")), (), {}),
        ("get deploy web other", "get", (WEB, Target("deployments", "other")), (), {}),
        ("get all -owide", "get", (Target("all"),), (), {"output": "wide"}),
        ("get pods,all,ep", "get", (Target("all"), Target("endpoints")), (), {}),
        ("get svc --no_headers", "get", (Target("services"),), (), {"no-headers": True}),
        ("describe deploy web", "describe", (WEB,), (), {"show-events": True}),
        (
            *("delete deploy web --now", "delete", (WEB,), ()),
            {"wait": True, "timeout": 0.0, "ignore-not-found": False, "now": True, "grace-period": 1},
        ),
        (
            *("wait deploy/web --for=condition=Available --timeout=-1s", "wait", (WEB,), ()),
            {"for": "condition=Available", "timeout": 604800.0},
        ),
    ],
)
def test_lines(line: str, verb: str, targets: Any, args: Any, flags: dict[str, Any]) -> None:
    command = parse(shlex.split(line))
    assert isinstance(command, Command)
    assert (command.verb, command.targets, command.args, dict(command.flags)) == (verb, targets, args, flags)
    assert command.words == tuple(shlex.split(line))
    assert (command.namespace, command.cause, command.warnings) == (None, None, "")


@pytest.mark.parametrize(
    "line", ["-n x get po", "--namespace=x get po", "get -nx po", "get po --context y -n x"]
)
def test_namespace_and_other_global_flags(line: str) -> None:
    command = parse(line.split())
    assert isinstance(command, Command)
    assert (command.namespace, command.flags) == ("x", {})


@pytest.mark.parametrize(
    ("line", "output"),
    [
        ("foo bar", 'error: unknown command "foo" for "kubectl"\n\nDid you mean this?\n\ttop'),
        ("rolout", 'error: unknown command "rolout" for "kubectl"\n\nDid you mean this?\n\trollout'),
        ("list", 'error: unknown command "list" for "kubectl"\n\nDid you mean this?\n\tget\n\twait'),
        ("zzzzzz", 'error: unknown command "zzzzzz" for "kubectl"'),
        ("--foo get deploy", "Error: flags cannot be placed before plugin name: --foo"),
        ("--foo", "error: unknown flag: --foo\nSee 'kubectl --help' for usage."),
        ("rollout foo", "error: unknown command \"foo\"\nSee 'kubectl rollout -h' for help and examples"),
        (
            "rollout -w status x",
            "error: unknown shorthand flag: 'w' in -w\nSee 'kubectl rollout --help' for usage.",
        ),
        ("rollout undo", "error: required resource not specified"),
        ("rollout undo --foo", "error: unknown flag: --foo\nSee 'kubectl rollout undo --help' for usage."),
        (
            "rollout undo deploy web --record",
            "error: unknown flag: --record\nSee 'kubectl rollout undo --help' for usage.",
        ),
        ("rollout status deploy/web --revision=-1", "error: revision must be a positive integer: -1"),
        ("create", "error: must specify one of -f and -k"),
        ("create x", "error: Unexpected args: [x]\nSee 'kubectl create -h' for help and examples"),
        ("set image", MISSING),
        ("set image deploy web", "error: at least one image update is required"),
        ("set image deploy a=b", "error: resource(s) were provided, but no name was specified"),
        ("set image deploy/web a=b c", "error: all resources must be specified before image changes: c"),
        (
            "set image --all -l x=y deploy",
            "cannot set --all and --selector at the same time\nat least one image update is required",
        ),
        (
            "set env",
            "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ),
        (
            "set resources deploy/web",
            "error: you must specify an update to requests or limits (in the form of --requests/--limits)",
        ),
        ("scale deploy web", 'error: required flag(s) "replicas" not set'),
        (
            "scale deploy web --replicas=-1",
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ),
        ("patch", "error: must specify --patch or --patch-file containing the contents of the patch"),
        (
            "patch deploy web -p {} --type=foo",
            'error: --type must be one of [json merge strategic], not "foo"',
        ),
        ("annotate deploy web", "error: at least one annotation update is required"),
        (
            "get",
            'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list '
            "of supported resources.\n\nerror: Required resource not specified.\n"
            'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl '
            "explain pods).\nSee 'kubectl get -h' for help and examples",
        ),
        ("get foo", 'error: the server doesn\'t have a resource type "foo"'),
        ("get DEPLOY", 'error: the server doesn\'t have a resource type "DEPLOY"'),
        ("get all web", "error: you must specify only one resource"),
        ("get a/b/c", "error: arguments in resource/name form may not have more than one slash"),
        ("get deploy deploy/web", NO_NEED),
        ("get deploy web -l a=b", "error: name cannot be provided when a selector is specified"),
        (
            "get po -l 'a in b'",
            'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector '
            "\"a in b\", field selector \"\": unable to parse requirement: found 'b' expected: '('",
        ),
        ("delete --all", "error: at least one resource must be specified to use a selector"),
        ("delete deploy web -o yaml", "error: unexpected -o output mode: yaml. We only support '-o name'"),
        ("wait deploy web", 'error: unrecognized condition: ""'),
        ("scale --record --replicas=3", RECORD_DEPRECATED + MISSING),
    ],
)
def test_wrong_lines(line: str, output: str) -> None:
    assert parse(shlex.split(line)) == Refused(output + "\n", 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("autoscale deploy web --max=5", "HorizontalPodAutoscaler"),
        ("get hpa", "horizontalpodautoscalers"),
        ("rollout undo ds/web", "daemonsets"),
        ("rollout undo rs/web", "replicasets"),
        ("get nodes", "nodes"),
        ("get deploy -o yaml", "yaml"),
        ("get deploy -o jsonpath={.a}", "jsonpath"),
        ("get deploy -w", "watch"),
        ("get deploy -A", "namespace"),
        ("set image deploy web a=b --dry-run", "dry run"),
        ("delete deploy web --cascade=orphan", "cascade"),
        ("patch deploy web -p [] --type=json", "json"),
        ("apply -k x", "kustomizations"),
        ("create deployment web --image=a", "create deployment"),
        ("set selector svc web a=b", "set selector"),
        ("exec web -- ls", "processes"),
        ("rollout", "help"),
        ("get -h", "help"),
        ("", "help"),
    ],
)
def test_what_cannot_be_simulated(line: str, words: str) -> None:
    answer = parse(shlex.split(line))
    assert isinstance(answer, Unsupported)
    assert words in answer.message


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("--namespace=x create -f - --record", "kubectl create --namespace=x --filename=- --record=true"),
        (
            "-n x scale deploy/web --replicas 3 --record -v 0",
            "kubectl scale deploy/web --namespace=x --replicas=3 --record=true --v=0",
        ),
        (
            "set image deploy web a=x -l '' --record --dry-run=none --as=root",
            "kubectl set image deploy web a=x --selector= --record=true --dry-run=none --as=root",
        ),
        (
            "set resources deploy web --limits=cpu=200m --record=1",
            "kubectl set resources deploy web --limits=cpu=200m --record=1",
        ),
        ("annotate deploy web 'a=b c' --record", "kubectl annotate deploy web a=b c --record=true"),
        ("scale deploy/web --replicas=3 --record=false", None),
    ],
)
def test_the_recorded_cause(line: str, cause: str | None) -> None:
    command = parse(shlex.split(line))
    assert isinstance(command, Command)
    assert command.cause == cause
    assert command.warnings == RECORD_DEPRECATED


@pytest.mark.parametrize(
    ("text", "labels", "selected"),
    [
        ("", {}, True),
        ("a=b", {"a": "b"}, True),
        ("a==b,c", {"a": "b"}, False),
        ("a!=b", {}, True),
        ("a in (b, c)", {"a": "c"}, True),
        ("a notin (b)", {"a": "b"}, False),
        ("!a", {"a": ""}, False),
        ("a>3", {"a": "10"}, True),
        ("a=", {"a": ""}, True),
        ("in in (in)", {"in": "in"}, True),
    ],
)
def test_selectors(text: str, labels: dict[str, str], selected: bool) -> None:
    assert selector(text)(labels) is selected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
    ],
)
def test_wrong_selectors(text: str, complaint: str) -> None:
    with pytest.raises(ValueError) as error:
        selector(text)
    assert str(error.value).startswith(complaint)


WORDS = st.one_of(
    st.sampled_from([*ROOT, *(child for children in CHILDREN.values() for child in children)]),
    st.sampled_from(
        ["deploy", "deploy/web", "web", "a=b", "a-", "all", "-", "--", "-h", "po,rs", "-l", "-f"]
    ),
    st.sampled_from([f"--{flag}" for flags in COMPLETE.values() for flag in flags._by_name]),
    st.sampled_from(
        ["--replicas=3", "--for=delete", "-p{}", "--record", "-la in (", "--limits=cpu=1", "-ojson"]
    ),
    st.text(max_size=8),
)


@pytest.mark.property
@given(st.tuples(st.sampled_from(sorted(COMPLETE)), st.lists(WORDS, max_size=6)))
def test_no_words_ever_raise(line: tuple[str, list[str]]) -> None:
    answer = parse([*line[0].split(), *line[1]])
    assert isinstance(answer, Command | Refused | Unsupported)
    if isinstance(answer, Refused):
        assert answer.output.endswith("\n")
        assert answer.exit == 1

"""kubectl's words after it has asked the server, against recordings and its source."""

from __future__ import annotations

import pytest

from sim.kubectl import failures, messages

DEPLOYMENTS = "deployments"


@pytest.mark.parametrize(
    ("resource", "name", "operation", "text"),
    [
        # Recorded.
        (DEPLOYMENTS, "testqc", messages.CREATED, "deployment.apps/testqc created\n"),
        ("services", "allen-loadbalancer", messages.CREATED, "service/allen-loadbalancer created\n"),
        (DEPLOYMENTS, "testqc", messages.IMAGE_UPDATED, "deployment.apps/testqc image updated\n"),
        (DEPLOYMENTS, "testqc", messages.SCALED, "deployment.apps/testqc scaled\n"),
        (DEPLOYMENTS, "testqc", messages.ROLLED_BACK, "deployment.apps/testqc rolled back\n"),
        (DEPLOYMENTS, "testqc", messages.PAUSED, "deployment.apps/testqc paused\n"),
        (DEPLOYMENTS, "testqc", messages.RESUMED, "deployment.apps/testqc resumed\n"),
        # kubectl's source.
        (DEPLOYMENTS, "x", messages.CONFIGURED, "deployment.apps/x configured\n"),
        (DEPLOYMENTS, "x", messages.UNCHANGED, "deployment.apps/x unchanged\n"),
        (DEPLOYMENTS, "x", messages.ENV_UPDATED, "deployment.apps/x env updated\n"),
        (DEPLOYMENTS, "x", messages.RESOURCES_UPDATED, "deployment.apps/x resource requirements updated\n"),
        (DEPLOYMENTS, "x", messages.PATCHED, "deployment.apps/x patched\n"),
        (DEPLOYMENTS, "x", messages.PATCHED_NO_CHANGE, "deployment.apps/x patched (no change)\n"),
        (DEPLOYMENTS, "x", messages.ANNOTATED, "deployment.apps/x annotated\n"),
        (DEPLOYMENTS, "x", messages.RESTARTED, "deployment.apps/x restarted\n"),
        ("pods", "x", messages.CONDITION_MET, "pod/x condition met\n"),
        (
            DEPLOYMENTS,
            "x",
            messages.rollback_skipped(2),
            "deployment.apps/x skipped rollback (current template already matches revision 2)\n",
        ),
    ],
)
def test_what_was_done(resource, name, operation, text):
    assert messages.operated(resource, name, operation) == text


def test_deleted():
    assert messages.deleted(DEPLOYMENTS, "testqc") == 'deployment.apps "testqc" deleted\n'
    assert messages.deleted("pods", "x", forced=True) == 'pod "x" force deleted\n'
    assert messages.NOTHING_DELETED == "No resources found\n"


def test_warnings_and_nothing_found():
    assert messages.no_resources("default") == "No resources found in default namespace.\n"
    assert messages.missing_last_applied(DEPLOYMENTS, "web") == (
        "Warning: resource deployments/web is missing the kubectl.kubernetes.io/last-applied-configuration "
        "annotation which is required by kubectl apply. kubectl apply should only be used on resources "
        "created declaratively by either kubectl create --save-config or kubectl apply. The missing "
        "annotation will be patched automatically.\n"
    )
    assert messages.no_matching_containers(DEPLOYMENTS, "web", "x*") == (
        'Warning: Deployment/web does not have any containers matching "x*"\n'
    )


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        # Recorded.
        (
            failures.progress_deadline_exceeded("testqc"),
            'error: deployment "testqc" exceeded its progress deadline',
        ),
        # kubectl's source.
        (
            failures.not_found(DEPLOYMENTS, "y"),
            'Error from server (NotFound): deployments.apps "y" not found',
        ),
        (failures.not_found("pods", "x"), 'Error from server (NotFound): pods "x" not found'),
        (
            failures.already_exists(DEPLOYMENTS, "x", "STDIN"),
            'Error from server (AlreadyExists): error when creating "STDIN": '
            'deployments.apps "x" already exists',
        ),
        (failures.unknown_container("x"), 'error: unable to find container named "x"'),
        (failures.unknown_container_resources("x*"), "error: unable to find container named x*"),
        (
            failures.env_not_overwritten(DEPLOYMENTS, "web", "A", "1"),
            "error: deployments/web 'A' already has a value (1), and --overwrite is false",
        ),
        (
            failures.annotations_not_overwritten({"a": "1", "b": "2"}),
            "error: --overwrite is false but found the following declared annotation(s): "
            "'a' already has a value (1); 'b' already has a value (2)",
        ),
        (failures.replicas_mismatch(3, 5), "error: Expected replicas to be 3, was 5"),
        (failures.nothing_to_scale(), "error: no objects passed to scale"),
        (
            failures.nothing_to_scale(DEPLOYMENTS, "x"),
            'error: no objects passed to scale deployments.apps "x" not found',
        ),
        (failures.already_paused(DEPLOYMENTS, "x"), 'error: deployments.apps "x" is already paused'),
        (failures.not_paused(DEPLOYMENTS, "x"), 'error: deployments.apps "x" is not paused'),
        (
            failures.restart_paused(DEPLOYMENTS, "x"),
            "error: deployments.apps \"x\" can't restart paused deployment (run rollout resume first)",
        ),
        (
            failures.restarted_this_second("x"),
            "error: failed to create patch for x: if restart has already been triggered within the past "
            "second, please wait before attempting to trigger another",
        ),
        (
            failures.rollback_paused(),
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' "
            "and try again",
        ),
        (failures.rollback_unknown_revision(7), "error: unable to find specified revision 7 in history"),
        (failures.rollback_no_history("x"), 'error: no rollout history found for deployment "x"'),
        (failures.history_unknown_revision(), "error: unable to find the specified revision"),
        (
            failures.status_other_revision(1, 2),
            "error: desired revision (1) is different from the running revision (2)",
        ),
        (failures.status_timed_out(), "error: timed out waiting for the condition"),
        (failures.object_deleted(), "error: object has been deleted"),
        (
            failures.wait_timed_out(DEPLOYMENTS, "testqc"),
            "error: timed out waiting for the condition on deployments/testqc",
        ),
        (failures.wait_not_met("pods", "x"), "error: condition not met for pods/x"),
        (failures.wait_nothing_matches(), "error: no matching resources found"),
        (
            failures.patch_failed("set image", "no"),
            "error: failed to patch image update to pod template: no",
        ),
        (failures.patch_failed("set env", "no"), "error: failed to patch env update to pod template: no"),
        (
            failures.patch_failed("set resources", "no"),
            "error: failed to patch resources update to pod template no",
        ),
        (failures.patch_failed("rollout pause", "no"), "error: failed to patch: no"),
    ],
)  # fmt: skip
def test_failures(failure, text):
    assert failures.printed([failure]) == text + "\n"


def test_several_failures_have_a_line_each():
    both = [failures.rollback_unknown_revision(7), failures.not_found(DEPLOYMENTS, "x")]
    assert failures.printed(both) == (
        "unable to find specified revision 7 in history\n"
        'Error from server (NotFound): deployments.apps "x" not found\n'
    )
    assert failures.printed([failures.unknown_container("a"), failures.unknown_container("b")]) == (
        'error: unable to find container named "a"\nerror: unable to find container named "b"\n'
    )


def test_invalid_objects():
    """The first is a real answer of a server; field.Error writes an IntOrString as Go does."""
    cause = failures.surge_and_unavailable_zero(0)
    one = failures.invalid(DEPLOYMENTS, "web", [cause, cause])
    assert failures.printed([one]) == (
        'The Deployment "web" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: '
        'intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when `maxSurge` is 0\n'
    )
    assert failures.surge_and_unavailable_zero("0%")[1].startswith(
        'Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"0%"}: '
    )
    two = failures.invalid("services", "s", [("a", "Required value"), ("b", "bad")], doing="doing: ")
    assert failures.printed([two]) == 'The Service "s" is invalid: \n* a: Required value\n* b: bad\n'
    assert failures.printed([two, two]).splitlines()[0] == (
        'Error from server (Invalid): doing: Service "s" is invalid: [a: Required value, b: bad]'
    )
    assert (
        failures.invalid_message(DEPLOYMENTS, "web", [("a", "bad")])
        == 'Deployment.apps "web" is invalid: a: bad'
    )


def test_curl():
    assert messages.curl_refused("web", 80) == (
        "curl: (7) Failed to connect to web port 80 after 0 ms: Connection refused\n"
    )
    assert messages.curl_unresolved("web") == "curl: (6) Could not resolve host: web\n"
    assert (messages.CURL_EXIT_RESOLVE, messages.CURL_EXIT_CONNECT, failures.EXIT) == (6, 7, 1)

"""What kubectl says that it did, and its warnings, word for word; `failures` has its errors.

Each text names the file that it follows, of kubectl/pkg unless another repository is named. What curl says
when a Service does not answer is here too.
"""

from __future__ import annotations

import json

from sim.kubectl.tables import KINDS, QUALIFIED_KINDS

CURL_EXIT_RESOLVE = 6
CURL_EXIT_CONNECT = 7

# What `operated` is told, one a verb: NewPrintFlags and ToPrinter in cmd/create, apply, set, scale, patch,
# annotate, wait and rollout, and polymorphichelpers/rollback.go.
CREATED = "created"
CONFIGURED = "configured"
UNCHANGED = "unchanged"
IMAGE_UPDATED = "image updated"
ENV_UPDATED = "env updated"
RESOURCES_UPDATED = "resource requirements updated"
SCALED = "scaled"
PATCHED = "patched"
PATCHED_NO_CHANGE = "patched (no change)"
ANNOTATED = "annotated"
PAUSED = "paused"
RESUMED = "resumed"
RESTARTED = "restarted"
ROLLED_BACK = "rolled back"
CONDITION_MET = "condition met"

# cmd/delete/delete.go: nothing matched; on the standard output, exit 0.
NOTHING_DELETED = "No resources found\n"


def operated(resource: str, name: str, operation: str) -> str:
    """An object and what was done to it (cli-runtime/pkg/printers/name.go).

    operated("deployments", "web", SCALED) is "deployment.apps/web scaled\\n".
    """
    return f"{QUALIFIED_KINDS[resource]}/{name} {operation}\n"


def rollback_skipped(revision: int) -> str:
    """What `operated` is told when the template is the same (polymorphichelpers/rollback.go).

    kubectl prints the number it was asked for, also 0 for the last one.
    """
    return f"skipped rollback (current template already matches revision {revision})"


def deleted(resource: str, name: str, *, forced: bool = False) -> str:
    """cmd/delete/delete.go: deleted("pods", "x") is 'pod "x" deleted\\n'; `forced` with --grace-period=0."""
    return f'{QUALIFIED_KINDS[resource]} "{name}" {"force deleted" if forced else "deleted"}\n'


def no_resources(namespace: str) -> str:
    """cmd/get/get.go, describe.go and rollout/*.go, on the standard error with exit 0."""
    return f"No resources found in {namespace} namespace.\n"


def missing_last_applied(resource: str, name: str) -> str:
    """cmd/apply/apply.go: the warning of `apply` on an object that it did not make; the command goes on."""
    return (
        f"Warning: resource {resource}/{name} is missing the kubectl.kubernetes.io/last-applied-configuration"
        " annotation which is required by kubectl apply. kubectl apply should only be used on resources"
        " created declaratively by either kubectl create --save-config or kubectl apply. The missing"
        " annotation will be patched automatically.\n"
    )


def no_matching_containers(resource: str, name: str, selector: str) -> str:
    """cmd/set/set_env.go: the warning of `set env -c` that no container matches; exit 0."""
    quoted = json.dumps(selector, ensure_ascii=False)
    return f"Warning: {KINDS[resource]}/{name} does not have any containers matching {quoted}\n"


def curl_refused(host: str, port: int) -> str:
    """curl's standard error when nothing listens behind an address (exit CURL_EXIT_CONNECT)."""
    return f"curl: (7) Failed to connect to {host} port {port} after 0 ms: Connection refused\n"


def curl_unresolved(host: str) -> str:
    """curl's standard error when no Service has that name (exit CURL_EXIT_RESOLVE)."""
    return f"curl: (6) Could not resolve host: {host}\n"

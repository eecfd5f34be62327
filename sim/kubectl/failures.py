"""kubectl's errors once it has asked the server, word for word.

Each names the file that it follows, of kubectl/pkg unless another repository is named. `printed` makes the
output of one or several, as checkErr of cmd/util/helpers.go does; they exit with EXIT.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.kubectl.tables import KINDS
from sim.rules.status import DEADLINE, TEXTS

# checkErr: DefaultErrorExitCode.
EXIT = 1

_GROUPS = {"deployments": ".apps", "replicasets": ".apps"}


@dataclass(frozen=True, slots=True)
class Failure:
    """One error: as it is printed `alone`, and as one line `among` several."""

    alone: str
    among: str


def _plain(text: str) -> Failure:
    return Failure(text if text.startswith("error: ") else f"error: {text}", text)


def _status(reason: str, message: str) -> Failure:
    text = f"Error from server ({reason}): {message}"
    return Failure(text, text)


def printed(failures: Sequence[Failure]) -> str:
    """The standard error of a command that failed (cmd/util/helpers.go: checkErr, MultipleErrors).

    One is "error: no matching resources found\\n"; several have a line each, without "error: "
    unless their text brings it.
    """
    if len(failures) == 1:
        text = failures[0].alone
        return text if text.endswith("\n") else text + "\n"
    return "".join(f"{failure.among}\n" for failure in failures)


def qualified(resource: str) -> str:
    """A resource with its group: "deployments.apps", "pods" (GroupResource.String of k8s.io/apimachinery)."""
    return resource + _GROUPS.get(resource, "")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def not_found(resource: str, name: str) -> Failure:
    """apimachinery/pkg/api/errors: 'Error from server (NotFound): deployments.apps "x" not found'."""
    return _status("NotFound", f'{qualified(resource)} "{name}" not found')


def already_exists(resource: str, name: str, source: str) -> Failure:
    """cmd/create/create.go: `source` is "STDIN" or the path of a file."""
    message = f'error when creating "{source}": {qualified(resource)} "{name}" already exists'
    return _status("AlreadyExists", message)


def invalid(resource: str, name: str, causes: Sequence[tuple[str, str]], *, doing: str = "") -> Failure:
    """The server refuses an object: (field, message) of each mistake, "Invalid value: ...: must be ...".

    One mistake is 'The Deployment "web" is invalid: FIELD: MESSAGE', several are a list (helpers.go).
    `doing` comes before the server's message among several errors: 'error when creating "STDIN": '.
    """
    texts = list(dict.fromkeys(f"{path}: {message}" for path, message in causes))
    head = f'The {KINDS[resource]} "{name}" is invalid: '
    alone = (
        f"{head}{texts[0]}\n" if len(texts) == 1 else "\n".join([head, *(f"* {text}" for text in texts), ""])
    )
    return Failure(alone, f"Error from server (Invalid): {doing}{invalid_message(resource, name, causes)}")


def invalid_message(resource: str, name: str, causes: Sequence[tuple[str, str]]) -> str:
    """The server's own words for it (apimachinery NewInvalid), which `patch_failed` and others pass on."""
    texts = list(dict.fromkeys(f"{path}: {message}" for path, message in causes))
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    return f'{KINDS[resource]}{_GROUPS.get(resource, "")} "{name}" is invalid: {listed}'


def int_or_string(value: int | str) -> str:
    """An IntOrString in "Invalid value: ..." as field.Error of apimachinery writes it (%#v).

    0 is 'intstr.IntOrString{Type:0, IntVal:0, StrVal:""}'.
    """
    if isinstance(value, str):
        return f"intstr.IntOrString{{Type:1, IntVal:0, StrVal:{_quoted(value)}}}"
    return f'intstr.IntOrString{{Type:0, IntVal:{value}, StrVal:""}}'


def surge_and_unavailable_zero(unavailable: int | str) -> tuple[str, str]:
    """The cause for `invalid` when neither may be exceeded (kubernetes/pkg/apis/apps/validation)."""
    return (
        "spec.strategy.rollingUpdate.maxUnavailable",
        f"Invalid value: {int_or_string(unavailable)}: may not be 0 when `maxSurge` is 0",
    )


def other_object(key: str, found: str, own: str) -> Failure:
    """apiserver/pkg/endpoints/handlers/rest.go, checkName: a patch that says another `name` or
    `namespace`."""
    if key == "name":
        text = f"the name of the object ({found}) does not match the name on the URL ({own})"
    else:
        text = f"the namespace of the object ({found}) does not match the namespace on the request ({own})"
    return _status("BadRequest", text)


def patch_failed(verb: str, message: str) -> Failure:
    """A change that the server refuses (cmd/set/*.go, cmd/rollout/*.go): its message after kubectl's."""
    heads = {
        "set image": "failed to patch image update to pod template: ",
        "set env": "failed to patch env update to pod template: ",
        "set resources": "failed to patch resources update to pod template ",
    }
    return _plain(heads.get(verb, "failed to patch: ") + message)


def unknown_container(name: str) -> Failure:
    """cmd/set/set_image.go."""
    return _plain(f'error: unable to find container named "{name}"')


def unknown_container_resources(selector: str) -> Failure:
    """cmd/set/set_resources.go, which puts no quotes."""
    return _plain(f"error: unable to find container named {selector}")


def env_not_overwritten(resource: str, name: str, key: str, value: str) -> Failure:
    """cmd/set/set_env.go with --overwrite=false; its text ends its line itself."""
    clause = f"'{key}' already has a value ({value}), and --overwrite is false"
    return _plain(f"error: {resource}/{name} {clause}\n")


def annotations_not_overwritten(present: Mapping[str, str]) -> Failure:
    """cmd/annotate/annotate.go with --overwrite=false; `present` are the values that would be lost."""
    texts = "; ".join(f"'{key}' already has a value ({value})" for key, value in present.items())
    return _plain(f"--overwrite is false but found the following declared annotation(s): {texts}")


def replicas_mismatch(expected: int, actual: int) -> Failure:
    """scale/scale.go: `scale --current-replicas` on another number."""
    return _plain(f"Expected replicas to be {expected}, was {actual}")


def nothing_to_scale(resource: str = "", name: str = "") -> Failure:
    """cmd/scale/scale.go: no object, or one that is not there; other verbs say `not_found`."""
    missing = f' {qualified(resource)} "{name}" not found' if name else ""
    return _plain(f"no objects passed to scale{missing}")


def already_paused(resource: str, name: str) -> Failure:
    """polymorphichelpers/objectpauser.go through cmd/rollout/rollout_pause.go."""
    return _plain(f'error: {qualified(resource)} "{name}" is already paused')


def not_paused(resource: str, name: str) -> Failure:
    """polymorphichelpers/objectresumer.go through cmd/rollout/rollout_resume.go."""
    return _plain(f'error: {qualified(resource)} "{name}" is not paused')


def restart_paused(resource: str, name: str) -> Failure:
    """polymorphichelpers/objectrestarter.go through cmd/rollout/rollout_restart.go."""
    clause = "can't restart paused deployment (run rollout resume first)"
    return _plain(f'error: {qualified(resource)} "{name}" {clause}')


def restarted_this_second(name: str) -> Failure:
    """cmd/rollout/rollout_restart.go: the stamp of a restart has whole seconds."""
    return _plain(
        f"failed to create patch for {name}: if restart has already been triggered within the past second, "
        "please wait before attempting to trigger another"
    )


def rollback_paused() -> Failure:
    """polymorphichelpers/rollback.go."""
    advice = "resume it first with 'kubectl rollout resume' and try again"
    return _plain(f"you cannot rollback a paused deployment; {advice}")


def rollback_unknown_revision(revision: int) -> Failure:
    """polymorphichelpers/rollback.go: `rollout undo --to-revision`."""
    return _plain(f"unable to find specified revision {revision} in history")


def rollback_no_history(name: str) -> Failure:
    """polymorphichelpers/rollback.go: there is no revision before the present one."""
    return _plain(f'no rollout history found for deployment "{name}"')


def history_unknown_revision() -> Failure:
    """polymorphichelpers/history.go: `rollout history --revision`."""
    return _plain("unable to find the specified revision")


def status_other_revision(desired: int, running: int) -> Failure:
    """polymorphichelpers/rollout_status.go: `rollout status --revision`."""
    return _plain(f"desired revision ({desired}) is different from the running revision ({running})")


def progress_deadline_exceeded(name: str) -> Failure:
    """polymorphichelpers/rollout_status.go."""
    return _plain(TEXTS[DEADLINE].format(name=name))


def status_timed_out() -> Failure:
    """wait.ErrWaitTimeout of apimachinery: `rollout status --timeout`, `wait --for=create`."""
    return _plain("timed out waiting for the condition")


def object_deleted() -> Failure:
    """cmd/rollout/rollout_status.go: the Deployment went away while it was watched."""
    return _plain("object has been deleted")


def wait_timed_out(resource: str, name: str) -> Failure:
    """cmd/wait/condition.go and delete.go; the resource is named without its group."""
    return _plain(f"timed out waiting for the condition on {resource}/{name}")


def wait_not_met(resource: str, name: str) -> Failure:
    """cmd/wait/condition.go: `wait --timeout=0` looks once."""
    return _plain(f"condition not met for {resource}/{name}")


def wait_nothing_matches() -> Failure:
    """cmd/wait/wait.go: no object; with --for=delete that is no error."""
    return _plain("no matching resources found")

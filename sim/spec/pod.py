"""A pod template from its document, with the API server's defaults and validation (core/v1)."""

from __future__ import annotations

import re
from typing import Any, Literal, cast

from sim.errors import shown
from sim.spec import vocabulary as known
from sim.spec.fields import MAX_INT32, Fields, whole_number
from sim.spec.models import Container, PodTemplate, Probe
from sim.spec.places import dotted
from sim.spec.syntax import (
    expected_dns_label,
    expected_dns_subdomain,
    expected_image,
    expected_port_name,
    image_tag,
)
from sim.spec.template_shape import MISSING, WRONG, misshapen
from sim.spec.volumes import check_volumes
from sim.units import parse_duration, parse_quantity

_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_SLEEP = re.compile(r"(?:^|[\s;&])sleep\s+([0-9]+(?:\.[0-9]+)?[smhd]?)(?:$|[\s;&])")
_DEFAULT_GRACE_S = 30


def read_template(fields: Fields) -> PodTemplate | None:
    """`spec.template` as a value; None when it cannot be used at all. Every mistake is noted."""
    fields.check_names(known.TEMPLATE)
    metadata, spec = fields.mapping("metadata"), fields.mapping("spec")
    metadata.check_names(known.METADATA)
    labels, annotations = metadata.labels("labels"), metadata.labels("annotations", annotations=True)
    if not spec.present:
        if fields.raw("spec") is None:
            fields.missing("spec", "the pod's containers")
        return None
    spec.check_names(known.POD_SPEC)
    _check_forbidden(spec)
    grace_s = spec.whole("terminationGracePeriodSeconds", _DEFAULT_GRACE_S)
    if spec.raw("containers") in (None, []):
        spec.missing("containers", "at least one container")
    containers = [_container(item, grace_s) for item in spec.items("containers")]
    spec.check_unique("containers")
    check_volumes(spec)
    # The old name counts where the new one is empty (core/v1 conversion of PodSpec).
    account = "serviceAccountName" if spec.raw("serviceAccountName") else "serviceAccount"
    spec.text(account, expected_dns_subdomain)
    _check_shape(fields)
    if not containers:
        return None
    return PodTemplate(
        labels=labels,
        annotations=annotations,
        containers=tuple(containers),
        termination_grace_period_seconds=grace_s,
        document=dict(fields.data),
    )


def _check_shape(fields: Fields) -> None:
    """Note what is not of its type and was not noticed in what is read."""
    told = [d.path for d in fields.notes.found if d.is_error and d.path]
    for path, message, value, expected in misshapen(fields.data):
        where = dotted((*fields.path, *path))
        if not any(where.startswith(other) or other.startswith(where) for other in told):
            code = "E104" if message == MISSING else "E103"
            found = shown(value) if message == WRONG else None
            fields.notes.add(code, message, (*fields.path, *path), found=found, expected=expected)


def _check_forbidden(spec: Fields) -> None:
    policy = spec.text("restartPolicy")
    if policy and policy != "Always":
        message = "a Deployment's pods must restart always"
        spec.problem("E119", message, "restartPolicy", found=shown(policy), expected="Always")
    for key in ("activeDeadlineSeconds", "ephemeralContainers"):
        if spec.raw(key) not in (None, []):
            spec.problem("E119", "Kubernetes does not allow this field in a Deployment's template", key)


def _container(fields: Fields, grace_s: int) -> Container:
    fields.check_names(known.CONTAINER)
    name = fields.text("name", expected_dns_label)
    if not fields.raw("name"):
        fields.missing("name")
    image = _image(fields)
    default = "Always" if image and image_tag(image) == "latest" else "IfNotPresent"
    policy = fields.choice("imagePullPolicy", ("Always", "IfNotPresent", "Never"), default)
    _check_ports(fields)
    return Container(
        name=name,
        image=image,
        image_pull_policy=cast(Literal["Always", "IfNotPresent", "Never"], policy),
        requests=_requests(fields.mapping("resources")),
        readiness_probe=_probe(fields.mapping("readinessProbe")),
        liveness_probe=_probe(fields.mapping("livenessProbe"), only_one_success=True),
        startup_probe=_probe(fields.mapping("startupProbe"), only_one_success=True),
        pre_stop_seconds=_pre_stop(fields.mapping("lifecycle"), grace_s),
    )


def _image(fields: Fields) -> str:
    """The image; the API server takes any text but none (validateContainerCommon)."""
    image = fields.text("image")
    if not fields.raw("image"):
        fields.missing("image", "an image reference such as registry/app:v1")
    expected = expected_image(image) if image else None
    if expected is None:
        return image
    found = shown(image)
    if "{{" in image:
        fields.problem("E110", "not a valid value", "image", found=found, expected=expected)
        return ""
    message = "no pod could start with this image (InvalidImageName), although the API server takes it"
    if image.startswith("ko://"):
        expected = "an image that is built, as from `ko resolve -f FILE | rollsim run -`"
    fields.problem("W218", f"{message}; it is played as any other", "image", found=found, expected=expected)
    return image


def _check_ports(fields: Fields) -> None:
    for port in fields.items("ports"):
        port.check_names(known.CONTAINER_PORT)
        port.text("name", expected_port_name)
        port.choice("protocol", ("TCP", "UDP", "SCTP"), "TCP")
        if port.raw("containerPort") is None:
            port.missing("containerPort", "1 to 65535")
        port.whole("containerPort", 1, least=1, most=65535)
    fields.check_unique("ports")


def _requests(resources: Fields) -> dict[str, float]:
    """What is requested; a limit without a request is one too, as the API server fills in."""
    resources.check_names(known.RESOURCES)
    limits, requests = _quantities(resources.mapping("limits")), _quantities(resources.mapping("requests"))
    for name, amount in requests.items():
        if amount > limits.get(name, amount):
            found = shown(resources.mapping("requests").raw(name))
            limit = resources.mapping("limits").raw(name)
            message = "the request is larger than the limit"
            resources.problem("E117", message, "requests", name, found=found, expected=f"at most {limit}")
    return limits | requests


def _quantities(fields: Fields) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in fields.data.items():
        if value is None:
            continue
        if name not in _RESOURCES and "/" not in name and not name.startswith("hugepages-"):
            message = "Kubernetes knows no such resource"
            fields.problem(
                "E117", message, name, found=shown(name), nearest=fields.notes.hints.nearest(name, _RESOURCES)
            )
            continue
        try:
            amount = parse_quantity(value)
        except ValueError as error:
            fields.problem("E117", str(error), name, found=shown(value))
            continue
        if amount < 0:
            fields.problem("E117", "an amount must not be negative", name, found=shown(value))
        else:
            found[name] = amount
    return found


def _probe(fields: Fields, *, only_one_success: bool = False) -> Probe | None:
    if not fields.present:
        return None
    fields.check_names(known.PROBE)
    _handler(fields, ("exec", "httpGet", "tcpSocket", "grpc"))
    default = Probe()
    success = _count(fields, "successThreshold", default.success_threshold)
    if only_one_success and success != 1:
        message = "must be 1 for liveness and startup probes"
        fields.problem("E116", message, "successThreshold", found=str(success), expected="1")
    return Probe(
        initial_delay_seconds=fields.whole("initialDelaySeconds", default.initial_delay_seconds),
        timeout_seconds=_count(fields, "timeoutSeconds", default.timeout_seconds),
        period_seconds=_count(fields, "periodSeconds", default.period_seconds),
        success_threshold=success,
        failure_threshold=_count(fields, "failureThreshold", default.failure_threshold),
    )


def _count(fields: Fields, key: str, default: int) -> int:
    """A number that the API server replaces by its default when it is 0."""
    return fields.whole(key, default) or default


def _handler(fields: Fields, kinds: tuple[str, ...]) -> str | None:
    """The one way to ask or to act that is given, its own fields checked."""
    given = [kind for kind in kinds if fields.raw(kind) is not None]
    words = ", ".join(kinds[:-1]) + " or " + kinds[-1]
    if len(given) != 1:
        found = ", ".join(given) or "none"
        fields.problem("E116", "exactly one handler is needed", found=found, expected=words)
        return None
    handler = fields.mapping(given[0])
    if not handler.present:
        return None
    handler.check_names(known.HANDLERS[given[0]])
    if given[0] == "exec":
        command = handler.values("command")
        if not command:
            handler.missing("command", "a list of words")
        for at, word in enumerate(command):
            if not isinstance(word, str):
                message = "the wrong type of value"
                handler.problem("E103", message, "command", at, found=shown(word), expected="text")
    elif given[0] != "sleep":
        check_port(handler, "port", named=given[0] != "grpc", required=True)
    return given[0]


def check_port(fields: Fields, key: str, *, named: bool, required: bool = False) -> int | str | None:
    """A port number 1 to 65535, or where allowed a port's name; None when absent or wrong."""
    value: Any = fields.raw(key)
    if value is None:
        if required:
            fields.missing(key, "1 to 65535" + (" or a port's name" if named else ""))
        return None
    number = whole_number(value)
    if number is not None and 1 <= number <= 65535:
        return number
    if named and isinstance(value, str) and expected_port_name(value) is None:
        return value
    expected = "1 to 65535" + (" or a port's name" if named else "")
    fields.problem("E118", "not a port", key, found=shown(value), expected=expected)
    return None


def _pre_stop(lifecycle: Fields, grace_s: int) -> float:
    """How long the hook holds the container back, in s: what a `sleep` says, 0 for what cannot be known."""
    lifecycle.check_names(known.LIFECYCLE)
    hook = lifecycle.mapping("preStop")
    if not hook.present:
        return 0.0
    hook.check_names(known.PRE_STOP)
    kind = _handler(hook, ("exec", "httpGet", "tcpSocket", "sleep"))
    if kind == "sleep":
        sleep = hook.mapping("sleep")
        if sleep.raw("seconds") is None:
            sleep.missing("seconds")
        seconds = sleep.whole("seconds", 0, most=MAX_INT32)
        if seconds > grace_s:
            message = "the hook would sleep longer than terminationGracePeriodSeconds"
            found, expected = str(seconds), f"at most {grace_s}"
            hook.problem("E116", message, "sleep", "seconds", found=found, expected=expected)
        return float(seconds)
    if kind == "exec":
        words = [w for w in hook.mapping("exec").values("command") if isinstance(w, str)]
        slept = [_slept_s(amount) for amount in _SLEEP.findall(" ".join(words)[:1000])]
        if slept:
            return sum(slept)
    if kind is not None:
        message = "it is not known how long this hook takes, 0 s is assumed"
        hook.notes.once("W219", message, hook.path, expected="sleep, or a command with sleep, to be modelled")
    return 0.0


def _slept_s(amount: str) -> float:
    try:
        return min(parse_duration(amount), float(MAX_INT32))
    except ValueError:  # more digits than any duration has
        return float(MAX_INT32)

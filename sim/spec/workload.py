"""A Deployment and a Service from their documents, with the API server's defaults and validation."""

from __future__ import annotations

from typing import Literal, cast

from sim.errors import shown
from sim.spec import vocabulary as known
from sim.spec.fields import MAX_INT32, Fields
from sim.spec.models import Deployment, LabelRequirement, Service, ServicePort, Strategy, selects
from sim.spec.pod import check_port, read_template
from sim.spec.syntax import (
    expected_dns_label,
    expected_dns_subdomain,
    expected_service_name,
)
from sim.units import IntOrPercent

REPLICAS_LIMIT = 100_000
_DEFAULT_SHARE = IntOrPercent(25, True)
_NO_DEADLINE = MAX_INT32


def read_namespace(metadata: Fields) -> str:
    """The namespace, "default" when none is named."""
    return metadata.text("namespace", expected_dns_label) or "default"


def read_name(metadata: Fields, kind: str) -> str:
    """The object's name; every kind read here needs one."""
    name = metadata.text("name", expected_service_name if kind == "Service" else expected_dns_subdomain)
    if not metadata.raw("name"):
        if metadata.raw("generateName"):
            message = "the API server would make up a name, but a simulation must be repeatable"
            metadata.problem("E104", message, "generateName", expected="metadata.name")
        else:
            metadata.missing("name")
    return name


def read_deployment(fields: Fields) -> Deployment | None:
    """The Deployment, or None when it cannot be used; every mistake is noted."""
    fields.check_names(known.OBJECT)
    metadata, spec = fields.mapping("metadata"), fields.mapping("spec")
    metadata.check_names(known.METADATA)
    name, namespace = read_name(metadata, "Deployment"), read_namespace(metadata)
    labels, annotations = metadata.labels("labels"), metadata.labels("annotations", annotations=True)
    if not spec.present:
        if fields.raw("spec") is None:
            fields.missing("spec")
        return None
    spec.check_names(known.DEPLOYMENT_SPEC)
    replicas = _replicas(spec)
    strategy = _strategy(spec.mapping("strategy"))
    min_ready_s, deadline_s = _times(spec)
    limit = spec.whole("revisionHistoryLimit", 10)
    match_labels, expressions = _selector(spec)
    paused = spec.flag("paused")
    if spec.raw("template") is None:
        spec.missing("template")
    template_fields = spec.mapping("template")
    template = read_template(template_fields) if template_fields.present else None
    if template is not None and spec.mapping("selector").data:
        _check_selected(template_fields, match_labels, expressions, template.labels)
    if template is None or fields.notes.has_errors:
        return None
    return Deployment(
        name=name,
        namespace=namespace,
        annotations=annotations,
        labels=labels,
        replicas=replicas,
        paused=paused,
        strategy=strategy,
        min_ready_seconds=min_ready_s,
        progress_deadline_seconds=None if deadline_s == _NO_DEADLINE else deadline_s,
        revision_history_limit=None if limit == MAX_INT32 else limit,
        selector=match_labels,
        match_expressions=expressions,
        template=template,
        document=dict(fields.data),
    )


def _check_selected(
    template: Fields,
    match_labels: dict[str, str],
    expressions: tuple[LabelRequirement, ...],
    labels: dict[str, str],
) -> None:
    """The template's labels must fulfil the selector; not asked where one of them is itself ill-formed."""
    ill_formed = any(d.code in ("E103", "E108", "E113") for d in template.notes.found)
    if not ill_formed and not selects(match_labels, expressions, labels):
        message = "the selector does not match the labels of the template"
        wanted = ", ".join(f"{k}={v}" for k, v in sorted(match_labels.items())) or "matchExpressions"
        found = ", ".join(f"{k}={v}" for k, v in sorted(labels.items())) or "no labels"
        template.problem("E113", message, "metadata", "labels", found=shown(found), expected=shown(wanted))


def _replicas(spec: Fields) -> int:
    replicas = spec.whole("replicas", 1)
    if replicas > REPLICAS_LIMIT:
        message = "more pods than this simulator carries"
        expected = f"at most {REPLICAS_LIMIT}"
        spec.problem("E120", message, "replicas", found=str(replicas), expected=expected)
    return replicas


def _times(spec: Fields) -> tuple[int, int]:
    min_ready_s = spec.whole("minReadySeconds", 0)
    deadline_s = spec.whole("progressDeadlineSeconds", 600)
    if deadline_s <= min_ready_s:
        is_default = spec.raw("progressDeadlineSeconds") is None
        spec.problem(
            "E112",
            "progressDeadlineSeconds must be greater than minReadySeconds",
            "minReadySeconds" if is_default else "progressDeadlineSeconds",
            found=str(min_ready_s if is_default else deadline_s),
            expected=f"less than {deadline_s}" if is_default else f"more than {min_ready_s}",
        )
    return min_ready_s, deadline_s


def _strategy(fields: Fields) -> Strategy:
    fields.check_names(known.STRATEGY)
    kind = fields.choice("type", ("RollingUpdate", "Recreate"), "RollingUpdate")
    rolling = fields.mapping("rollingUpdate")
    rolling.check_names(known.ROLLING_UPDATE)
    if kind == "Recreate":
        if fields.raw("rollingUpdate") is not None:
            message = "strategy Recreate must not carry rollingUpdate"
            expected = "no rollingUpdate, or type RollingUpdate"
            fields.problem("E114", message, "rollingUpdate", expected=expected)
        none = IntOrPercent(0, False)
        return Strategy(type="Recreate", max_surge=none, max_unavailable=none)
    surge, unavailable = _share(rolling, "maxSurge"), _share(rolling, "maxUnavailable")
    if unavailable.is_percent and unavailable.value > 100:
        found = shown(str(unavailable))
        message = "more than all replicas"
        rolling.problem("E111", message, "maxUnavailable", found=found, expected="at most 100%")
    if surge.value == 0 and unavailable.value == 0:
        message = "maxSurge and maxUnavailable must not both be 0: no pod could ever be replaced"
        rolling.problem("E122", message, "maxUnavailable", found=shown(rolling.raw("maxUnavailable")))
    return Strategy(max_surge=surge, max_unavailable=unavailable)


def _share(rolling: Fields, key: str) -> IntOrPercent:
    value = rolling.raw(key)
    if value is None:
        return _DEFAULT_SHARE
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return IntOrPercent.parse(value)
    except ValueError as error:
        expected = "a whole number, 0 or more, or a percentage such as 25%"
        near = f"{value.strip()} without quotes, or {value.strip()}%" if _is_quoted_number(value) else None
        rolling.problem("E111", str(error), key, found=shown(value), expected=expected, nearest=near)
        return _DEFAULT_SHARE


def _is_quoted_number(value: object) -> bool:
    return isinstance(value, str) and len(value) < 12 and value.strip().isdecimal()


def _selector(spec: Fields) -> tuple[dict[str, str], tuple[LabelRequirement, ...]]:
    if spec.raw("selector") is None:
        spec.missing("selector", "matchLabels equal to the labels of the template")
    selector = spec.mapping("selector")
    selector.check_names(known.SELECTOR)
    match_labels = selector.labels("matchLabels")
    expressions = [_requirement(item) for item in selector.items("matchExpressions")]
    if selector.present and not selector.raw("matchLabels") and not selector.raw("matchExpressions"):
        message = "an empty selector is not allowed"
        spec.problem("E113", message, "selector", expected="matchLabels equal to the labels of the template")
    return match_labels, tuple(e for e in expressions if e is not None)


def _requirement(fields: Fields) -> LabelRequirement | None:
    fields.check_names(known.REQUIREMENT)
    key = fields.text("key")
    if not key:
        fields.missing("key")
    if not fields.raw("operator"):
        fields.missing("operator")
    operator = fields.choice("operator", ("In", "NotIn", "Exists", "DoesNotExist"), "Exists")
    values = fields.values("values")
    if not all(isinstance(value, str) for value in values):
        fields.problem("E113", "the values of a selector must be text", "values")
        return None
    if fields.raw("operator") and bool(values) != (operator in ("In", "NotIn")):
        needs = "needs values" if not values else "takes no values"
        fields.problem("E113", f"the operator {operator} {needs}", "values")
    literal = cast(Literal["In", "NotIn", "Exists", "DoesNotExist"], operator)
    return LabelRequirement(key=key, operator=literal, values=tuple(values))


def read_service(fields: Fields) -> Service | None:
    """The Service, or None when it cannot be used; every mistake is noted."""
    fields.check_names(known.OBJECT)
    metadata, spec = fields.mapping("metadata"), fields.mapping("spec")
    metadata.check_names(known.METADATA)
    name, namespace = read_name(metadata, "Service"), read_namespace(metadata)
    metadata.labels("labels")
    metadata.labels("annotations", annotations=True)
    if not spec.present:
        if fields.raw("spec") is None:
            fields.missing("spec")
        return None
    spec.check_names(known.SERVICE_SPEC)
    kind = spec.choice("type", ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), "ClusterIP")
    selector = spec.labels("selector")
    items = spec.items("ports")
    ports = [_service_port(item, needs_name=len(items) > 1) for item in items]
    spec.check_unique("ports")
    if not items and kind != "ExternalName" and spec.raw("clusterIP") != "None":
        spec.missing("ports", "at least one port")
    if kind == "ExternalName" and not spec.text("externalName"):
        spec.missing("externalName")
    not_ready = spec.flag("publishNotReadyAddresses")
    if fields.notes.has_errors:
        return None
    return Service(
        name=name,
        namespace=namespace,
        type=cast(Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], kind),
        selector=selector,
        ports=tuple(ports),
        publish_not_ready_addresses=not_ready,
        document=dict(fields.data),
    )


def _service_port(fields: Fields, *, needs_name: bool) -> ServicePort:
    fields.check_names(known.SERVICE_PORT)
    name = fields.text("name", expected_dns_label)  # validateServicePort; a container's is shorter
    if needs_name and not fields.raw("name"):
        fields.missing("name", "a name for each of several ports")
    protocol = fields.choice("protocol", ("TCP", "UDP", "SCTP"), "TCP")
    port = check_port(fields, "port", named=False, required=True)
    target = check_port(fields, "targetPort", named=True)
    number = port if isinstance(port, int) else 1
    return ServicePort(
        name=name,
        protocol=cast(Literal["TCP", "UDP", "SCTP"], protocol),
        port=number,
        target_port=number if target is None else target,
        node_port=fields.whole("nodePort", 0, most=65535) or None,
    )

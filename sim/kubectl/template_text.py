"""Pod templates and the history of a rollout in kubectl's words.

DescribePodTemplate of kubectl/pkg/describe/describe.go, kubectl/pkg/polymorphichelpers/history.go,
kubectl/pkg/cmd/rollout/rollout_history.go. Lines hold tabs between their cells: `describe` aligns them, the
history of one revision leaves them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.kubectl.container_text import container_lines
from sim.kubectl.layout import aligned, escaped
from sim.kubectl.tables import format_selector
from sim.kubectl.volume_text import volume_lines

CHANGE_CAUSE = "kubernetes.io/change-cause"
NO_HISTORY = "No rollout history found."
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ANNOTATION_LIMIT = 140
_NONE = "<none>"


def pod_template_lines(template: Mapping[str, Any]) -> list[str]:
    """The lines of "Pod Template:", from a pod template as in YAML, with the API server's defaults.

    {"metadata": {"labels": {"app": "web"}}, ...} begins with "Pod Template:", "  Labels:\\tapp=web".
    """
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    lines = ["Pod Template:", *label_lines("  Labels", metadata.get("labels"))]
    if metadata.get("annotations"):
        lines += annotation_lines("  Annotations", metadata["annotations"])
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        lines.append(f"  Service Account:\t{account}")
    if spec.get("initContainers"):
        lines += container_lines("Init Containers", spec["initContainers"], "  ")
    lines += container_lines("Containers", spec.get("containers") or (), "  ")
    lines += volume_lines(spec.get("volumes") or (), "  ")
    lines += spread_lines(spec.get("topologySpreadConstraints") or (), "  ")
    if spec.get("priorityClassName"):
        lines.append(f"  Priority Class Name:\t{spec['priorityClassName']}")
    lines += label_lines("  Node-Selectors", spec.get("nodeSelector"))
    return lines + toleration_lines("  Tolerations", spec.get("tolerations") or ())


def _titled(title: str, texts: Sequence[str]) -> list[str]:
    first, *rest = texts or (_NONE,)
    return [f"{title}:\t{first}", *(f"\t{text}" for text in rest)]


def label_lines(title: str, labels: Mapping[str, str] | None) -> list[str]:
    """One line a label, "a=1", sorted; the title stands before the first."""
    return _titled(title, [f"{key}={value}" for key, value in sorted((labels or {}).items())])


def annotation_lines(title: str, annotations: Mapping[str, str] | None) -> list[str]:
    """One line an annotation, "a: 1", sorted; long values and those of several lines below their key."""
    texts: list[str] = []
    for key, raw in sorted((annotations or {}).items()):
        value = str(raw).removesuffix("\n")
        if key == _LAST_APPLIED:
            continue
        if len(value) + len(key) + 2 <= _ANNOTATION_LIMIT and "\n" not in value:
            texts.append(f"{key}: {value}")
            continue
        texts.append(f"{key}:")
        limit = _ANNOTATION_LIMIT - 2
        texts += ["  " + (part[:limit] + "..." if len(part) > limit else part) for part in value.split("\n")]
    return _titled(title, texts)


def spread_lines(constraints: Sequence[Mapping[str, Any]], space: str) -> list[str]:
    """The topology spread constraints, one a line, sorted by key; no line when there are none."""
    texts = []
    for item in sorted(constraints, key=lambda item: str(item["topologyKey"])):
        text = (
            f"{item['topologyKey']}:{item['whenUnsatisfiable']} when max skew {item['maxSkew']} is exceeded"
        )
        selector = item.get("labelSelector")
        texts.append(text + (f" for selector {format_selector(selector)}" if selector is not None else ""))
    lines = _titled(f"{space}Topology Spread Constraints", texts) if texts else []
    return lines[:1] + [space + line for line in lines[1:]]


def toleration_lines(title: str, tolerations: Sequence[Mapping[str, Any]]) -> list[str]:
    """The tolerations, one a line, sorted by key: "key=value:NoSchedule op=Exists for 300s"."""
    texts = []
    for item in sorted(tolerations, key=lambda item: str(item.get("key", ""))):
        text = item.get("key", "")
        text += f"={item['value']}" if item.get("value") else ""
        text += f":{item['effect']}" if item.get("effect") else ""
        if item.get("operator") == "Exists" and not item.get("value"):
            text += " op=Exists" if text else "op=Exists"
        seconds = item.get("tolerationSeconds")
        texts.append(text + (f" for {seconds}s" if seconds is not None else ""))
    return _titled(title, texts)


def history_table(rows: Sequence[tuple[int, str]]) -> str:
    """Revisions and their causes ("" for none), oldest first; NO_HISTORY when there are none.

    [(1, ""), (2, "by hand")] is "REVISION  CHANGE-CAUSE\\n1         <none>\\n2         by hand\\n".
    """
    if not rows:
        return NO_HISTORY
    lines = ["REVISION\tCHANGE-CAUSE", *(f"{revision}\t{cause or _NONE}" for revision, cause in sorted(rows))]
    return aligned("\n".join(lines) + "\n", min_width=0, padding=2)


def history_detail(template: Mapping[str, Any], cause: str = "") -> str:
    """The template of one revision as `rollout history --revision=N` shows it: the cause an annotation."""
    if cause:
        metadata = template.get("metadata") or {}
        annotations = {**(metadata.get("annotations") or {}), CHANGE_CAUSE: cause}
        template = {**template, "metadata": {**metadata, "annotations": annotations}}
    return escaped("".join(f"{line}\n" for line in pod_template_lines(template)))


def rollout_history(name: str, body: str, revision: int = 0) -> str:
    """The whole output of `rollout history`: a line that names the Deployment, the body, an empty line.

    rollout_history("web", history_table(rows)) begins "deployment.apps/web \\nREVISION", with revision 2
    "deployment.apps/web with revision #2\\nPod Template:".
    """
    return f"deployment.apps/{name} " + (f"with revision #{revision}" if revision else "") + f"\n{body}\n"

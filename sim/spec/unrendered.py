"""Files that manifests are made from: what has to be run before there is anything to read.

kubectl applies neither a kustomization nor a chart by -f: the command is told as it is to be typed.
"""

from __future__ import annotations

import os
import shlex

from sim.errors import Diagnostic

_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_CHART = "Chart.yaml"
_HIGHEST = 4
"""How many folders up a template's chart is looked for."""
UNKNOWN_CHART = "helm template NAME DIR | rollsim run -"


def unrendered_folder(folder: str, names: list[str]) -> Diagnostic | None:
    """Return the problem of a folder with these files that is a kustomization or part of a chart."""
    if any(name in _KUSTOMIZATIONS for name in names):
        return _kustomization(folder, folder)
    if _CHART in names:
        return _chart(folder, folder)
    above = os.path.dirname(os.path.normpath(folder)) or "."
    if os.path.basename(os.path.abspath(folder)) == "templates" and _is_chart(above):
        return _chart(folder, above)
    return None


def unrendered_file(file: str) -> Diagnostic | None:
    """Return the problem of a file that is a kustomization, or of a chart, going by its name and place."""
    folder, name = os.path.split(file)
    if name.lower() in map(str.lower, _KUSTOMIZATIONS):
        return _kustomization(file, folder or ".")
    of_chart = name == _CHART or (name == "values.yaml" and _is_chart(folder or "."))
    return _chart(file, folder or ".") if of_chart else None


def template_pipe(file: str | None) -> str:
    """Return what renders a chart's template: the command as it is to be typed, if the chart can be found."""
    folder = os.path.dirname(file or "")
    for _ in range(_HIGHEST if file and not file.startswith("<") else 0):
        if _is_chart(folder or "."):
            return _helm(folder or ".")
        if not folder:
            break
        folder = os.path.dirname(folder)
    return UNKNOWN_CHART


def kustomize_pipe(folder: str) -> str:
    """Return what renders a kustomization, as it is to be typed."""
    return f"kubectl kustomize {shlex.quote(folder)} | rollsim run -"


def _kustomization(file: str, folder: str) -> Diagnostic:
    message = "a kustomization, which is not rendered"
    return Diagnostic(code="E109", message=message, file=file, expected=kustomize_pipe(folder))


def _chart(file: str, folder: str) -> Diagnostic:
    message = "a Helm chart, which is not rendered"
    return Diagnostic(code="E109", message=message, file=file, expected=_helm(folder))


def _helm(folder: str) -> str:
    name = os.path.basename(os.path.abspath(folder))
    return f"helm template {shlex.quote(name)} {shlex.quote(folder)} | rollsim run -"


def _is_chart(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, _CHART))

"""The commands of kubectl v1.32.4: the flags of those that are modelled, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.kubectl.flags import ARRAY, DURATION, INT, LIST, Flag, FlagSet, switch

_GLOBAL = (
    *(Flag(name) for name in ("as", "as-uid", "cache-dir", "certificate-authority", "client-certificate")),
    *(Flag(name) for name in ("client-key", "cluster", "context", "kubeconfig", "log-flush-frequency")),
    *(Flag(name) for name in ("password", "profile", "profile-output", "request-timeout", "tls-server-name")),
    *(Flag(name) for name in ("token", "user", "username", "vmodule")),
    *(switch(name) for name in ("disable-compression", "insecure-skip-tls-verify", "match-server-version")),
    switch("warnings-as-errors"),
    Flag("as-group", kind=ARRAY),
    Flag("namespace", "n"),
    Flag("server", "s"),
    Flag("v", "v", INT),
)
HELP = switch("help", "h")
_FILES = (Flag("filename", "f", LIST), Flag("kustomize", "k"), switch("recursive", "R"))
_SELECTOR = Flag("selector", "l")
_PRINT = (
    Flag("output", "o"),
    Flag("template"),
    switch("allow-missing-template-keys"),
    switch("show-managed-fields"),
)
_RECORD = switch("record", deprecated="--record will be removed in the future")
RECORD_DEPRECATED = f"Flag --record has been deprecated, {_RECORD.deprecated}\n"
_DRY_RUN = Flag("dry-run", bare="unchanged")
_VALIDATE = Flag("validate", bare="strict")
_CASCADE = Flag("cascade", bare="background")
_MANAGER = Flag("field-manager")
_FIELDS = Flag("field-selector")
_ALL, _EVERYWHERE, _LOCAL = switch("all"), switch("all-namespaces", "A"), switch("local")
_TIMEOUT = Flag("timeout", kind=DURATION)
_SET = (*_PRINT, *_FILES, _ALL, _LOCAL, _DRY_RUN, _MANAGER, _SELECTOR)
_ROLLOUT = (*_FILES, _SELECTOR)
_REMOVAL = (_CASCADE, switch("force"), Flag("grace-period", kind=INT), _TIMEOUT, switch("wait"))

_FLAGS: Mapping[str, tuple[Flag, ...]] = {
    "create": (
        *(_RECORD, *_FILES, _VALIDATE, switch("edit"), switch("windows-line-endings"), switch("save-config")),
        *(_DRY_RUN, _SELECTOR, Flag("raw"), _MANAGER, *_PRINT),
    ),
    "apply": (
        *(
            *_FILES,
            *_REMOVAL,
            _RECORD,
            *_PRINT,
            _VALIDATE,
            _DRY_RUN,
            switch("server-side"),
            _MANAGER,
            _SELECTOR,
        ),
        *(switch("force-conflicts"), switch("prune"), Flag("prune-allowlist", kind=ARRAY), _ALL),
        *(switch("overwrite"), switch("openapi-patch"), Flag("subresource")),
    ),
    "set image": (*_SET, _RECORD),
    "set env": (
        *(*_SET, Flag("containers", "c"), Flag("from"), Flag("prefix"), Flag("env", "e", ARRAY)),
        *(Flag("keys", kind=LIST), switch("list"), switch("resolve"), switch("overwrite")),
    ),
    "set resources": (*_SET, _RECORD, Flag("containers", "c"), Flag("limits"), Flag("requests")),
    "scale": (
        *(_RECORD, *_PRINT, _ALL, Flag("resource-version"), Flag("current-replicas", kind=INT)),
        *(Flag("replicas", kind=INT), _TIMEOUT, *_FILES, _DRY_RUN, _SELECTOR),
    ),
    "patch": (
        *(_RECORD, *_PRINT, Flag("patch", "p"), Flag("patch-file"), Flag("type"), _DRY_RUN, *_FILES, _LOCAL),
        *(_MANAGER, Flag("subresource")),
    ),
    "annotate": (
        *(*_PRINT, _RECORD, _DRY_RUN, *_FILES, _MANAGER, _SELECTOR, switch("overwrite"), switch("list")),
        *(_LOCAL, _FIELDS, _ALL, _EVERYWHERE, Flag("resource-version")),
    ),
    "rollout status": (*_ROLLOUT, switch("watch", "w"), Flag("revision", kind=INT), _TIMEOUT),
    "rollout history": (*_ROLLOUT, *_PRINT, Flag("revision", kind=INT)),
    "rollout undo": (*_ROLLOUT, *_PRINT, Flag("to-revision", kind=INT), _DRY_RUN),
    "rollout pause": (*_ROLLOUT, *_PRINT, _MANAGER),
    "rollout resume": (*_ROLLOUT, *_PRINT, _MANAGER),
    "rollout restart": (*_ROLLOUT, *_PRINT, _MANAGER),
    "get": (
        *(*_PRINT, Flag("raw"), switch("watch", "w"), switch("watch-only"), switch("output-watch-events")),
        *(switch("ignore-not-found"), _FIELDS, _EVERYWHERE, switch("server-print"), switch("no-headers")),
        *(switch("show-labels"), Flag("sort-by"), switch("show-kind"), Flag("label-columns", "L", LIST)),
        *(*_FILES, Flag("chunk-size", kind=INT), _SELECTOR, Flag("subresource")),
    ),
    "describe": (*_FILES, _SELECTOR, _EVERYWHERE, switch("show-events"), Flag("chunk-size", kind=INT)),
    "delete": (
        *(
            *_FILES,
            *_REMOVAL,
            _SELECTOR,
            _FIELDS,
            _ALL,
            _EVERYWHERE,
            switch("ignore-not-found"),
            switch("now"),
        ),
        *(Flag("output", "o"), Flag("raw"), switch("interactive", "i"), _DRY_RUN),
    ),
    "wait": (
        *(
            *_PRINT,
            Flag("filename", "f", LIST),
            switch("recursive", "R"),
            _SELECTOR,
            _FIELDS,
            _ALL,
            _EVERYWHERE,
        ),
        *(_LOCAL, _TIMEOUT, Flag("for")),
    ),
}
# For the search of the command, where cobra does not know of --help yet.
KNOWN = {"": FlagSet(_GLOBAL), **{verb: FlagSet((*_GLOBAL, *flags)) for verb, flags in _FLAGS.items()}}
COMPLETE = {"": FlagSet((*_GLOBAL, HELP))} | {
    verb: FlagSet((*_GLOBAL, HELP, *flags)) for verb, flags in _FLAGS.items()
}

# What matters to the simulation when it is not given.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "set env": {"containers": "*", "overwrite": True},
    "set resources": {"containers": "*"},
    "scale": {"current-replicas": -1},
    "patch": {"type": "strategic"},
    "annotate": {"overwrite": False},
    "rollout status": {"watch": True, "revision": 0, "timeout": 0.0},
    "rollout history": {"revision": 0},
    "rollout undo": {"to-revision": 0},
    "describe": {"show-events": True},
    "delete": {"wait": True, "timeout": 0.0, "ignore-not-found": False},
    "wait": {"timeout": 30.0},
}
# Known, and without any effect on what is simulated.
IGNORED = frozenset(
    {flag.name for flag in _GLOBAL}
    | {"allow-missing-template-keys", "show-managed-fields", "validate", "field-manager", "chunk-size"}
    | {"windows-line-endings", "openapi-patch", "dry-run", "cascade", "record", "env"}
)
# Flags that change what kubectl does in a way that is not modelled, when they are set to anything.
UNMODELLED_FLAGS: Mapping[str, str] = {
    "kustomize": "kustomizations are not built; write -f with the YAML that kubectl kustomize prints",
    "template": "templates are not modelled",
    "local": "--local changes nothing in the cluster",
    "subresource": "--subresource is not modelled",
    "raw": "--raw is not modelled",
    "field-selector": "--field-selector is not modelled; name the objects, or write -l",
    "all-namespaces": "one namespace is simulated",
    "interactive": "nobody is there to confirm",
    "watch-only": "get does not watch; write kubectl rollout status, or get at several times",
    "output-watch-events": "get does not watch; write kubectl rollout status, or get at several times",
    "sort-by": "--sort-by is not modelled",
    "label-columns": "columns of labels are not modelled",
    "show-labels": "columns of labels are not modelled",
    "edit": "nobody is there to edit",
    "from": "ConfigMaps and Secrets are not modelled",
    "keys": "ConfigMaps and Secrets are not modelled",
    "resolve": "ConfigMaps and Secrets are not modelled",
    "prefix": "--prefix is not modelled; write the whole names",
    "list": "--list is not modelled",
    "resource-version": "--resource-version is not modelled",
    "server-side": "server-side apply is not modelled",
    "prune": "--prune is not modelled; write kubectl delete",
    "prune-allowlist": "--prune is not modelled; write kubectl delete",
}

CHILDREN: Mapping[str, tuple[str, ...]] = {
    "rollout": ("history", "pause", "resume", "undo", "status", "restart"),
    "set": ("image", "resources", "selector", "subject", "serviceaccount", "sa", "env"),
    "apply": ("view-last-applied", "set-last-applied", "edit-last-applied"),
    "create": (
        *("namespace", "ns", "quota", "resourcequota", "secret", "configmap", "cm", "serviceaccount", "sa"),
        *(
            "service",
            "svc",
            "deployment",
            "deploy",
            "clusterrole",
            "clusterrolebinding",
            "role",
            "rolebinding",
        ),
        *(
            "poddisruptionbudget",
            "pdb",
            "priorityclass",
            "pc",
            "job",
            "cronjob",
            "cj",
            "ingress",
            "ing",
            "token",
        ),
    ),
}
_MANIFEST = "kubectl create -f or kubectl apply -f with a manifest"
_NO_CHANGE = "it changes nothing in a rollout; leave it out"
INSTEAD: Mapping[str, tuple[str, str]] = {
    "autoscale": (
        "the HorizontalPodAutoscaler is not modelled",
        "kubectl scale at a time, with the replicas that it would have chosen",
    ),
    "edit": ("nobody is there to edit", "kubectl patch, kubectl set image or kubectl apply -f"),
    "replace": ("kubectl replace is not modelled", "kubectl apply -f"),
    "expose": ("kubectl expose is not modelled", f"{_MANIFEST} of the Service"),
    "run": ("pods without a Deployment are not modelled", _MANIFEST),
    "label": ("kubectl label is not modelled", "kubectl patch with the labels of the pod template"),
    "logs": ("the output of containers is not modelled", "kubectl describe, or the trace"),
    "attach": ("processes in containers are not modelled", _NO_CHANGE),
    "exec": ("processes in containers are not modelled", _NO_CHANGE),
    "debug": ("processes in containers are not modelled", _NO_CHANGE),
    "cp": ("files in containers are not modelled", _NO_CHANGE),
    "port-forward": ("connections are not modelled", _NO_CHANGE),
    "proxy": ("connections are not modelled", _NO_CHANGE),
    "top": ("the use of CPU and memory is not modelled", _NO_CHANGE),
    "cordon": ("kubectl cordon is not modelled", "the nodes of the scenario"),
    "uncordon": ("kubectl uncordon is not modelled", "the nodes of the scenario"),
    "drain": ("kubectl drain is not modelled", "the nodes of the scenario"),
    "taint": ("taints are not modelled", "the nodes of the scenario"),
    "events": ("kubectl events is not modelled", "kubectl describe, or the trace"),
    "diff": ("kubectl diff is not modelled", _NO_CHANGE),
    "kustomize": ("kustomizations are not built", _MANIFEST),
}


def why_not(command: str) -> tuple[str, str]:
    """Why a command of kubectl is not modelled, and what to write instead."""
    if command in INSTEAD:
        return INSTEAD[command]
    parent = command.split()[0]
    if parent in ("create", "set") and command != parent:
        return f"kubectl {command} is not modelled", _MANIFEST
    return f"kubectl {command} is not modelled", _NO_CHANGE

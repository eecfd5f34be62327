"""The kinds of object a v1.20 server knows, found by name as kubectl's RESTMapper does."""

from __future__ import annotations

from dataclasses import dataclass

from sim.kubectl.outcome import Refusal, Unmodelled
from sim.kubectl.values import quoted


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind and what it is called on a command line."""

    plural: str
    singular: str
    shorts: tuple[str, ...] = ()
    group: str = ""
    version: str = "v1"
    modelled: bool = False


_MODELLED = (
    Kind("deployments", "deployment", ("deploy",), "apps", modelled=True),
    Kind("replicasets", "replicaset", ("rs",), "apps", modelled=True),
    Kind("pods", "pod", ("po",), modelled=True),
    Kind("services", "service", ("svc",), modelled=True),
    Kind("endpoints", "endpoints", ("ep",), modelled=True),
)
# One a line: group, version, then the plurals with their short names.
_OTHERS = """
- v1 bindings componentstatuses/cs configmaps/cm events/ev limitranges/limits namespaces/ns nodes/no
- v1 persistentvolumeclaims/pvc persistentvolumes/pv podtemplates replicationcontrollers/rc
- v1 resourcequotas/quota secrets serviceaccounts/sa
apps v1 controllerrevisions daemonsets/ds statefulsets/sts
autoscaling v1 horizontalpodautoscalers/hpa
batch v1 jobs
batch v1beta1 cronjobs/cj
certificates.k8s.io v1 certificatesigningrequests/csr
coordination.k8s.io v1 leases
discovery.k8s.io v1beta1 endpointslices
networking.k8s.io v1 ingressclasses ingresses/ing networkpolicies/netpol
node.k8s.io v1 runtimeclasses
policy v1beta1 poddisruptionbudgets/pdb podsecuritypolicies/psp
rbac.authorization.k8s.io v1 clusterrolebindings clusterroles rolebindings roles
scheduling.k8s.io v1 priorityclasses/pc
storage.k8s.io v1 csidrivers csinodes storageclasses/sc volumeattachments
admissionregistration.k8s.io v1 mutatingwebhookconfigurations validatingwebhookconfigurations
apiextensions.k8s.io v1 customresourcedefinitions/crd/crds
apiregistration.k8s.io v1 apiservices
"""
_INSTEAD = {
    "horizontalpodautoscalers": "scale by hand: kubectl scale at a time of the scenario",
    "events": "the events of a rollout are in the trace, and in kubectl describe",
    "endpointslices": "endpoints",
}


def _singular(plural: str) -> str:
    if plural.endswith("ies"):
        return plural[:-3] + "y"
    return plural[:-2] if plural.endswith(("sses", "statuses")) else plural[:-1]


def _others() -> tuple[Kind, ...]:
    kinds = []
    for line in _OTHERS.split("\n"):
        if line:
            group, version, *names = line.split()
            for plural, *shorts in (name.split("/") for name in names):
                kinds.append(Kind(plural, _singular(plural), tuple(shorts), group.strip("-"), version))
    return tuple(kinds)


KINDS = _MODELLED + _others()


def kind_named(text: str) -> Kind:
    """The kind of "deploy", "Deployments", "deployments.apps" or "deployment.v1.apps".

    Long names are read in any case, short ones only as they are; a group may be cut short ("deploy.ap").
    Raises Refusal for a name the server does not know, Unmodelled for one the simulator does not.
    """
    name, _, group = text.partition(".")
    version, dot, rest = group.partition(".")
    for kind in KINDS:
        if name in kind.shorts:
            found = kind.group.startswith(rest if dot else group)
        elif name.lower() in (kind.plural, kind.singular):
            versioned = bool(dot) and version == kind.version and rest == kind.group
            found = versioned or kind.group.startswith(group)
        else:
            continue
        if found:
            if not kind.modelled:
                raise Unmodelled(
                    f"{kind.plural} are not modelled", _INSTEAD.get(kind.plural, _modelled_names())
                )
            return kind
    raise Refusal(f"the server doesn't have a resource type {quoted(name)}")


def _modelled_names() -> str:
    return ", ".join(kind.plural for kind in _MODELLED)

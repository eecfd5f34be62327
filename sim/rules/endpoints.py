"""Which pods a Service sends traffic to.

Follows `staging/src/k8s.io/endpointslice/utils.go` (podToEndpoint),
`pkg/controller/util/endpoint/controller_utils.go` and kube-proxy's `pkg/proxy/topology.go`
(CategorizeEndpoints).
"""

from __future__ import annotations


def endpoint_is_listed(ended: bool, has_address: bool, terminating: bool, lists_terminating: bool) -> bool:
    """Whether a selected pod is in the Service's EndpointSlices (ShouldPodBeInEndpoints).

    Running with an address: yes. Succeeded or Failed (`ended`), or no address yet: no. Terminating: only with
    `lists_terminating` (since 1.22).
    """
    return not ended and has_address and (lists_terminating or not terminating)


def endpoint_is_ready(ready: bool, terminating: bool, publish_not_ready: bool) -> bool:
    """The endpoint's `ready` condition (podToEndpoint): Ready and not Terminating, or the Service publishes
    regardless.

    (True, False, False): yes. (True, True, False): no. (False, True, True): yes.
    """
    return publish_not_ready or (ready and not terminating)


def endpoint_is_serving(ready: bool) -> bool:
    """The endpoint's `serving` condition (podToEndpoint): the pod's Ready, Terminating or not: True gives
    True.
    """
    return ready


def takes_traffic(
    is_ready: bool, is_serving: bool, terminating: bool, ready_endpoints: int, proxies_terminating: bool
) -> bool:
    """Whether kube-proxy sends new connections to an endpoint (topology.go, CategorizeEndpoints).

    Ready ones take it all; only when there is none (`ready_endpoints` 0) do those that still serve while
    Terminating, where `proxies_terminating` (since 1.26). (False, True, True, 0, True): yes; with 1 ready
    endpoint: no.
    """
    if ready_endpoints > 0:
        return is_ready
    return proxies_terminating and is_serving and terminating


def slices_needed(endpoints: int, max_endpoints_per_slice: int = 100) -> int:
    """EndpointSlices for so many endpoints, one even when empty (reconciler.go): 0 gives 1, 100 gives 1,
    101 gives 2.
    """
    return max(1, -(-endpoints // max_endpoints_per_slice))

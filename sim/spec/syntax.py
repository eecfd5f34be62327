"""Kubernetes' rules for names, labels and images: text in, what is expected instead out (None: fine)."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_IMAGE = re.compile(
    rf"(({_HOST}(\.{_HOST})*|\[[a-fA-F0-9:]+\])(:[0-9]+)?/)?"
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(@(?P<digest>[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?"
)
_IMAGE_LIMIT = 1000

DNS_LABEL = "lower-case letters, digits and '-', at most 63, such as my-app-1"
DNS_SUBDOMAIN = "lower-case letters, digits, '-' and '.', at most 253, such as my-app-1"
LABEL_KEY = "[prefix/]name, the name of letters, digits, '-', '_', '.', at most 63"
LABEL_VALUE = "letters, digits, '-', '_', '.', at most 63, ending and beginning with a letter or digit"


def expected_dns_label(text: str) -> str | None:
    """DNS-1123 label: namespaces, containers, volumes, ports of a Service."""
    return None if len(text) <= 63 and _LABEL.fullmatch(text) else DNS_LABEL


def expected_service_name(text: str) -> str | None:
    """DNS-1035 label: a Service's name begins with a letter."""
    if len(text) <= 63 and _LABEL_1035.fullmatch(text):
        return None
    return DNS_LABEL.replace("such as", "beginning with a letter, such as")


def expected_dns_subdomain(text: str) -> str | None:
    """DNS-1123 subdomain: Deployments, service accounts and most other objects."""
    return None if len(text) <= 253 and _SUBDOMAIN.fullmatch(text) else DNS_SUBDOMAIN


def expected_label_key(text: str) -> str | None:
    """Keys of labels and annotations."""
    prefix, slash, name = text.rpartition("/")
    if slash and expected_dns_subdomain(prefix) is not None:
        return LABEL_KEY
    return None if len(name) <= 63 and _QUALIFIED.fullmatch(name) else LABEL_KEY


def expected_label_value(text: str) -> str | None:
    """Values of labels; empty ones are fine."""
    return None if not text or (len(text) <= 63 and _QUALIFIED.fullmatch(text)) else LABEL_VALUE


def expected_port_name(text: str) -> str | None:
    """A container's port, and a name where a port is aimed at: at most 15 characters, a letter among them."""
    if len(text) <= 15 and _PORT_NAME.fullmatch(text):
        return None
    return "lower-case letters, digits and '-', at most 15, with a letter"


def expected_image(text: str) -> str | None:
    """An image reference; the API server takes any text, but the kubelet never starts an ill-formed one."""
    if len(text) <= _IMAGE_LIMIT and _IMAGE.fullmatch(text):
        return None
    return "[registry/]repository[:tag][@digest], the repository in lower case"


def repository(image: str) -> str:
    """Return an image's name without tag and digest: "host:5000/shop:v2" is "host:5000/shop"."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def version_of(image: str) -> str:
    """Return what tells an image from others of its repository: its tag, or the first twelve digits of its
    digest, or "latest"; "" without an image.

    >>> version_of("reg:5000/a/b:v1"), version_of("nginx"), version_of("a@sha256:" + "0" * 64)
    ('v1', 'latest', '000000000000')
    """
    reference, _, digest = image.partition("@")
    tag = reference.rpartition("/")[2].partition(":")[2]
    return tag or digest.rpartition(":")[2][:12] or ("latest" if image else "")


def image_tag(image: str) -> str | None:
    """The tag that Kubernetes sees: "latest" without tag and digest, None beside a digest alone and in what
    is no image reference.

    >>> image_tag("nginx"), image_tag("reg:5000/a/b:v1"), image_tag("a@sha256:" + "0" * 64)
    ('latest', 'v1', None)
    """
    if expected_image(image) is not None:
        return None
    reference, at, _ = image.partition("@")
    tag = reference.rpartition("/")[2].partition(":")[2]
    return tag or (None if at else "latest")

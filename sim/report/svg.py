"""Charts as parts of an HTML page: no ids that clash, no style of their own, ink that follows the theme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

# The colours of `sim.charts.style` that are ink, paper, or too dark on a dark page; the page says what they
# are.
THEME = {
    "#222222": "--ink",
    "#000000": "--ink",
    "#777777": "--faint",
    "#9a9a9a": "--faint",
    "#a8a8a8": "--other",
    "#c4c4c4": "--other",
    "#e4e4e4": "--grid",
    "#ffffff": "--paper",
    "white": "--paper",
    "#0072b2": "--blue",
}
_COLOUR = re.compile(r"#[0-9a-f]{6}\b|\bwhite\b")
# Cells have the colours of a scale, and numbers in them the ink that stands out from these.
_AS_IT_IS = ("values", "cell", "never", "not defined")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DROPPED = ("metadata", "style", "title", "desc")
_COLOUR_BAR = "QuadMesh"


def inline(document: str, name: str, title: str) -> str:
    """Return an SVG document as an element for HTML, called ``title`` for those who do not see it.

    ``name`` is unique in the page: ids begin with it. Comments, metadata, styles and all ids that nothing
    refers to are left out. Raises ElementTree.ParseError for what is no XML.
    """
    root = ElementTree.fromstring(document)
    _strip(root)
    used = set(_references(root))
    _paint(root, False)
    for element in root.iter():
        own = element.attrib.pop("id", None)
        if own in used:
            element.set("id", f"{name}-{own}")
        for key, text in element.attrib.items():
            # Other addresses are pictures inside the document, such as colour bars.
            if key == "href" and text.startswith("#"):
                element.set(key, f"#{name}-{text[1:]}")
            elif key != "href":
                element.set(key, _REFERENCE.sub(lambda match: f"url(#{name}-{match[1]})", text))
    _, _, width, _ = root.attrib["viewBox"].split()
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", title)
    # Points to CSS pixels: as large as it was meant to be, where there is room.
    root.set("style", f"max-width: {float(width) * 4 / 3:.0f}px")
    return ElementTree.tostring(root, encoding="unicode")


def _strip(element: Element) -> None:
    """Remove namespaces, which HTML knows by itself, and what is not drawn."""
    element.tag = _local(element.tag)
    for key in list(element.attrib):
        if _local(key) != key:
            element.set(_local(key), element.attrib.pop(key))
    for child in list(element):
        if _local(child.tag) in _DROPPED:
            element.remove(child)
        else:
            _strip(child)
            # Between elements there is only the indentation.
            child.tail = "\n"
    if len(element):
        element.text = "\n"


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _references(root: Element) -> Iterator[str]:
    for element in root.iter():
        for key, text in element.attrib.items():
            if key == "href":
                yield text[1:]
            yield from _REFERENCE.findall(text)


def _paint(element: Element, kept: bool) -> None:
    """Put variables of the page in place of the colours of THEME, but for cells and scales."""
    own = element.get("id", "")
    kept = kept or own in _AS_IT_IS or own.startswith(_COLOUR_BAR)
    if not kept:
        for key in ("style", "fill", "stroke"):
            text = element.get(key)
            if text is not None:
                element.set(key, _COLOUR.sub(_variable, text))
    for child in element:
        _paint(child, kept)


def _variable(match: re.Match[str]) -> str:
    name = THEME.get(match[0])
    return f"var({name})" if name else match[0]

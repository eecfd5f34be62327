"""A page as a test sees it: elements with their attributes and texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "hr", "input"}


@dataclass(eq=False)
class Element:
    """One element of a page."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text in it, white space made even."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join("".join(parts).split())

    @property
    def raw(self) -> str:
        """The text in it as it is."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    def all(self, *tags: str) -> list[Element]:
        """Return the elements below it with one of the tags, all of them without any."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if not tags or child.tag in tags else []
                found += child.all(*tags)
        return found

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only element with this tag and these attributes."""
        found = [e for e in self.all(tag) if attributes.items() <= e.attributes.items()]
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute comes twice in {tag}"
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f"{tag} ends what is not open"

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(text: str) -> Element:
    """Return the page; fails when elements are not properly nested."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"not closed: {[element.tag for element in reader.open[1:]]}"
    return reader.open[0]

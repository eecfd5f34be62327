"""Charts inside a page: ids, colours, texts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from sim.charts import style
from sim.report.svg import THEME, inline

DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt"
 viewBox="0 0 72 36" version="1.1">
<metadata>when</metadata><defs><style type="text/css">*{stroke: red}</style></defs>
<!-- <script>alert(1)</script> ]]> -->
<g id="figure_1">
 <defs><path id="glyph" d="M 0 0"/><clipPath id="clip"><rect/></clipPath></defs>
 <g id="line" style="fill: #ffffff; stroke: #222222"><use xlink:href="#glyph" clip-path="url(#clip)"/></g>
 <g id="values"><path style="fill: #ffffff"/></g>
 <g id="cell"><g id="x"><path style="fill: #222222"/></g></g>
 <g id="best"><path style="stroke: #e69f00"/></g>
 <image xlink:href="data:image/png;base64,AAAA"/>
</g>
</svg>
"""


def test_only_ids_that_are_referred_to_stay_and_they_are_the_chart_s_own():
    text = inline(DOCUMENT, "map", "A map")
    assert sorted(re.findall(r'\bid="([^"]*)"', text)) == ["map-clip", "map-glyph"]
    assert 'href="#map-glyph"' in text
    assert 'clip-path="url(#map-clip)"' in text
    assert 'href="data:image/png;base64,AAAA"' in text


def test_nothing_stays_that_reaches_beyond_the_chart():
    text = inline(DOCUMENT, "map", "A map")
    for gone in ("<style", "metadata", "when", "script", "]]>", "<!--", "xmlns", "xlink", "<?xml", "DOCTYPE"):
        assert gone not in text


def test_ink_and_paper_are_the_page_s_but_for_cells_of_a_scale():
    text = inline(DOCUMENT, "map", "A map")
    assert 'style="fill: var(--paper); stroke: var(--ink)"' in text
    assert text.count("#ffffff") == 1
    assert text.count("#222222") == 1
    assert "stroke: #e69f00" in text


def test_every_shade_of_the_charts_that_is_no_colour_follows_the_theme():
    for colour in (style.INK, style.FAINT, style.TERMINATING, style.NEWEST):
        assert colour.lower() in THEME


def test_the_title_is_for_those_who_do_not_see_it_and_the_size_follows_the_page():
    text = inline(DOCUMENT, "map", '<b>"A" & B')
    root = ElementTree.fromstring(text)
    assert root.attrib == {
        "viewBox": "0 0 72 36",
        "role": "img",
        "aria-label": '<b>"A" & B',
        "style": "max-width: 96px",
    }


def test_what_is_no_xml_is_refused():
    with pytest.raises(ElementTree.ParseError):
        inline("<svg>", "map", "A map")

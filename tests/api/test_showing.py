"""What Jupyter shows of every result: escaped, closed, not endless; and the charts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.api import Comparison, Recommendation, Run, Scenario, Sweep, Timeouts, Validation, load
from sim.api.html import MOST_ROWS, fragment, frame_html, table_html
from sim.metrics import RequirementError

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = ROOT / "scenarios" / "manifests" / "testqc.yaml"
RECORDED = ROOT / "tests" / "recorded" / "four-25-25.json"
HOSTILE = "<script>alert('1')</script>&amp;\x1b[31m\n$x$" + "long " * 300
TAGS = {"h4", "p", "pre", "div", "table", "thead", "tbody", "tr", "th", "td", "wbr"}
PNG = b"\x89PNG\r\n\x1a\n"


class Page(HTMLParser):
    """Reads HTML: the tags it saw, all closed in their order, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.styles: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.styles |= {f"{name}={value}" for name, value in attrs}
        if tag != "wbr":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """Every kind of result, of a scenario with hostile names."""
    scenario = replace(load(MANIFEST), name=HOSTILE, description=HOSTILE, source=HOSTILE)
    sweep = scenario.sweep(maxSurge=[0, 1, 3], maxUnavailable=[0, 1], replications=4)
    return {
        "scenario": scenario,
        "run": scenario.run(),
        "sweep": sweep,
        "comparison": scenario.compare({"maxSurge": 3}, scenario, replications=4),
        "recommendation": sweep.recommend(require="min_availability>=50%"),
        "refusal": sweep.recommend(require="duration_s<=1s"),
        "timeouts": scenario.timeouts("90%", replicas=(), replications=64),
        "validation": Validation(replace(Validation.of(RECORDED, replications=2).report, name=HOSTILE)),
    }


KINDS = {
    "scenario": Scenario,
    "run": Run,
    "sweep": Sweep,
    "comparison": Comparison,
    "recommendation": Recommendation,
    "refusal": Recommendation,
    "timeouts": Timeouts,
    "validation": Validation,
}


@pytest.mark.parametrize("name", KINDS)
def test_what_is_shown_is_escaped_and_closed(results: dict[str, Any], name: str) -> None:
    assert type(results[name]) is KINDS[name]
    html = results[name]._repr_html_()
    page = Page(html)
    assert page.seen <= TAGS
    # Colours are the reader's: light or dark.
    assert page.styles <= {
        *(f"style=text-align: {side}" for side in ("left", "right")),
        *("style=overflow-x: auto", "style=white-space: pre-wrap"),
    }
    assert "\x1b" not in html
    assert len(html) < 20_000
    if name not in ("run", "recommendation", "refusal", "timeouts"):
        assert "<script>alert('1')</script>&amp;\\x1b[31m" in page.text


@pytest.mark.parametrize("name", KINDS)
def test_the_text_of_a_result_is_one_short_line(results: dict[str, Any], name: str) -> None:
    text = repr(results[name])
    assert text.startswith(f"<{KINDS[name].__name__} ")
    assert text.isprintable()
    assert len(text) < 400
    assert " at 0x" not in text


def test_a_long_table_says_where_the_rest_is() -> None:
    rows = [(f"web-{number}", f"{number} s") for number in range(MOST_ROWS + 1)]
    exact = Page(table_html(("name", "value"), rows[:-1], "elsewhere"))
    assert "web-39" in exact.text
    assert "more" not in exact.text
    longer = Page(table_html(("name", "value"), [*rows, *rows], "look <there>"))
    assert "web-39" in longer.text
    assert "web-40" not in longer.text
    assert "… and 42 more: look <there>" in longer.text


def test_numbers_stand_at_the_right() -> None:
    rows = [("a", "1 s", "never", "-", "0"), ("b", "never", "never", "+2 pods", "x")]
    html = table_html(("1", "2", "3", "4", "5"), rows, "")
    assert re.findall('<th style="text-align: (left|right)">', html) == [
        *("left", "right", "left", "right", "left")
    ]


def test_a_fragment_leaves_out_what_is_empty() -> None:
    assert fragment("a & b", ["", "c"]) == "<h4>a &amp; b</h4>\n<p>c</p>"
    assert fragment("a", [], ["<table>"], "x < y").endswith("x &lt; y</pre>\n<table>")


def test_a_frame_is_put_into_words(results: dict[str, Any]) -> None:
    table = results["sweep"].table.assign(**{"p95(duration_s)": float("inf")})
    page = Page(frame_html(table[["label", "p95(duration_s)"]]))
    assert "never" in page.text
    assert "p95(duration_s)" in page.text


def test_the_recommendation_shows_answer_reasons_and_patch(results: dict[str, Any]) -> None:
    found = results["recommendation"]
    page = Page(found._repr_html_())
    for text in (f"{found.choice.headline}.", *found.choice.reasons, found.command):
        assert text in page.text
    assert results["refusal"].answer.startswith("Nothing keeps every limit")
    assert "pre" not in Page(results["refusal"]._repr_html_()).seen


def test_that_nothing_gets_stuck_is_no_news(results: dict[str, Any]) -> None:
    assert "complete" not in results["sweep"]._repr_html_()
    held_back = load(ROOT / "scenarios" / "08-bad-version-held-back.yaml").set(horizon="40s")
    assert "mean(complete)" in Page(held_back.sweep(maxSurge=[1], replications=1)._repr_html_()).text


DRAWN: dict[str, Callable[[dict[str, Any], Axes | None], Axes]] = {
    "availability": lambda found, ax: found["run"].plot(ax),
    "timeline": lambda found, ax: found["run"].plot(ax, chart="timeline"),
    "waterfall": lambda found, ax: found["run"].plot(ax, chart="waterfall"),
    "map": lambda found, ax: found["sweep"].plot(ax),
    "map of a percentile without interval": lambda found, ax: found["sweep"].plot(ax, show="p90(drained_s)"),
    "bands of a sweep": lambda found, ax: found["sweep"].plot(ax, show="pods"),
    "differences": lambda found, ax: found["comparison"].plot(ax),
    "bands": lambda found, ax: found["comparison"].plot(ax, show="available"),
    "distributions": lambda found, ax: found["comparison"].plot(ax, show="p95(duration_s)"),
    "front": lambda found, ax: found["recommendation"].plot(ax),
    "one aim": lambda found, ax: found["sweep"].recommend(minimize="drained_s").plot(ax),
    "real and simulated": lambda found, ax: found["validation"].plot(ax),
}
TITLES = {
    "availability": "never fewer than 3 of 3 pods available",
    "timeline": "complete after",
    "map": "p95(duration_s): ",
    "map of a percentile without interval": "p90(drained_s): ",
    "bands of a sweep": "pods: ",
    "differences": "duration_s against ",
    "bands": "available pods: ",
    "front": "Recommended: maxSurge=",
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_result_draws_itself(results: dict[str, Any], name: str) -> None:
    given = Figure().subplots()
    assert DRAWN[name](results, given) is given
    assert given.has_data() or given.collections
    # Axes of the user's are shown as the user shows them.
    assert not hasattr(given, "_repr_png_")
    one, other = DRAWN[name](results, None), DRAWN[name](results, None)
    assert one.figure is not other.figure
    # On narrower Axes a name may be shorter, the beginning is the same.
    title = one.get_title(loc="left")
    assert title == other.get_title(loc="left")
    assert title[:12] == given.get_title(loc="left")[:12] != ""
    assert TITLES.get(name, "") in title


def test_axes_of_a_new_figure_show_themselves(results: dict[str, Any]) -> None:
    axes = results["run"].plot()
    picture = axes._repr_png_()
    assert picture.startswith(PNG)
    assert picture == results["run"].plot()._repr_png_()
    axes.set_title("another", loc="left")
    assert axes._repr_png_() != picture


def test_over_one_axis_a_statistic_is_a_trend() -> None:
    found = load(MANIFEST).sweep(maxSurge=[1, 2], replications=4)
    axes = found.plot(show="mean(duration_s)")
    assert axes.get_xlabel() == "maxSurge"
    assert {line.get_gid() for line in axes.lines} >= {"line:"}
    assert found.plot(show="p90(duration_s)").get_title(loc="left").startswith("p90(duration_s): best at")


def test_over_three_axes_runs_are_spread() -> None:
    axes = {"maxSurge": [1, 2], "maxUnavailable": [0, 1], "replicas": [3, 4]}
    found = load(MANIFEST).sweep(axes, replications=2)
    # Those asked for, and what is in force, with as many replicas each.
    assert len(found.sample.strategies) == 8 + 2
    assert "duration_s" in found.plot(show="p95(duration_s)").get_title(loc="left")


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda found: found["run"].plot(chart="timelin"), ValueError, "did you mean timeline"),
        (lambda found: found["run"].plot(chart="save"), ValueError, "there are availability, timeline"),
        (
            lambda found: found["sweep"].plot(show="p95(duration)"),
            RequirementError,
            "did you mean duration_s",
        ),
        (lambda found: found["sweep"].plot(show="avialable"), RequirementError, "no measure is called"),
        (
            lambda found: found["comparison"].plot(show="durations"),
            RequirementError,
            "did you mean duration_s",
        ),
        (lambda found: found["sweep"].differences(99), ValueError, "no strategy 99"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    results: dict[str, Any], draw: Callable[[dict[str, Any]], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw(results)

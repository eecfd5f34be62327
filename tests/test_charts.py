"""What the charts show is what the trace says: the artists' data are compared with the record, not pixels."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from sim.charts import availability, save, timeline, waterfall
from sim.metrics import Rollout, series, state_counts, step_at
from sim.trace import Trace
from tests.traces import NAN, Life, Toy, build, recorded, recreate, replicaset_name, rolling

CHARTS = (timeline, availability, waterfall)
NEW, OLD = replicaset_name("testqc", 2), replicaset_name("testqc", 1)
TRACES = {
    "one": lambda: rolling(1),
    "three": lambda: rolling(3, min_ready_s=5.0),
    "ten": lambda: rolling(10, surge=3, unavailable=2, start_s=(1, 2.5, 4), ready_s=(1, 3)),
    "bad": lambda: rolling(3, bad=True, deadline_s=600.8, ended_s=605.0),
    "recreate": lambda: recreate(3),
    "recorded": lambda: recorded("four-25-25"),
}


def artist(axes: Axes, gid: str) -> Any:
    found = [a for a in axes.get_children() if a.get_gid() == gid]
    assert len(found) == 1, (gid, [a.get_gid() for a in axes.get_children() if a.get_gid()])
    return found[0]


def texts(axes: Axes) -> list[str]:
    """Every text on the Axes, the legend's included."""
    return [t.get_text() for t in axes.findobj(Text) if t.get_text()]


def title(axes: Axes) -> str:
    return axes.get_title(loc="left")


def heights(axes: Axes, gid: str, at: float) -> tuple[float, float]:
    """The lowest and highest point of a filled area just after a moment."""
    crossed = [
        one[1]
        for path in artist(axes, gid).get_paths()
        for one, two in zip(path.vertices, [*path.vertices[1:], path.vertices[0]], strict=True)
        if min(one[0], two[0]) < at < max(one[0], two[0])
    ]
    return (min(crossed), max(crossed)) if crossed else (NAN, NAN)


@pytest.mark.parametrize("name", TRACES)
def test_the_stack_of_the_timeline_is_the_states_of_the_pods(name: str) -> None:
    trace = TRACES[name]()
    axes = timeline(trace)
    times, groups = state_counts(Rollout(trace))
    edges = np.append(times[times < axes.get_xlim()[1]], axes.get_xlim()[1])
    moments = ((edges[1:] + edges[:-1]) / 2)[np.diff(edges) > 0.05]
    assert moments.size
    owners = [g.replicaset for g in reversed(Rollout(trace).generations)]
    for at in moments:
        ground = 0.0
        for group in ("available", "ready", "unready"):
            for owner in owners:
                if (owner, group) not in groups:
                    continue
                count = float(step_at(times, groups[owner, group], np.array([at]))[0])
                assert heights(axes, f"{owner}:{group}", at) == (ground, ground + count), (at, owner, group)
                ground += count
        leaving = sum(
            float(step_at(times, v, np.array([at]))[0]) for (_, g), v in groups.items() if g == "terminating"
        )
        if leaving:
            assert heights(axes, ":terminating", at) == (ground, ground + leaving)


def test_the_timelines_lines_are_the_strategys_bounds() -> None:
    axes = timeline(rolling(10, surge=3, unavailable=2))
    for name, level in (("desired", 10), ("ceiling", 13), ("floor", 8)):
        assert set(artist(axes, name).get_ydata()) == {level}
        at = artist(axes, name).get_xdata()
        assert (at[0], at[-1]) == axes.get_xlim()
    low, high = axes.get_ylim()
    assert low == 0
    assert high > 13
    assert "floor = desired" in texts(timeline(rolling(3)))


@pytest.mark.parametrize("name", TRACES)
def test_the_curves_of_availability_are_the_series(name: str) -> None:
    trace = TRACES[name]()
    axes = availability(trace)
    for curve in ("available", "desired"):
        line = artist(axes, curve)
        at, drawn = (np.asarray(data) for data in (line.get_xdata(), line.get_ydata()))
        assert np.array_equal(drawn, step_at(*series(trace, None, curve), at))
        times = series(trace, None, curve)[0]
        assert set(times[(times >= axes.get_xlim()[0]) & (times <= axes.get_xlim()[1])]) <= set(at)
        assert line.get_drawstyle() == "steps-post"


def test_the_least_point_is_labelled_where_it_is() -> None:
    trace = recorded("four-25-25")
    axes = availability(trace)
    times, values = series(trace, None, "available")
    assert list(artist(axes, "least-point").get_ydata()) == [3]
    assert list(artist(axes, "least-point").get_xdata()) == [times[np.argmin(values)]]
    assert artist(axes, "least").get_text() == "least: 3 of 4 (75 %) at 0.11 s"
    assert title(axes) == "testqc: down to 3 of 4 pods available (75 %)"
    assert artist(axes, "below-desired") is not None
    assert not [a for a in axes.get_children() if a.get_gid() == "below-floor"]


def test_a_gap_below_the_floor_is_filled_down_to_what_was_available() -> None:
    gone = [Life(1, deleted_s=2.0, gone_s=2.5) for _ in range(2)]
    back = [Life(2, 1.0, 1.0, 1.0, 1.5, 6.0, 6.0) for _ in range(4)]
    stay = [Life(1, deleted_s=8.0, gone_s=8.0) for _ in range(2)]
    axes = availability(build(Toy([*gone, *stay, *back], 4, surge=4, unavailable=1)))
    assert heights(axes, "below-floor", 4.0) == (2, 3)
    assert heights(axes, "below-desired", 4.0) == (2, 4)


def test_no_dip_no_label() -> None:
    axes = availability(rolling(3))
    assert title(axes) == "testqc: never fewer than 3 of 3 pods available"
    assert not [a for a in axes.get_children() if a.get_gid() in ("least", "below-desired", "below-floor")]


@pytest.mark.parametrize("name", TRACES)
def test_the_bars_of_the_waterfall_are_the_states_of_the_pods(name: str) -> None:
    trace = TRACES[name]()
    axes = waterfall(trace)
    left, right = axes.get_xlim()
    row_of = dict(zip([t.get_text() for t in axes.get_yticklabels()], axes.get_yticks(), strict=True))
    wanted = set()
    pods = trace.tables["pods"]
    owner = dict(zip(pods["pod"], pods["replicaset"], strict=True))
    previous: dict[str, tuple[float, str]] = {}
    states = trace.tables["states"]
    rows = [*zip(states["time_s"], states["pod"], states["state"], strict=True)]
    for at, pod, state in [*rows, *((right, pod, "gone") for pod in owner)]:
        if pod in previous and previous[pod][1] != "gone":
            began, was = previous[pod]
            gid = f"{was}:{owner[pod] if was in ('ready', 'available') else ''}"
            wanted.add((gid, float(row_of[pod[-5:]]), round(began, 6), round(at, 6)))
        previous[pod] = (at, state)
    drawn = set()
    for patch in axes.findobj(PathPatch):
        if ":" in (patch.get_gid() or ""):
            for box in np.asarray(patch.get_path().vertices).reshape(-1, 5, 2):
                middle = float(box[:, 1].min() + box[:, 1].max()) / 2
                drawn.add(
                    (patch.get_gid(), round(middle, 6), round(box[:, 0].min(), 6), round(box[:, 0].max(), 6))
                )
    assert {(g, round(r, 6), a, b) for g, r, a, b in wanted if b > a and a < right} == drawn
    assert (left, right) == timeline(trace).get_xlim() == availability(trace).get_xlim()


def test_old_pods_lie_above_new_ones_in_order_of_creation() -> None:
    trace = rolling(3)
    axes = waterfall(trace)
    places = dict(zip([t.get_text() for t in axes.get_yticklabels()], axes.get_yticks(), strict=True))
    rows = [places[pod[-5:]] for pod in trace.tables["pods"]["pod"]]
    assert rows == sorted(rows)
    assert axes.yaxis_inverted()


@pytest.mark.parametrize("chart", CHARTS)
def test_what_was_typed_is_marked_and_questions_have_a_tick(chart: Any) -> None:
    lives = [Life(1, deleted_s=3.0, gone_s=4.0), Life(2, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0)]
    trace = build(Toy(lives, 1, steps=((0.1, "image v2"),)))
    lines = [
        "set image deploy/web a=b",
        "get pods",
        "rollout status deploy web",
    ]
    trace.tables["commands"].update(
        started_s=[0.0, 1.0, 2.0],
        finished_s=[0.1, 1.0, 3.0],
        command=lines,
        exit=[0] * 3,
        output=[""] * 3,
    )
    axes = chart(trace)
    # The line is marked, and not the change that it made.
    assert list(artist(axes, "step-1").get_xdata()) == [0.0, 0.0]
    assert "▾1 at 0 s:\nset image deploy/web a=b" in texts(axes)
    assert "2 questions (get, status, curl …)" in texts(axes)
    assert [line.get_xdata()[0] for line in axes.lines if line.get_gid() == "question"] == [1.0, 2.0]


def test_many_pods_have_no_names() -> None:
    axes = waterfall(rolling(31))
    assert axes.get_yticks().size == 0
    assert axes.get_ylabel() == "pods, one row each, in order of creation"
    assert len(waterfall(rolling(30)).get_yticklabels()) == 60


@pytest.mark.parametrize("chart", CHARTS)
def test_steps_and_completion_are_marked(chart: Any) -> None:
    lives = [Life(1, deleted_s=3.0, gone_s=4.0), Life(2, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0)]
    axes = chart(build(Toy(lives, 1, steps=((0.0, "image v1"), (0.9, "image v2")))))
    assert list(artist(axes, "step-1").get_xdata()) == [0.0, 0.0]
    assert list(artist(axes, "step-2").get_xdata()) == [0.9, 0.9]
    assert list(artist(axes, "complete").get_xdata()) == [3.0, 3.0]
    assert {"▾1", "▾2", "complete", "complete at 3.0 s"} <= set(texts(axes))
    assert "▾2 at 0.9 s:\nimage v2" in texts(axes)


@pytest.mark.parametrize("chart", CHARTS)
def test_a_long_wait_at_the_end_is_cut_off_and_said(chart: Any) -> None:
    axes = chart(TRACES["bad"]())
    assert axes.get_xlim()[1] < 4
    assert axes.get_xlabel() == (
        "time (s)\ncut off here: no pod changes after 2.0 s, the record ends at 605 s "
        "(progress deadline exceeded at 601 s)"
    )
    assert chart(rolling(3)).get_xlabel() == "time (s)"


def test_the_picture_ends_a_little_after_the_last_change() -> None:
    last = 16.0
    lives = [Life(1, deleted_s=3.0, gone_s=last), Life(2, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0)]
    toy = Toy(lives, 1)
    assert timeline(build(toy)).get_xlim() == (0.0, last * 1.04)
    soon = timeline(build(replace(toy, ended_s=last * 1.2)))
    assert (soon.get_xlim()[1], soon.get_xlabel()) == (last * 1.04, "time (s)")
    cut_short = timeline(build(replace(toy, ended_s=last + 0.1, quiet=False)))
    assert cut_short.get_xlim()[1] == last + 0.1


def test_the_word_complete_stays_inside() -> None:
    words = {t.get_text(): t.get_horizontalalignment() for t in timeline(rolling(3)).findobj(Text)}
    assert words["complete"] == "right"
    words = {
        t.get_text(): t.get_horizontalalignment()
        for t in timeline(build(Toy([Life(1)], 1, steps=()))).findobj(Text)
    }
    assert words["complete"] == "left"


@pytest.mark.parametrize(
    ("trace", "finding"),
    [
        (rolling(3), "testqc: complete after 15.1 s, never fewer than 3 of 3 available"),
        (recreate(3), "testqc: complete after 8.1 s, at times none of 3 available"),
        (
            TRACES["bad"](),
            "testqc: not complete: 1 pod never ready, progress deadline exceeded at 10 min 1 s",
        ),
        (recorded("seed-3-defaults"), "testqc: complete after 15.2 s, never fewer than 3 of 3 available"),
    ],
)
def test_the_timelines_title_says_the_finding(trace: Trace, finding: str) -> None:
    assert title(timeline(trace)) == finding


def test_the_other_titles_say_theirs() -> None:
    assert title(availability(recreate(3))) == "testqc: none of 3 pods available for 8.1 s"
    assert (
        title(availability(build(Toy([Life(1, deleted_s=1.0, gone_s=2.0)], 0))))
        == "testqc: no pod is desired"
    )
    assert title(waterfall(TRACES["bad"]())) == "testqc: 1 new pod, never ready"
    assert title(waterfall(rolling(3))) == (
        "testqc: a new pod takes 5.0 s from creation to available (median of 3)"
    )
    assert title(waterfall(build(Toy([Life(1)], 1, steps=())))) == "testqc: no new pod was created"


def test_long_rollouts_are_told_in_minutes() -> None:
    axes = timeline(rolling(3, start_s=(400.0,)))
    assert axes.get_xlabel() == "time (min:s)"
    assert axes.xaxis.get_major_formatter()(630.0, 0) == "10:30"


def test_states_are_told_apart_without_colour() -> None:
    """In grey, neighbouring looks differ by a hatch or by clearly different lightness."""
    for chart in (timeline, waterfall):
        axes = chart(rolling(3, min_ready_s=5.0))
        legend = axes.get_legend()
        assert legend is not None
        looks = {
            patch.get_label(): (patch.get_hatch() or "", _lightness(patch.get_facecolor()))
            for patch in legend.get_patches()
        }
        items = list(looks.items())
        assert len(items) >= 5
        for i, (one, (hatch, light)) in enumerate(items):
            for other, (hatch2, light2) in items[i + 1 :]:
                assert hatch != hatch2 or abs(light - light2) > 0.1, (one, other)


def _lightness(colour: Any) -> float:
    return float(np.dot([0.299, 0.587, 0.114], colour[:3]))


def test_pods_that_are_not_ready_are_hatched() -> None:
    axes = timeline(rolling(3, min_ready_s=5.0))
    hatches = {
        group: artist(axes, f"{NEW}:{group}").get_hatch() for group in ("available", "ready", "unready")
    }
    assert hatches == {"available": None, "ready": None, "unready": "////"}


def test_a_share_is_never_rounded_up() -> None:
    lives = [Life(1, unready=((1.0, 2.0),)), Life(1), Life(1)]
    assert title(availability(build(Toy(lives, 3, steps=())))).endswith("2 of 3 pods available (66.6 %)")


def test_users_text_is_no_formula_and_cannot_break_the_layout(tmp_path: Path) -> None:
    name = "web-" + "x" * 200
    image = "registry.example.com/" + "y" * 300 + ":$\\frac$"
    toy = Toy(
        [Life(1, deleted_s=2.0, gone_s=3.0), Life(2, 0.5, 0.5, 0.5, 0.5, 2.0, 2.0)],
        1,
        name=name,
        images=(image, image),
        steps=((0.0, "$\\badmacro{ \n\x00" + "z" * 500),),
    )
    for chart in CHARTS:
        axes = chart(build(toy))
        assert max(len(line) for text in texts(axes) for line in text.split("\n")) <= 130
        save(axes, tmp_path / "x.png")


@pytest.mark.parametrize("name", [*TRACES, "steps"])
@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_overlaps_or_leaves_the_picture(name: str, chart: Any) -> None:
    trace = TRACES[name]() if name in TRACES else rolling(3, steps=[(i / 20, f"step {i}") for i in range(9)])
    axes = chart(trace)
    figure = axes.figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    outside = axes.get_legend()
    unseen = {
        id(label)
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim())))
        for tick in axis.get_major_ticks()
        if not low <= tick.get_loc() <= high
        for label in (tick.label1, tick.label2)
    }
    boxes = {
        f"{text.get_text()!r} {i}": text.get_window_extent(renderer)
        for i, text in enumerate(axes.findobj(Text))
        if text.get_text()
        and text.get_visible()
        and id(text) not in unseen
        and text.get_window_extent(renderer).width > 0
    }
    for label, box in boxes.items():
        assert box.x0 >= 0, label
        assert box.y0 >= 0, label
        assert box.x1 <= figure.bbox.x1, label
        assert box.y1 <= figure.bbox.y1, label
    assert outside.get_window_extent(renderer).x0 >= axes.bbox.x1
    items = list(boxes.items())
    for i, (one, box) in enumerate(items):
        for other, box2 in items[i + 1 :]:
            x = min(box.x1, box2.x1) - max(box.x0, box2.x0)
            y = min(box.y1, box2.y1) - max(box.y0, box2.y0)
            assert x <= 1 or y <= 1, (one, other)


@pytest.mark.parametrize("ending", [".png", ".svg"])
@pytest.mark.parametrize("chart", CHARTS)
def test_equal_traces_give_equal_bytes(chart: Any, ending: str, tmp_path: Path) -> None:
    first = save(chart(rolling(3)), tmp_path / f"a{ending}").read_bytes()
    second = save(lambda: chart(rolling(3)), tmp_path / f"b{ending}").read_bytes()
    assert first == second
    assert first != save(chart(rolling(4)), tmp_path / f"c{ending}").read_bytes()
    assert b"Matplotlib" not in first
    assert b"date" not in first.lower()


def test_only_png_and_svg_are_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.png or \.svg, not \.pdf"):
        save(timeline(rolling(1)), tmp_path / "x.pdf")
    assert not list(tmp_path.iterdir())


def test_the_users_axes_are_drawn_on_and_their_settings_kept() -> None:
    before = dict(matplotlib.rcParams)
    axes = Figure().add_subplot()
    for chart in CHARTS:
        assert chart(rolling(1), axes) is axes
    assert dict(matplotlib.rcParams) == before


def test_the_users_settings_do_not_change_the_picture(tmp_path: Path) -> None:
    plain = save(lambda: timeline(rolling(3)), tmp_path / "a.png").read_bytes()
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert save(lambda: timeline(rolling(3)), tmp_path / "b.png").read_bytes() == plain


def test_the_named_deployment_is_drawn() -> None:
    trace = build(
        Toy([Life(1)], 1, steps=()), Toy([Life(1, unready=((1.0, 2.0),))] * 1, 1, name="other", steps=())
    )
    for chart in CHARTS:
        assert title(chart(trace, None, "other")).startswith("other: ")
        assert title(chart(trace)).startswith("testqc: ")
        with pytest.raises(ValueError, match="no Deployment 'x'"):
            chart(trace, None, "x")


def test_a_version_that_was_never_created_is_not_blue() -> None:
    paused = build(
        Toy([Life(1, unready=((4.0, 5.0),)), Life(1)], 2, paused=True, last_reason="DeploymentPaused")
    )
    axes = timeline(paused)
    assert artist(axes, f"{OLD}:available").get_facecolor()[0][2] < 0.5
    assert artist(timeline(rolling(3)), f"{NEW}:available").get_facecolor()[0][2] > 0.5
    assert title(waterfall(paused)) == "testqc: no new pod was created"


def test_a_pod_still_crashing_is_drawn_to_the_end() -> None:
    crash = Life(2, 0.5, 0.5, 0.5, 1.0, NAN, NAN, crashes=((2.0, 12.0), (13.0, NAN)))
    axes = waterfall(build(Toy([Life(1), crash], 1)))
    boxes = artist(axes, "crashed:").get_path().vertices.reshape(-1, 5, 2)
    assert [(box[:, 0].min(), box[:, 0].max()) for box in boxes] == [(2.0, 12.0), (13.0, axes.get_xlim()[1])]


def test_charts_need_no_pyplot_and_no_pandas() -> None:
    unwanted = ("matplotlib.pyplot", "pandas", "simpy")
    code = f"import sys, sim.charts; print([m for m in {unwanted} if m in sys.modules])"
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_thousand_replicas_can_be_drawn(tmp_path: Path) -> None:
    trace = rolling(1000, surge=250, unavailable=250, rate=200.0)
    for chart in CHARTS:
        axes = chart(trace)
        assert len(axes.get_children()) < 60
        assert save(axes, tmp_path / "x.png").stat().st_size < 400_000

"""The page: what is on it, and that nothing else gets in or out."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from sim.choose import choose, parse_aim
from sim.report.facts import question, said
from sim.report.html import LONG, render
from sim.report.tables import MOST_ROWS, Tables
from sim.spec.profile import load_profile
from sim.stats import parse_limit
from tests.report.page import read
from tests.report.samples import grid, made, usual

AIMS = [parse_aim("p95(duration_s)"), parse_aim("p95(peak_pods)")]
LIMITS = [parse_limit("min_availability>=75%"), parse_limit("p95(duration_s)<=45s")]
POINTS = grid(maxSurge=["0", "1", "25%"], maxUnavailable=["0", "1"])[1:]
LEFT_OUT = [{"label": "maxSurge=0 maxUnavailable=0", "reason": "both are 0", "refused": True}]
COMMAND = """kubectl patch deployment shop -n default --patch '{"spec":{"replicas":3}}'"""
PATCH = "spec:\n  strategy:\n    rollingUpdate:\n      maxSurge: 25%\n"
HOSTILE = "<script>alert(1)</script> {{7*7}} {% raw %} \" ' ]]> --> & \\ $x$"


def chosen(sample, limits=LIMITS):
    return choose(sample.strategies, sample.runs, limits, AIMS, sample.about["circumstances"])


def page_of(sample, limits=LIMITS, **more):
    return render(sample, chosen(sample, limits), limits, AIMS, **more)


def terms(page):
    return {term.text: text.text for term, text in zip(page.all("dt"), page.all("dd"), strict=True)}


@pytest.fixture(scope="module")
def sample():
    return made(POINTS, usual, left_out=LEFT_OUT)


@pytest.fixture(scope="module")
def text(sample):
    return page_of(sample, command=COMMAND, patch=PATCH, repeat="rollsim sweep shop.yaml")


@pytest.fixture
def no_charts(monkeypatch):
    """Draw nothing, for tests that look elsewhere: drawing takes most of a page's time."""
    monkeypatch.setattr("sim.report.html.pictures", lambda *_: [])


@pytest.fixture(scope="module")
def page(text):
    return read(text)


def test_it_answers_the_question_and_says_how_to_do_it(sample, page):
    choice = chosen(sample)
    assert page.one("p", **{"class": "answer"}).text == choice.answer
    items = [item.text for item in page.all("li")]
    assert set(choice.reasons) <= set(items)
    assert [block.raw for block in page.all("code") if "\n" in block.raw or "--patch '" in block.raw] == [
        COMMAND,
        PATCH,
    ]


def test_it_states_the_question(page):
    facts = terms(page)
    assert facts["Deployment"] == "shop, 4 replicas as given"
    assert facts["maxSurge"] == "0, 1, 25%"
    assert facts["maxUnavailable"] == "0, 1"
    assert facts["Simulated"] == "5 strategies × 20 replications = 100 runs"
    assert facts["Limits and aims"].startswith("min_availability>=75%; p95(duration_s)<=45s; minimize p95(")


def test_strategies_may_have_unequally_many_replications(sample):
    longer = sample.runs[(sample.runs["strategy"] != 2) | (sample.runs["replication"] < 8)]
    facts = dict(question(replace(sample, runs=longer)))
    assert facts["Simulated"] == "5 strategies × 8 to 20 replications = 88 runs"


def test_it_tells_where_it_comes_from(sample, page):
    facts = terms(page)
    assert facts["checksum"] == sample.checksum
    assert (facts["version"], facts["seed"], facts["digest"]) == ("1.2.3", "7", "0123456789abcdef")
    assert [block.raw for block in page.all("code")][-1] == "rollsim sweep shop.yaml"


def test_the_overview_has_estimates_intervals_and_the_recommended_row(sample, page):
    table = page.one("table", id="table-overview")
    heads = [head.text for head in table.all("thead")[0].all("th")]
    assert heads[:3] == ["strategy", "median(duration_s)", "p95(duration_s)"]
    rows = table.all("tbody")[0].all("tr")
    assert len(rows) == len(POINTS)
    marked = [row for row in rows if row.attributes.get("class") == "recommended"]
    assert [row.all("th")[0].attributes["data-key"] for row in marked] == [str(chosen(sample).recommended)]
    assert marked[0].all("th")[0].text.endswith(" recommended")
    # maxSurge=1 maxUnavailable=0: 30 s plus 0, 1, …, 19.
    cell = rows[1].all("td")[0]
    assert cell.text.startswith("39.5 s")
    assert float(cell.attributes["data-key"]) == 39.5
    low, high = (float(part.split()[0]) for part in cell.all("small")[0].text.split(" to "))
    assert 30 < low < 39.5 < high < 49


def test_any_percentile_has_its_interval(sample, no_charts):
    """Not only those that the table of statistics has."""
    aims = [parse_aim("p75(duration_s)")]
    table = read(render(sample, None, (), aims)).one("table", id="table-overview")
    heads = [head.text for head in table.all("thead")[0].all("th")]
    cell = table.all("tbody")[0].all("tr")[1].all("td")[heads.index("p75(duration_s)") - 1]
    low, high = (float(part.split()[0]) for part in cell.all("small")[0].text.split(" to "))
    assert low < float(cell.attributes["data-key"]) < high


def test_breaches_are_counted_with_wilson_s_interval(page):
    table = page.one("table", id="table-breaches")
    cells = table.all("tbody")[0].all("tr")[0].all("td")
    # maxSurge=0 maxUnavailable=1 takes 30 s plus 0 to 19: 4 runs are beyond 45 s.
    assert cells[1].text.startswith("4 of 20")
    assert cells[1].all("small")[0].text == "8.1 % to 41.6 %"
    assert cells[0].text.startswith("0 of 20")


def test_differences_are_paired_with_the_baseline(sample, page, no_charts):
    table = page.one("table", id="table-differences")
    rows = table.all("tbody")[0].all("tr")
    assert [cell.text for cell in rows[0].all("td")][:2] == ["–", "–"]
    # 60 / 3 against 60 / 2, in every replication.
    assert rows[2].all("td")[0].text.startswith("-10 s")
    assert rows[2].all("td")[1].text == "100 %"
    other = read(page_of(sample, baseline=2)).one("table", id="table-differences")
    assert other.all("tbody")[0].all("tr")[0].all("td")[0].text.startswith("+10 s")


def test_combinations_left_out_have_their_reasons_and_are_folded_when_many(sample, page, no_charts):
    assert "maxSurge=0 maxUnavailable=0: both are 0" in [li.text for li in page.all("li")]
    assert not page.all("details")
    many = [{"label": f"point {n}", "reason": "no", "refused": True} for n in range(LONG + 1)]
    folded = read(page_of(replace(sample, about={**sample.about, "left_out": many}))).one("details")
    assert folded.all("summary")[0].text.startswith(f"{LONG + 1} combinations")
    assert len(folded.all("li")) == LONG + 1


def test_assumptions_name_every_stage_with_its_distribution_and_the_sources(page):
    rows = [
        [cell.text for cell in row.all("th", "td")]
        for row in page.one("table", **{"class": "stages"}).all("tr")
    ]
    assert [row[0] for row in rows] == ["stage", "schedule", "pull", "start", "ready", "stop"]
    assert rows[2][2] == "always 0 s"
    assert rows[4][2] == "log-normal with median 0.3 s and sigma 0.4"
    assert "kubemark" in page.text


def test_distributions_are_said_in_words():
    pods = {
        "ready": {"uniform": [1, 2.5]},
        "stop": {"gamma": {"shape": 2, "scale": 3}, "shift": 1, "max": 90},
    }
    stages = load_profile({"pods": {**pods, "pull": {"empirical": list(range(9))}}}).pods
    assert said(stages.ready) == "uniform from 1 s to 2.5 s"
    assert said(stages.stop) == "gamma with shape 2, scale 3; shifted by 1 s; at most 90 s"
    assert said(stages.pull) == "empirical: 9 values 0, 1, 2, 3, 4, 5, …"


def test_without_a_choice_nothing_is_recommended(sample, no_charts):
    page = read(render(sample))
    assert page.one("p", **{"class": "answer"}).text.startswith("No strategy is recommended")
    assert not [e for e in page.all("tr") if e.attributes.get("class") == "recommended"]
    assert not page.all("pre")
    assert "table-breaches" not in [table.attributes.get("id") for table in page.all("table")]


def test_when_nothing_keeps_the_limits_it_says_so(sample, no_charts):
    limits = [parse_limit("p95(duration_s)<=1s")]
    page = read(page_of(sample, limits))
    assert page.one("p", **{"class": "answer refused"}).text.startswith("Nothing keeps every limit")
    assert [row.attributes["class"] for row in page.all("tr") if "class" in row.attributes][-1] == "nearest"


def test_rollouts_that_never_complete_are_noted(no_charts):
    def measured(settings, replication):
        stuck = settings["maxSurge"] == "1" and replication % 2 == 0
        reason = "1 pod never ready" if stuck else ""
        return {"duration_s": np.inf if stuck else 9.0, "stuck": stuck, "stuck_reason": reason}

    page = read(page_of(made(grid(maxSurge=["1", "2"]), measured)))
    note = page.one("p", **{"class": "note"}).text
    assert "10 of 40 runs, in 1 of 2 strategies" in note
    assert "1 pod never ready" in note
    cells = page.one("table", id="table-overview").all("tbody")[0].all("tr")[0].all("td")
    assert cells[1].text.startswith("never")
    assert cells[1].attributes["data-key"] == "inf"


def test_the_page_is_semantic(page):
    assert len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for figure in page.all("figure"):
        assert figure.all("h3")[0].text
        assert figure.all("figcaption")[0].text
        assert figure.all("svg")[0].attributes["role"] == "img"
        assert figure.all("svg")[0].attributes["aria-label"]
    for table in page.all("table"):
        assert table.all("caption")[0].text
        assert {head.attributes["scope"] for head in table.all("th")} == {"col", "row"}
    assert page.all("html")[0].attributes["lang"] == "en"
    identifiers = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(identifiers) == len(set(identifiers))
    labels = [e.attributes["aria-labelledby"] for e in page.all() if "aria-labelledby" in e.attributes]
    assert set(labels) <= set(identifiers)


def test_what_charts_refer_to_is_in_the_page(page):
    identifiers = {e.attributes["id"] for e in page.all() if "id" in e.attributes}
    inside = [
        e.attributes.get("href") or "" for e in page.all() if (e.attributes.get("href") or "").startswith("#")
    ]
    used = [name[1:] for name in inside]
    for element in page.all():
        for value in element.attributes.values():
            used += re.findall(r"url\(#([^)]*)\)", value or "")
    assert used
    assert set(used) <= identifiers


def test_nothing_is_loaded_and_only_our_own_script_runs(page, text):
    assert not page.all("link", "iframe", "img", "object", "embed", "base", "form")
    for element in page.all():
        for key, value in element.attributes.items():
            assert not key.startswith("on"), (element.tag, key)
            if key in ("src", "href"):
                assert value.startswith(("#", "data:image/png;base64,")), value
    assert "@import" not in text
    assert not re.findall(r"url\((?!#)", text)
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    script = page.one("script").raw
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        f"script-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_equal_samples_give_equal_pages(sample, text):
    again = page_of(
        made(POINTS, usual, left_out=LEFT_OUT), command=COMMAND, patch=PATCH, repeat="rollsim sweep shop.yaml"
    )
    assert again == text


def test_names_are_text_and_nothing_else(text):
    points = [{"maxSurge": f"{HOSTILE}{n}", "</style>": HOSTILE} for n in range(3)]
    told = ("scenario", "deployment", "description", "profile", "version", "digest", "kubernetes")
    about = dict.fromkeys(told, HOSTILE)
    left_out = [{"label": HOSTILE, "reason": HOSTILE, "refused": True}]
    sample = made(points, usual_of_hostile, left_out=left_out, diagnostics=[HOSTILE], **about)
    hostile = page_of(sample, command=HOSTILE, patch=HOSTILE, repeat=HOSTILE)
    page = read(hostile)
    assert page.all("title")[0].raw == f"{HOSTILE}: which rollout strategy?"
    assert page.all("h1")[0].text == page.all("title")[0].text
    assert [block.raw for block in page.all("code") if block.raw.startswith("<")] == [HOSTILE] * 3
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert "49" not in page.one("h1").text
    assert {e.tag for e in page.all()} <= {e.tag for e in read(text).all()} | {"strong"}


def usual_of_hostile(settings, replication):
    number = int(settings["maxSurge"][-1])
    return usual({"maxSurge": str(number), "maxUnavailable": "1"}, replication)


def test_of_very_many_strategies_the_tables_show_the_best_and_say_so():
    points = [{"minReadySeconds": str(n)} for n in range(MOST_ROWS + 10)]
    sample = made(points, lambda settings, r: {"duration_s": 1.0 * int(settings["minReadySeconds"]) + r})
    tables = Tables(sample, {MOST_ROWS + 3: "baseline"})
    assert tables.left_off == 10
    assert tables.shown == [*range(MOST_ROWS - 1), MOST_ROWS + 3]


def test_texts_stand_out_from_the_page_in_both_themes():
    css = files("sim.report").joinpath("page.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", part)) for part in css.split("@media screen")
    )
    assert light.keys() == dark.keys()
    for theme in (light, dark):
        for ground in ("--paper", "--soft", "--mark"):
            for ink in ("--ink", "--faint"):
                assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
        # Marks in charts: 3 is enough, and texts on them are elsewhere, too; names in blue are not.
        assert contrast(theme["--blue"], theme["--paper"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return WCAG 2's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.slow
def test_sixty_strategies_are_less_than_three_megabytes():
    points = grid(maxSurge=[*"01234"], maxUnavailable=[*"0123"], replicas=["5", "9", "12"])
    assert len(page_of(made(points, usual)).encode()) < 3_000_000

"""The page in a browser: tables are sorted by their heads, and nothing is complained about."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sim.report.html import render
from tests.report.page import read
from tests.report.samples import made
from tests.report.test_html import HOSTILE, page_of, usual_of_hostile

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="neither chromium nor google-chrome is installed"),
]
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-logging=stderr --v=0 --virtual-time-budget=3000"
)
# Clicks heads one after the other and writes down the order of the rows after each click.
_CLICKS = """
const table = document.getElementById("table-overview");
const said = [];
for (const column of [1, 1, 1, 3, 3, 0]) {
  const head = table.tHead.rows[0].cells[column];
  head.querySelector("button").click();
  const order = [...table.tBodies[0].rows].map((row) => row.cells[0].dataset.key).join(" ");
  const sorted = [...table.querySelectorAll("[aria-sort]")].map((one) => one.cellIndex);
  said.push(`${sorted} ${head.getAttribute("aria-sort")}: ${order}`);
}
document.body.dataset.said = said.join("; ");
"""


# Puts a page into windows of some widths and writes down what cannot be reached there by scrolling down.
_WINDOWS = """<!DOCTYPE html><body><script>
const said = [];
const page = %s;
for (const width of [320, 390, 1280]) {
  const frame = document.createElement("iframe");
  frame.width = width;
  frame.height = 900;
  frame.onload = () => {
    const inside = frame.contentDocument;
    const lost = [...inside.querySelectorAll("p, li, dd, h1, h2, h3, figcaption, pre, .chart, .scroll")]
      .filter((one) => one.closest(".scroll, .chart") === null || one.matches(".scroll, .chart"))
      .filter((one) => one.getBoundingClientRect().right > width + 1);
    said.push(`${width}: ${inside.documentElement.scrollWidth} ${lost.length}`);
    document.body.dataset.said = said.join("; ");
  };
  frame.srcdoc = page;
  document.body.append(frame);
}
</script>"""
# Writes down the colours that texts, the page and ink in charts have.
_COLOURS = """
const colour = (query, name) => getComputedStyle(document.querySelector(query))[name];
document.body.dataset.said = [
  matchMedia("(prefers-color-scheme: dark)").matches,
  colour("body", "backgroundColor"), colour("body", "color"), colour("thead th", "backgroundColor"),
  colour(".answer", "backgroundColor"), colour(".chart svg", "fill"),
].join("; ");
"""
_DARK = "--blink-settings=preferredColorScheme=0"


def opened(text: str, folder: Path, *flags: str) -> tuple[str, list[str]]:
    """Return the document as a browser sees it after its scripts, and what it complained about."""
    done = browse(text, folder, "--dump-dom", *flags)
    return done.stdout, re.findall(r".*CONSOLE.*", done.stderr)


def browse(text: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    command = [BROWSER, *_FLAGS.split(), f"--user-data-dir={folder / 'profile'}", *flags, path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def with_script(text: str, script: str) -> str:
    """Return a page that lets another script run, too."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    return text.replace("</body>", f"<script>{script}</script></body>")


@pytest.fixture
def sample():
    seconds = [30.0, 10.0, np.inf, 20.0, 10.0]
    points = [{"minReadySeconds": str(n)} for n in range(5)]
    available = [0.5, 1.0, 0.75, np.nan, 0.25]

    def measured(settings, replication):
        number = int(settings["minReadySeconds"])
        return {"duration_s": seconds[number], "min_availability": available[number]}

    return made(points, measured)


def test_a_click_sorts_by_number_and_another_one_turns_it_round(sample, tmp_path):
    dom, complaints = opened(with_script(render(sample), _CLICKS), tmp_path)
    assert complaints == []
    said = read_body(dom)
    assert said.split("; ") == [
        "1 ascending: 1 4 3 0 2",
        "1 descending: 2 0 3 1 4",
        "1 ascending: 1 4 3 0 2",
        # What has no value is last, whichever way.
        "3 ascending: 4 0 2 1 3",
        "3 descending: 1 2 0 4 3",
        "0 ascending: 0 1 2 3 4",
    ]


def read_body(dom: str) -> str:
    match = re.search(r'<body[^>]*data-said="([^"]*)"', dom)
    assert match is not None
    return match[1]


def test_the_policy_lets_our_script_run_and_nobody_complains(sample, tmp_path):
    dom, complaints = opened(render(sample), tmp_path)
    assert complaints == []
    assert len(re.findall(r"<th[^>]*><button", dom)) > 8


def test_hostile_names_run_nothing(tmp_path):
    points = [{"maxSurge": f"{HOSTILE}<img src=x onerror=alert(1)>{n}"} for n in range(3)]
    sample = made(points, usual_of_hostile, scenario=HOSTILE)
    dom, complaints = opened(page_of(sample, command=HOSTILE, patch=HOSTILE), tmp_path)
    assert complaints == []
    assert dom.count("<script>") == 1
    assert not re.search(r"<img|onerror=[^&]*>(?!\d)", re.sub(r"&lt;.*?&gt;", "", dom))
    assert len(re.findall(r'<button type="button">Copy</button>', dom)) == 2
    assert read(dom.replace("<!DOCTYPE html>", "")).all("h1")[0].text == f"{HOSTILE}: which rollout strategy?"


def test_it_is_light_or_dark_as_the_reader_likes(sample, tmp_path):
    text = with_script(page_of(sample), _COLOURS)
    schemes = []
    for dark, flags in (("false", []), ("true", [_DARK])):
        matches, *colours = read_body(opened(text, tmp_path, *flags)[0]).split("; ")
        assert matches == dark
        paper, ink, head, answer, chart = (sum(map(int, re.findall(r"\d+", one)[:3])) / 3 for one in colours)
        # All of it is of one scheme: grounds on one side, ink on the other.
        assert chart == ink
        assert all((ground < ink) is (dark == "true") for ground in (paper, head, answer))
        assert min(abs(ground - ink) for ground in (paper, head, answer)) > 120
        schemes.append(paper)
    assert schemes[0] > 250 > 40 > schemes[1]


def test_a_telephone_scrolls_down_and_not_sideways(sample, tmp_path):
    page = page_of(sample, command=f"kubectl patch {'x' * 200}", patch="spec:\n  y: 1\n")
    text = _WINDOWS % json.dumps(page).replace("</", "<\\/")
    said = dict(one.split(": ") for one in read_body(opened(text, tmp_path)[0]).split("; "))
    assert said.keys() == {"320", "390", "1280"}
    for width, found in said.items():
        wide, lost = map(int, found.split())
        assert (wide <= int(width), lost) == (True, 0), (width, found)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_on_paper_there_are_all_parts_and_no_buttons(sample, tmp_path):
    text = page_of(sample, command="kubectl patch deployment shop", patch="spec:\n  y: 1\n")
    # Who likes it dark has white paper, too.
    browse(text, tmp_path, _DARK, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}")
    told = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    words = " ".join(told.split())
    page = read(text)
    for heading in page.all("h1", "h2", "h3"):
        assert heading.text in words, heading.text
    assert "kubectl patch deployment shop" in words
    assert "Copy" not in words
    assert "↕" not in words

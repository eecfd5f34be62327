"""The page in a browser: tables are sorted by their heads, and nothing is complained about."""

from __future__ import annotations

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


def opened(text: str, folder: Path) -> tuple[str, list[str]]:
    """Return the document as a browser sees it after its scripts, and what it complained about."""
    assert BROWSER is not None
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    command = [BROWSER, *_FLAGS.split(), f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout, re.findall(r".*CONSOLE.*", done.stderr)


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
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", render(sample))
    dom, complaints = opened(text.replace("</body>", f"<script>{_CLICKS}</script></body>"), tmp_path)
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

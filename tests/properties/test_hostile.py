"""Whatever is in a file, a verb ends with 0, 1 or 2, and tells each mistake in one line."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from random import Random

import pytest

from sim.cli import main
from tests.properties.hostile import HOSTILE, damaged, harmed, manifest, recording, scenario

INPUTS = int(os.environ.get("ROLLSIM_HOSTILE", "240"))
SHARES = 8  # tests that split them
VERBS = ("run", "check", "sweep", "validate", "report")
OFTEN = (8, 8, 3, 4, 1)
LINE = re.compile(r".*?(: |^)[EW]\d{3} .+|rollsim.*: .+|… and [\d,]+ more problems?")
pytestmark = pytest.mark.property


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of results."""
    place = tmp_path_factory.mktemp("results")
    file = place / "s.json"
    file.write_text(json.dumps(scenario()), encoding="utf-8")
    words = ["recommend", str(file), "--axis", "maxSurge=1,2", "--replications", "2", "--workers", "1"]
    assert main([*words, "--engine", "model", "--out", str(place / "out")]) in (0, 1)
    return place / "out"


def words_of(random: Random, verb: str, place: Path, results: Path) -> list[str]:
    """Put a hostile input into a folder, and return the command line that meets it."""
    if verb == "report":
        folder = place / "out"
        shutil.copytree(results, folder)
        name = random.choice(("plan.json", "choice.json", "runs.parquet", "bands.parquet"))
        file = folder / name
        file.write_bytes(damaged(random, file.read_bytes()))
        return ["report", str(folder)]
    name = random.choice(("s", "s", "s", HOSTILE))
    if verb == "validate":
        file = place / f"{name}.json"
        file.write_text(harmed(random, recording()), encoding="utf-8")
        return ["validate", str(file), "--replications", "1"]
    file = place / f"{name}.json"
    document = scenario() if random.random() < 0.7 else manifest()
    file.write_text(harmed(random, document), encoding="utf-8")
    if verb == "sweep":
        axis = random.choice(("maxSurge=1,50%", "minReadySeconds=0,2147483647", "pods.start=0,1e308"))
        return [
            "sweep",
            str(file),
            "--axis",
            axis,
            "--replications",
            "1",
            "--workers",
            "1",
            "--engine",
            "model",
        ]
    return [verb, str(file), *(["--format", "json"] if random.random() < 0.3 else [])]


@pytest.mark.parametrize("share", range(SHARES))
def test_a_mistake_is_a_line(
    share: int, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(share, INPUTS, SHARES):
        random = Random(number)
        place = tmp_path / str(number)
        place.mkdir()
        words = words_of(random, random.choices(VERBS, OFTEN)[0], place, results)
        capsys.readouterr()
        code = main(words)
        out, err = capsys.readouterr()
        told = f"input {number}, {words}: {err[-2000:]}"
        assert code in (0, 1, 2), told
        assert (out + err).replace("\n", "").isprintable(), told
        lines = err.splitlines()
        assert all(LINE.fullmatch(line) and len(line) < 1500 for line in lines), told
        if code == 2:
            assert lines or words[0] == "check", told
            assert not out or words[0] == "check", told
        shutil.rmtree(place)

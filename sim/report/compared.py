"""A comparison in words: a sentence a candidate on how it differs from the first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from sim.choose.words import told
from sim.report.candidates import names_of, replicas_of
from sim.stats import differences, parse_statistic, value
from sim.sweep.force import own_settings
from sim.sweep.sample import Sample
from sim.units import IntOrPercent, format_seconds, format_value

_LIMITS = ("maxSurge", "maxUnavailable")


class Compared(NamedTuple):
    """A candidate beside the baseline: its name, how it differs, in what share of rollouts it is faster."""

    name: str
    differs: str
    better: str

    def __str__(self) -> str:
        return f"{self.name}: {'; '.join(filter(None, (self.differs, self.better)))}"


def compared(sample: Sample, baseline: int = 0) -> list[Compared]:
    """Return a sentence for every other strategy."""
    names, runs = names_of(sample), sample.runs
    mine = runs[runs["strategy"] == baseline].drop(columns="strategy").reset_index(drop=True)
    paired = differences(runs, baseline, ["duration_s"]).set_index("strategy")
    out = []
    for number, name in names.items():
        if number == baseline:
            continue
        theirs = runs[runs["strategy"] == number].drop(columns="strategy").reset_index(drop=True)
        if theirs.equals(mine):
            out.append(Compared(name, f"the same as {names[baseline]}{_why_same(sample, number)}", ""))
            continue
        row = {key: float(paired[key][number]) for key in ("mean", "low", "high", "better", "equal")}
        said = [_time(sample, row, number, baseline), _pods(sample, number, baseline)]
        said.append(_serving(sample, number, baseline))
        timed = said[0].endswith(")")
        better = f"faster in {format_value(row['better'], 'ratio')} of the rollouts" if timed else ""
        out.append(Compared(name, ", ".join(said), better))
    return out


def _time(sample: Sample, row: Mapping[str, float], number: int, baseline: int) -> str:
    complete = value(parse_statistic("mean(complete)"), sample.runs)
    if complete[number] != complete[baseline]:
        shares = (format_value(float(complete[one]), "ratio") for one in (number, baseline))
        return "completes in {} of the rollouts instead of {}".format(*shares)
    before = float(value(parse_statistic("mean(duration_s)"), sample.runs)[baseline])
    mean = row["mean"]
    if not math.isfinite(mean) or not before or row["low"] <= 0 <= row["high"]:
        return "as fast"
    share = f"{'+' if mean > 0 else '-'}{abs(mean) / before * 100:.0f} %"
    return f"{format_seconds(abs(mean))} {'slower' if mean > 0 else 'faster'} ({share})"


def _pods(sample: Sample, number: int, baseline: int) -> str:
    found = value(parse_statistic("p95(peak_physical)"), sample.runs)
    more = math.ceil(found[number]) - math.ceil(found[baseline])
    if not more:
        return "as many pods"
    return f"{abs(more)} pod{'s' * (abs(more) > 1)} {'more' if more > 0 else 'fewer'}"


def _serving(sample: Sample, number: int, baseline: int) -> str:
    found = value(parse_statistic("p5(min_availability)"), sample.runs)
    least, before = float(found[number]), float(found[baseline])
    if least == before:
        return "as available"
    if least <= 0:
        return f"but nobody serves for {_gap(sample.bands, number)}"
    replicas = replicas_of(sample)
    texts = [_share(one, replicas) for one in (least, before)]
    return f"{texts[0]} available at least instead of {texts[1]}"


def _gap(bands: pd.DataFrame, number: int) -> str:
    """Return how long no pod is available in the middle of the runs: "20 s", or "a moment"."""
    mine = bands[(bands["strategy"] == number) & (bands["series"] == "available")]
    lengths = mine["time_s"].diff().shift(-1)
    gap_s = float(lengths[mine["median"] <= 0].sum())
    return format_seconds(round(gap_s, 1)) if gap_s >= 1 else "a moment"


def _share(share: float, replicas: int | None) -> str:
    pods = share * (replicas or 0)
    if not replicas or abs(pods - round(pods)) > 1e-6:
        return told(parse_statistic("p5(min_availability)"), share)
    return f"{round(pods)} of {replicas}"


def _why_same(sample: Sample, number: int) -> str:
    """Return " (25 % of 3 = 1 and 0)" where shares of the baseline come to other limits' counts, else ""."""
    about, replicas = sample.about, replicas_of(sample)
    settings = about["strategies"][number]["settings"]
    own = dict(own_settings(about["documents"][0], _LIMITS))
    shares = {
        key: text for key, text in own.items() if text.endswith("%") and settings.get(key, text) != text
    }
    if replicas is None or not shares:
        return ""
    counts = [_count(key, text, replicas) for key, text in shares.items()]
    if len(set(shares.values())) == 1:
        text = next(iter(shares.values()))
        return f" ({text[:-1]} % of {replicas} = {' and '.join(counts)})"
    said = (
        f"{text[:-1]} % of {replicas} = {count}" for text, count in zip(shares.values(), counts, strict=True)
    )
    return f" ({', '.join(said)})"


def _count(key: str, text: Any, replicas: int) -> str:
    return str(IntOrPercent.parse(text).of(replicas, round_up=key == "maxSurge"))

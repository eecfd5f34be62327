"""What a page says beside its figures: the question in words, what is assumed, where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.grid import in_order
from sim.spec.profile import BUILT_IN, Distribution, Profile
from sim.sweep.sample import Sample
from sim.units import format_seconds

_STAGES = {
    "schedule": "a node is found for a pod",
    "pull": "its image is pulled",
    "start": "its containers start",
    "ready": "its application is up",
    "stop": "it ends after SIGTERM",
}
_MOST_VALUES = 12

METHODS = (
    "Mean: Student's t interval. Shares (stuck runs, breaches, better in): Wilson's interval.",
    "Median and percentiles: order statistics with binomial ranks, interpolated (Nyblom 1992).",
    "Differences: the replications of two strategies are paired, since they have the same luck.",
    "How sure limits are: runs that keep them are counted (Jeffreys' prior), means have Student's t "
    "distribution; several limits together at least so (Bonferroni).",
    "The runs that made the choice flatter it: those of another seed judge it fairly.",
    "Intervals are 95 % intervals, each by itself: of 20 of them one is expected to miss.",
    "A rollout that is not complete at the horizon has an infinite duration; no run is dropped.",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pod's life as it is assumed: its name, its meaning, its distribution, its mean."""

    name: str
    meaning: str
    distribution: str
    mean: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """A latency profile in words: its stages, what goes wrong, its control plane, its sources."""

    name: str
    stages: list[Stage]
    faults: str
    control_plane: str
    images: str
    source: str


def question(sample: Sample) -> list[tuple[str, str]]:
    """Return what was asked, as terms and their descriptions."""
    about = sample.about
    spec = about["documents"][0].get("spec", {})
    counts = sample.runs.groupby("strategy").size()
    each = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,} to {counts.max():,}"
    size = f"{len(sample.strategies):,} strategies × {each} replications = {len(sample.runs):,} runs"
    facts = [
        ("Deployment", f"{about['deployment']}, {spec.get('replicas', 1)} replicas as given"),
        *((axis, _axis(sample, axis)) for axis in sample.axes),
        ("Simulated", size),
    ]
    if about["precision"]:
        facts.append(("Precision asked for", about["precision"]))
    if about["description"]:
        facts.insert(0, ("Scenario", about["description"]))
    return facts


def _axis(sample: Sample, axis: str) -> str:
    values = in_order(text for text in dict.fromkeys(sample.strategies[axis]) if text)
    text = ", ".join(values[:_MOST_VALUES])
    if len(values) > _MOST_VALUES:
        text += f", … ({len(values)} values)"
    if axis in sample.about["circumstances"]:
        text += " (a circumstance: given with the cluster, no choice)"
    return text


def notes(sample: Sample) -> list[str]:
    """Return what to know before believing the figures: runs that never complete, wide intervals."""
    found = []
    stuck = sample.runs.groupby("strategy")["stuck"].agg(["sum", "mean"])
    runs, some = int(stuck["sum"].sum()), int((stuck["sum"] > 0).sum())
    if runs:
        reason = sample.runs.loc[sample.runs["stuck"], "stuck_reason"].mode().iloc[0]
        of = f"{runs:,} of {len(sample.runs):,} runs, in {some} of {len(stuck)} strategies"
        found.append(
            f"Not complete at the horizon of {format_seconds(sample.about['horizon_s'])}: {of}, "
            f"most often because of: {reason}. A percentile that they reach reads “never”."
        )
    if sample.capped:
        labels = "; ".join(sample.labels[number] for number in sample.capped[:6])
        more = f"; and {len(sample.capped) - 6} more" if len(sample.capped) > 6 else ""
        found.append(
            f"Not as precise as asked for ({sample.about['precision']}) with the most replications allowed: "
            f"{labels}{more}."
        )
    return found


def assumptions(sample: Sample) -> list[Assumed]:
    """Return the profile of the scenario in words, and the built-in ones that an axis names."""
    found = {sample.about["profile"]: Profile.model_validate(sample.about["profiles"])}
    if "profile" in sample.axes:
        named = [name for name in dict.fromkeys(sample.strategies["profile"]) if name in BUILT_IN]
        if len(named) == sample.strategies["profile"].nunique():
            found = {}
        found |= {name: BUILT_IN[name] for name in named}
    return [_assumed(profile) for profile in found.values()]


def _assumed(profile: Profile) -> Assumed:
    plane = profile.control_plane
    rate = (
        f"{plane.qps:g} requests a second after a burst of {plane.burst}"
        if plane.qps
        else "no limit of requests"
    )
    stages = [
        Stage(
            name,
            meaning,
            said(getattr(profile.pods, name)),
            format_seconds(getattr(profile.pods, name).mean()),
        )
        for name, meaning in _STAGES.items()
    ]
    images = ", ".join(profile.images)
    return Assumed(
        profile.name,
        stages,
        _faults(profile),
        f"{plane.preset}: {rate}",
        f"of their own for {images}" if images else "",
        profile.source,
    )


def _faults(profile: Profile) -> str:
    faults = profile.pods.faults
    said = [f"a pod is never ready with probability {faults.never_ready:g}"] if faults.never_ready else []
    if faults.crash is not None:
        said.append(f"a container crashes with probability {faults.crash.probability:g} at each start")
    if faults.unready is not None:
        said.append(f"a ready pod stops being ready with probability {faults.unready.probability:g}")
    return "; ".join(said) or "none"


def said(distribution: Distribution) -> str:
    """Return a distribution in words: "log-normal, median 8 s, sigma 0.4"."""
    if distribution.is_constant:
        return f"always {format_seconds(distribution.mean())}"
    words = []
    for key, given in distribution.document().items():
        words.append(f"{_FAMILIES.get(key, key)} {_parameters(key, given)}".strip())
    return "; ".join(words)


_FAMILIES = {
    "lognormal": "log-normal",
    "empirical": "empirical:",
    "uniform": "uniform from",
    "shift": "shifted by",
    "min": "at least",
    "max": "at most",
}


def _parameters(family: str, given: Any) -> str:
    if family == "lognormal" and isinstance(given, Mapping) and set(given) == {"mu", "sigma"}:
        return f"with median {format_seconds(math.exp(given['mu']))} and sigma {given['sigma']:.3g}"
    if family == "uniform":
        return " to ".join(format_seconds(end) for end in given)
    if isinstance(given, Mapping):
        return "with " + ", ".join(f"{name} {_number(number)}" for name, number in given.items())
    if family in ("shift", "min", "max"):
        return format_seconds(given)
    if isinstance(given, list | tuple):
        shown = ", ".join(map(_number, given[:6]))
        return f"{len(given)} values {shown}{', …' if len(given) > 6 else ''}"
    return _number(given)


def _number(given: Any) -> str:
    return f"{given:.4g}" if isinstance(given, int | float) and not isinstance(given, bool) else str(given)


def provenance(sample: Sample) -> list[tuple[str, str]]:
    """Return what reproduces the sample, as terms and their values."""
    found = {
        **sample.provenance,
        "engine": sample.about["engine"],
        "replications": sample.about["replications"] or "as many as precision needs",
    }
    return [(name, str(text)) for name, text in found.items()]

"""A choice in sentences: what to set, what the alternative would trade, what was not offered and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.choose.candidates import Candidates
from sim.choose.judged import Judged, in_the_way, kept_without
from sim.choose.names import AS_IT_IS, name_of, phrase_of
from sim.choose.numbers import Facts
from sim.choose.words import HEADS, difference, exact, joined, limit_unit
from sim.stats import Limit
from sim.units import format_value

NO_POD = "no pod for a moment"
"""What keeps a strategy from being offered, whatever the limits say."""

# With a lower probability the limits are too near for a choice that would surely be made again.
_SURE = 0.95
# So many are named, of those that are only mentioned.
_NAMED = 3


def headline(who: Candidates, best: int, now: int | None) -> str:
    """Return what to do: "Set maxSurge 50 %, maxUnavailable 0 (now 25 % / 25 %)"."""
    what, name = phrase_of(who.settings[best]), who.names[best]
    name = f"it {name}" if name == AS_IT_IS else name
    if now == best:
        return f"Keep {what or name}"
    # As the manifest says it, whatever comes to the same.
    today = "" if now is None else f" (now {name_of(who.settings[now]) or who.names[now]})"
    return f"{'Set' if what else 'Take'} {what or name}{today}"


def reasons(
    who: Candidates,
    result: Judged,
    facts: Facts,
    best: int,
    runner_up: int | None,
    now: int | None,
    circumstances: Sequence[str],
) -> list[str]:
    """Return the alternative and its price, what is wrong with what is in force, what is not offered."""
    sentences = []
    if now is not None and now != best and (broken := shortfalls(who, result, now)):
        sentences.append(f"What is in force breaks {joined(broken)}.")
    if runner_up is not None:
        sentences.append(f"Runner-up: {who.names[runner_up]}: {facts.trade(runner_up, best)}.")
    price = _price(who, result, facts, best)
    if price is not None and price != runner_up:
        sentences.append(f"All pods available throughout: {who.names[price]}: {facts.trade(price, best)}.")
    sentences += _gaps(who, result, facts)
    return [*sentences, *apart(who), *_worst(circumstances)]


def _price(who: Candidates, result: Judged, facts: Facts, best: int) -> int | None:
    """Return the best candidate that lacks no pod, where the choice lacks some; None where there is none."""
    if facts.whole is None or facts.whole[best]:
        return None
    return next((int(i) for i in result.order if facts.whole[i]), None)


def _gaps(who: Candidates, result: Judged, facts: Facts) -> list[str]:
    """Return what is not offered, since there is a moment without any pod; or what it would take."""
    found = np.flatnonzero(result.withheld)
    sentences = []
    if len(found):
        named = _some([who.names[i] for i in found])
        why = "for a moment nobody serves (a limit on availability may allow it)"
        sentences.append(f"Not offered: {named}: {why}.")
    if result.gap.all() and facts.replicas == 1:
        sentences.append(
            "With 1 replica every one of these leaves a moment in which nobody serves: "
            "it takes maxSurge 1 and maxUnavailable 0 to serve throughout."
        )
    return sentences


def sureness(limits: Sequence[Limit], sure: pd.Series) -> str:
    """Return how sure it is that the chosen one meets the limits ("" without any), by its `probability`."""
    if not limits:
        return ""
    # Cut off, not rounded: what is not certain must not look it.
    share = min(math.floor(round(float(sure["probability"]) * 1000, 6)) / 1000, 0.999)
    return f"{format_value(share, 'ratio')} sure"


def doubt(limits: Sequence[Limit], sure: pd.Series) -> list[str]:
    """Return that more runs are worth their time, where it is not sure that the limits are kept."""
    if not limits or float(sure["probability"]) >= _SURE:
        return []
    found = sureness(limits, sure)
    return [f"More replications may change the choice: that it keeps the limits is only {found}."]


def apart(who: Candidates) -> list[str]:
    """Return which candidates could not be compared, since they lack a circumstance."""
    if not who.apart:
        return []
    were = "was" if len(who.apart) == 1 else "were"
    return [f"{_some(who.apart)} {were} not simulated under every circumstance, so cannot be compared."]


def incomparable(circumstances: Sequence[str]) -> str:
    """Return in one sentence that no candidate was simulated under every circumstance."""
    return (
        f"Nothing can be chosen: no candidate was simulated under every circumstance "
        f"({', '.join(circumstances)}), as each is in a grid of all combinations"
    )


def refusal(who: Candidates, result: Judged, closest: int) -> str:
    """Return that nothing keeps every limit, why, and what comes nearest."""
    return f"Nothing keeps every limit: {_obstacle(result)}; the nearest is {who.names[closest]}"


def obstacles(who: Candidates, result: Judged, closest: int, circumstances: Sequence[str]) -> list[str]:
    """Return what the nearest lacks, and what would fit but is not offered."""
    lacking = shortfalls(who, result, closest)
    sentences = [f"The nearest, {who.names[closest]}, has {joined(lacking)}."] if lacking else []
    found = np.flatnonzero(result.withheld)
    if len(found):
        named = _some([who.names[i] for i in found])
        sentences.append(
            f"{named} would keep them, but for a moment nobody serves (a limit on availability may allow it)."
        )
    return [*sentences, *apart(who), *_worst(circumstances)]


def shortfalls(who: Candidates, result: Judged, candidate: int) -> list[str]:
    """Return how far a candidate is from each limit that it breaks."""
    values = zip(result.limits, result.found[candidate], result.kept[candidate], strict=True)
    return [shortfall(limit, value) for limit, value, kept in values if not kept]


def failing(result: Judged, candidate: int) -> str:
    """Return which limits a candidate breaks, and by how much, in few words: "takes +38 s"."""
    values = zip(result.limits, result.found[candidate], result.kept[candidate], strict=True)
    said = [
        f"{HEADS.get(limit.requirement.measure, limit.requirement.measure)} {excess_text(limit, value)}"
        for limit, value, kept in values
        if not kept
    ]
    if result.withheld[candidate]:
        said.append(NO_POD)
    return ", ".join(map(str.strip, said))


def excess_text(limit: Limit, value: float) -> str:
    """Return by how much a value is beyond a limit: "+38 s", "-5 points", "+2" of pods, "never", "true"."""
    unit, wanted = limit_unit(limit), limit.requirement.value
    if unit == "yes/no":
        return exact(value, unit)
    if not math.isfinite(value):
        return format_value(value, unit)
    sign = "+" if value > wanted else "-"
    if unit == "pods":
        return f"{sign}{max(1, round(abs(value - wanted)))}"
    return sign + difference(value, wanted, unit).replace("percentage ", "")


def shortfall(limit: Limit, value: float) -> str:
    """Return by how much a value breaks a limit: "p95(duration_s) at 98 s, 38 s above 60 s"."""
    unit, wanted = limit_unit(limit), limit.requirement.value
    subject = str(limit.statistic or f"{limit.requirement.measure} in the worst run")
    if unit == "yes/no":
        return f"{limit.requirement.measure} {exact(value, unit)} in the worst run"
    if math.isnan(value):
        return f"no {limit.statistic or limit.requirement.measure}"
    if math.isinf(value):
        return f"{subject} infinite, with a limit of {exact(wanted, unit)}"
    side = "above" if value > wanted else "below"
    gap = difference(value, wanted, unit)
    return f"{subject} at {format_value(value, unit)}, {gap} {side} {exact(wanted, unit)}"


def _worst(circumstances: Sequence[str]) -> list[str]:
    if not circumstances:
        return []
    return [f"Every number is that of the worst circumstance ({', '.join(circumstances)})."]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return joined([*names[:_NAMED], *[f"{more} more"] * (more > 0)])


def _obstacle(result: Judged) -> str:
    places = in_the_way(result)
    texts = [str(result.limits[i]) for i in places]
    if not result.kept[:, places[0]].any():
        return f"none keeps {' or '.join(texts)}"
    left = int(kept_without(result)[places[0]])
    if not left:
        return f"{joined(texts)} are in each other's way"
    if len(places) == len(result.limits) == 1:
        return f"who keeps {texts[0]} is not offered"
    others = "others" if len(result.limits) > 2 else "other"
    return f"without {' or without '.join(texts)}, {left} {'keeps' if left == 1 else 'keep'} the {others}"

"""The reasons for a choice in sentences: how many were left, what is gained and lost, how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.choose.aims import Aim
from sim.choose.candidates import Candidates
from sim.choose.judged import Judged, in_the_way, kept_without, same_aims
from sim.choose.words import (
    difference,
    exact,
    joined,
    limit_text,
    limit_unit,
    percent,
    statement,
    than_best,
    than_other,
)
from sim.stats import Limit
from sim.units import format_value

# With a lower probability the limits are too near for a choice that would surely be made again.
_SURE = 0.95
# So many of those that cannot be compared are named.
_NAMED = 3
# What a strategy without settings of its own is called.
_AS_IT_IS = "the scenario as it is"


def answer(who: Candidates, result: Judged, best: int) -> str:
    """Return the choice in one sentence."""
    parts = ["keeps every limit"] if result.limits else []
    parts += [statement(aim, value) for aim, value in zip(result.aims, result.reached[best], strict=True)]
    return f"Choose {_name(who, best)}: it {joined(parts)}."


def reasons(
    who: Candidates, result: Judged, best: int, runner_up: int | None, circumstances: Sequence[str]
) -> list[str]:
    """Return how many were left to choose from, what the choice is like, and the runner-up."""
    sentences = [_left(who, result, circumstances), *apart(who)]
    several = int(result.feasible.sum()) > 1
    said = [
        statement(aim, value) + (than_best(aim, value, _best(result, i, aim)) if several else "")
        for i, (aim, value) in enumerate(zip(result.aims, result.reached[best], strict=True))
    ]
    sentences.append(_sentence(f"{_name(who, best)} {_listed(said)}"))
    equal = _equals(who, result, best)
    if equal:
        sentences.append(equal)
    if runner_up is not None:
        own, other = (percent(float(result.loss[i])) for i in (best, runner_up))
        if len(result.aims) > 1:
            added = f"Added up over the aims it is {own} worse than the best in each"
            far = math.isinf(float(result.loss[runner_up]))
            sentences.append(f"{added}, the runner-up {'far more' if far else other}.")
        pairs = zip(result.aims, result.reached[runner_up], result.reached[best], strict=True)
        said = [statement(aim, value) + than_other(aim, value, to) for aim, value, to in pairs]
        sentences.append(f"The runner-up, {_name(who, runner_up)}, {_listed(said)}.")
    return sentences


def gains(who: Candidates, result: Judged, best: int, now: int | None) -> list[str]:
    """Return how what is in force now differs from the choice, and which limits it breaks."""
    if now is None:
        return []
    if now == best:
        return ["That is what is in force now."]
    pairs = zip(result.aims, result.reached[now], result.reached[best], strict=True)
    said = [statement(aim, value) + than_other(aim, value, to) for aim, value, to in pairs]
    broken = [limit_text(result.limits[i]) for i in np.flatnonzero(~result.kept[now])]
    but = f"; it breaks {joined(broken)}" if broken else ""
    return [f"What is in force now, {_name(who, now)}, {_listed(said)}{but}."]


def sureness(
    who: Candidates, best: int, limits: Sequence[Limit], sure: pd.Series, circumstances: Sequence[str]
) -> list[str]:
    """Return how sure it is that the chosen one meets the limits; `sure` has n and probability."""
    if not limits:
        return []
    of_all = [limit_text(limit) for limit in limits if limit.statistic is not None]
    of_each = [limit_text(limit) for limit in limits if limit.statistic is None]
    kept = [joined(of_all)] if of_all else []
    if of_each:
        kept.append(f"{joined(of_each)} in a further rollout")
    # Cut off, not rounded: what is not certain must not look it.
    share = min(math.floor(round(float(sure["probability"]) * 1000, 6)) / 1000, 0.999)
    # Of limits that are judged one by one only a bound is known.
    found = format_value(share, "ratio") + (" or more" if len(of_all) + len(kept) > 2 else "")
    worst, each = (" under its worst circumstance", " under each") if circumstances else ("", "")
    runs = f"{sure['n']:,.0f} rollout{'' if sure['n'] == 1 else 's'} simulated{each}"
    doubt = "; more replications may change the choice" if share < _SURE else ""
    keeps = f"{_name(who, best)} keeps {', and '.join(kept)}{worst}"
    sentences = [f"The probability that {keeps} is {found}, by {runs}{doubt}."]
    if len(who) > 1:
        sentences.append(
            "The same rollouts made the choice, which flatters it: those of another seed judge it fairly."
        )
    return sentences


def apart(who: Candidates) -> list[str]:
    """Return which candidates could not be compared, since they lack a circumstance."""
    if not who.apart:
        return []
    more = len(who.apart) - _NAMED
    names = joined([*who.apart[:_NAMED], *[f"{more} more"] * (more > 0)])
    were = "was" if len(who.apart) == 1 else "were"
    return [_sentence(f"{names} {were} not simulated under every circumstance, so cannot be compared")]


def incomparable(circumstances: Sequence[str]) -> str:
    """Return in one sentence that no candidate was simulated under every circumstance."""
    return (
        f"Nothing can be chosen: no candidate was simulated under every circumstance "
        f"({', '.join(circumstances)}), as each is in a grid of all combinations."
    )


def refusal(who: Candidates, result: Judged, closest: int) -> str:
    """Return in one sentence that nothing keeps every limit, why, and what comes nearest."""
    return f"Nothing keeps every limit: {_obstacle(result)}; the nearest is {_name(who, closest)}."


def obstacles(who: Candidates, result: Judged, closest: int, circumstances: Sequence[str]) -> list[str]:
    """Return per limit how many keep it and how many would be left without it, and what the nearest lacks."""
    sentences = [f"{_of_all(who, circumstances)}, none keeps every limit.", *apart(who)]
    for i, without in enumerate(kept_without(result)):
        alone, text = int(result.kept[:, i].sum()), limit_text(result.limits[i])
        if len(result.limits) == 1:
            sentences.append(f"None keeps {text}.")
        else:
            rest = f"{_keep(int(without))} the {_others(result)}"
            sentences.append(f"{text} is kept by {alone or 'none'}; without it, {rest}.")
    lacking = [
        _shortfall(limit, value)
        for limit, value, kept in zip(result.limits, result.found[closest], result.kept[closest], strict=True)
        if not kept
    ]
    sentences.append(f"The nearest, {_name(who, closest)}, has {_listed(lacking)}.")
    return sentences


def _name(who: Candidates, candidate: int) -> str:
    return who.labels[candidate] or _AS_IT_IS


def _sentence(text: str) -> str:
    """Return a sentence; a label at its beginning stays as it is."""
    return f"{text.replace(_AS_IT_IS, _AS_IT_IS.capitalize(), 1)}."


def _listed(parts: Sequence[str]) -> str:
    """Return parts that have commas of their own as a list."""
    return ", and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _keep(count: int) -> str:
    return f"{count or 'none'} {'keeps' if count < 2 else 'keep'}"


def _of_all(who: Candidates, circumstances: Sequence[str]) -> str:
    several = len(who) > 1
    if circumstances:
        worst = f"judged by the worst of {'their' if several else 'its'} circumstances"
        return f"Of {len(who)} candidate{'s' * several}, {worst} ({', '.join(circumstances)})"
    return f"Of {len(who)} {'strategies' if several else 'strategy'} that Kubernetes accepts"


def _left(who: Candidates, result: Judged, circumstances: Sequence[str]) -> str:
    feasible, front = int(result.feasible.sum()), int(result.front.sum())
    parts = [f"{_keep(feasible)} every limit"] if result.limits else []
    if feasible > 1:
        of_those, are = " of those" if result.limits else "", "is" if front == 1 else "are"
        on_front = f"{front}{of_those} {are} on the front"
        parts.append(f"{on_front}: no other is as good in every aim and better in one")
    return f"{_of_all(who, circumstances)}, {', and '.join(parts) or 'there is nothing to choose between'}."


def _equals(who: Candidates, result: Judged, best: int) -> str:
    """Return which others reach the same in every aim, "" for none."""
    others = [i for i in result.order if i != best and same_aims(result, i, best)]
    if not others:
        return ""
    first = _name(who, others[0])
    if len(others) == 1:
        return f"One other, {first}, reaches the same in every aim."
    return f"{len(others)} others reach the same in every aim, the first of them {first}."


def _best(result: Judged, i: int, aim: Aim) -> float:
    values = result.reached[result.feasible, i]
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan")
    return float(values.min() if aim.sense == "minimize" else values.max())


def _obstacle(result: Judged) -> str:
    places = in_the_way(result)
    texts = [limit_text(result.limits[i]) for i in places]
    if not result.kept[:, places[0]].any():
        return f"none keeps {' or '.join(texts)}"
    left = int(kept_without(result)[places[0]])
    if not left:
        return f"{joined(texts)} are in each other's way"
    return f"without {' or without '.join(texts)}, {_keep(left)} the {_others(result)}"


def _others(result: Judged) -> str:
    return "others" if len(result.limits) > 2 else "other"


def _shortfall(limit: Limit, value: float) -> str:
    """Return how far a value is from the limit that it breaks."""
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
    return f"{subject} at {format_value(value, unit)}, {gap} {side} the limit of {exact(wanted, unit)}"

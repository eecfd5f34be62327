"""Which strategies a page is about first: their roles, and the few whose curves are drawn."""

from __future__ import annotations

from sim.choose import Choice, name_of
from sim.sweep.sample import Sample

RECOMMENDED, RUNNER_UP, NEAREST, BASELINE = "recommended", "runner-up", "nearest", "baseline"


def roles(sample: Sample, choice: Choice | None, baseline: int) -> dict[int, str]:
    """Return the role of every strategy that has one, the most telling one first.

    Strategies that differ in circumstances only were chosen together, so they have one role. Raises
    ValueError for a baseline that is no strategy.
    """
    if baseline not in sample.labels:
        raise ValueError(f"there is no strategy {baseline} to be the baseline")
    found: dict[int, str] = {}
    if choice is not None:
        named = ((choice.recommended, RECOMMENDED), (choice.runner_up, RUNNER_UP), (choice.nearest, NEAREST))
        for number, role in named:
            if number is not None:
                found |= dict.fromkeys(alike(sample, number), role)
    found.setdefault(baseline, BASELINE)
    order = (RECOMMENDED, RUNNER_UP, NEAREST, BASELINE)
    return dict(sorted(found.items(), key=lambda item: (order.index(item[1]), item[0])))


def alike(sample: Sample, number: int) -> list[int]:
    """Return the strategies of the candidate that ``number`` belongs to."""
    if not sample.about["circumstances"]:
        return [number]
    strategies = sample.about["strategies"]

    def chosen(one: int) -> tuple[object, ...]:
        settings = strategies[one]["settings"]
        given = sample.about["circumstances"]
        return strategies[one]["base"], {key: text for key, text in settings.items() if key not in given}

    return [one["number"] for one in strategies if chosen(one["number"]) == chosen(number)]


def replicas_of(sample: Sample) -> int | None:
    """Return how many pods all strategies ask for; None where that is not one number."""
    about = sample.about
    asked = {int(document.get("spec", {}).get("replicas", 1)) for document in about["documents"]}
    varied = any(key in _REPLICAS for key in about["axes"])
    return asked.pop() if len(asked) == 1 and not varied else None


_REPLICAS = ("replicas", "spec.replicas")


def names_of(sample: Sample) -> dict[int, str]:
    """Return the short name of every strategy: of its settings, or of its scenario where it has none."""
    every = sample.about["strategies"]
    return {one["number"]: name_of(one["settings"]) or one["label"] for one in every}

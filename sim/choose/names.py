"""Names of strategies for people: keys are shortened, values never: "50 % / 0", "minReady 5", "Recreate"."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from sim.units import IntOrPercent

Settings = Mapping[str, str]

AS_IT_IS = "as it is"
_LIMITS = ("maxSurge", "maxUnavailable")
_SHORT = {
    "minReadySeconds": "minReady",
    "progressDeadlineSeconds": "deadline",
    "revisionHistoryLimit": "history",
    "terminationGracePeriodSeconds": "grace",
    "strategy": "",
}
_PERCENT = re.compile(r"[0-9]+%")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def name_of(settings: Settings) -> str:
    """Return the short name of one strategy's settings.

    >>> name_of({"maxSurge": "50%", "maxUnavailable": "0", "minReadySeconds": "5"})
    '50 % / 0, minReady 5'
    """
    return _named({key: value_text(text) for key, text in settings.items() if text})


def phrase_of(settings: Settings) -> str:
    """Return settings with their whole keys: "maxSurge 50 %, maxUnavailable 0"."""
    return ", ".join(f"{key} {value_text(text)}" for key, text in settings.items() if text)


def group_name(members: Sequence[Settings], replicas: int | None) -> str:
    """Return the name of strategies that come to the same, by what their values mean for so many replicas
    (None: that is not one number), and the range of what was typed: "1 = 10 % to 16 % / 0".
    """
    first = members[0]
    values = {key: list(dict.fromkeys(one.get(key, "") for one in members)) for key in first}
    meant = [{key: _meant(key, text, replicas) for key, text in one.items()} for one in members]
    several = [len({one.get(key) for one in meant}) for key in first]
    if math.prod(several) != len({tuple(one.items()) for one in meant}):
        more = len(members) - 1
        return f"{name_of(first)} (and {more} more alike)"
    # Kubernetes lets one pod go where neither limit leaves room for any.
    surges = [_pods("maxSurge", text, replicas) for text in values.get("maxSurge", ())]
    least = 1 if surges and not any(surges) else 0
    return _named({key: _range(key, texts, replicas, least) for key, texts in values.items() if any(texts)})


def value_text(text: str) -> str:
    """Return a value as people write it: "50 %"."""
    return f"{text[:-1]} %" if _PERCENT.fullmatch(text) else text


def key_text(key: str) -> str:
    """Return a key shortened: "minReady", "readiness period"."""
    if key in _SHORT:
        return _SHORT[key]
    head, dot, tail = key.partition(".")
    if dot and head.endswith("Probe"):
        return f"{head.removesuffix('Probe')} {tail.removesuffix('Seconds')}"
    return key.rpartition(".")[2] if key.startswith("spec.") else key


def _named(values: Settings) -> str:
    limits = [values[key] for key in _LIMITS if key in values]
    pair = [" / ".join(limits)] if len(limits) == len(_LIMITS) else []
    # Who has both limits rolls.
    told = {
        key: text
        for key, text in values.items()
        if not (pair and (key in _LIMITS or (key == "strategy" and text == "RollingUpdate")))
    }
    keys = list(map(key_text, told))
    words = [short if keys.count(short) == 1 else key for key, short in zip(told, keys, strict=True)]
    rest = [f"{word} {text}".strip() for word, text in zip(words, told.values(), strict=True)]
    return ", ".join([*pair, *rest])


def _range(key: str, texts: Sequence[str], replicas: int | None, least: int) -> str:
    if len(texts) == 1:
        return value_text(texts[0])
    sizes = [_pods(key, text, replicas) for text in texts]
    shares, numbers = (_ends(list(filter(one.fullmatch, texts))) for one in (_PERCENT, _NUMBER))
    others = [text for text in texts if not _PERCENT.fullmatch(text) and not _NUMBER.fullmatch(text)]
    counts = [max(size, least * (key == "maxUnavailable")) for size in sizes if size is not None]
    if len(counts) < len(texts):
        return " or ".join([*filter(None, (numbers, shares)), *others])
    pods = _ends(list(map(str, counts)))
    return f"{pods} = {shares}" if shares else pods


def _ends(texts: Sequence[str]) -> str:
    """Return "10 % to 16 %" for numbers or shares in any order, "" for none."""
    ordered = sorted(texts, key=lambda text: float(text.rstrip("%")))
    return " to ".join(dict.fromkeys(value_text(text) for text in (*ordered[:1], *ordered[-1:])))


def _meant(key: str, text: str, replicas: int | None) -> int | str:
    pods = _pods(key, text, replicas)
    return text if pods is None else pods


def _pods(key: str, text: str, replicas: int | None) -> int | None:
    """Return how many pods a limit means, None where that is not known."""
    if key not in _LIMITS:
        return None
    try:
        share = IntOrPercent.parse(int(text) if text.isdecimal() else text)
    except ValueError:
        return None
    if share.is_percent and replicas is None:
        return None
    return share.of(replicas or 0, round_up=key == "maxSurge")

"""How a distribution is written: a number, "2s", or a mapping such as {lognormal: {median: 2, p95: 6}}."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from sim.spec.columns import MOST_VALUES, FormError, bounded
from sim.spec.distributions import LEAST_MASS, LONGEST_S, Constant, Cycle, Distribution, Empirical, Uniform
from sim.spec.families import Exponential, Gamma, LogNormal, Weibull
from sim.units import nearest, parse_duration

BESIDE = ("shift", "min", "max")
KINDS = ("constant", "uniform", "exponential", "lognormal", "gamma", "weibull", "empirical", "cycle")
EXPECTED = 'seconds, a duration like "2s", or one of ' + ", ".join(KINDS)

# A name in `pairs` without a unit; all others are durations.
_PLAIN = {"mu", "sigma", "shape"}


def parse_distribution(value: object) -> Distribution:
    """Read a distribution from plain YAML data (its CSV file already read), or raise FormError."""
    if isinstance(value, Distribution):
        return value
    if not isinstance(value, Mapping):
        return Constant(value=_seconds(value, (), expected=EXPECTED))
    kind = _kind(value)
    beside: dict[str, Any] = {}
    if value.get("shift") is not None:
        beside["shift"] = _seconds(value["shift"], ("shift",))
    if value.get("min") is not None:
        beside["low"] = _seconds(value["min"], ("min",))
    if value.get("max") is not None:
        beside["high"] = _seconds(value["max"], ("max",))
    if kind == "cycle" and {"low", "high"} & set(beside):
        raise FormError("a cycle has no bounds", expected="cycle with no more than shift beside it")
    low, high = beside.get("low", 0.0), beside.get("high", math.inf)
    if low > high:
        raise FormError("min is above max", path=("min",), found=value["min"], expected=f"at most {high:g}")
    if low == high and kind not in ("constant", "empirical"):
        raise FormError(
            "min equals max, so nothing is left to draw", path=("min",), expected=f"constant: {low:g}"
        )
    made = _PARSERS[kind](value[kind], beside)
    _check_mass(made)
    return made


def _kind(value: Mapping[Any, Any]) -> str:
    kinds = [key for key in value if key in _PARSERS]
    for key in value:
        if key not in _PARSERS and key not in BESIDE:
            name = str(key)
            raise FormError(
                "unknown key of a distribution",
                path=(name,),
                found=key,
                expected=EXPECTED if not kinds else "shift, min or max beside it",
                nearest=nearest(name, [*_PARSERS, *BESIDE]),
            )
    if len(kinds) != 1:
        message = "a distribution names more than one kind" if kinds else "a distribution without its kind"
        raise FormError(message, found=", ".join(map(str, value)) or value, expected=EXPECTED)
    return str(kinds[0])


def _seconds(
    value: object, path: tuple[str | int, ...], *, expected: str = 'seconds or a duration like "2s"'
) -> float:
    try:
        return bounded(parse_duration(value))  # type: ignore[arg-type]  # it refuses other types itself
    except ValueError as error:
        raise FormError(
            str(error), path=path, found=value if value is not None else "null", expected=expected
        ) from None


def _number(value: object, path: tuple[str | int, ...], low: float, high: float) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not low <= value <= high:  # type: ignore[operator]  # a nan compares false
        raise FormError(
            "not a number in range", path=path, found=value, expected=f"a number, {low:g} to {high:g}"
        )
    return float(value)  # type: ignore[arg-type]


def _positive(value: float, path: tuple[str | int, ...], found: object) -> float:
    if value < 1e-9:
        raise FormError(
            "must be above 0", path=path, found=found, expected="more than 0 (a fixed time is `constant`)"
        )
    return value


def _named(value: object, kind: str, pairs: tuple[tuple[str, ...], ...]) -> dict[str, float]:
    """Read one of the `pairs` of named parameters, all above 0 except mu."""
    choices = " or ".join("{" + ", ".join(pair) + "}" for pair in pairs)
    if not isinstance(value, Mapping):
        raise FormError(f"{kind} needs its parameters by name", path=(kind,), found=value, expected=choices)
    names = {name for pair in pairs for name in pair}
    for key in value:
        if key not in names:
            raise FormError(
                f"unknown parameter of {kind}",
                path=(kind, str(key)),
                found=key,
                expected=choices,
                nearest=nearest(str(key), names),
            )
    if not any(set(pair) == set(value) for pair in pairs):
        given = ", ".join(map(str, value)) or value
        raise FormError(f"{kind} needs other parameters", path=(kind,), found=given, expected=choices)
    out: dict[str, float] = {}
    for name, raw in value.items():
        path = (kind, name)
        if name == "mu":
            out[name] = _number(raw, path, -20, math.log(LONGEST_S))
        elif name in _PLAIN:
            out[name] = _number(raw, path, *((0.001, 10) if name == "sigma" else (0.05, 1e6)))
        else:
            out[name] = _positive(_seconds(raw, path), path, raw)
    return out


def _listed(value: object, kind: str) -> tuple[float, ...]:
    if not isinstance(value, list | tuple):
        raise FormError(f"{kind} needs a list", path=(kind,), found=value, expected="a list of seconds")
    if not value:
        raise FormError("the list is empty", path=(kind,), expected="at least one value")
    if len(value) > MOST_VALUES:
        raise FormError(f"the list has more than {MOST_VALUES:,} values", path=(kind,), found=value)
    # Most are numbers already, and there may be a million; whatever is not, _seconds reads or refuses.
    return tuple(
        item if type(item) is float and 0 <= item <= LONGEST_S else _seconds(item, (kind, i))
        for i, item in enumerate(value)
    )


def _constant(value: object, beside: dict[str, Any]) -> Distribution:
    return Constant(value=_seconds(value, ("constant",)), **beside)


def _uniform(value: object, beside: dict[str, Any]) -> Distribution:
    ends = _listed(value, "uniform")
    if len(ends) != 2:
        raise FormError("uniform needs two ends", path=("uniform",), found=value, expected="[low, high]")
    if ends[0] > ends[1]:
        raise FormError(
            "the low end is above the high end",
            path=("uniform",),
            found=f"{ends[0]:g}, {ends[1]:g}",
            expected="[low, high]",
        )
    return Uniform(start=ends[0], stop=ends[1], **beside)


def _exponential(value: object, beside: dict[str, Any]) -> Distribution:
    return Exponential(scale=_named(value, "exponential", (("mean",),))["mean"], **beside)


def _lognormal(value: object, beside: dict[str, Any]) -> Distribution:
    given = _named(
        value, "lognormal", (("median", "p95"), ("mean", "sd"), ("median", "sigma"), ("mu", "sigma"))
    )
    if "p95" in given:
        if given["p95"] <= given["median"]:
            raise FormError(
                "p95 must be above the median",
                path=("lognormal", "p95"),
                found=given["p95"],
                expected=f"more than {given['median']:g}",
            )
        made = LogNormal.from_median_p95(given["median"], given["p95"])
    elif "mean" in given:
        made = LogNormal.from_mean_sd(given["mean"], given["sd"])
    else:
        mu = given["mu"] if "mu" in given else math.log(given["median"])
        made = LogNormal(mu=mu, sigma=given["sigma"])
    if not 1e-6 <= made.sigma <= 10:
        raise FormError(
            "the spread is beyond what can be drawn",
            path=("lognormal",),
            found=f"sigma {made.sigma:g}",
            expected="a sigma of the logarithm of 0.000001 to 10",
        )
    return LogNormal(mu=made.mu, sigma=made.sigma, **beside)


def _gamma(value: object, beside: dict[str, Any]) -> Distribution:
    given = _named(value, "gamma", (("mean", "sd"), ("shape", "scale")))
    made = Gamma.from_mean_sd(**given) if "mean" in given else Gamma(**given)
    if not 1e-3 <= made.shape <= 1e6:
        raise FormError(
            "the spread is beyond what can be drawn",
            path=("gamma",),
            found=f"shape {made.shape:g}",
            expected="(mean / sd) squared of 0.001 to 1,000,000",
        )
    return Gamma(shape=made.shape, scale=made.scale, **beside)


def _weibull(value: object, beside: dict[str, Any]) -> Distribution:
    return Weibull(**_named(value, "weibull", (("shape", "scale"),)), **beside)


def _empirical(value: object, beside: dict[str, Any]) -> Distribution:
    return Empirical(observations=_listed(value, "empirical"), **beside)


def _cycle(value: object, beside: dict[str, Any]) -> Distribution:
    return Cycle(steps=_listed(value, "cycle"), **beside)


_PARSERS: dict[str, Callable[[object, dict[str, Any]], Distribution]] = {
    "constant": _constant,
    "uniform": _uniform,
    "exponential": _exponential,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "empirical": _empirical,
    "cycle": _cycle,
}


def _check_mass(made: Distribution) -> None:
    mass = made.mass()
    if mass < LEAST_MASS:
        share = "nothing" if mass <= 0 else f"{mass:.2g} of it"
        raise FormError(
            f"min and max leave {share} of the distribution to draw from".replace("of it of", "of"),
            found=f"{made.low:g} to {made.high:g}",
            expected="bounds with at least 1 % inside",
        )

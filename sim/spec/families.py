"""The continuous families: exponential, log-normal, gamma, Weibull, in closed form. Values are seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sim.spec.distributions import Array, Distribution, Shape

if TYPE_CHECKING:
    from numpy.random import Generator

_Z95 = 1.6448536269514722  # the standard normal's 95th percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential(Distribution):
    """Without memory; `scale` is its mean in seconds."""

    kind: ClassVar[str] = "exponential"
    scale: float

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        return rng.standard_exponential(shape)

    def _seconds(self, luck: Array) -> Array:
        return luck * self.scale

    def _cdf(self, x: float) -> float:
        return -math.expm1(-max(x, 0.0) / self.scale)

    def _partial_mean(self, x: float) -> float:
        if x == math.inf:
            return self.scale
        y = max(x, 0.0) / self.scale
        return self.scale * (-math.expm1(-y) - y * math.exp(-y))

    def _parameters(self) -> Any:
        return {"mean": self.scale}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal(Distribution):
    """exp(mu + sigma * a standard normal value): most are near the median, a few take very long."""

    kind: ClassVar[str] = "lognormal"
    mu: float
    sigma: float

    @classmethod
    def from_median_p95(cls, median: float, p95: float) -> LogNormal:
        """Build it from its median and 95th percentile, in seconds (p95 > median > 0)."""
        return cls(mu=math.log(median), sigma=math.log(p95 / median) / _Z95)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> LogNormal:
        """Build it from its mean and standard deviation, in seconds (both > 0)."""
        variance = math.log1p((sd / mean) ** 2)
        return cls(mu=math.log(mean) - variance / 2, sigma=math.sqrt(variance))

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        return rng.standard_normal(shape)

    def _seconds(self, luck: Array) -> Array:
        import numpy as np

        values = self.sigma * luck
        values += self.mu
        return np.exp(values, out=values)

    def _cdf(self, x: float) -> float:
        return _normal_cdf((math.log(x) - self.mu) / self.sigma) if x > 0 else 0.0

    def _partial_mean(self, x: float) -> float:
        if x <= 0:
            return 0.0
        whole = math.exp(min(self.mu + self.sigma**2 / 2, 700.0))
        return whole * _normal_cdf((math.log(x) - self.mu) / self.sigma - self.sigma)

    def _parameters(self) -> Any:
        return {"mu": self.mu, "sigma": self.sigma}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma(Distribution):
    """A gamma of a shape (no unit) and a scale in seconds."""

    kind: ClassVar[str] = "gamma"
    shape: float
    scale: float

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> Gamma:
        """Build it from its mean and standard deviation, in seconds (both > 0)."""
        return cls(shape=(mean / sd) ** 2, scale=sd**2 / mean)

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        return rng.standard_gamma(self.shape, shape)

    def _seconds(self, luck: Array) -> Array:
        return luck * self.scale

    def _cdf(self, x: float) -> float:
        return lower_gamma(self.shape, x / self.scale)

    def _partial_mean(self, x: float) -> float:
        return self.shape * self.scale * lower_gamma(self.shape + 1, x / self.scale)

    def _parameters(self) -> Any:
        return {"shape": self.shape, "scale": self.scale}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull(Distribution):
    """A Weibull of a shape (no unit; below 1 is heavy-tailed) and a scale in seconds."""

    kind: ClassVar[str] = "weibull"
    shape: float
    scale: float

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        return rng.standard_exponential(shape)

    def _seconds(self, luck: Array) -> Array:
        return self.scale * luck ** (1 / self.shape)

    def _hazard(self, x: float) -> float:
        if x <= 0:
            return 0.0
        power = self.shape * math.log(x / self.scale)
        return math.exp(power) if power < 700 else math.inf

    def _cdf(self, x: float) -> float:
        return -math.expm1(-self._hazard(x))

    def _partial_mean(self, x: float) -> float:
        a = 1 + 1 / self.shape
        return self.scale * math.gamma(a) * lower_gamma(a, self._hazard(x))

    def _parameters(self) -> Any:
        return {"shape": self.shape, "scale": self.scale}


def lower_gamma(a: float, x: float) -> float:
    """Return the regularised lower incomplete gamma function P(a, x), a > 0, accurate to about 1e-12.

    Example: P(1, x) = 1 - exp(-x), so lower_gamma(1.0, 2.0) = 0.8646647.
    """
    if x <= 0:
        return 0.0
    if x == math.inf:
        return 1.0
    weight = math.exp(max(a * math.log(x) - x - math.lgamma(a), -745.0))
    rounds = 200 + int(8 * math.sqrt(a))
    if x < a + 1:  # the power series
        term = total = 1 / a
        for n in range(1, rounds):
            term *= x / (a + n)
            total += term
            if term < total * 1e-15:
                break
        return min(1.0, total * weight)
    b = x + 1 - a  # Lentz's continued fraction of the complement
    c, d = 1e300, 1 / b
    h = d
    for n in range(1, rounds):
        step = -n * (n - a)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return max(0.0, 1 - weight * h)


def _normal_cdf(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2

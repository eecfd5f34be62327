"""Distributions of durations: how long one stage of a pod's life takes. All values are seconds.

Every kind turns one block of *luck* (standard draws that know nothing of the parameters) into seconds. So two
profiles that differ only in a median see the same luck, and their difference is the effect of the median
alone. A gamma's luck depends on its shape. Give each stage a generator of its own: different kinds take
different amounts of randomness from it.

numpy is imported where it is first used: checking a manifest should not have to wait for it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

LONGEST_S = (
    1e7  # about 116 days; longer samples are cut off here, so that no sum of times loses its microseconds
)
LEAST_MASS = 0.01  # a truncation that keeps less is refused: redrawing takes too long, and it is hardly meant
_MOST_REDRAWS = 5_000  # with 1 % inside, the chance of still being outside is 1e-22

Shape = int | tuple[int, ...]
Array: TypeAlias = "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A duration by chance, in seconds: `shift` plus a draw, given that the sum is in `low` to `high`."""

    kind: ClassVar[str] = ""
    shift: float = 0.0
    low: float = 0.0
    high: float = math.inf

    def sample(self, rng: Generator, shape: Shape) -> Array:
        """Draw `shape` values in seconds, 0 to LONGEST_S, with one use of `rng` whatever the parameters."""
        import numpy as np

        luck = self._luck(rng, shape)
        with np.errstate(over="ignore"):
            values = self._seconds(luck)
            values += self.shift
            if self._redraws:
                values = self._redrawn(luck, values)
        return np.clip(values, 0.0, LONGEST_S, out=values)

    def mean(self) -> float:
        """Return the exact mean of what `sample` draws, in seconds."""
        low, high = self.low - self.shift, self.high - self.shift
        inside = self.mass()
        top = LONGEST_S - self.shift
        if high <= top:
            return self.shift + (self._partial_mean(high) - self._partial_mean(low)) / inside
        cut_off = (self._cdf(high) - self._cdf(top)) / inside
        return self.shift + (self._partial_mean(top) - self._partial_mean(low)) / inside + top * cut_off

    def quantile(self, share: float) -> float:
        """Return the least duration, in seconds, that at least `share` (0 to 1) of what `sample` draws do not
        exceed, to a millionth; for example the 0.99 quantile of an exponential of mean 1 is 4.605.
        """
        least, most = max(self.low, 0.0), min(self.high, LONGEST_S)
        below = self._cdf(self.low - self.shift) + share * self.mass()
        while most - least > 1e-6 * max(1.0, least):
            middle = (least + most) / 2
            if self._cdf(middle - self.shift) < below:
                least = middle
            else:
                most = middle
        return most

    def mass(self) -> float:
        """Return the probability that an untruncated value lies between `low` and `high`."""
        return self._cdf(self.high - self.shift) - self._cdf(self.low - self.shift)

    @property
    def is_constant(self) -> bool:
        """Whether every value is the same."""
        return False

    @property
    def is_cycle(self) -> bool:
        """Whether values are taken in turn from `values` and not drawn."""
        return False

    @property
    def values(self) -> tuple[float, ...] | None:
        """The values of a cycle, in seconds; None for all other kinds."""
        return None

    def document(self) -> dict[str, Any]:
        """Return the mapping a profile would write for it: parsing it gives an equal distribution."""
        out: dict[str, Any] = {self.kind: self._parameters()}
        if self.shift:
            out["shift"] = self.shift
        if self.low > 0:
            out["min"] = self.low
        if self.high < math.inf:
            out["max"] = self.high
        return out

    @property
    def _redraws(self) -> bool:
        return self.low > self.shift or self.high < math.inf

    def _redrawn(self, luck: Array, values: Array) -> Array:
        # Redraws come from a generator that the luck itself seeds: the caller's generator is used once
        # whatever is refused, so that a tighter maximum does not change the luck of the draws after this one.
        import numpy as np

        flat = np.array(values, dtype=np.float64).reshape(-1)
        outside = np.flatnonzero((flat < self.low) | (flat > self.high))
        if outside.size:
            seed = int.from_bytes(hashlib.blake2b(luck.tobytes(), digest_size=16).digest(), "little")
            rng = np.random.Generator(np.random.PCG64(seed))
            for _ in range(_MOST_REDRAWS):
                again = self._seconds(self._luck(rng, outside.size)) + self.shift
                flat[outside] = again
                outside = outside[(again < self.low) | (again > self.high)]
                if not outside.size:
                    break
        return np.clip(flat, self.low, self.high).reshape(np.shape(values))

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        raise NotImplementedError

    def _seconds(self, luck: Array) -> Array:
        raise NotImplementedError

    def _cdf(self, x: float) -> float:
        raise NotImplementedError

    def _partial_mean(self, x: float) -> float:
        """Return the mean of the value times the indicator that it is at most `x`."""
        raise NotImplementedError

    def _parameters(self) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Distribution):
    """Always `value` seconds."""

    kind: ClassVar[str] = "constant"
    value: float

    @property
    def is_constant(self) -> bool:
        """Always true."""
        return True

    @property
    def _redraws(self) -> bool:
        return False

    def mean(self) -> float:
        """Return the value, in seconds."""
        return min(self.value + self.shift, LONGEST_S)

    def quantile(self, share: float) -> float:
        """Return the value, in seconds."""
        return self.mean()

    def mass(self) -> float:
        """Return 1 when the value is within the bounds, else 0."""
        return float(self.low <= self.value + self.shift <= self.high)

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        import numpy as np

        return np.zeros(shape)

    def _seconds(self, luck: Array) -> Array:
        return luck + self.value

    def _parameters(self) -> Any:
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform(Distribution):
    """Anything from `start` to `stop` seconds, all alike."""

    kind: ClassVar[str] = "uniform"
    start: float
    stop: float

    @property
    def is_constant(self) -> bool:
        """Whether start and stop are the same."""
        return self.start == self.stop

    def mean(self) -> float:
        """Return the exact mean in seconds."""
        low = max(self.start + self.shift, self.low)
        return min((low + min(self.stop + self.shift, self.high)) / 2, LONGEST_S)

    def quantile(self, share: float) -> float:
        """Return the value below which there is this share of the interval, in seconds."""
        low = max(self.start + self.shift, self.low)
        return min(low + share * (min(self.stop + self.shift, self.high) - low), LONGEST_S)

    def mass(self) -> float:
        """Return the share of the interval within the bounds."""
        low = max(self.start + self.shift, self.low)
        width = min(self.stop + self.shift, self.high) - low
        if self.is_constant:
            return float(width >= 0)
        return max(0.0, width) / (self.stop - self.start)

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        return rng.random(shape)

    def _seconds(self, luck: Array) -> Array:
        return self.start + (self.stop - self.start) * luck

    def _parameters(self) -> Any:
        return [self.start, self.stop]


@dataclass(frozen=True, slots=True, kw_only=True)
class Empirical(Distribution):
    """One of the observed values, all alike; values outside the bounds are never drawn."""

    kind: ClassVar[str] = "empirical"
    observations: tuple[float, ...]
    _kept: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        import numpy as np

        every = np.asarray(self.observations, dtype=np.float64)
        shifted = every + self.shift
        object.__setattr__(self, "_kept", every[(shifted >= self.low) & (shifted <= self.high)])

    @property
    def is_constant(self) -> bool:
        """Whether all values that can be drawn are the same."""
        return bool(self._kept.size and (self._kept == self._kept[0]).all())

    @property
    def _redraws(self) -> bool:
        return False

    def mean(self) -> float:
        """Return the mean of the values that can be drawn, in seconds."""
        import numpy as np

        return float(np.minimum(self._kept + self.shift, LONGEST_S).mean())

    def quantile(self, share: float) -> float:
        """Return the least of the values that this share of them do not exceed, in seconds."""
        import numpy as np

        kept = np.sort(np.minimum(self._kept + self.shift, LONGEST_S))
        return float(kept[max(0, math.ceil(share * kept.size) - 1)])

    def mass(self) -> float:
        """Return the share of the observations within the bounds."""
        return self._kept.size / len(self.observations)

    def _luck(self, rng: Generator, shape: Shape) -> Array:
        # Whole numbers, whatever the type says: they are only ever used as indexes.
        return cast("Array", rng.integers(self._kept.size, size=shape))

    def _seconds(self, luck: Array) -> Array:
        indexes: Any = luck
        return cast("Array", self._kept[indexes])

    def _parameters(self) -> Any:
        return list(self.observations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle(Distribution):
    """No chance: the n-th pod of an image, in order of creation, takes the n-th value, in a circle."""

    kind: ClassVar[str] = "cycle"
    steps: tuple[float, ...]

    def sample(self, rng: Generator, shape: Shape) -> Array:
        """Refuse (TypeError): a cycle goes by the pods' order, which only the engine knows."""
        raise TypeError("a cycle is not drawn: take its values in the pods' order of creation")

    @property
    def is_constant(self) -> bool:
        """Whether all values are the same."""
        return len(set(self.steps)) == 1

    @property
    def is_cycle(self) -> bool:
        """Always true."""
        return True

    @property
    def values(self) -> tuple[float, ...]:
        """The values in seconds with the shift added, in order."""
        return tuple(min(step + self.shift, LONGEST_S) for step in self.steps)

    def mean(self) -> float:
        """Return the mean of one whole cycle, in seconds."""
        return math.fsum(self.values) / len(self.steps)

    def quantile(self, share: float) -> float:
        """Return the least of the values that this share of them do not exceed, in seconds."""
        return sorted(self.values)[max(0, math.ceil(share * len(self.steps)) - 1)]

    def mass(self) -> float:
        """Return 1: a cycle has no bounds."""
        return 1.0

    def _parameters(self) -> Any:
        return list(self.steps)

"""A scenario with its verbs: run, sweep, compare, recommend, timeouts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from numbers import Integral
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import sim.spec.scenario as spec
from sim.api.candidates import side_by_side
from sim.api.html import fragment, table_html
from sim.api.run import Run
from sim.engine import Engine, simulate
from sim.errors import Diagnostic, InputError, one_line
from sim.spec.intake import Intake
from sim.spec.unknown import Validate
from sim.sweep.axes import Axis, Point, grid, latin_hypercube, parse_axis, read_points, usual_points
from sim.sweep.plan import MOST_REPLICATIONS, REPLICATIONS, Plan, Progress
from sim.sweep.planning import plan_sweep

if TYPE_CHECKING:
    # What many runs need, one does not: found when the first sweep is made.
    from sim.api.results import Comparison, Recommendation, Sweep, Texts
    from sim.api.timeouts import Timeouts
    from sim.sweep.sample import Sample

Values = Iterable[Any] | int | float
"""What an axis may take: values, one value, or a text such as "0..3"."""

Axes = Mapping[str, Values]

Points = Iterable[Mapping[str, Any]] | str | os.PathLike[str]
"""Settings, a mapping a strategy, or a CSV of them: a column a key, a row a point."""

MOST_DIAGNOSTICS = 5


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenario(spec.Scenario):
    """The question, and the ways to answer it.

    Made by `load`; everything that a `sim.spec.scenario.Scenario` has, it has, too. Settings are named as for
    `rollsim run --set`: maxSurge, readinessProbe.periodSeconds, profile, pods.ready, spec.….

    `loaded` is the scenario before any setting (None: it is as it was loaded), whose manifest is the one in
    force; `assumed` are the settings, as `set` took them.
    """

    loaded: spec.Scenario | None = None
    assumed: tuple[str, ...] = ()

    @classmethod
    def of(cls, scenario: spec.Scenario) -> Scenario:
        """Return the same scenario with its verbs."""
        return cls(**{field.name: getattr(scenario, field.name) for field in fields(scenario)})

    def set(self, settings: Mapping[str, Any] | None = None, /, **more: Any) -> Scenario:
        """Return the scenario with settings changed, such as ``maxSurge="50%"`` or {"pods.pull": "4s"}.

        As for `rollsim recommend --set` that is what is assumed: in force is the manifest as it was loaded.
        Raises InputError.
        """
        changes = [f"{key}={_text(value)}" for key, value in {**(settings or {}), **more}.items()]
        changed = Scenario.of(spec.override(self, changes))
        return replace(changed, loaded=self.loaded or self, assumed=(*self.assumed, *changes))

    def run(self, seed: int | None = None, replication: int = 0, engine: Engine = "auto") -> Run:
        """Simulate one rollout; ``seed`` by default the scenario's. ``engine``: see `sim.engine.simulate`."""
        return Run(self, simulate(self, seed, replication, engine))

    def sweep(
        self,
        axes: Axes | None = None,
        /,
        *,
        lhs: int | None = None,
        points: Points | None = None,
        deployment: str | None = None,
        replications: int = REPLICATIONS,
        precision: str | None = None,
        most: int = MOST_REPLICATIONS,
        workers: int | None = 1,
        dask: str | None = None,
        engine: Engine = "auto",
        out: str | os.PathLike[str] | None = None,
        resume: bool = False,
        progress: Progress | None = None,
        **more: Values,
    ) -> Sweep:
        """Simulate every combination of the axes' values, ``replications`` times each; without axes maxSurge
        0, 1, 25%, 50%, 100% and maxUnavailable 0, 1, 25%, 50%. What is in force today is simulated, too.

        Values are as for `set`, or a text as for `rollsim sweep --axis`: maxSurge=["1", "25%"],
        maxUnavailable="0..3". ``lhs``: only so many combinations, a Latin hypercube. ``points`` in place of
        axes: these strategies and no others. ``deployment``: the one that is measured, by default the
        first. ``precision``, such as "p95(duration_s)=2%": instead of a fixed number, as many replications
        as it takes, ``most`` at the most. ``workers`` processes (a script then needs ``if __name__ ==
        "__main__":``; None: as many as pay), or ``dask``, a scheduler's address or "local" (with
        ``workers`` processes), change nothing in the result; nor does ``engine``, "model" or the fast
        "kernel" ("auto": the kernel where it can). ``out`` keeps it in a folder, from which `Sweep.read`
        takes it; with ``resume`` what is there is not simulated again. Raises InputError, ValueError for
        axes beside points, and RequirementError (a ValueError) for a precision that cannot be read.
        """
        from sim.api.results import Sweep

        asked = [_axis(key, values) for key, values in {**(axes or {}), **more}.items()]
        if points is not None and (asked or lhs is not None):
            raise ValueError("points name every strategy: axes and lhs have no say beside them")
        if points is not None:
            combinations = _points(points)
        elif not asked:
            combinations = usual_points(lhs, self.seed)
        else:
            combinations = grid(asked) if lhs is None else latin_hypercube(asked, lhs, self.seed)
        plan = plan_sweep(self, combinations, deployment, self.loaded or self, self.assumed)
        return Sweep(
            _simulated(plan, replications, precision, most, workers, dask, engine, out, resume, progress)
        )

    def compare(
        self,
        *others: str | os.PathLike[str] | spec.Scenario | Mapping[str, Any],
        deployment: str | None = None,
        replications: int = REPLICATIONS,
        precision: str | None = None,
        most: int = MOST_REPLICATIONS,
        workers: int | None = 1,
        dask: str | None = None,
        engine: Engine = "auto",
        out: str | os.PathLike[str] | None = None,
        resume: bool = False,
        progress: Progress | None = None,
    ) -> Comparison:
        """Simulate this scenario beside others with the same luck: files, scenarios, or settings such as
        {"maxSurge": 1}.

        The other arguments are those of `sweep`. Raises InputError, also for horizons that differ.
        """
        from sim.api.results import Comparison

        scenarios: list[tuple[str, spec.Scenario]] = [(self.name, self)]
        variants: list[Point] = []
        for other in others:
            if isinstance(other, Mapping):
                variants.append(_point(other))
            elif isinstance(other, spec.Scenario):
                scenarios.append((other.name, other))
            else:
                scenarios.append((os.path.basename(other) or os.fspath(other), spec.load(other)))
        plan = side_by_side(scenarios, variants, deployment)
        return Comparison(
            _simulated(plan, replications, precision, most, workers, dask, engine, out, resume, progress)
        )

    def recommend(
        self,
        axes: Axes | None = None,
        /,
        *,
        require: Texts | None = None,
        minimize: Texts = (),
        maximize: Texts = (),
        **options: Any,
    ) -> Recommendation:
        """Sweep, and choose: see `sweep` for axes and options, `Sweep.recommend` for limits and aims."""
        from sim.api.results import Recommendation, asked

        # What cannot be read is told before anything is simulated.
        limits, aims = asked(require, minimize, maximize)
        return Recommendation(self.sweep(axes, **options), limits, aims)

    def timeouts(
        self,
        share: str | float = "99.9%",
        *,
        replicas: Iterable[int] | None = None,
        replications: int | None = None,
        workers: int | None = 1,
        dask: str | None = None,
        engine: Engine = "auto",
        progress: Progress | None = None,
    ) -> Timeouts:
        """Say which progressDeadlineSeconds, `kubectl rollout status --timeout` and `helm --timeout` a share
        of the rollouts keep; several Deployments are one release.

        ``replicas`` are the other numbers to tell it for, () for none; ``replications`` a fixed number in
        place of as many as it takes. The other arguments are those of `sweep`. Raises InputError for no share
        (E506), nothing to wait for (E507), too few replications (E503), and where too few rollouts ever are
        complete (E508).
        """
        from sim.api.timeouts import Timeouts
        from sim.api.waits import simulate_waits
        from sim.choose.timeouts import parse_share

        wanted = parse_share(share)
        counts = None if replicas is None else list(replicas)
        how = {"workers": workers, "dask": dask, "engine": engine, "progress": progress, "note": _tell}
        return Timeouts(self, wanted, simulate_waits(self, wanted, counts, replications, **how))

    def __repr__(self) -> str:
        names = ", ".join(deployment.name for deployment in self.all_deployments)
        return f"<Scenario {one_line(f'{self.name}: {names}')}, digest {self.digest}>"

    def _repr_html_(self) -> str:
        rows = []
        for one in self.all_deployments:
            kind = one.strategy
            rolling = kind.type == "RollingUpdate"
            shares = (str(kind.max_surge), str(kind.max_unavailable)) if rolling else ("", "")
            rows.append((one.name, str(one.replicas), kind.type, *shares))
        heads = ("Deployment", "replicas", "strategy", "maxSurge", "maxUnavailable")
        detail = f"profile {self.profile.name}, Kubernetes {self.profile.kubernetes}, seed {self.seed}"
        told = [str(diagnostic) for diagnostic in self.diagnostics]
        more = len(told) - MOST_DIAGNOSTICS
        told[MOST_DIAGNOSTICS:] = (
            [f"… and {more} more: the attribute .diagnostics has all"] if more > 0 else []
        )
        table = table_html(heads, rows, "the attribute .all_deployments has all")
        return fragment(self.name, [self.description, detail, *told], [table])


def load(
    *sources: str | os.PathLike[str],
    scenario: str | os.PathLike[str] | None = None,
    profile: spec.ProfileLike = None,
    stdin: IO[Any] | None = None,
    validate: Validate = "strict",
    namespace: str | None = None,
    recursive: bool = False,
) -> Scenario:
    """Return the scenario that ``sources`` mean: a scenario file, a recording, or manifests (files, folders,
    "-"); see `sim.spec.scenario.load`, and `sim.spec.intake` for how manifests are taken. Raises InputError
    with every problem.
    """
    intake = Intake(validate, namespace, recursive)
    return Scenario.of(spec.load(*sources, scenario=scenario, profile=profile, stdin=stdin, intake=intake))


def _simulated(
    plan: Plan,
    replications: int,
    precision: str | None,
    most: int,
    workers: int | None,
    dask: str | None,
    engine: Engine,
    out: str | os.PathLike[str] | None,
    resume: bool,
    progress: Progress | None,
) -> Sample:
    from sim.stats import parse_precision
    from sim.sweep.rounds import sweep

    if min(replications, most) < 1:
        raise InputError(
            Diagnostic(code="E503", message="nothing is simulated", expected="1 replication or more")
        )
    return sweep(
        plan,
        replications,
        precision=None if precision is None else parse_precision(precision),
        most=most,
        workers=workers,
        dask=dask,
        engine=engine,
        out=None if out is None else Path(out),
        resume=resume,
        progress=progress,
        note=_tell,
    )


def _tell(text: str) -> None:
    print(f"rollsim: {text}", file=sys.stderr, flush=True)


def _points(given: Points) -> list[Point]:
    return read_points(os.fspath(given)) if isinstance(given, str | os.PathLike) else list(map(_point, given))


def _point(settings: Mapping[str, Any]) -> Point:
    return tuple((key, _text(value)) for key, value in settings.items())


def _axis(key: str, values: Values) -> Axis:
    if isinstance(values, str):
        return parse_axis(f"{key}={values}")
    # The name is checked as a typed one is; a value may hold anything.
    several = values if isinstance(values, Iterable) else (values,)
    found = tuple(dict.fromkeys(map(_text, several)))
    return Axis(parse_axis(f"{key}={'x' if found else ''}").key, found)


def _text(value: Any) -> str:
    """Return a value as `--set` would take it."""
    if isinstance(value, str):
        return value
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    # NumPy's whole numbers, as from arange, are none to JSON.
    return str(int(value)) if whole else json.dumps(value)

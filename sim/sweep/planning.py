"""What a sweep or a comparison simulates: points and candidates become strategies. Nothing is run yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.errors import Diagnostic, InputError, one_line, shown
from sim.spec.override import override
from sim.spec.profile import Profile
from sim.spec.scenario import Scenario
from sim.sweep.axes import SOURCE, Point, is_circumstance, named_twice, split
from sim.sweep.force import beside, circumstances_of, in_order, lacks_type, own_settings
from sim.sweep.plan import LeftOut, Plan, Strategy, changed, label_of
from sim.units import nearest

# What two settings make wrong together: both 0 (E122), Recreate with limits (E114), a deadline shorter than
# minReadySeconds (E112), steps after the horizon (E406). Each value may be right beside another one.
_TOGETHER = frozenset(("E122", "E114", "E112", "E406"))
_ROLLING = ("maxSurge", "maxUnavailable", "spec.strategy.rollingUpdate")


def plan_sweep(
    scenario: Scenario,
    points: Sequence[Point],
    deployment: str | None = None,
    in_force: Scenario | None = None,
    assumed: Sequence[str] = (),
) -> Plan:
    """Return the plan that simulates ``scenario`` changed by each of ``points``.

    All whose horizon nobody said are watched equally long: as long as the one of them that takes longest.
    ``in_force`` is the scenario as its manifests have it, before any setting: what is in force today is one
    more strategy, with the manifest's own values of what varies, under each of the points' circumstances.
    ``assumed`` are the settings that made ``scenario`` of it.

    What Kubernetes would refuse is left out with its reason; so is what means the same as an earlier point,
    as all values of maxSurge do under Recreate, which knows none. Raises InputError when a value is wrong
    whatever it stands beside, when nothing is left (E504), and for a Deployment that is not there (E505).
    """
    _check_deployment((scenario,), deployment)
    if not points or not any(points):
        raise InputError(_nothing("there is nothing to vary", "--axis KEY=VALUE,VALUE,…"))
    _check_values(scenario, points)
    keys = tuple(dict.fromkeys(key for point in points for key, _ in point))
    own = None if in_force is None else _document(in_force, deployment)
    if own is not None and lacks_type(own, keys):
        # Recreate knows no such limits: the type is one more thing that is chosen, and the patch says it.
        keys = ("strategy", *keys)
        points = [(("strategy", "RollingUpdate"), *point) for point in points]
    today: list[Point] = []
    if in_force is not None and own is not None:
        settings = _own_point(in_force, own, keys)
        today = [in_order((*settings, *given), keys) for given in circumstances_of(points)]
    profiles = _profiles(scenario, points)
    base, found = scenario, _tried(scenario, points, today, profiles)
    if any(default_s != scenario.horizon_s for default_s in found.defaults):
        base = replace(scenario, horizon=max(found.defaults))
        found = _tried(base, points, today, profiles)
    if not found.asked:
        expected = (
            "--set strategy=RollingUpdate" if _rolls_what_recreates(scenario, points) else "other values"
        )
        raise InputError(_nothing(f"no combination is possible: {found.left_out[0].reason}", expected))
    as_it_is = found.strategies.get(base.digest)
    now = as_it_is if in_force is None else next(iter(found.today), None)
    return Plan(
        bases=(base,),
        axes=keys,
        strategies=tuple(found.strategies.values()),
        left_out=tuple(found.left_out),
        deployment=deployment,
        now=None if now is None or found.refused else now.number,
        not_now=found.refused,
        added=len(found.strategies) - found.asked,
        in_force=own,
        assumed=tuple(beside(assumed, keys)),
        circumstances=tuple(filter(is_circumstance, keys)),
        profiles=profiles,
    )


def _document(scenario: Scenario, deployment: str | None) -> Mapping[str, Any]:
    every = scenario.all_deployments
    return next((one for one in every if one.name == deployment), every[0]).document


def _own_point(in_force: Scenario, document: Mapping[str, Any], keys: Sequence[str]) -> Point:
    """Return the settings that bring back what is in force: none where they would change more than the
    measured Deployment, as where another one has values of its own.
    """
    settings = own_settings(document, keys)
    try:
        changed = override(in_force, ["=".join(setting) for setting in settings]).digest
    except InputError:
        return settings
    return settings if changed == in_force.digest else ()


@dataclass(slots=True)
class _Tried:
    """Strategies by their digests, the first `asked` of them of points; those in force `today`, or why
    they are `refused`; the horizons of those whose horizon nobody said; what was left out.
    """

    strategies: dict[str, Strategy] = field(default_factory=dict)
    asked: int = 0
    today: list[Strategy] = field(default_factory=list)
    refused: str = ""
    defaults: set[float] = field(default_factory=set)
    left_out: list[LeftOut] = field(default_factory=list)

    def found(self, settings: Point, made: Scenario) -> Strategy:
        """Return the strategy of settings, a new one where none means the same."""
        if made.horizon is None:
            self.defaults.add(made.horizon_s)
        number = len(self.strategies)
        return self.strategies.setdefault(
            made.digest, Strategy(number, 0, settings, label_of(settings), made.digest)
        )


def _tried(
    scenario: Scenario, points: Iterable[Point], today: Iterable[Point], profiles: Mapping[str, Profile]
) -> _Tried:
    tried = _Tried()
    for point in points:
        settings = _effective(point)
        try:
            made = changed(scenario, settings, profiles)
        except InputError as error:
            tried.left_out.append(LeftOut(label_of(point), _reason(error), refused=True))
            continue
        known = len(tried.strategies)
        one = tried.found(settings, made)
        if one.number < known:
            tried.left_out.append(LeftOut(label_of(point), f"the same as {one.label}", refused=False))
    tried.asked = len(tried.strategies)
    for point in today if tried.asked else ():
        try:
            tried.today.append(tried.found(point, changed(scenario, point, profiles)))
        except InputError as error:
            tried.refused = tried.refused or _reason(error)
    return tried


def plan_comparison(
    scenarios: Sequence[tuple[str, Scenario]],
    variants: Sequence[Point] = (),
    deployment: str | None = None,
) -> Plan:
    """Return the plan that compares whole scenarios, each under its name, and variants of the first one.

    All get the first one's seed, so that they are paired, and those whose horizon nobody said are watched
    equally long, as in `plan_sweep`. Raises InputError as `plan_sweep` does, and for a
    variant that Kubernetes would refuse, that comes twice, or that changes the seed.
    """
    seed = scenarios[0][1].seed
    bases = tuple(replace(scenario, seed=seed) for _, scenario in scenarios)
    _check_deployment(bases, deployment)
    _check_variants(variants)
    profiles = _profiles(bases[0], variants)
    variations = (changed(bases[0], settings, profiles) for settings in variants)
    defaults = {one.horizon_s for one in (*bases, *variations) if one.horizon is None}
    if len(defaults) > 1:
        longest_s = max(defaults)
        bases = tuple(one if one.horizon is not None else replace(one, horizon=longest_s) for one in bases)
    strategies = [Strategy(n, n, (), name, bases[n].digest) for n, (name, _) in enumerate(scenarios)]
    for settings in variants:
        digest = changed(bases[0], settings, profiles).digest
        strategies.append(Strategy(len(strategies), 0, settings, label_of(settings), digest))
    if len(strategies) < 2:
        message, expected = "there is nothing to compare with", "another manifest, or --set KEY=VALUE"
        raise InputError(Diagnostic(code="E504", message=message, expected=expected))
    keys = tuple(dict.fromkeys(key for settings in variants for key, _ in settings))
    # Whatever a candidate has of its own is what is compared: nothing is a circumstance.
    return Plan(bases, keys, tuple(strategies), (), deployment, now=0, profiles=profiles)


def parse_variant(text: str) -> Point:
    """Return the settings that "maxSurge=1,maxUnavailable=0" states; raises InputError (E504).

    A comma inside brackets or quotes separates nothing; what has no "=" belongs to the value before it.
    """
    parts: list[str] = []
    for part in split(text):
        if "=" in part or not parts:
            parts.append(part)
        else:
            parts[-1] += f",{part}"
    settings = []
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            raise InputError(_no_variant("this is no setting", part, "KEY=VALUE,…"))
        settings.append((key.strip(), value.strip()))
    return tuple(settings)


def _check_variants(variants: Sequence[Point]) -> None:
    for number, settings in enumerate(variants):
        keys = [key for key, _ in settings]
        if "seed" in keys:
            # Another seed is other luck: nothing would be paired.
            raise InputError(_no_variant("all candidates have one seed", label_of(settings), "--seed N"))
        if named_twice(keys) is not None:
            raise InputError(_no_variant("a setting comes twice", label_of(settings), "one value each"))
        if settings in variants[:number]:
            raise InputError(_no_variant("a candidate comes twice", label_of(settings), "each of them once"))


def _no_variant(message: str, found: str, expected: str) -> Diagnostic:
    return Diagnostic(code="E504", message=message, file="--set", found=shown(found), expected=expected)


def _profiles(scenario: Scenario, points: Iterable[Point]) -> dict[str, Profile]:
    names = dict.fromkeys(value for point in points for key, value in point if key == "profile")
    return {name: override(scenario, [f"profile={name}"]).profile for name in names}


def _effective(point: Point) -> Point:
    # maxSurge and maxUnavailable mean nothing to Recreate, and Kubernetes refuses them there.
    if ("strategy", "Recreate") in point:
        return tuple((key, value) for key, value in point if not key.startswith(_ROLLING))
    return point


def _rolls_what_recreates(scenario: Scenario, points: Sequence[Point]) -> bool:
    recreates = any(one.strategy.type == "Recreate" for one in scenario.all_deployments)
    return recreates and all(key.startswith(_ROLLING) for point in points for key, _ in point)


def _check_values(scenario: Scenario, points: Iterable[Point]) -> None:
    """Refuse values that are wrong whatever they stand beside: they were typed wrong."""
    problems: list[Diagnostic] = []
    for setting in dict.fromkeys(setting for point in points for setting in point):
        try:
            override(scenario, ["=".join(setting)])
        except InputError as error:
            problems += [p for p in error.diagnostics if p.is_error and p.code not in _TOGETHER]
    if problems:
        raise InputError(replace(problem, file=SOURCE) for problem in dict.fromkeys(problems))


def _check_deployment(scenarios: Sequence[Scenario], deployment: str | None) -> None:
    for scenario in scenarios:
        if not scenario.all_deployments:
            message, expected = "there is no Deployment to measure", "manifests, or a step that creates one"
            raise InputError(
                Diagnostic(code="E504", message=message, file=scenario.source or None, expected=expected)
            )
    if deployment is None:
        return
    for scenario in scenarios:
        names = [d.name for d in scenario.all_deployments]
        if deployment not in names:
            where = f" of {one_line(scenario.name, 60)}" if len(scenarios) > 1 else ""
            raise InputError(
                Diagnostic(
                    code="E505",
                    message=f"no Deployment{where} is called {one_line(deployment, 60)!r}",
                    file="--deployment",
                    expected="one of " + ", ".join(names),
                    nearest=nearest(deployment, names),
                )
            )


def _reason(error: InputError) -> str:
    first = next(problem for problem in error.diagnostics if problem.is_error)
    return f"{first.path}: {first.message}" if first.path else first.message


def _nothing(message: str, expected: str) -> Diagnostic:
    return Diagnostic(code="E504", message=message, file=SOURCE, expected=expected)

"""One run with its measures and verdicts, and the forms in which machines read it: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.cli.format import safe_json
from sim.cli.text import Verdict, tell
from sim.metrics import MEASURES, OF_COMPLETION, Measured, finding, measured
from sim.units import format_value, nearest

if TYPE_CHECKING:
    from sim.engine import Engine
    from sim.errors import Diagnostic
    from sim.metrics import Requirement
    from sim.spec.scenario import Scenario
    from sim.trace import Trace


@dataclass(frozen=True, slots=True)
class Outcome:
    """One Deployment of a run: a row a rollout, and the verdicts on those that were asked for."""

    rows: tuple[Measured, ...]
    requirements: tuple[dict[str, Any], ...] = ()
    expected: tuple[tuple[str, str, str], ...] = ()

    @property
    def name(self) -> str:
        """The Deployment's name."""
        return self.rows[0].rollout.deployment

    @property
    def asked(self) -> tuple[Measured, ...]:
        """The rollouts that the session asked for: undos left out."""
        return tuple(row for row in self.rows if not row.undo) or self.rows

    @property
    def measured(self) -> Measured:
        """The last rollout that was asked for."""
        return self.asked[-1]

    @property
    def answer(self) -> str:
        """What happened, in one sentence."""
        return finding([row.rollout for row in self.rows])

    @property
    def is_fine(self) -> bool:
        """Whether all became of it that was asked for, or else what was expected; of rollouts whose outcome
        is required the verdicts say.
        """
        if any(wanted != found for _, wanted, found in self.expected):
            return False
        names = [name for name, _, _ in self.expected]
        names += [r["name"] or self.name for r in self.requirements if r["measure"] in OF_COMPLETION]
        return not any(self._is_bad(row) for row in self.asked if not {self.name, *row.names} & set(names))

    def _is_bad(self, row: Measured) -> bool:
        if row.outcome == "superseded":
            return self.measured.outcome != "complete"
        if row.outcome == "paused":
            return not row.rollout.was_paused_later
        return row.outcome in ("stuck", "running", "rolled_back")

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts on what was required and expected, in words."""
        required = [Verdict(r["requirement"], r["passed"], r["said"]) for r in self.requirements]
        return required + [
            Verdict(f"expect {wanted}", wanted == found, f"{name} is {found}")
            for name, wanted, found in self.expected
        ]


@dataclass(frozen=True, slots=True)
class Result:
    """One run: its scenario, its trace, an outcome a Deployment, the diagnostics of its input."""

    scenario: Scenario
    trace: Trace
    outcomes: tuple[Outcome, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        """Whether every requirement held, and every Deployment ends as was asked for or expected."""
        return all(r["passed"] for outcome in self.outcomes for r in outcome.requirements) and all(
            outcome.is_fine for outcome in self.outcomes
        )


def run_once(
    scenario: Scenario,
    requirements: Sequence[Requirement],
    replication: int = 0,
    engine: Engine = "auto",
) -> Result:
    """Simulate one replication of `scenario` and measure each rollout of each of its Deployments.

    Raises InputError (E505) for a requirement on a name that no Deployment and no version has.
    """
    from sim.engine import simulate

    _check_names(scenario, requirements)
    trace = simulate(scenario, replication=replication, engine=engine, note=tell)
    found = [measured(trace, name) for name in trace.deployments()]
    # Who asks nothing of a Deployment asks nothing of its limits, unless nothing is asked of any.
    asked = [rows for rows in found if rows[0].rollout.asked is not None] or found
    outcomes: list[Outcome] = []
    for rows in found:
        outcome = Outcome(rows)
        verdicts = [
            verdict
            for requirement in requirements
            if (verdict := _verdict(requirement, outcome, rows in asked)) is not None
        ]
        expected = tuple(_expected(scenario, outcome)) if rows in asked else ()
        if not outcomes:
            expected += tuple(_missed(scenario, found))
            verdicts += [_never(one) for one in requirements if not _is_about(one, found)]
        outcomes.append(replace(outcome, requirements=tuple(verdicts), expected=expected))
    return Result(scenario, trace, tuple(outcomes), tuple(scenario.diagnostics))


def _check_names(scenario: Scenario, requirements: Sequence[Requirement]) -> None:
    from sim.errors import Diagnostic, InputError, shown
    from sim.spec.expectations import REVISION, names_of

    deployments, tags, images = names_of(scenario)
    for requirement in requirements:
        name = requirement.name
        if name is not None and name not in (*deployments, *tags, *images) and not REVISION.fullmatch(name):
            raise InputError(
                Diagnostic(
                    code="E505",
                    message="no Deployment and no version of this scenario is called so",
                    file="--require",
                    found=shown(name),
                    expected=f"one of {', '.join(dict.fromkeys([*deployments, *tags]))}",
                    nearest=nearest(name, (*deployments, *tags, *images)),
                )
            )


def _expected(scenario: Scenario, outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """Yield of what the scenario expects of a Deployment: of whom, what, and what it was."""
    for name, wanted in scenario.expect:
        if name in (None, outcome.name):
            yield name or outcome.name, wanted, outcome.measured.outcome
        else:
            called = [row for row in outcome.asked if name in row.names]
            if called:
                yield name, wanted, called[-1].outcome


def _missed(scenario: Scenario, found: Sequence[tuple[Measured, ...]]) -> Iterator[tuple[str, str, str]]:
    """Yield what the scenario expects of Deployments and versions that nobody ever asked for."""
    known = _known(found)
    for name, wanted in scenario.expect:
        if name is not None and name not in known:
            yield name, wanted, "never asked for"


def _known(found: Sequence[tuple[Measured, ...]]) -> set[str]:
    every = [row for rows in found for row in rows]
    return {name for row in every for name in (row.rollout.deployment, *row.names)}


def _is_about(requirement: Requirement, found: Sequence[tuple[Measured, ...]]) -> bool:
    return requirement.name is None or requirement.name in _known(found)


def _never(requirement: Requirement) -> dict[str, Any]:
    """Return the verdict on a version that nobody ever asked for."""
    said = f"{requirement.name} is never asked for"
    return _document(requirement, value=None, passed=False, said=said)


def _verdict(requirement: Requirement, outcome: Outcome, is_asked: bool) -> dict[str, Any] | None:
    """Return what became of a requirement in one Deployment; None where it is not for it."""
    rows = outcome.asked
    if requirement.name is None and not is_asked:
        return None
    if requirement.name not in (None, outcome.name):
        rows = tuple(row for row in outcome.rows if requirement.name in row.names)
        if not rows:
            return None
    kept = [requirement.check(row.measures) for row in rows]
    done = [requirement.measure in OF_COMPLETION or row.measures.complete for row in rows]
    # The first that breaks it tells why; when none does, the last.
    worst = next((i for i in range(len(rows)) if not (kept[i] and done[i])), len(rows) - 1)
    row, unit = rows[worst], MEASURES[requirement.measure].unit
    value = getattr(row.measures, requirement.measure)
    said = f"it is {format_value(value, unit)}" + (f" of {row.version}" if len(rows) > 1 else "")
    if not done[worst]:
        said += f", but {row.version} is {row.outcome.replace('_', ' ')}"
    return _document(requirement, value=value, passed=all(kept) and all(done), said=said)


def _document(requirement: Requirement, *, value: Any, passed: bool, said: str) -> dict[str, Any]:
    limit: float | str = requirement.limit if requirement.measure == "outcome" else requirement.value
    return {
        "requirement": requirement.typed or str(requirement),
        "measure": requirement.measure,
        "op": requirement.op,
        # Strict JSON has no infinity.
        "limit": None if limit in (math.inf, -math.inf) else limit,
        "name": requirement.name,
        "value": None if isinstance(value, float) and not math.isfinite(value) else value,
        "passed": passed,
        "said": said,
    }


def deployments_document(result: Result) -> dict[str, Any]:
    """Return a mapping by Deployment: its outcome and answer, the measures of the last rollout that it was
    asked for, its requirements. For JSON output and for measures.json.
    """
    return {
        o.name: {
            "outcome": o.measured.outcome,
            "answer": o.answer,
            "measures": o.measured.measures.as_dict(),
            "requirements": [{k: v for k, v in r.items() if k != "said"} for r in o.requirements],
            "expected": [
                {"of": name, "outcome": wanted, "found": found} for name, wanted, found in o.expected
            ],
        }
        for o in result.outcomes
    }


def rollouts_document(result: Result) -> list[dict[str, Any]]:
    """Return a mapping a rollout, Deployment by Deployment, in order of time."""
    return [row.as_dict() for outcome in result.outcomes for row in outcome.rows]


def as_json(result: Result) -> str:
    """Return the run as one JSON document, without a last line end."""
    document = {
        "kind": "Run",
        "schemaVersion": 1,
        "answer": "\n".join(f"{o.name}: {o.answer}" for o in result.outcomes),
        "passed": result.passed,
        "provenance": result.trace.provenance.as_dict(),
        "deployments": deployments_document(result),
        "rollouts": rollouts_document(result),
        "diagnostics": diagnostics_document(result.diagnostics),
    }
    return safe_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def as_csv(result: Result) -> str:
    """Return the measures as CSV: deployment,rollout,version,measure,value,unit; nothing for a value that
    does not exist.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("deployment", "rollout", "version", "measure", "value", "unit"))
    for outcome in result.outcomes:
        for number, row in enumerate(outcome.rows, start=1):
            for name, meaning in MEASURES.items():
                value = getattr(row.measures, name)
                cell = str(value).lower() if isinstance(value, bool) else "" if value != value else value
                writer.writerow((outcome.name, number, row.version, name, cell, meaning.unit))
    return text.getvalue().rstrip("\n")


def diagnostics_document(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as mappings without what is unknown."""
    names = ("code", "message", "file", "line", "path", "found", "expected", "nearest")
    return [{n: v for n in names if (v := getattr(d, n)) is not None} for d in diagnostics]

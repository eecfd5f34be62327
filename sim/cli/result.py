"""One run with its measures and verdicts, and the forms in which machines read it: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.cli.format import safe_json
from sim.cli.text import Verdict, tell
from sim.units import format_value

if TYPE_CHECKING:
    from sim.engine import Engine
    from sim.errors import Diagnostic
    from sim.metrics import Requirement, Rollout
    from sim.spec.scenario import Scenario
    from sim.trace import Trace


@dataclass(frozen=True, slots=True)
class Outcome:
    """One Deployment of a run: what happened, its measures (fit for strict JSON), the verdicts on them."""

    rollout: Rollout
    measures: dict[str, bool | int | float | str | None]
    requirements: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        """The Deployment's name."""
        return self.rollout.deployment

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts, in words."""
        from sim.metrics import MEASURES

        return [
            Verdict(r["requirement"], r["passed"], format_value(r["value"], MEASURES[r["measure"]].unit))
            for r in self.requirements
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
        """Whether every requirement held, for every Deployment."""
        return all(r["passed"] for outcome in self.outcomes for r in outcome.requirements)


def run_once(
    scenario: Scenario,
    requirements: Sequence[Requirement],
    replication: int = 0,
    engine: Engine = "auto",
) -> Result:
    """Simulate one replication of `scenario` and measure each of its Deployments."""
    from sim.engine import simulate
    from sim.metrics import Rollout, measure_rollout

    trace = simulate(scenario, replication=replication, engine=engine, note=tell)
    outcomes = []
    for name in trace.deployments():
        rollout = Rollout(trace, name)
        measures = measure_rollout(rollout)
        plain = measures.as_dict()
        verdicts = tuple(_verdict(requirement, plain) for requirement in requirements)
        outcomes.append(Outcome(rollout, plain, verdicts))
    return Result(scenario, trace, tuple(outcomes), tuple(scenario.diagnostics))


def _verdict(requirement: Requirement, measures: dict[str, Any]) -> dict[str, Any]:
    value = requirement.value
    return {
        "requirement": str(requirement),
        "measure": requirement.measure,
        "op": requirement.op,
        # Strict JSON has no infinity.
        "limit": value if value not in (float("inf"), float("-inf")) else str(value),
        "value": measures[requirement.measure],
        "passed": requirement.check(measures),
    }


def deployments_document(result: Result) -> dict[str, Any]:
    """Return {name: {"measures": …, "requirements": […]}}, for JSON output and for measures.json."""
    return {o.name: {"measures": o.measures, "requirements": list(o.requirements)} for o in result.outcomes}


def as_json(result: Result) -> str:
    """Return the run as one JSON document, without a last line end."""
    document = {
        "provenance": result.trace.provenance.as_dict(),
        "deployments": deployments_document(result),
        "diagnostics": diagnostics_document(result.diagnostics),
    }
    return safe_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def as_csv(result: Result) -> str:
    """Return the measures as CSV: deployment,measure,value,unit; nothing for a value that does not exist."""
    from sim.metrics import MEASURES

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("deployment", "measure", "value", "unit"))
    for outcome in result.outcomes:
        for name, value in outcome.measures.items():
            cell = ("true" if value else "false") if isinstance(value, bool) else value
            writer.writerow((outcome.name, name, cell, MEASURES[name].unit))
    return text.getvalue().rstrip("\n")


def diagnostics_document(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as mappings without what is unknown."""
    names = ("code", "message", "file", "line", "path", "found", "expected", "nearest")
    return [{n: v for n in names if (v := getattr(d, n)) is not None} for d in diagnostics]

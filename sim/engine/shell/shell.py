"""What is typed at a terminal, and what is answered: kubectl's verbs, and curl."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import simpy

from sim.engine.record import Typed
from sim.engine.shell import changing, creating, reading, views, waiting
from sim.engine.shell.access import Access, FailedError
from sim.engine.state import NEVER
from sim.kubectl import failures, messages
from sim.kubectl.outcome import Command, Refused
from sim.spec.steps import CurlStep, KubectlStep

Typing = Generator[simpy.Event, Any, None]
FETCHES_SCHEMA = 3
"""create and apply take so many times as long as other verbs to start: they fetch the API's schema to
validate what they send. Recordings: 150 to 266 ms, median 189, beside 67 ms."""
READING = {"get": reading.get, "describe": reading.describe_, "rollout history": reading.history}


@dataclass(slots=True)
class Shell:
    """``start``: times from a command's start to its first request. ``dice``: choose endpoints for curl."""

    desk: Access
    start: Callable[[], int]
    dice: Iterator[int]

    def type(self, step: KubectlStep) -> Typing:
        """Type a line and wait for its end."""
        env, typed = self.desk.env, self.desk.admin.recorder.command(step.line)
        command = step.command
        yield env.timeout(self.start())
        if isinstance(command, Refused):
            typed.output += command.output
            exit_code = command.exit
        else:
            typed.output += command.warnings
            if command.verb in ("create", "apply"):
                for _ in range(FETCHES_SCHEMA - 1):
                    yield env.timeout(self.start())
            try:
                exit_code = yield from self._answer(command, step, typed)
            except FailedError as error:
                typed.output += failures.printed([error.failure])
                exit_code = failures.EXIT
            # Whoever waits for what was changed here sees it now.
            self.desk.changed()
            yield env.timeout(self.desk.hop())
        self.desk.admin.recorder.ended(typed, exit_code)

    def _answer(self, command: Command, step: KubectlStep, typed: Typed) -> Generator[simpy.Event, Any, int]:
        desk, verb = self.desk, command.verb
        if verb in ("create", "apply"):
            return (yield from creating.create(desk, command, step.objects, typed))
        if verb == "delete":
            return (yield from creating.delete(desk, command, typed))
        if verb == "rollout status":
            return (yield from waiting.rollout_status(desk, command, typed))
        if verb == "wait":
            return (yield from waiting.wait(desk, command, typed))
        if verb in READING:
            text, exit_code = READING[verb](desk, command)
        else:
            text, exit_code = changing.change(desk, command, step.patch)
        typed.output += text
        return exit_code

    def curl(self, step: CurlStep) -> Typing:
        """Ask a Service, each time over a connection of its own, as kube-proxy deals them out: at random."""
        env, recorder = self.desk.env, self.desk.admin.recorder
        typed = recorder.command(_curl_line(step))
        service = self.desk.admin.endpoints.services.get(step.service)
        if service is None:
            answers = [messages.curl_unresolved(step.service)] * step.requests
            failed = messages.CURL_EXIT_RESOLVE
        else:
            port = service.ports[0].port if service.ports else 80
            refused = messages.curl_refused(step.service, port)
            pods = views.serving(self.desk, service)
            answers = [self._ask(pods) or refused for _ in range(step.requests)]
            failed = messages.CURL_EXIT_CONNECT if refused in answers else 0
        if step.requests == 1:
            typed.output = answers[0]
        else:
            typed.output = "".join(f"{answers.count(one):7d} {one}" for one in sorted(set(answers)))
        recorder.ended(typed, failed)
        yield env.timeout(0)

    def _ask(self, pods: list[int]) -> str:
        # Without an endpoint kube-proxy refuses the connection; so does a pod whose application does not
        # listen.
        if not pods:
            return ""
        pod = pods[next(self.dice) % len(pods)]
        up = self.desk.cluster.pods.up[pod]
        if up == NEVER or up > self.desk.env.now:
            return ""
        return self.desk.admin.pods.template(pod).image + "\n"


def _curl_line(step: CurlStep) -> str:
    if step.requests == 1:
        return f"curl {step.service}"
    ask = f"curl -sS {step.service} 2>&1"
    return f"for i in $(seq {step.requests}); do {ask}; done | sort | uniq -c"

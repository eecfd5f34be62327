"""What stands between a controller and the API server: its work queue, its client and its event recorder.

Follows client-go: util/workqueue (a key is never processed twice at once, re-adds merge into one later run,
the delaying queue holds one entry a key and keeps the earliest), util/flowcontrol (a token bucket, first
come, first served) and tools/record (events are posted one at a time through the controller's own client, 25
an object and then one in 300 s).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterator
from typing import Any

import simpy

from sim.engine.clock import RECONCILE, SECOND, Call, Clock

Work = Generator[simpy.Event, Any, bool]
BACKOFF_BASE = 5_000
BACKOFF_CAP = 1_000 * SECOND


class TokenBucket:
    """``qps`` tokens a second after a burst; first come, first served, as golang.org/x/time/rate reserves.

    ``qps`` 0 means no limit.
    """

    def __init__(self, env: Clock, qps: float, burst: int) -> None:
        self._env = env
        self._interval = round(SECOND / qps) if qps > 0 else 0
        self._slack = self._interval * burst
        self._taken_until = -self._slack

    def reserve(self) -> int:
        """Take a token now; return how long from now it may be used."""
        interval = self._interval
        if interval == 0:
            return 0
        now = self._env.now
        base = self._taken_until
        if base < now - self._slack:
            base = now - self._slack
        self._taken_until = base = base + interval
        return base - now if base > now else 0


class WorkQueue:
    """Keys waiting to be synced by ``workers`` workers.

    ``sync(key)`` is a generator that waits for its writes and says in the end whether it succeeded; a failure
    is tried again after 5 ms doubling to 1000 s, ten a second in all after a burst of 100, and ``retries``
    times in a row at most (None: for ever).
    """

    def __init__(
        self, env: Clock, workers: int, sync: Callable[[Any], Work], retries: int | None = None
    ) -> None:
        self._env = env
        self._workers = workers
        self._sync = sync
        self._queue: deque[Hashable] = deque()
        self._dirty: set[Hashable] = set()
        self._processing: set[Hashable] = set()
        self._waiting: dict[Hashable, int] = {}
        self._failures: dict[Hashable, int] = {}
        self._retries = retries
        self._retry_rate = TokenBucket(env, 10, 100)
        self._woken = False

    def add(self, key: Hashable) -> None:
        """Ask for ``key`` to be synced after everything else of this instant has happened."""
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._processing:
            self._queue.append(key)
            self._wake()

    def add_after(self, key: Hashable, delay: int) -> None:
        """Add ``key`` after ``delay``; if it waits already, the earlier of the two times holds."""
        due = self._env.now + delay
        if self._waiting.get(key, due + 1) > due:
            self._waiting[key] = due
            Call(self._env, delay, self.due, key)

    def add_rate_limited(self, key: Hashable) -> None:
        """Add ``key`` after the back-off for its next failure in a row."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        backoff = min(BACKOFF_BASE << min(failures, 40), BACKOFF_CAP)
        self.add_after(key, max(backoff, self._retry_rate.reserve()))

    def due(self, event: Any) -> None:
        """Add the key that has waited long enough, unless it has been added since."""
        if self._waiting.get(event.value) == self._env.now:
            del self._waiting[event.value]
            self.add(event.value)

    def _wake(self) -> None:
        if not self._woken and len(self._processing) < self._workers:
            self._woken = True
            Call(self._env, 0, self._run, None, RECONCILE)

    def _run(self, _event: Any) -> None:
        self._woken = False
        while self._queue and len(self._processing) < self._workers:
            key = self._queue.popleft()
            self._dirty.discard(key)
            self._processing.add(key)
            work = self._sync(key)
            # Most syncs find nothing to write: those end here and now, without a process.
            try:
                write = next(work)
            except StopIteration as end:
                self._done(key, end.value)
            else:
                self._env.process(self._carry_out(key, work, write))

    def _carry_out(self, key: Hashable, work: Work, write: simpy.Event) -> Generator[simpy.Event, Any, None]:
        try:
            while True:
                yield write
                write = next(work)
        except StopIteration as end:
            succeeded = end.value
        self._done(key, succeeded)
        if self._queue:
            self._wake()

    def _done(self, key: Hashable, succeeded: bool) -> None:
        self._processing.discard(key)
        if not succeeded and (self._retries is None or self._failures.get(key, 0) < self._retries):
            self.add_rate_limited(key)
        elif key in self._failures:
            del self._failures[key]
        if key in self._dirty:
            self._queue.append(key)


class Client:
    """One controller's client: every request takes a token, then the time of a write.

    A batch that asks for 64 tokens at once is served before whoever asks next.
    """

    def __init__(self, env: Clock, qps: float, burst: int, hop: Iterator[int]) -> None:
        self._hop = hop.__next__
        self._reserve = TokenBucket(env, qps, burst).reserve

    def request(self) -> int:
        """Reserve a token now; return how long from now the request is carried out."""
        return self._reserve() + self._hop()


class EventRecorder:
    """Posts events one at a time through its controller's client; what the spam filter drops costs
    nothing."""

    BURST = 25
    REFILL = 300 * SECOND

    def __init__(self, env: Clock, client: Client, enabled: bool) -> None:
        self._env = env
        self._client = client
        self._enabled = enabled
        self._pending = 0
        self._busy = False
        self._spent: dict[Hashable, int] = {}

    def post(self, about: Hashable) -> None:
        """Post an event about the object ``about``."""
        if not self._enabled:
            return
        now = self._env.now
        spent = self._spent.get(about, now - self.BURST * self.REFILL)
        spent = max(spent, now - self.BURST * self.REFILL) + self.REFILL
        if spent > now:
            return
        self._spent[about] = spent
        self._pending += 1
        if not self._busy:
            self._send()

    def _send(self, _event: Any = None) -> None:
        self._busy = self._pending > 0
        if self._busy:
            self._pending -= 1
            Call(self._env, self._client.request(), self._send)

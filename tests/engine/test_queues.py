"""What stands between a controller and the API: work queue, client and event recorder, each on its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.clock import SECOND, Call, Clock
from sim.engine.queues import Client, EventRecorder, WorkQueue
from tests.engine.build import Worker, hops, ms

LATER = 10_000 * SECOND


def at(env: Clock, moment: int, function: Any, *arguments: Any) -> None:
    """Call ``function`` at ``moment``."""
    Call(env, moment - env.now, lambda _event: function(*arguments))


def queue_of(workers: int = 5, takes: int = 0) -> tuple[Clock, Worker, WorkQueue]:
    """Return a clock, what is done for each key, and a queue."""
    env = Clock()
    worker = Worker(env, takes)
    return env, worker, WorkQueue(env, workers, worker.sync)


# The work queue.


def test_adds_of_one_instant_merge() -> None:
    env, worker, queue = queue_of()
    for _ in range(3):
        at(env, ms(1), queue.add, "a")
    env.play(LATER)
    assert worker.log == [(ms(1), ms(1), "a")]


def test_adds_while_processing_cause_exactly_one_later_run() -> None:
    # The sync takes 10 ms from 0; three adds at 2, 5 and 9 ms: one more run, when the first one ends.
    env, worker, queue = queue_of(takes=ms(10))
    for moment in (0, 2, 5, 9):
        at(env, ms(moment), queue.add, "a")
    env.play(LATER)
    assert worker.log == [(0, ms(10), "a"), (ms(10), ms(20), "a")]


def test_an_add_at_the_end_of_a_sync_is_not_lost() -> None:
    env, worker, queue = queue_of(takes=ms(10))
    for moment in (0, 10):
        at(env, ms(moment), queue.add, "a")
    env.play(LATER)
    assert worker.begins("a") == [0, ms(10)]


def test_a_key_added_by_its_own_sync_runs_again_afterwards() -> None:
    env = Clock()
    begins = []

    def sync(key: str) -> Any:
        begins.append(env.now)
        if len(begins) == 1:
            yield env.timeout(ms(3))
            queue.add(key)
            yield env.timeout(ms(4))
        return True

    queue = WorkQueue(env, 5, sync)
    queue.add("a")
    env.play(LATER)
    assert begins == [0, ms(7)]


def test_a_key_added_by_its_own_sync_before_it_waits_is_not_processed_twice_at_once() -> None:
    env = Clock()
    spans: list[tuple[int, int]] = []

    def sync(key: str) -> Any:
        begin = env.now
        if begin == 0:
            queue.add(key)
        yield env.timeout(ms(5))
        spans.append((begin, env.now))
        return True

    queue = WorkQueue(env, 5, sync)
    queue.add("a")
    env.play(LATER)
    assert spans == [(0, ms(5)), (ms(5), ms(10))]


@given(
    st.integers(1, 4),
    st.integers(0, 4),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd")), max_size=40),
)
def test_no_key_twice_at_once_and_no_add_forgotten(
    workers: int, takes: int, adds: list[tuple[int, str]]
) -> None:
    env, worker, queue = queue_of(workers, takes)
    most: list[int] = []

    def watched(key: str) -> Any:
        assert key not in worker.running
        result = yield from worker.sync(key)
        most.append(len(worker.running) + 1)
        return result

    queue = WorkQueue(env, workers, watched)
    for moment, key in adds:
        at(env, moment, queue.add, key)
    env.play(LATER)
    assert max(most, default=0) <= workers
    for moment, key in adds:
        assert any(begin >= moment for begin in worker.begins(key)), (moment, key)
    for key in "abcd":
        # A run answers at least one add: those of the same instant, and those during one run, share one.
        moments = {moment for moment, k in adds if k == key}
        assert len(worker.begins(key)) <= len(moments)
        spans = sorted((begin, end) for begin, end, k in worker.log if k == key)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_workers_bound_what_runs_at_once() -> None:
    # Five keys of 10 ms each, two workers: in pairs at 0 and 10 ms, and the fifth at 20 ms.
    env, worker, queue = queue_of(workers=2, takes=ms(10))
    for key in "abcde":
        queue.add(key)
    env.play(LATER)
    assert [(begin, key) for begin, _, key in sorted(worker.log)] == [
        (0, "a"), (0, "b"), (ms(10), "c"), (ms(10), "d"), (ms(20), "e"),
    ]  # fmt: skip


def test_within_an_instant_updates_come_before_one_reconcile() -> None:
    # The first of three updates asks for a sync, and it sees all three; so do those that one of them sets off
    # for the same instant.
    env = Clock()
    updates: list[str] = []
    seen: list[list[str]] = []

    def sync(_key: str) -> Any:
        seen.append(list(updates))
        return True
        yield  # a generator without a write

    queue = WorkQueue(env, 5, sync)

    def update(name: str) -> None:
        updates.append(name)
        queue.add("key")
        if name == "second":
            at(env, env.now, update, "set off")

    for name in ("first", "second", "third"):
        at(env, ms(5), update, name)
    env.play(LATER)
    assert seen == [["first", "second", "third", "set off"]]


# The delaying queue.


def test_the_earliest_time_of_a_key_holds() -> None:
    # 30 ms from now and then 10 ms from now: at 10 ms, and the later one is gone. Another key is not touched.
    env, worker, queue = queue_of()
    queue.add_after("a", ms(30))
    queue.add_after("a", ms(10))
    queue.add_after("b", ms(30))
    env.play(LATER)
    assert worker.log == [(ms(10), ms(10), "a"), (ms(30), ms(30), "b")]


def test_a_later_time_of_a_waiting_key_is_dropped() -> None:
    # k#101319: what is due at 10 ms swallows what was asked for at 5 ms and due at 17 ms.
    env, worker, queue = queue_of()
    queue.add_after("a", ms(10))
    at(env, ms(5), queue.add_after, "a", ms(12))
    env.play(LATER)
    assert worker.begins("a") == [ms(10)]


def test_after_it_was_due_a_key_can_wait_again() -> None:
    env, worker, queue = queue_of()
    queue.add_after("a", ms(10))
    queue.add_after("a", ms(4))
    at(env, ms(6), queue.add_after, "a", ms(4))  # at 10 ms, where the first, dropped one was due as well
    at(env, ms(20), queue.add_after, "a", ms(5))
    env.play(LATER)
    assert worker.begins("a") == [ms(4), ms(10), ms(25)]


def test_an_add_does_not_cancel_what_waits() -> None:
    env, worker, queue = queue_of()
    queue.add_after("a", ms(10))
    at(env, ms(3), queue.add, "a")
    env.play(LATER)
    assert worker.begins("a") == [ms(3), ms(10)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 30)), min_size=1, max_size=12))
def test_one_entry_a_key_as_in_a_plain_model_of_it(calls: list[tuple[int, int]]) -> None:
    # The model: one due time or none. A call lowers it, or sets it when nothing waits.
    calls.sort(key=lambda call: call[0])
    expected, due, left = [], None, list(calls)
    for now in range(200):
        for moment, delay in [call for call in left if call[0] == now]:
            due = moment + delay if due is None else min(due, moment + delay)
        if due == now:
            expected.append(now)
            due = None
    env, worker, queue = queue_of()
    for moment, delay in calls:
        at(env, moment, queue.add_after, "a", delay)
    env.play(LATER)
    assert worker.begins("a") == expected


# Failures.


def test_failures_back_off_from_5_ms_doubling() -> None:
    env, worker, queue = queue_of()
    worker.fails["a"] = 6
    queue.add("a")
    env.play(LATER)
    begins = worker.begins("a")
    assert [after - before for before, after in pairwise(begins)] == [ms(x) for x in (5, 10, 20, 40, 80, 160)]


def test_the_back_off_ends_at_1000_s() -> None:
    # 5 ms doubled 18 times is 1311 s.
    env, worker, queue = queue_of()
    worker.fails["a"] = 20
    queue.add("a")
    env.play(LATER)
    begins = worker.begins("a")
    assert [after - before for before, after in pairwise(begins)][-3:] == [
        ms(5 * 2**17), 1000 * SECOND, 1000 * SECOND,
    ]  # fmt: skip


def test_a_success_resets_the_back_off_of_its_key_alone() -> None:
    env, worker, queue = queue_of()
    worker.fails |= {"a": 3, "b": 3}
    queue.add("a")
    queue.add("b")
    at(env, SECOND, worker.fails.__setitem__, "a", 1)
    at(env, SECOND, queue.add, "a")
    env.play(LATER)
    assert worker.begins("a") == [0, ms(5), ms(15), ms(35), SECOND, SECOND + ms(5)]
    assert worker.begins("b") == [0, ms(5), ms(15), ms(35)]


def test_retries_of_all_keys_share_a_bucket() -> None:
    # 150 keys fail once at 0: 100 of them run again after 5 ms, the others one every 100 ms.
    env, worker, queue = queue_of(workers=1000)
    for key in range(150):
        worker.fails[key] = 1
        queue.add(key)
    env.play(LATER)
    again = sorted(begin for begin, _, _ in worker.log)[150:]
    assert again == [ms(5)] * 100 + [ms(100 * i) for i in range(1, 51)]


def test_a_queue_may_give_up_until_it_is_asked_again() -> None:
    # Three retries: four runs, and no more. Asked again, it begins afresh.
    env = Clock()
    worker = Worker(env)
    worker.fails["a"] = 100
    queue = WorkQueue(env, 5, worker.sync, retries=3)
    queue.add("a")
    at(env, SECOND, queue.add, "a")
    env.play(LATER)
    once = [0, ms(5), ms(15), ms(35)]
    assert worker.begins("a") == [*once, *(SECOND + moment for moment in once)]


def test_a_failure_waits_for_its_sync_to_end_first() -> None:
    env, worker, queue = queue_of(takes=ms(10))
    worker.fails["a"] = 2
    queue.add("a")
    env.play(LATER)
    assert worker.begins("a") == [0, ms(15), ms(35)]


# The client.


def asked_at_once(number: int, qps: float, burst: int, hop: int = 0) -> list[int]:
    """Return the delays of ``number`` requests made at 0."""
    client = Client(Clock(), qps, burst, hops(hop))
    return [client.request() for _ in range(number)]


def test_a_hundred_requests_at_the_default_rate() -> None:
    # 30 at once, then one every 50 ms: the last is number 70 of those, at 3.5 s, and its write takes a hop.
    delays = asked_at_once(100, qps=20, burst=30, hop=ms(7))
    assert delays[:30] == [ms(7)] * 30
    assert delays[30:32] == [ms(57), ms(107)]
    assert delays[-1] == ms(3507)


def test_the_first_to_ask_is_the_first_served() -> None:
    # A batch of 64 asked for at 0 is served before the one request at 1 ms, though it waits for itself.
    env = Clock()
    client = Client(env, 20, 30, hops())
    batch = [client.request() for _ in range(64)]
    assert batch == sorted(batch)
    single: list[int] = []
    at(env, ms(1), lambda: single.append(env.now + client.request()))
    env.play(LATER)
    assert single == [batch[-1] + ms(50)]


def test_the_bucket_refills_to_the_burst_and_no_further() -> None:
    # 30 tokens at 0, none left; after 1000 s there are 30 again, not 20,000.
    env = Clock()
    client = Client(env, 20, 30, hops())
    found: list[list[int]] = []

    def ask(number: int) -> None:
        found.append([client.request() for _ in range(number)])

    at(env, 0, ask, 30)
    at(env, 1000 * SECOND, ask, 32)
    env.play(LATER)
    assert found[0] == [0] * 30
    assert found[1] == [0] * 30 + [ms(50), ms(100)]


def test_the_bucket_refills_at_its_rate() -> None:
    # All 30 tokens taken at 0; 0.5 s later there are 10.
    env = Clock()
    client = Client(env, 20, 30, hops())
    found: list[int] = []
    at(env, 0, lambda: [client.request() for _ in range(30)])
    at(env, ms(500), lambda: found.extend(client.request() for _ in range(11)))
    env.play(LATER)
    assert found == [0] * 10 + [ms(50)]


def test_no_limit_means_no_waiting() -> None:
    assert asked_at_once(1000, qps=0, burst=1, hop=3) == [3] * 1000


@given(
    st.sampled_from([0.5, 1.0, 3.0, 7.0, 20.0, 50.0, 1000.0]),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 60)), min_size=1, max_size=12),
)
def test_never_more_than_burst_and_rate_allow_in_any_window(
    qps: float, burst: int, asks: list[tuple[int, int]]
) -> None:
    env = Clock()
    client = Client(env, qps, burst, hops())
    starts: list[int] = []
    for moment, number in asks:
        at(env, moment, lambda n=number: starts.extend(env.now + client.request() for _ in range(n)))
    env.play(LATER)
    assert starts == sorted(starts)  # first come, first served
    assert all(start >= min(moment for moment, _ in asks) for start in starts)
    for i, first in enumerate(starts):
        for j in range(i + burst, len(starts)):
            # The clock's microseconds round the interval between two tokens: by half of one for each token.
            window = starts[j] - first + (j - i) / 2
            assert j - i + 1 <= burst + qps * window / SECOND + 1e-6


def test_no_token_is_held_back() -> None:
    # The limit is reached, not only kept: 200 asked for at 0 end exactly when rate and burst allow.
    for qps, burst in ((20, 30), (50, 100), (1, 1)):
        assert asked_at_once(200, qps, burst)[-1] == round((200 - burst) * SECOND / qps)


# The event recorder.


class Counting(Client):
    """A client that notes when each request is made and when it is through."""

    def __init__(self, env: Clock, qps: float = 0, burst: int = 1, hop: int = 0) -> None:
        super().__init__(env, qps, burst, hops(hop))
        self.env = env
        self.asked: list[int] = []
        self.through: list[int] = []

    def request(self) -> int:
        """Note the request."""
        delay = super().request()
        self.asked.append(self.env.now)
        self.through.append(self.env.now + delay)
        return delay


def test_events_are_posted_one_at_a_time() -> None:
    # Four events at 0, each write takes 10 ms: each asks for its token when the one before is through.
    env = Clock()
    client = Counting(env, hop=ms(10))
    recorder = EventRecorder(env, client, enabled=True)
    for about in range(4):
        recorder.post(about)
    env.play(LATER)
    assert client.asked == [0, ms(10), ms(20), ms(30)]


def test_events_take_tokens_from_the_client_they_share() -> None:
    # Burst 2: the event takes one token, so of two requests after it the second one waits 50 ms.
    env = Clock()
    client = Client(env, 20, 2, hops())
    EventRecorder(env, client, enabled=True).post("a")
    assert [client.request(), client.request()] == [0, ms(50)]


def test_a_waiting_event_is_served_after_a_batch_that_asked_before_it() -> None:
    # Burst 1: the first event goes at 0, and a batch of 20 reserves what comes until 1 s. The second event
    # asks when the first one is through, so it is served after all of the batch.
    env = Clock()
    client = Counting(env, qps=20, burst=1)
    recorder = EventRecorder(env, client, enabled=True)
    recorder.post("a")
    recorder.post("a")
    for _ in range(20):
        client.request()
    env.play(LATER)
    assert client.asked == [0] * 22
    assert client.through == [ms(50) * i for i in range(22)]


def test_the_spam_filter_lets_25_through_and_then_one_in_300_s() -> None:
    env = Clock()
    client = Counting(env)
    recorder = EventRecorder(env, client, enabled=True)
    for _ in range(40):
        recorder.post("a")
    for moment in (299, 300, 301, 599, 600):
        at(env, moment * SECOND, recorder.post, "a")
    env.play(LATER)
    assert client.asked == [0] * 25 + [300 * SECOND, 600 * SECOND]


def test_the_spam_filter_counts_each_object_apart() -> None:
    env = Clock()
    client = Counting(env)
    recorder = EventRecorder(env, client, enabled=True)
    for about in ("a", "b", "c"):
        for _ in range(30):
            recorder.post(about)
    env.play(LATER)
    assert len(client.asked) == 75


def test_the_spam_filter_refills_to_25_and_no_further() -> None:
    # The objects' first 25 went at 0; a quiet 100 times 300 s later there are 25 again.
    env = Clock()
    client = Counting(env)
    recorder = EventRecorder(env, client, enabled=True)

    def post(number: int) -> None:
        for _ in range(number):
            recorder.post("a")

    at(env, 0, post, 25)
    at(env, 30_000 * SECOND, post, 40)
    env.play(40_000 * SECOND)
    assert len(client.asked) == 50


def test_disabled_events_cost_nothing() -> None:
    env = Clock()
    client = Counting(env)
    recorder = EventRecorder(env, client, enabled=False)
    recorder.post("a")
    env.play(LATER)
    assert client.asked == []


# The clock.


@pytest.mark.parametrize(("due", "quiet"), [(999, True), (1000, False), (1001, False)])
def test_a_play_ends_before_its_end(due: int, quiet: bool) -> None:
    env = Clock()
    done: list[int] = []
    at(env, due, lambda: done.append(env.now))
    assert env.play(1000) is quiet
    assert done == ([due] if quiet else [])

"""Where blocks are run: in this process, in others, or on Dask. One map, the same outcomes from each.

An executor takes tasks and yields their outcomes in the order in which they are done. A block that is lost
with its worker is run again; whoever collects the outcomes sorts them, so that neither the executor nor the
number of workers shows in a result.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Any, Protocol

from sim._version import __version__
from sim.errors import Diagnostic, InputError, one_line
from sim.sweep.block import Failure, Outcome, Task, run_block
from sim.sweep.plan import Plan

CONNECT_S = 5
_AHEAD = 3  # tasks a worker that wait in a queue: enough to keep it busy, few to lose


class Executor(Protocol):
    """Runs tasks of one plan."""

    def map(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield the outcome of every task, as it is done."""


class Serial:
    """Everything here, one block after the other."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def map(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield the outcomes in the order of the tasks."""
        for task in tasks:
            yield run_block(self._plan, task)


class Processes:
    """Processes of this machine. One that dies is replaced, and what it had begun is run again."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self._payload, self._workers = pickle.dumps(plan), workers
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # Not forked: threads of a host (Jupyter, Dask) do not survive that.
        return ProcessPoolExecutor(self._workers, get_context("spawn"), _prepare, (self._payload,))

    def map(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes as they are done; a task that twice kills a worker by itself has failed."""
        waiting = iter(tasks)
        running: dict[Future[Outcome], Task] = {}
        while True:
            lost: list[Task] = []
            for task in islice(waiting, max(0, self._workers * _AHEAD - len(running))):
                try:
                    running[self._submit(task)] = task
                except BrokenProcessPool:  # while the outcomes of others were being kept
                    lost.append(task)
            if not running and not lost:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(task)
            if lost:
                # A broken pool loses all that it had: each is run alone, so that who breaks it is found.
                lost += running.values()
                running.clear()
                self._restart()
                for task in sorted(lost):
                    yield self._alone(task)

    def _alone(self, task: Task) -> Outcome:
        for _ in range(2):
            try:
                return self._submit(task).result()
            except BrokenProcessPool:
                self._restart()
        what = "the worker process was lost twice (killed? out of memory?)"
        failure = Failure(task.strategy, task.start, what)
        return Outcome(task, {}, failure=failure)

    def _submit(self, task: Task) -> Future[Outcome]:
        # This is where the pool starts its processes.
        with _interrupts_held():
            return self._pool.submit(_run, task)

    def _restart(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._start()

    def close(self, *, quickly: bool) -> None:
        """End the workers: when they are done, or at once."""
        processes = list((getattr(self._pool, "_processes", None) or {}).values()) if quickly else []
        results = getattr(self._pool, "_result_queue", None)
        self._pool.shutdown(wait=not quickly, cancel_futures=True)
        for process in processes:
            with suppress(OSError, ValueError):
                process.terminate()
        if quickly and results is not None:
            # Of a worker that ended in the middle of an outcome the pool would await the rest for ever, as
            # long as anybody holds this end of the pipe.
            with suppress(AttributeError, OSError):
                results._writer.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let interrupts wait; processes that are started meanwhile get none, not even before `_prepare`."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_plan: Plan | None = None


def _prepare(payload: bytes) -> None:
    global _plan  # a worker process belongs to one plan
    # An interrupt is the parent's to handle: it keeps what is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _plan = pickle.loads(payload)


def _end_with_parent() -> None:
    """A parent that was killed asks for nothing any more, and cannot say so."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(task: Task) -> Outcome:
    assert _plan is not None
    return run_block(_plan, task)


class Dask:
    """A Dask scheduler's workers; Dask runs a lost worker's tasks again."""

    def __init__(self, plan: Plan, client: Any) -> None:
        self._client = client
        self._plan = client.scatter(plan, broadcast=True, hash=False)
        threads = client.scheduler_info(n_workers=-1)["workers"].values()
        self._window = max(1, sum(worker["nthreads"] for worker in threads)) * _AHEAD

    def map(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes as they are done."""
        from distributed import as_completed

        waiting = iter(tasks)

        def submit(task: Task) -> Any:
            # Run for its outcome, not for its key: two equal calls are two calls.
            future = self._client.submit(run_block, self._plan, task, pure=False)
            running[future.key] = task
            return future

        running: dict[str, Task] = {}
        futures = as_completed([submit(task) for task in islice(waiting, self._window)])
        for future in futures:
            task = running.pop(future.key)
            try:
                yield future.result()
            except Exception as error:  # a worker that dies again and again, or cannot import rollsim
                what = one_line(f"{type(error).__name__}: {error}")
                yield Outcome(task, {}, failure=Failure(task.strategy, task.start, what))
            for following in islice(waiting, 1):
                futures.add(submit(following))


@contextmanager
def executor(plan: Plan, workers: int = 1, dask: str | None = None) -> Iterator[Executor]:
    """Give an executor: ``dask`` "local" (``workers`` processes) or a scheduler's address, else ``workers``
    processes, or this one.

    Raises InputError when Dask is not installed (E511), its scheduler does not answer within seconds (E512),
    its workers run another version of rollsim (E513) or cannot be started (E514).
    """
    if dask is not None:
        with _client(workers, dask) as client:
            yield Dask(plan, client)
    elif workers == 1:
        yield Serial(plan)
    else:
        processes = Processes(plan, workers)
        finished = False
        try:
            yield processes
            finished = True
        finally:
            processes.close(quickly=not finished)


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _client(workers: int, address: str) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        message, expected = "Dask is not installed", "pip install 'rollsim[dask]'"
        raise InputError(Diagnostic(code="E511", message=message, file="--dask", expected=expected)) from None
    # Their chatter about lost connections is for people who run clusters.
    for name in ("distributed", "asyncio", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address == "local":
        with ExitStack() as ours:
            try:
                cluster = ours.enter_context(
                    LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
                )
                client = ours.enter_context(Client(cluster))
            except Exception as error:  # too few files, a worker that is killed while it starts
                raise _not_started(error) from None
            yield client
        return
    try:
        client = Client(address, timeout=CONNECT_S)
    except (OSError, ValueError, TypeError) as error:
        reason = one_line(str(error)) or type(error).__name__
        message = f"no Dask scheduler answers: {reason}"
        raise InputError(
            Diagnostic(
                code="E512",
                message=message,
                file="--dask",
                found=one_line(address),
                expected="tcp://HOST:PORT",
            )
        ) from None
    with client:
        _check_workers(client, address)
        yield client


def _not_started(error: Exception) -> InputError:
    reason = one_line(str(error) or type(error).__name__, 120)
    message = f"the workers of Dask cannot be started: {reason}"
    expected = "--workers without --dask, fewer of them, or more open files (ulimit -n)"
    return InputError(Diagnostic(code="E514", message=message, file="--dask", expected=expected))


def _check_workers(client: Any, address: str) -> None:
    try:
        versions = set(client.run(_version).values())
    except Exception as error:
        versions = {f"none ({one_line(str(error), 100)})"}
    problem = None
    if not versions:
        problem = "the scheduler has no workers"
    elif versions != {__version__}:
        problem = f"its workers run rollsim {', '.join(sorted(versions))}, and this is {__version__}"
    if problem is not None:
        raise InputError(Diagnostic(code="E513", message=problem, file="--dask", found=one_line(address)))


def _version() -> str:
    from sim._version import __version__ as version

    return version

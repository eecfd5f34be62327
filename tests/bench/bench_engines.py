"""The model, its floor; the kernel, its floor; how both grow. Ratios are between rows of one run."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest
import simpy

from sim.engine.draws import BLOCK, BlockDraws, block_of
from sim.engine.kernel import layout as at
from sim.engine.kernel.player import Player
from sim.engine.kernel.question import Question
from sim.engine.model import Model
from tests.bench import floor
from tests.bench.questions import GROWTH, REPLICAS, scenario

SEEDS = count(1_000)  # a seed has its luck drawn once: every round takes another one


def player_of(replicas: int) -> Player:
    """Return a player that has found out how much room it needs."""
    asked = scenario(replicas)
    player = Player(Question(asked), asked.seed)
    player.play(0, BLOCK if replicas < 5_000 else 4)
    return player


def runs_of(replicas: int) -> int:
    """Return how many replications make a round."""
    return BLOCK


def another_seed(player: Player) -> tuple[tuple[Any, ...], dict[str, Any]]:
    player._seed = next(SEEDS)
    return (), {}


@pytest.mark.parametrize("replicas", REPLICAS)
def bench_model(benchmark: Any, replicas: int) -> None:
    asked = scenario(replicas)
    runs = max(2, min(16, 1_000 // replicas))

    def play(seed: int) -> None:
        for replication in range(runs):
            Model(asked, seed, replication).run()

    benchmark.extra_info |= {"row": "model", "replicas": replicas, "pods": runs * replicas}
    benchmark.pedantic(play, setup=lambda: ((next(SEEDS),), {}), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("replicas", REPLICAS)
def bench_simpy(benchmark: Any, replicas: int) -> None:
    """Bare SimPy with as many events as the model has: processes that wait, 20 times each."""
    trial = Model(scenario(replicas), 1, 0)
    trial.run()
    events, runs = trial.env.scheduled, max(2, min(16, 1_000 // replicas))

    def play() -> None:
        for _ in range(runs):
            env = simpy.Environment()

            def wait(env: simpy.Environment = env) -> simpy.events.ProcessGenerator:
                for _ in range(18):  # and one event each for its start and its end
                    yield env.timeout(1)

            for _ in range(events // 20):
                env.process(wait())
            env.run()

    benchmark.extra_info |= {"row": "bare SimPy", "replicas": replicas, "pods": runs * replicas}
    benchmark.pedantic(play, rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("replicas", sorted({*REPLICAS, *GROWTH}))
def bench_kernel(benchmark: Any, replicas: int) -> None:
    """With a block's draws, and nothing of them shared with another strategy."""
    player, runs = player_of(replicas), runs_of(replicas)
    benchmark.extra_info |= {"row": "kernel", "replicas": replicas, "pods": runs * replicas}
    setup: Callable[[], Any] = lambda: another_seed(player)  # noqa: E731
    benchmark.pedantic(lambda: player.play(0, runs), setup=setup, rounds=9, warmup_rounds=1)


@pytest.mark.parametrize("replicas", sorted({*REPLICAS, *GROWTH}))
def bench_kernel_in_a_sweep(benchmark: Any, replicas: int) -> None:
    """The second strategy and all later ones of a sweep find the block drawn."""
    player, runs = player_of(replicas), runs_of(replicas)
    benchmark.extra_info |= {"row": "kernel, luck shared", "replicas": replicas, "pods": runs * replicas}
    benchmark.pedantic(lambda: player.play(0, runs), rounds=9, warmup_rounds=1)


@pytest.mark.parametrize("replicas", REPLICAS)
def bench_floor(benchmark: Any, replicas: int) -> None:
    """A bare compiled heap with as many events as the kernel's, and the same draws."""
    player, runs = player_of(replicas), runs_of(replicas)
    question = player.question
    events = int(player._arena(False, False)[at.W_SERIAL])
    delays = np.random.default_rng(1).integers(1, 5_000_000, size=4_096)
    heap = np.zeros(2 * replicas + 64, dtype=np.int64)
    floor.turn(heap, delays, replicas, events)

    def play() -> None:
        question.chance(block_of(next(SEEDS), 0)[0])
        for _ in range(runs):
            floor.turn(heap, delays, replicas, events)

    benchmark.extra_info |= {"row": "bare heap", "replicas": replicas, "pods": runs * replicas}
    benchmark.pedantic(play, rounds=9, warmup_rounds=1)


@pytest.mark.parametrize("replicas", REPLICAS)
def bench_draws(benchmark: Any, replicas: int) -> None:
    """A block's chance alone."""
    question = player_of(replicas).question
    benchmark.extra_info |= {"row": "draws", "replicas": replicas, "pods": BLOCK * replicas}
    benchmark.pedantic(lambda: question.chance(BlockDraws(next(SEEDS), 0)), rounds=9, warmup_rounds=1)

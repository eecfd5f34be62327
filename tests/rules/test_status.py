"""What `kubectl rollout status` says, against kubectl's own table."""

from __future__ import annotations

import re

from sim.rules import status
from tests.rules.cases import table


@table("kubectl__rollout_status")
def test_messages(row, around):
    counts = row["status"]
    counts.not_an_input("unavailable")
    desired, updated, replicas = row["replicas"], counts["updated"], counts["replicas"]
    message = status.rollout_status(
        row["generation"],
        counts["observedGeneration"],
        False,
        desired,
        updated,
        replicas,
        counts["available"],
    )
    text = status.TEXTS[message].format(
        name="web", desired=desired, updated=updated, available=counts["available"], old=replicas - updated
    )
    assert row["kind"] in text
    assert [int(number) for number in re.findall(r"\d+", text)] == row["numbers"]
    assert (message == status.DONE) is row["done"]


def test_an_exceeded_deadline_comes_before_the_counts_but_after_an_old_status():
    assert status.rollout_status(1, 1, True, 2, 0, 2, 2) == status.DEADLINE
    assert status.rollout_status(2, 1, True, 2, 0, 2, 2) == status.UNOBSERVED
    assert (
        status.TEXTS[status.DEADLINE].format(name="web") == 'deployment "web" exceeded its progress deadline'
    )


def test_examples_of_the_docstring():
    assert status.rollout_status(1, 1, False, 2, 2, 2, 1) == status.AWAITING_AVAILABLE
    assert status.rollout_status(1, 1, False, 2, 2, 2, 2) == status.DONE
    assert set(status.TEXTS) == set(range(6))

"""What a Deployment was asked for, one rollout after the other, and what each of its versions is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.spec.syntax import repository, version_of
from sim.trace import Table


@dataclass(frozen=True, slots=True)
class Asked:
    """One rollout that a Deployment was asked for: its template changed, or it was created.

    ``number`` counts a Deployment's rollouts from 1. ``began_s``: when it was asked for. ``ends_s``: when the
    next one was, or the Deployment was deleted, inf if never. ``replicaset``: that of its template, whether
    it was created or not; ``came_from``: that of the template before, None for a creation. ``undo``: it takes
    back the rollout before it: by `kubectl rollout undo`, or because it brings back the template that the one
    before had replaced; who applies again what was undone asks anew. ``taken_back``, ``replaced``: what the
    next rollout does to it.
    """

    number: int
    began_s: float
    ends_s: float
    replicaset: str
    image: str
    came_from: str | None
    creation: bool
    undo: bool
    taken_back: bool
    replaced: bool


def asked_for(specs: Table) -> tuple[Asked, ...]:
    """Return the rollouts that the rows of a Deployment's ``specs`` ask for, in order of time.

    Example: the ReplicaSets a, b, a in three rows are a rollout to b, taken back, and its undo to a.
    """
    begun: list[dict[str, object]] = []
    target: str | None = None
    columns = ("time_s", "reason", "replicaset", "image")
    for row, (time_s, reason, replicaset, image) in enumerate(
        zip(*(specs[name] for name in columns), strict=True)
    ):
        last = begun[-1] if begun else None
        if reason == "Deleted":
            if last is not None and target is not None:
                last.update(ends_s=time_s, replaced=True)
            target = None
            continue
        creation = reason == "Created"
        if replicaset != target and (row > 0 or creation):
            back = last is not None and target is not None and replicaset == last["came_from"]
            undone = reason == "Undone"
            if last is not None and target is not None:
                last.update(ends_s=time_s, replaced=True, taken_back=undone or back)
            begun.append(
                {
                    "number": len(begun) + 1,
                    "began_s": time_s,
                    "ends_s": float("inf"),
                    "replicaset": replicaset,
                    "image": image,
                    "came_from": None if creation else target,
                    "creation": creation,
                    "undo": undone or (back and last is not None and not last["undo"]),
                    "taken_back": False,
                    "replaced": False,
                }
            )
        target = replicaset
    return tuple(Asked(**one) for one in begun)  # type: ignore[arg-type]  # as written above


def version_names(images: Mapping[str, str], revisions: Mapping[str, int]) -> dict[str, str]:
    """Return what each ReplicaSet's version is called: by its image's tag where tags tell versions of one
    image apart, else by the image, else "revision N", the first that it carried.

    ``images`` and ``revisions`` by ReplicaSet, in order of appearance; one without a revision was never
    created. Example: {"a": "shop:v1", "b": "shop:v2"} gives {"a": "v1", "b": "v2"}.
    """
    images = _differing(images)
    split = {name: (repository(image), version_of(image)) for name, image in images.items()}
    repositories = {repository for repository, _ in split.values()}
    tags = {name: tag for name, (_, tag) in split.items()}
    if len(repositories) == 1 and all(tags.values()) and _distinct(tags.values()):
        return tags
    short = {name: image.rpartition("/")[2] for name, image in images.items()}
    if _distinct(short.values()) and all(short.values()):
        return short
    return {
        name: f"revision {revisions[name]}" if name in revisions else "the version asked for"
        for name in images
    }


def _distinct(names: Iterable[str]) -> bool:
    found = list(names)
    return len(set(found)) == len(found)


def _differing(images: Mapping[str, str]) -> Mapping[str, str]:
    """Return of several containers' images, joined by commas, those of the first one in which versions
    differ; of the first container where none does.

    Example: "web:v1,log:v7" and "web:v2,log:v7" are told apart by "web:v1" and "web:v2".
    """
    split = {name: image.split(",") for name, image in images.items()}
    if len({len(each) for each in split.values()}) != 1:
        return images
    places = range(len(next(iter(split.values()))))
    place = next((i for i in places if len({each[i] for each in split.values()}) > 1), 0)
    return {name: each[place] for name, each in split.items()}

"""One step up or down in a list in which groups stand: past a neighbour, or into or out of a group, and back the same way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from questionnaires.model import Group, Page, Question

Item = TypeVar("Item", Page, Question)


def step(items: Sequence[Item], index: int, by: int) -> tuple[Item, ...]:
    """One step: -1 up, 1 down. At either end, where no group is left to leave, everything stays as it is.

    The groups that a thing has for itself travel with it, so that no group is lost on the way.
    """
    thing = items[index]
    shared, own = _shared(items, index)
    neighbour = index + by
    beside = items[neighbour].within if 0 <= neighbour < len(items) else ()
    common = _common(shared, beside)
    if len(shared) > len(common):
        return _put(items, index, replace(thing, within=(*shared[:-1], *own)))
    if not 0 <= neighbour < len(items):
        return tuple(items)
    if len(beside) > len(shared):
        return _put(items, index, replace(thing, within=(*beside[: len(shared) + 1], *own)))
    moved = list(items)
    moved[index], moved[neighbour] = moved[neighbour], moved[index]
    return tuple(moved)


def _shared(items: Sequence[Item], index: int) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Its chain of groups, cut where the groups begin that hold nothing else."""
    chain = items[index].within
    beside = [items[other].within for other in (index - 1, index + 1) if 0 <= other < len(items)]
    length = max((len(_common(chain, other)) for other in beside), default=0)
    return chain[:length], chain[length:]


def _common(one: tuple[Group, ...], other: tuple[Group, ...]) -> tuple[Group, ...]:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return one[:length]


def _put(items: Sequence[Item], index: int, thing: Item) -> tuple[Item, ...]:
    return (*items[:index], thing, *items[index + 1 :])

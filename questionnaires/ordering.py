"""One step up or down in a list in which groups stand: past a neighbour, or into or out of a group, and back the same way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from questionnaires.group_checks import MAX_DEPTH
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
        entered = (*beside[: len(shared) + 1], *own)
        return _put(items, index, replace(thing, within=entered)) if fits(entered) else _past(items, index, by, len(shared))
    moved = list(items)
    moved[index], moved[neighbour] = moved[neighbour], moved[index]
    return tuple(moved)


def own_groups(items: Sequence[Item], index: int) -> tuple[Group, ...]:
    """Those that hold nothing else; they go where it goes."""
    return _shared(items, index)[1]


def fits(chain: tuple[Group, ...]) -> bool:
    """Whether groups may stand in one another like this."""
    return len(chain) <= MAX_DEPTH and sum(group.repeat is not None for group in chain) < 2


def _past(items: Sequence[Item], index: int, by: int, depth: int) -> tuple[Item, ...]:
    """Over the whole group beside it, which it cannot enter."""
    end = index + by
    around = items[end].within[: depth + 1]
    while 0 <= end + by < len(items) and items[end + by].within[: depth + 1] == around:
        end += by
    rest = [*items[:index], *items[index + 1 :]]
    return (*rest[:end], items[index], *rest[end:])


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

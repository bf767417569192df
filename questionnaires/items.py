"""Who is who in an open repeat: an item keeps its number for good, whatever is added or taken away around it.

Pages are called by it (`visit.3`), so that a page sent late reaches the item that it was made for, or none. The numbers stand
beside the answers of the repeat: `{"visits": [{...}, {...}], "visits:items": {"now": [1, 3], "next": 4}}`. Without them nothing
has been taken away yet, and items are numbered as they stand. No number is given twice; they go up in the order of the items.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from questionnaires.model import Group

#: no question can be called so
_BESIDE = ":items"


def numbers(answers: Mapping[str, Any], group: Group) -> Sequence[int]:
    """Of every item, in order; a repeat that nobody has been to has one. Of a counted repeat those that are stored."""
    kept = None if group.repeat.count else answers.get(group.name + _BESIDE)
    return kept["now"] if kept else range(1, max(1, len(_stored(answers, group))) + 1)


def position(answers: Mapping[str, Any], group: Group, number: int) -> int | None:
    """Where the item stands now, from 0; None where there is no such item."""
    if group.repeat.count:
        return number - 1
    now = numbers(answers, group)
    return now.index(number) if number in now else None


def taken_away(answers: Mapping[str, Any], group: Group, number: int) -> bool:
    return not group.repeat.count and number < _next(answers, group) and number not in numbers(answers, group)


def with_one_more(answers: Mapping[str, Any], group: Group) -> dict[str, Any]:
    """What changes among the answers; the item is blank and the last."""
    kept, added = answers.get(group.name + _BESIDE), [*_stored(answers, group), {}]
    if not kept:
        return {group.name: added}
    return {group.name: added, **_beside(group, [*kept["now"], kept["next"]], kept["next"] + 1)}


def without(answers: Mapping[str, Any], group: Group, number: int) -> dict[str, Any]:
    """What changes among the answers when this item goes. In the place of the only one comes a blank one, which is another."""
    now, following = list(numbers(answers, group)), _next(answers, group)
    left = [each for each, own in zip(_stored(answers, group), now, strict=False) if own != number]
    now.remove(number)
    return ({group.name: left, **_beside(group, now, following)} if now
            else {group.name: [{}], **_beside(group, [following], following + 1)})


def brought_back(answers: Mapping[str, Any], group: Group, number: int) -> dict[str, Any]:
    """What changes among the answers when an item that was taken away stands, blank, where it stood."""
    now = [*numbers(answers, group)]
    at = sum(each < number for each in now)
    items = [*_stored(answers, group)]
    items += [{} for _ in range(len(now) - len(items))]
    return {group.name: [*items[:at], {}, *items[at:]],
            **_beside(group, [*now[:at], number, *now[at:]], _next(answers, group))}


def _stored(answers: Mapping[str, Any], group: Group) -> list:
    return answers.get(group.name) or []


def _next(answers: Mapping[str, Any], group: Group) -> int:
    kept = answers.get(group.name + _BESIDE)
    return kept["next"] if kept else max(1, len(_stored(answers, group))) + 1


def _beside(group: Group, now: list[int], following: int) -> dict[str, Any]:
    return {group.name + _BESIDE: {"now": now, "next": following}}

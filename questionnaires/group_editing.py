"""What a designer does to groups and repeats: model -> model, one small function for each thing done.

A group stands in one place: what it holds are neighbours in the flat order, and every function here keeps them so. A group that
holds nothing does not exist, so the last thing that leaves takes the group away. Refusals as in editing.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from questionnaires import naming, ordering, rewriting
from questionnaires.answers import type_of
from questionnaires.editing import asked_about_in, new_name, page_of, refuse, taken_names, text
from questionnaires.group_checks import MAX_DEPTH, MOST_TIMES
from questionnaires.layout import GRID
from questionnaires.model import Group, Page, Question, Questionnaire, Repeat
from questionnaires.shape import shorten

Items = tuple[Page, ...] | tuple[Question, ...]
SETTABLE = frozenset({"label", "hint", "relevant"})
HowOften = Literal["once", "number", "answer", "open", "formula"]
_ANSWER = re.compile(r"\$\{\s*([A-Za-z_]\w*)\s*\}")
_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Place:
    """Where a group stands: items[start:stop] of the pages, or of the questions of one page, at this depth of their chains."""

    page: Page | None
    items: Items
    start: int
    stop: int
    depth: int

    @property
    def group(self) -> Group:
        return self.items[self.start].within[self.depth]

    @property
    def inside(self) -> Items:
        return self.items[self.start : self.stop]

    @property
    def around(self) -> tuple[Group, ...]:
        return self.items[self.start].within[: self.depth]


def place_of(form: Questionnaire, name: str) -> Place:
    for page, items in _sequences(form):
        for start, item in enumerate(items):
            depth = next((at for at, group in enumerate(item.within) if group.name == name), None)
            if depth is not None:
                return Place(page, items, start, _stop(items, start, depth), depth)
    return refuse("Nhóm", f"Không có nhóm “{shorten(name)}”.", "Tải lại bản nháp: có thể nhóm đã bị bỏ.")


def add_group(form: Questionnaire, first: str, last: str, label: str, page: str = "") -> tuple[Questionnaire, str]:
    """A group around the pages from `first` to `last`, or around such questions of a page; and the group's name."""
    items = page_of(form, page).questions if page else form.pages
    start, stop = sorted(_index(items, each) for each in (first, last))
    stop += 1
    chains = [item.within for item in items[start:stop]]
    depth = _shared_by_all(chains)
    for at in range(start, stop):
        cut = items[at].within[depth] if len(items[at].within) > depth else None
        # what begins inside may not go on outside, nor the other way round
        if cut and not (start <= _start(items, at, depth) and _stop(items, at, depth) <= stop):
            refuse("Nhóm mới", f"Đoạn đã chọn cắt ngang nhóm “{cut.label.in_language(form.default_language) or cut.name}”.",
                   "Chọn cả nhóm đó, hoặc chỉ chọn bên trong nhóm đó.")
    if max(map(len, chains)) >= MAX_DEPTH:
        refuse("Nhóm mới", f"Các nhóm đã lồng nhau {MAX_DEPTH} tầng, là số nhiều nhất.", "Bỏ bớt một nhóm bên trong trước.")
    made = naming.name_from(label, taken_names(form), "nhom")
    group = Group(made, text(label, form.default_language))
    grouped = tuple(replace(item, within=(*item.within[:depth], group, *item.within[depth:])) for item in items[start:stop])
    return _with_items(form, page, (*items[:start], *grouped, *items[stop:])), made


def change_group(form: Questionnaire, name: str, **changes: Any) -> Questionnaire:
    if unknown := set(changes) - SETTABLE:
        raise TypeError(f"cannot be changed here: {', '.join(sorted(unknown))}")
    return _with_group(form, name, lambda group: replace(group, **changes))


def rename_group(form: Questionnaire, old: str, new: str) -> Questionnaire:
    """Conditions that count or add up over a repeat follow."""
    place_of(form, old)
    if new == old:
        return form
    new_name(new, [each for each in taken_names(form) if each != old], "Tên nhóm")
    # of two groups of one name nobody knows which one a condition means; of a group and a question it means the question
    others = form.question(old) is not None or sum(group.name == old for _page, _items, group in _begun(form)) > 1
    form = _with_group(form, old, lambda group: replace(group, name=new))
    return form if others else rewriting.rewrite_expressions(
        form, lambda each, _question: rewriting.rename_reference(each, old, new))


def show_as_grid(form: Questionnaire, name: str, grid: bool) -> Questionnaire:
    """Other appearances, which a workbook may bring along, stay."""

    def change(group: Group) -> Group:
        words = [each for each in group.appearance.split() if each != GRID]
        unchanged = (GRID in group.appearance.split()) == grid
        return group if unchanged else replace(group, appearance=" ".join([*words, GRID] if grid else words))

    return _with_group(form, name, change)


def repeat_group(form: Questionnaire, name: str, count: str, most: int) -> Questionnaire:
    """Asked several times from now on: `count` is an expression, or empty for as often as the respondent adds one."""
    place = place_of(form, name)
    if place.page:
        refuse("Số lần hỏi", "Nhóm câu hỏi trong một trang không hỏi nhiều lần được.",
               "Đặt các câu này vào một trang riêng, gom trang đó thành nhóm, rồi cho nhóm trang hỏi nhiều lần.")
    others = [group for item in place.inside for group in item.within if group.repeat and group.name != name]
    if others:
        refuse("Số lần hỏi", f"Nhóm này chứa hoặc nằm trong nhóm đã hỏi nhiều lần “{others[0].name}”.",
               "Mỗi trang chỉ ở trong một nhóm hỏi nhiều lần: bỏ hỏi nhiều lần ở một trong hai nhóm.")
    if not 1 <= most <= MOST_TIMES:
        refuse("Nhiều nhất", f"Không hỏi được {most} lần.", f"Ghi một số từ 1 đến {MOST_TIMES}.")
    return _with_group(form, name, lambda group: replace(group, repeat=Repeat(count, most)))


def ask_once(form: Questionnaire, name: str) -> Questionnaire:
    if place_of(form, name).group.repeat:
        _refuse_if_counted(form, name)
    return _with_group(form, name, lambda group: replace(group, repeat=None))


def remove_group(form: Questionnaire, name: str) -> Questionnaire:
    """What it holds stays where it is."""
    place = place_of(form, name)
    _refuse_if_counted(form, name)
    return _with_inside(form, place, lambda chain: chain[: place.depth] + chain[place.depth + 1 :])


def move_group(form: Questionnaire, name: str, by: int) -> Questionnaire:
    """Whole, past what stands before (-1) or behind it (1) within the same group; nothing where there is nothing."""
    place = place_of(form, name)
    items, depth = place.items, place.depth
    beside = place.start - 1 if by < 0 else place.stop
    if not 0 <= beside < len(items) or items[beside].within[:depth] != place.around:
        return form
    alone = len(items[beside].within) == depth
    other = (beside, beside + 1) if alone else (_start(items, beside, depth), _stop(items, beside, depth))
    start, stop = min(place.start, other[0]), max(place.stop, other[1])
    block, passed = place.inside, items[other[0] : other[1]]
    moved = (*block, *passed) if by < 0 else (*passed, *block)
    return _with_items(form, _page_name(place), (*items[:start], *moved, *items[stop:]))


def put_into(form: Questionnaire, name: str, item_name: str) -> Questionnaire:
    """A page, or a question of the same page, joins a group: at its beginning if it stood before, else at its end."""
    place = place_of(form, name)
    items = place.items
    at = _index(items, item_name)
    if place.start <= at < place.stop:
        return form
    item = items[at]
    chain = (*place.around, place.group, *ordering.own_groups(items, at))
    if not ordering.fits(chain):
        refuse("Đưa vào nhóm", "Không đưa vào được: nhóm hỏi nhiều lần sẽ lồng nhau, hoặc các nhóm lồng nhau quá "
               f"{MAX_DEPTH} tầng.", "Bỏ nhóm riêng của mục đó trước.")
    edge = place.start if at < place.start else place.stop
    return _with_items(form, _page_name(place), _moved(items, at, edge, replace(item, within=chain)))


def take_out(form: Questionnaire, name: str, item_name: str) -> Questionnaire:
    """Out of a group: where it is if it stands at the edge, else behind the group."""
    place = place_of(form, name)
    at = _index(place.items, item_name)
    if not place.start <= at < place.stop:
        return form
    if place.stop - place.start == 1:
        return remove_group(form, name)
    item = replace(place.items[at], within=(*place.around, *ordering.own_groups(place.items, at)))
    edge = at if at in (place.start, place.stop - 1) else place.stop
    return _with_items(form, _page_name(place), _moved(place.items, at, edge, item))


# How often a group is asked


def how_often(group: Group) -> tuple[HowOften, str]:
    """How, and the number, the question or the formula that says so."""
    if group.repeat is None:
        return "once", ""
    count = group.repeat.count.strip()
    if not count:
        return "open", ""
    if _NUMBER.fullmatch(count):
        return "number", count
    answer = _ANSWER.fullmatch(count)
    return ("answer", answer[1]) if answer else ("formula", count)


def counting_questions(form: Questionnaire, name: str) -> tuple[Question, ...]:
    """Those whose answer may say how often a group of pages is asked: whole numbers, asked once, before it begins."""
    place = place_of(form, name)
    before = form.pages[: place.start] if place.page is None else ()
    return tuple(question for page in before if not page.repeat for question in page.questions
                 if type_of(question).counts)


# How groups stand on a page


@dataclass(frozen=True)
class Outline:
    """A group with what stands in it, in order; things stand in it as they are."""

    group: Group
    content: "tuple[Page | Question | Outline, ...]"


def outline(items: Items, depth: int = 0) -> tuple[Page | Question | Outline, ...]:
    found: list[Page | Question | Outline] = []
    at = 0
    while at < len(items):
        if len(items[at].within) > depth:
            stop = _stop(items, at, depth)
            found.append(Outline(items[at].within[depth], outline(items[at:stop], depth + 1)))
            at = stop
        else:
            found.append(items[at])
            at += 1
    return tuple(found)


# What the functions above are made of


def _sequences(form: Questionnaire) -> list[tuple[Page | None, Items]]:
    """In the order in which groups begin."""
    return [(None, form.pages), *((page, page.questions) for page in form.pages)]


def _begun(form: Questionnaire) -> list[tuple[Page | None, Items, Group]]:
    """Every group where it begins; one name twice where a document had two groups of that name."""
    return [(page, items, group) for page, items in _sequences(form) for at, item in enumerate(items)
            for depth, group in enumerate(item.within) if _start(items, at, depth) == at]


def _index(items: Items, name: str) -> int:
    found = next((at for at, item in enumerate(items) if item.name == name), None)
    return found if found is not None else refuse(
        "Nhóm", f"Không có “{shorten(name)}” ở đây." if name else "Chưa chọn mục nào.", "Chọn một mục trong danh sách.")


def _start(items: Items, at: int, depth: int) -> int:
    around = items[at].within[: depth + 1]
    while at > 0 and items[at - 1].within[: depth + 1] == around:
        at -= 1
    return at


def _stop(items: Items, at: int, depth: int) -> int:
    around = items[at].within[: depth + 1]
    while at < len(items) and items[at].within[: depth + 1] == around:
        at += 1
    return at


def _shared_by_all(chains: list[tuple[Group, ...]]) -> int:
    length = 0
    while all(len(chain) > length and chain[: length + 1] == chains[0][: length + 1] for chain in chains):
        length += 1
    return length


def _moved(items: Items, at: int, edge: int, item: Page | Question) -> tuple[Any, ...]:
    """Without the one at `at`, and with `item` before what stands at `edge`."""
    before = tuple(each for index, each in enumerate(items[:edge]) if index != at)
    behind = tuple(each for index, each in enumerate(items[edge:], start=edge) if index != at)
    return (*before, item, *behind)


def _page_name(place: Place) -> str:
    return place.page.name if place.page else ""


def _with_items(form: Questionnaire, page_name: str, items: tuple[Any, ...]) -> Questionnaire:
    if not page_name:
        return replace(form, pages=items)
    page = page_of(form, page_name)
    return replace(form, pages=tuple(replace(each, questions=items) if each is page else each for each in form.pages))


def _with_inside(form: Questionnaire, place: Place, change: Callable[[tuple[Group, ...]], tuple[Group, ...]]) -> Questionnaire:
    changed = tuple(replace(item, within=change(item.within)) for item in place.inside)
    return _with_items(form, _page_name(place), (*place.items[: place.start], *changed, *place.items[place.stop :]))


def _with_group(form: Questionnaire, name: str, change: Callable[[Group], Group]) -> Questionnaire:
    place = place_of(form, name)
    changed = change(place.group)
    return _with_inside(form, place, lambda chain: (*chain[: place.depth], changed, *chain[place.depth + 1 :]))


def _refuse_if_counted(form: Questionnaire, name: str) -> None:
    if form.question(name) is None and (others := asked_about_in(form, name)):
        refuse(f"Nhóm “{name}”", f"Chưa làm được: điều kiện hoặc công thức của {', '.join(others)} còn tính trên mọi lần của "
               "nhóm này.", "Sửa hoặc bỏ các điều kiện đó trước.")

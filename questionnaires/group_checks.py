"""Faults of groups and repeats: names, repeats within repeats, groups that come apart."""

from collections.abc import Iterator
from itertools import groupby

from questionnaires.findings import Finding
from questionnaires.model import Group, Page, Question, Questionnaire
from questionnaires.naming import NAME, NAME_MEND
from questionnaires.shape import shorten

MOST_TIMES = 100
MAX_DEPTH = 5


def check_groups(questionnaire: Questionnaire) -> Iterator[Finding]:
    names = {question.name.lower() for question in questionnaire.questions}
    for group in questionnaire.groups:
        place = ("groups", group.name)
        if not NAME.fullmatch(group.name):
            yield Finding(place, f"Tên nhóm “{shorten(group.name)}” không đúng dạng." if group.name else "Tên nhóm còn trống.",
                          NAME_MEND)
        if group.name.lower() in names:
            yield Finding(place, f"Nhóm “{shorten(group.name)}” trùng tên với một câu hỏi.", "Đổi tên nhóm.")
        if group.repeat and not 1 <= group.repeat.most <= MOST_TIMES:
            yield Finding((*place, "most"), f"Nhóm lặp “{group.name}” cho tối đa {group.repeat.most} lần.",
                          f"Ghi most từ 1 đến {MOST_TIMES}.")
    items = (item for page in questionnaire.pages for item in (page, *page.questions))
    # once, however many pages and questions stand in the same groups
    yield from dict.fromkeys(finding for item in items for finding in _check_chain(item))
    yield from _check_whole(questionnaire)


def _check_chain(item: Page | Question) -> Iterator[Finding]:
    repeats = [group for group in item.within if group.repeat]
    if len(repeats) > 1:
        yield Finding(("groups", repeats[1].name), f"Nhóm lặp “{repeats[1].name}” nằm trong nhóm lặp “{repeats[0].name}”.",
                      "Đưa nhóm lặp bên trong ra ngoài; mỗi câu hỏi chỉ ở trong một nhóm lặp.")
    if repeats and isinstance(item, Question):
        yield Finding(("groups", repeats[0].name), f"Nhóm lặp “{repeats[0].name}” nằm trong một trang.",
                      "Nhóm lặp phải gồm các trang: đặt repeat ở cấp trang.")
    if len(item.within) > MAX_DEPTH:
        yield Finding(("groups", item.within[MAX_DEPTH].name), f"Nhóm lồng nhau quá {MAX_DEPTH} tầng.", "Bớt tầng nhóm.")


def _check_whole(questionnaire: Questionnaire) -> Iterator[Finding]:
    """A group stands in one place: the same name further on is another group, and must be called otherwise."""
    begun: dict[str, tuple[Group, ...]] = {}
    chains = [chain for page in questionnaire.pages
              for chain in [(*page.within, *question.within) for question in page.questions] or [page.within]]
    told: set[str] = set()
    open_before: tuple[Group, ...] = ()
    for chain, _ in groupby(chains):
        for depth, group in enumerate(chain):
            around = chain[: depth + 1]
            goes_on = open_before[: depth + 1] == around
            if group.name in begun and not goes_on and group.name not in told:
                told.add(group.name)
                yield Finding(("groups", group.name), f"Tên nhóm “{shorten(group.name)}” bị trùng.",
                              "Đổi thành một tên khác, hoặc đặt các câu hỏi của nhóm liền nhau.")
            begun.setdefault(group.name, around)
        open_before = chain

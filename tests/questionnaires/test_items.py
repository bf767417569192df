"""Items of an open repeat: a page reaches the item that it was made for, wherever that stands, or none."""

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import document, routing
from questionnaires.columns import cells

FORM = document.load("""
form_id: trips
version: "1"
title: Chuyến đi
respondent_groups: [citizens]
rates: one_unit
consent: {purpose: x, data: x, controller: x, rights: x, contact: x}
pages:
  - repeat: trips
    label: Chuyến
    most: 4
    pages:
      - {name: trip, label: Chuyến, questions: [{type: text, name: place, label: Đi đâu}]}
      - {name: why, label: Vì sao, relevant: "${place} != ''", questions: [{type: text, name: reason, label: Lý do}]}
  - {name: end, label: Hết, questions: [{type: text, name: word, label: Lời}]}
""".encode(), "trips.yaml")
REPEAT = FORM.page("trip").repeat
MOST = REPEAT.repeat.most


def sent(answers: dict, key: str, **posted: str) -> tuple[routing.PageResult, dict]:
    """One page as it is posted, and all answers after it."""
    result = routing.check_page(FORM, key, {name.replace("_", ":"): [value] for name, value in posted.items()}, answers)
    assert result.faults == ()
    return result, {name: value for name, value in {**answers, **result.values}.items() if value is not None}


def keys(answers: dict, page: str = "trip") -> list[str]:
    return [each.key for each in routing.plan(FORM, answers) if each.page.name == page]


def places(answers: dict) -> list[str | None]:
    return [each.get("place") for each in answers.get("trips") or [{}]]


def three() -> dict:
    answers: dict = {}
    for key, place in (("trip.1", "Huế"), ("trip.2", "Vinh"), ("trip.3", "Cà Mau")):
        more = {} if key == "trip.3" else {"trips_more": "yes"}
        _result, answers = sent(answers, key, place=place)
        _result, answers = sent(answers, key.replace("trip", "why"), reason=f"vì {place}", **more)
    return answers


ACTS = st.lists(st.tuples(st.sampled_from(["store", "store", "add", "remove", "remove", "again"]), st.integers(0, 99)),
                min_size=1, max_size=25)


@settings(max_examples=150)
@given(ACTS)
def test_no_answer_is_lost_or_lands_in_another_item_whatever_the_order_of_pages(acts):
    """A naive model that knows items by name plays beside it: `shown` are all pages that were ever on some screen."""
    answers, said, shown = {}, {"trip.1": None}, ["trip.1"]
    for count, (act, which) in enumerate(acts):
        key, place = shown[which % len(shown)], f"nơi {count}"
        last = act == "add" and key == list(said)[-1] and len(said) < MOST
        if act == "remove":
            result, answers = sent(answers, key, trips_remove="yes")
            assert result.removed
            said.pop(key, None)
        elif act == "again":
            result, answers = sent(answers, key, place=place, trips_again="yes")
            assert result.gone == (key not in said and len(said) == MOST)
            if not result.gone:
                said[key] = place
        else:
            # what the last page of an item is hangs on its answer: without one it has one page
            result, answers = sent(answers, key, place="" if act == "add" else place,
                                   **({"trips_more": "yes"} if act == "add" else {}))
            assert (result.gone, result.added) == (key not in said, last)
            if key in said:
                said[key] = None if act == "add" else place
            if last:
                said[new_key(answers, shown)] = None
        if not said:
            said[new_key(answers, shown)] = None
        said = dict(sorted(said.items(), key=lambda each: int(each[0].partition(".")[2])))
        shown += [each for each in said if each not in shown]
        assert dict(zip(keys(answers), places(answers), strict=True)) == said
        for each in shown:
            assert routing.gone(FORM, answers, each) == (each not in said)
            assert routing.answers_of(FORM, answers, each).get("place") == said.get(each)


def new_key(answers: dict, shown: list[str]) -> str:
    [new] = set(keys(answers)) - set(shown)
    return new


def test_a_late_page_follows_its_item():
    answers = three()
    _result, answers = sent(answers, "trip.1", trips_remove="yes")
    assert (keys(answers), places(answers)) == (["trip.2", "trip.3"], ["Vinh", "Cà Mau"])
    _result, answers = sent(answers, "trip.3", place="Bạc Liêu")
    _result, answers = sent(answers, "why.2", reason="khác")
    assert answers["trips"] == [{"place": "Vinh", "reason": "khác"}, {"place": "Bạc Liêu", "reason": "vì Cà Mau"}]
    assert [routing.page_after(FORM, answers, key).key for key in ("trip.1", "why.2", "why.3")] == ["trip.2", "trip.3", "end"]
    assert routing.page_before(FORM, answers, "trip.1") is None


def test_pressed_twice_takes_away_one_and_adds_one():
    answers = three()
    for _ in range(2):
        result, answers = sent(answers, "why.1", trips_remove="yes")
        assert result.removed
    assert places(answers) == ["Vinh", "Cà Mau"]
    for _ in range(2):
        _result, answers = sent(answers, "why.3", reason="x", trips_more="yes")
    assert keys(answers) == ["trip.2", "trip.3", "trip.4"]


def test_what_was_taken_away_comes_back_where_it_stood_with_what_is_on_the_page():
    _result, answers = sent(three(), "trip.2", trips_remove="yes")
    result, same = sent(answers, "trip.2", place="Đà Nẵng")
    assert (result.gone, same) == (True, answers)
    now, there = routing.as_if_back(FORM, "trip.2", {"place": ["Đà Nẵng"]}, answers)
    assert (now.key, now.time, places(there)) == ("trip.2", 1, ["Huế", "Đà Nẵng", "Cà Mau"])
    for _ in range(2):
        result, answers = sent(answers, "trip.2", place="Đà Nẵng", trips_again="yes")
    assert answers["trips"] == [{"place": "Huế", "reason": "vì Huế"}, {"place": "Đà Nẵng"},
                                {"place": "Cà Mau", "reason": "vì Cà Mau"}]


def test_a_page_that_the_item_asks_only_later_keeps_what_was_typed_until_then():
    _result, answers = sent(three(), "trip.2", trips_remove="yes")
    now, _there = routing.as_if_back(FORM, "why.2", {"reason": ["thăm nhà"]}, answers)
    assert (now.key, [question.name for question in now.questions]) == ("why.2", ["reason"])
    result, answers = sent(answers, "why.2", reason="thăm nhà", trips_again="yes")
    assert (result.back, result.applies, "why.2" in keys(answers, "why")) == (True, False, False)
    _result, answers = sent(answers, "trip.2", place="Vinh")
    assert answers["trips"][1] == {"place": "Vinh", "reason": "thăm nhà"}


def test_in_the_place_of_the_only_item_comes_a_blank_one_that_is_another():
    answers = {"trips": [{"place": "Huế"}]}
    _result, answers = sent(answers, "trip.1", trips_remove="yes")
    assert (keys(answers), answers["trips"]) == (["trip.2"], [{}])
    assert sent(answers, "trip.1", place="Vinh")[1] == answers


def test_no_more_come_back_than_there_may_be():
    answers = {"trips": [{"place": str(number)} for number in range(MOST)]}
    _result, answers = sent(answers, "trip.2", trips_remove="yes")
    _result, answers = sent(answers, "trip.4", place="", trips_more="yes")
    result, same = sent(answers, "trip.2", place="x", trips_again="yes")
    assert (result.gone, same, keys(answers)) == (True, answers, ["trip.1", "trip.3", "trip.4", "trip.5"])


def test_what_is_handed_in_and_exported_knows_places_only():
    _result, answers = sent(three(), "trip.1", trips_remove="yes")
    handed_in = routing.relevant_answers(FORM, answers)
    assert handed_in == {"trips": answers["trips"]}
    assert {each.column: each.text for each in cells(FORM, handed_in)} == {
        "trips.times": "2", "place.1": "Vinh", "reason.1": "vì Vinh", "place.2": "Cà Mau", "reason.2": "vì Cà Mau"}

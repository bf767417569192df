"""Whether anybody can get to a question: the verdicts agree with trying every way of answering, and witnesses walk there."""

import time
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import HealthCheck, event, given, note, settings

from documents.faults import Faults
from questionnaires import document, expressions, routing
from questionnaires.advice_burden import extra_by_level
from questionnaires.expression_checks import check_expressions
from questionnaires.expression_tree import tree, truth
from questionnaires.library import shipped
from questionnaires.model import Group, Page, Question, Repeat
from questionnaires.reachability import Reachability, Ways, witness
from questionnaires.rule_checks import advise_on_rules, check_rules
from tests.questionnaires import rule_samples
from tests.questionnaires.rule_samples import LEVELS, THINGS, questionnaire, spelled, words


def shown(form, answers) -> set[str]:
    return {question.name for each in routing.plan(form, answers) for question in each.questions}


def holds(source: str, visible) -> bool:
    return not source or expressions.compile(source).evaluate(visible)


def tried(form) -> tuple[dict, bool]:
    """path of a `relevant` -> (can hold, can fail), and whether some page lets nobody on."""
    found = {}
    furthest = 0
    for _, visible, held_up in rule_samples.ways(form):
        furthest = max(furthest, held_up)
        for index, page in enumerate(form.pages):
            if held_up < index:
                break
            if page.relevant:
                found.setdefault(("pages", index, "relevant"), set()).add(holds(page.relevant, visible))
            for number, question in enumerate(page.questions):
                if question.relevant and holds(page.relevant, visible):
                    path = ("pages", index, "questions", number, "relevant")
                    found.setdefault(path, set()).add(holds(question.relevant, visible))
    return {path: (True in seen, False in seen) for path, seen in found.items()}, furthest < len(form.pages)


@given(rule_samples.questionnaires())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_verdicts_agree_with_every_way_of_answering(form):
    note(spelled(form))
    found, dead_end = tried(form)
    reach = Reachability(form)
    assert bool(reach.dead_ends) == dead_end
    if dead_end:
        event("dead end")
        return
    for path, verdict in reach.verdicts.items():
        assert not verdict.unclear
        assert (bool(verdict.holds), bool(verdict.fails)) == found.get(path, (False, False)), path
    if any(verdict.never for verdict in reach.verdicts.values()):
        event("something is never shown")


@given(rule_samples.questionnaires())
@settings(max_examples=40, deadline=None)
def test_a_witness_walks_to_the_question(form):
    note(spelled(form))
    dead = bool(Reachability(form).dead_ends)
    reached = {name for answers, _, held_up in rule_samples.ways(form) for index, page in enumerate(form.pages)
               if index <= held_up for name in {q.name for q in page.questions} & shown(form, answers)}
    for question in form.questions:
        answers = witness(form, question.name)
        assert dead or (answers is not None) == (question.name in reached)
        assert answers is None or question.name in shown(form, answers)


def select(name: str, relevant: str = "", choices=LEVELS, kind: str = "select_one", **more) -> Question:
    return Question(name, kind, words("Câu"), relevant=relevant, choices=choices, **more)


def open_question(name: str, kind: str = "integer", relevant: str = "", **more) -> Question:
    return Question(name, kind, words("Câu"), relevant=relevant, **more)


def page(name: str, *questions: Question, **more) -> Page:
    return Page(name, words("Trang"), questions, **more)


def faults(*pages: Page) -> list[tuple[tuple, str, str]]:
    return [(each.path, each.reason, each.mend) for each in check_rules(questionnaire(*pages))]


def test_conditions_that_exclude_one_another_are_told_with_the_whole_chain():
    found = faults(page("start", select("x"), select("free")),
                   page("then", select("a"), relevant="${x} = '1'"),
                   page("last", select("b"), relevant="${x} = '2' and ${a} != ''"))
    [(path, reason, mend)] = found
    assert path == ("pages", 2, "relevant")
    assert reason == ("Trang “last” không bao giờ hiện vì các điều này không thể cùng đúng: "
                      "trang “last” chỉ hiện khi ${x} = '2' and ${a} != ''; trang “then” chỉ hiện khi ${x} = '1'.")
    assert "Sửa hoặc bỏ" in mend


def test_what_hangs_on_a_question_that_is_never_asked_says_so():
    found = faults(page("one", select("x")), page("two", select("y", "${x} = '1' and ${x} = '2'")),
                   page("three", select("z"), select("w", "${z} = '1'"), relevant="${y} = '1'"))
    assert [path for path, *_ in found] == [("pages", 1, "questions", 0, "relevant"), ("pages", 2, "relevant")]
    assert "điều kiện ${x} = '1' and ${x} = '2' không bao giờ đúng" in found[0][1]
    assert "câu “y” không bao giờ được hỏi" in found[1][1]


def test_a_blank_answer_to_a_required_question_is_not_a_way_through():
    asked = page("one", select("x", required=True), open_question("told", "note", "${x} = ''"))
    [(path, reason, _)] = faults(asked, page("two", select("y", "${x} = ''")))
    assert path == ("pages", 1, "questions", 0, "relevant")
    assert "câu “x” bắt buộc trả lời" in reason
    assert not faults(page("one", select("x")), page("two", select("y", "${x} = ''")))


def test_a_constraint_bounds_what_later_conditions_can_meet():
    [(_, reason, _)] = faults(page("one", open_question("age", constraint=". >= 18 and . <= 120")),
                              page("two", select("y", "${age} != '' and ${age} < 18")))
    assert "câu “age” chỉ nhận câu trả lời thỏa . >= 18 and . <= 120" in reason
    assert not faults(page("one", open_question("age", constraint=". >= 18 and . <= 120")),
                      page("two", select("y", "${age} < 19"), select("z", "${age} > 119.5")))


@pytest.mark.parametrize(("question", "words_of_it"), [
    (open_question("n", constraint=". > 5 and . < 3"), "Ai trả lời cũng bị báo sai"),
    (open_question("n", constraint=". > 5 and . < 6"), "không có câu trả lời nào"),
    (open_question("n", constraint=". > 5 and . < 3", required=True), "không ai đi tiếp"),
    (open_question("n", "date", constraint=". > date('2024-02-28') and . < '2024-02-29'"), "không có câu trả lời nào"),
    (open_question("n", "text", constraint="string-length(.) > 5 and string-length(.) < 5"), "không có câu trả lời nào"),
    (select("n", constraint=". > 2"), "không có câu trả lời nào"),
    (select("n", kind="select_multiple", choices=THINGS, constraint="count-selected(.) > 2"), "không có câu trả lời nào"),
    (select("n", kind="select_multiple", choices=THINGS, constraint="selected(., 'none') and selected(., 'a')"), "nào thỏa"),
])
def test_a_constraint_that_nothing_satisfies(question, words_of_it):
    [(path, reason, mend)] = faults(page("one", question))
    assert path == ("pages", 0, "questions", 0, "constraint")
    assert words_of_it in reason
    assert mend


@pytest.mark.parametrize("question", [
    open_question("n", "decimal", constraint=". > 5 and . < 6"), open_question("n", constraint=". > 5 and . < 7"),
    open_question("n", "decimal", constraint=". > 0.1 and . < 0.100003"), open_question("n", constraint=". * 2 = 6"),
    open_question("n", "text", constraint="regex(., '[0-9]{3}')"), open_question("n", constraint=". mod 7 = 3"),
    open_question("n", "text", constraint="contains(., '@') and string-length(.) > 3"),
    open_question("n", constraint="10 - . > 9"), open_question("n", constraint=". > 5 and . < 8"),
    open_question("n", constraint=". > 2.5 and . < 4 and . != 4"), open_question("n", constraint=". > 7"),
    open_question("n", "date", constraint=". > '2024-02-28' and . < '2024-03-01'"), open_question("n", constraint=". = '12'"),
    select("n", kind="select_multiple", choices=THINGS, constraint="count-selected(.) = 2"),
])
def test_a_constraint_that_something_satisfies_is_never_called_a_fault(question):
    assert not faults(page("one", question, select("y", "${n} != ''")))


def test_a_page_that_lets_nobody_on():
    [(path, reason, _)] = faults(page(
        "one", select("x", required=True), select("y", required=True, constraint="${x} = '1' and . = '1'"),
        select("z", required=True, constraint="${x} = '2'")))
    assert path == ("pages", 0)
    assert "Không ai qua được trang này" in reason


def test_conditions_of_groups_count_too():
    never, inner = Group("g", relevant="${x} = '1'"), Group("h", relevant="${x} = '2'")
    found = faults(page("one", select("x")), page("two", select("y", within=(inner,)), select("z"), within=(never,)))
    [(path, reason, _)] = found
    assert path == ("groups", "h", "relevant")
    assert "nhóm “g” chỉ hiện khi ${x} = '1'" in reason


def test_what_is_computed_may_be_anything():
    assert not faults(page("one", select("x"), open_question("sum", calculation="${x} + 1"), select("y", "${sum} > 99")))


def test_what_is_wrong_already_is_not_told_twice():
    assert not faults(page("one", select("x")), page("two", select("y", "${x} = 'nothing_like_it'"), select("z", "${y} = '1'"),
                                                     select("w", "${later} = '1' and ${x} = "), select("later")))


def test_what_was_stored_before_these_checks_still_reads():
    start = document.load(shipped()["business"], "x")
    late = replace(start.pages[-1], relevant="${used_online} = 'yes' and ${used_online} = 'no'")
    source = document.dump(replace(start, pages=(*start.pages[:-1], late))).encode()
    with pytest.raises(Faults, match="không bao giờ hiện"):
        document.load(source, "x")
    assert document.load_stored(source, "x").pages[-1] == late


def test_values_in_a_circle():
    found = faults(page("one", open_question("a", calculation="${b} + 1"), open_question("b", calculation="${a} + 1"),
                        open_question("c", calculation="${c}"), open_question("d", calculation="${a}")))
    assert [(path[3], reason) for path, reason, _ in found] == [
        (0, "Giá trị tính vòng tròn: “a” → “b” → “a”."), (2, "Giá trị tính vòng tròn: “c” → “c”.")]


def advised(*pages: Page) -> list[tuple[str, tuple]]:
    return [(each.kind, each.path) for each in advise_on_rules(questionnaire(*pages))]


def test_what_has_no_effect_is_advice():
    assert advised(page("one", select("x", required=True), open_question("n", constraint=". > 5 or . < 7")),
                   page("two", select("y"), select("z"), relevant="${x} != ''")) == [
        ("always_shown", ("pages", 1, "relevant")), ("constraint_always", ("pages", 0, "questions", 1, "constraint"))]
    assert not advised(page("one", select("x")), page("two", select("y"), relevant="${x} != ''"))


def test_what_cannot_be_decided_is_said_softly():
    pages = (page("one", open_question("n"), open_question("m"), open_question("t", "text")),
             page("two", select("y", "${n} * ${n} = 2 and ${m} > ${n}"), select("z", "regex(${t}, '[a-c]x[0-9]')")))
    assert not faults(*pages)
    assert {kind for kind, _ in advised(*pages)} == {"not_checked"}


def test_five_hundred_questions_are_checked_while_one_waits():
    chain = [select(f"q{k}", f"${{q{k - 1}}} = 1 and ${{q{max(0, k - 3)}}} != 'dk'" if k else "", required=True)
             for k in range(500)]
    gates = [select(f"g{k}") for k in range(20)]
    gated = [select(f"y{k}", f"${{g{k % 19}}} = 1 and ${{g{k * 7 % 20}}} = 2 or ${{g{k * 3 % 20}}} = 'dk'") for k in range(480)]
    soup = [select(f"q{k}", " or ".join(f"${{q{k * m % max(k, 1)}}} = {m % 2 + 1}" for m in (7, 11, 13)) if k else "")
            for k in range(500)]
    for questions in (chain, gates + gated, soup):
        form = questionnaire(*(page(f"p{k}", *questions[k:k + 5]) for k in range(0, 500, 5)))
        list(check_expressions(form))
        started = time.process_time()
        assert not list(check_rules(form))
        assert time.process_time() - started < 2


def test_an_expression_made_to_explode_is_given_up_on():
    gates = [select(f"g{k}", choices=THINGS, kind="select_multiple") for k in range(30)]
    everything = " and ".join(f"(${{g{k}}} = ${{g{k + 1}}} or selected(${{g{k}}}, 'a'))" for k in range(15))
    both = [open_question(f"n{k}", relevant=everything, constraint=f". * . = ${{n{k - 1}}}" if k else "") for k in range(30)]
    form = questionnaire(page("one", *gates), *(page(f"p{k}", each) for k, each in enumerate(both)))
    started = time.process_time()
    assert not list(check_rules(form))
    assert time.process_time() - started < 3


@given(rule_samples.questionnaires())
@settings(max_examples=40, deadline=None)
def test_the_tree_means_what_the_expression_means(form):
    sources = [source for each in form.questions for source in (each.relevant, each.constraint) if source]
    for answers, *_ in islice(rule_samples.ways(form), 20):
        for source in sources:
            expression = expressions.compile(source)
            texts = {name: expressions.answer_text(answers.get(name)) for name in (*expression.references, ".")}
            assert truth(tree(expression), lambda name, texts=texts: texts[name]) == expression.evaluate(answers, None)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_questionnaires_have_nothing_out_of_reach(name):
    form = document.load(shipped()[name], name)
    assert not list(check_rules(form))
    assert not list(advise_on_rules(form))
    for question in form.questions:
        answers = witness(form, question.name)
        assert question.name in shown(form, answers)


def in_repeat(*conditions: str, count: str = ""):
    """A number asked once, then several times the questions of these conditions, then one more."""
    group = Group("members", words("Nhà"), repeat=Repeat(count, 3))
    inside = (Question("age", "integer", words("Tuổi"), required=True),
              *(Question(f"q{number}", "integer", words("?"), relevant=condition)
                for number, condition in enumerate(conditions[:-1])))
    return questionnaire(Page("p", words("P"), (Question("size", "integer", words("?")),)),
                         Page("m", words("M"), inside, within=(group,)),
                         Page("e", words("E"), (Question("end", "integer", words("?"), relevant=conditions[-1]),)))


def test_in_a_repeat_conditions_of_one_time_exclude_one_another_and_those_over_all_times_are_left_open():
    def told(*conditions: str, count: str = "") -> list[tuple]:
        form = in_repeat(*conditions, count=count)
        assert list(check_expressions(form)) == []
        return [finding.path for finding in check_rules(form)]

    assert told("${age} > 5", "") == []
    assert told("${age} > 5 and ${age} < 3", "") == [("pages", 1, "questions", 1, "relevant")]
    # other times may have other answers
    assert told("${age} > 5", "${size} > 2", "max(${age}) > 5 and min(${age}) < 3") == []
    assert told("${age} > 5", "sum(${age}) < 3 and count(${members}) > 1", count="${size}") == []


def test_a_witness_into_a_repeat_walks_there():
    form = in_repeat("${age} > 5 and ${size} = 2", "${size} > 7", count="${size}")
    assert witness(form, "q0") == {"size": "2", "members": [{"age": "6"}]}
    for name in ("q0", "end"):
        assert name in shown(form, witness(form, name))
    # that somebody must be there to be asked is said by the count, which is not reasoned about
    assert witness(in_repeat("${age} > 5", "", count="${size}"), "q0") is None
    assert witness(in_repeat("${age} > 5", ""), "q0") == {"members": [{"age": "6"}]}


def test_what_a_level_brings_on_is_seen_in_a_repeat_too():
    group = Group("visits", words("Lần đến"), repeat=Repeat())
    rated = Question("rate", "select_one", words("?"), choices=LEVELS)
    form = questionnaire(Page("v", words("V"), (rated, Question("why", "text", words("?"), relevant="${rate} = '1'")),
                              within=(group,)))
    assert {level: extra.questions for level, extra in extra_by_level(Ways(form), rated).items()} == {"1": 1, "2": 0}

"""Which pages and questions apply, what a posted page brings, and what is still missing."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import document, offering, routing
from questionnaires.answers import UnitToRate
from questionnaires.library import shipped
from questionnaires.model import Choice, ChoiceList, Consent, Group, Page, Question, Questionnaire, Text

CITIZEN = document.load(shipped()["citizen"], "citizen.yaml")
OFFICIAL = document.load(shipped()["official"], "official.yaml")
UNITS = (UnitToRate("snv", "Sở Nội vụ"), UnitToRate("stc", "Sở Tài chính"))
START = {"visits": ["2"], "used_online": ["no"], "made_feedback": ["yes"], "knows_where": ["no"]}


def page_names(answers) -> list[str]:
    return [each.page.name for each in routing.plan(CITIZEN, answers)]


def test_pages_that_do_not_apply_are_left_out():
    assert "feedback" not in page_names({})
    assert "feedback" in page_names({"made_feedback": "yes"})
    assert "online" not in page_names({"made_feedback": "yes", "used_online": "no"})


def test_forward_and_back_over_the_pages_that_apply():
    answers = {"made_feedback": "no", "used_online": "yes", "knows_where": "no"}
    forward, name = [], None
    while page := routing.page_after(CITIZEN, answers, name):
        forward.append(name := page.key)
    assert forward == ["experience", "access", "procedures", "staff", "result", "online", "overall", "about_you"]
    backward, name = [], None
    while page := routing.page_before(CITIZEN, answers, name):
        backward.append(name := page.key)
    assert backward == forward[::-1]


def test_from_a_page_that_no_longer_applies_there_is_a_way_on_and_back():
    assert routing.page_after(CITIZEN, {}, "feedback").key == "overall"
    assert routing.page_before(CITIZEN, {}, "feedback").key == "result"
    for key in ("no_such_page", "feedback.1", "feedback."):
        with pytest.raises(KeyError):
            routing.page_after(CITIZEN, {}, key)


@pytest.mark.parametrize("answers", [
    {}, {"made_feedback": "yes"}, {"visits": "3", "used_online": "yes", "made_feedback": "no", "knows_where": "no"},
    {"visits": "1000", "used_online": "perhaps"}])
def test_stored_pages_are_found_faulty_exactly_as_posted_ones(answers):
    plans = routing.plan(CITIZEN, answers)
    for each in plans:
        posted = {name: [value] for name, value in answers.items()}
        assert routing.faults_on(each, posted) == routing.check_page(CITIZEN, each.key, posted, answers).faults
    assert routing.faults_on(plans[0], {})


def test_a_hidden_answer_is_excluded_and_comes_back():
    answers = {"made_feedback": "no", "feedback_easy": "1", "suggestion": "x"}
    assert routing.relevant_answers(CITIZEN, answers) == {"made_feedback": "no", "suggestion": "x"}
    assert answers["feedback_easy"] == "1"
    assert routing.relevant_answers(CITIZEN, {**answers, "made_feedback": "yes"})["feedback_easy"] == "1"


def test_a_page_is_read_and_merged():
    result = routing.check_page(CITIZEN, "experience", START, {})
    assert result.faults == ()
    assert result.values == {"visits": "2", "used_online": "no", "made_feedback": "yes", "knows_where": "no"}


def test_required_and_constraint_faults_come_together():
    result = routing.check_page(CITIZEN, "experience", {"visits": ["101"], "used_online": ["no"]}, {})
    assert {(fault.field, fault.kind) for fault in result.faults} == {
        ("visits", "constraint"), ("made_feedback", "required"), ("knows_where", "required")}


def test_a_blank_clears_an_earlier_answer():
    result = routing.check_page(CITIZEN, "experience", {**START, "visits": [""]}, {"visits": "5"})
    assert result.values["visits"] is None
    assert "visits" not in routing.relevant_answers(CITIZEN, {"visits": "5", **result.values})


def test_a_page_posted_without_its_required_answer_does_not_lean_on_the_earlier_one():
    answered = {name: given[0] for name, given in START.items()}
    result = routing.check_page(CITIZEN, "experience", {}, answered)
    assert {fault.kind for fault in result.faults} == {"required"}


def test_too_many_choices_and_an_exclusive_one():
    def kinds(*chosen: str):
        posted = {"overall_satisfaction": ["4"], "improve_most": list(chosen)}
        return [fault.kind for fault in routing.check_page(CITIZEN, "overall", posted, {}).faults]

    assert kinds("faster", "online", "feedback") == []
    assert kinds("faster", "online", "feedback", "information") == ["constraint"]
    assert kinds("faster", "none") == ["exclusive"]
    assert kinds("none") == []


def test_an_unknown_page_is_the_callers_mistake():
    with pytest.raises(KeyError):
        routing.check_page(CITIZEN, "nowhere", {}, {})


def test_a_matrix_needs_an_answer_for_each_unit_handed_in():
    result = routing.check_page(OFFICIAL, "steering", {"steering:snv": ["not_familiar"]}, {}, UNITS)
    assert [(fault.field, fault.kind) for fault in result.faults] == [("steering:stc", "required_unit")]
    result = routing.check_page(OFFICIAL, "steering", {"steering:snv": ["not_familiar"], "steering:stc": ["4"]}, {}, UNITS)
    assert result.faults == ()
    missing = routing.unanswered(OFFICIAL, result.values, UNITS)
    assert [each.question.name for each in missing] == ["legal_documents", "procedures", "organisation", "staff",
    "public_finance",
                                                        "digital", "impact"]
    assert missing[0].fields == ("legal_documents:snv", "legal_documents:stc")


def test_what_is_unanswered_is_named_with_its_page():
    complete = {question.name: "4" for question in CITIZEN.questions if question.required}
    complete |= {"used_online": "no", "made_feedback": "no", "knows_where": "no"}
    del complete["online_service"], complete["feedback_easy"], complete["staff_listening"]
    missing = routing.unanswered(CITIZEN, complete)
    assert [(each.page.name, each.question.name, each.fields) for each in missing] == [
        ("staff", "staff_listening", ("staff_listening",))]
    assert routing.unanswered(CITIZEN, {**complete, "staff_listening": "dont_know"}) == ()


def vi(words: str) -> Text:
    return Text({"vi": words})


SCALE = ChoiceList("scale", (Choice("1", vi("1")), Choice("2", vi("2")), Choice("refused", vi("-"), missing="refused")))


def build(*pages: Page) -> Questionnaire:
    return Questionnaire("f", "1", vi("T"), Consent(*(vi("x"),) * 5), ("citizens",), "one_unit", pages, (SCALE,))


def test_relevance_inside_a_page_follows_what_was_just_posted():
    follow_up = Question("why", "text", vi("Vì sao?"), required=True, relevant="${first} = '1'")
    form = build(Page("p", vi("p"), (Question("first", "select_one", vi("?"), choices=SCALE), follow_up)))
    shown = routing.check_page(form, "p", {"first": ["1"]}, {})
    assert [(fault.field, fault.kind) for fault in shown.faults] == [("why", "required")]
    assert shown.appeared == ("why",)
    hidden = routing.check_page(form, "p", {"first": ["2"], "why": ["vì \x00"]}, {"first": "1", "why": "cũ"})
    assert (hidden.values, hidden.faults, hidden.appeared) == ({"first": "2"}, (), ())


def test_no_constraint_judges_a_kind_of_missing():
    form = build(Page("p", vi("p"), (Question("q", "select_one", vi("?"), choices=SCALE, constraint=". >= 2"),)))
    assert routing.check_page(form, "p", {"q": ["refused"]}, {}).faults == ()
    assert routing.check_page(form, "p", {"q": ["2"]}, {}).faults == ()
    assert routing.check_page(form, "p", {"q": ["1"]}, {}).faults[0].kind == "constraint"


# --- the router against an evaluator that thinks differently: by recursion from the question, without expressions


@dataclass(frozen=True)
class Rule:
    """`all`/`none` of these questions have this answer; no names, no condition."""

    names: tuple[str, ...] = ()
    negated: bool = False

    def expression(self) -> str:
        if not self.names:
            return ""
        joined = " and ".join(f"${{{name}}} = '1'" for name in self.names)
        return f"not({joined})" if self.negated else joined


@st.composite
def forms(draw):
    """Pages of (rule, [(name, rule)]), and answers."""
    names: list[str] = []
    pages = []

    def rule():
        return Rule(tuple(draw(st.lists(st.sampled_from(names), max_size=2))) if names else (), draw(st.booleans()))

    for _ in range(draw(st.integers(1, 4))):
        page_rule, questions = rule(), []
        for _ in range(draw(st.integers(1, 3))):
            own = rule()
            names.append(f"q{len(names)}")
            questions.append((names[-1], own))
        pages.append((page_rule, questions))
    answers = {name: draw(st.sampled_from(["1", "2", "refused", None])) for name in names}
    return pages, answers


def naive(pages, answers):
    rules = {name: (page_rule, own) for page_rule, questions in pages for name, own in questions}

    def holds(rule: Rule) -> bool:
        if not rule.names:
            return True
        everything = all(applies(name) and answers[name] == "1" for name in rule.names)
        return everything != rule.negated

    def applies(name: str) -> bool:
        return all(holds(rule) for rule in rules[name])

    return [[name for name, _ in questions if applies(name)] for _, questions in pages]


@settings(max_examples=300, deadline=None)
@given(forms())
def test_the_router_equals_a_naive_evaluator(drawn):
    pages, answers = drawn
    form = build(*(Page(f"p{index}", vi("p"), tuple(
        Question(name, "select_one", vi("?"), choices=SCALE, relevant=own.expression()) for name, own in questions),
        relevant=page_rule.expression()) for index, (page_rule, questions) in enumerate(pages)))
    expected = {f"p{index}": names for index, names in enumerate(naive(pages, answers)) if names}
    planned = {each.page.name: [question.name for question in each.questions] for each in routing.plan(form, answers)}
    assert planned == expected
    answered = {name for names in expected.values() for name in names if answers[name]}
    assert set(routing.relevant_answers(form, answers)) == answered
    walked, name = [], None
    while page := routing.page_after(form, answers, name):
        walked.append(name := page.key)
    assert walked == list(expected)


def test_a_group_that_mentions_an_answer_gets_it_though_its_question_does_not():
    mentions = Group("around", label=Text({"vi": "Về ${who}"}))
    how = Question("how", "text", Text({"vi": "Thế nào?"}), within=(mentions,))
    asked = (Question("who", "text", Text({"vi": "Ai?"})), how)
    form = Questionnaire("f", "1", Text({"vi": "x"}), Consent(*[Text({"vi": "x"})] * 5), ("citizens",), "one_unit",
                         (Page("p", Text({"vi": "p"}), asked),), ())
    shown = offering.as_asked(form, asked[1], {"who": "Sở Nội vụ"}, "vi")
    assert shown.within[0].label.in_language("vi") == "Về Sở Nội vụ"
    assert offering.as_asked(form, asked[0], {}, "vi") is asked[0]

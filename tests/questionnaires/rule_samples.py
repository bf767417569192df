"""Small questionnaires with random conditions, and the judge that tries every possible way of answering them."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from questionnaires import expressions, routing
from questionnaires.answers import type_of
from questionnaires.model import Choice, ChoiceList, Consent, Page, Question, Questionnaire, Text

LEVELS = ChoiceList("levels", (Choice("1", Text({"vi": "Kém"})), Choice("2", Text({"vi": "Tốt"})),
                               Choice("dk", Text({"vi": "Không biết"}), missing="dont_know")))
THINGS = ChoiceList("things", (Choice("a", Text({"vi": "A"})), Choice("b", Text({"vi": "B"})),
                               Choice("none", Text({"vi": "Không"}), exclusive=True)))
#: whole numbers around every constant that a condition below compares with
NUMBERS = ("-2", "-1", "0", "1", "2", "3")
DONT_KNOW = "'dk'"
LISTS = {"select_one": LEVELS, "select_multiple": THINGS, "integer": None}


def words(text: str) -> Text:
    return Text({"vi": text})


def questionnaire(*pages: Page) -> Questionnaire:
    return Questionnaire("f", "1", words("Phiếu"), Consent(*(words("x"),) * 5), ("citizens",), "one_unit", pages,
                         (LEVELS, THINGS))


@st.composite
def _atom(draw, earlier: list[Question], current: str = "") -> str:
    choices = [(f"${{{question.name}}}", question.type) for question in earlier] + ([(".", current)] if current else [])
    subject, kind = draw(st.sampled_from(choices))
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([f"{subject} = ''", f"{subject} != ''", f"boolean({subject})"]))
    if kind == "select_one":
        return f"{subject} {draw(st.sampled_from(['=', '!=', '<', '>=']))} {draw(st.sampled_from(['1', '2', DONT_KNOW]))}"
    if kind == "select_multiple":
        return draw(st.sampled_from([f"selected({subject}, 'a')", f"selected({subject}, 'none')",
                                     f"not(selected({subject}, 'b'))", f"count-selected({subject}) > 1",
                                     f"count-selected({subject}) = 1"]))
    comparison, constant = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="])), draw(st.integers(0, 2))
    side = draw(st.sampled_from([subject, subject, f"{subject} + 1", f"2 * {subject}", f"1 - {subject}"]))
    return f"{side} {comparison} {constant}"


def condition(earlier: list[Question], current: str = "") -> st.SearchStrategy[str]:
    return st.recursive(_atom(earlier, current), lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        inner.map(lambda part: f"not({part})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"if({parts[0]}, {parts[1]}, {parts[2]})")), max_leaves=3)


@st.composite
def questionnaires(draw) -> Questionnaire:
    """Two to four questions on up to three pages; conditions on pages and questions, constraints, some answers required."""
    asked: list[Question] = []
    pages, left = [], draw(st.sampled_from([2, 3, 3, 4]))
    while left:
        size = draw(st.integers(1, min(left, 2)))
        left -= size
        page_condition = draw(condition(asked)) if asked and draw(st.booleans()) else ""
        here = []
        for _ in range(size):
            kind = draw(st.sampled_from(["select_one", "select_one", "select_multiple", "integer"]))
            own = draw(condition(asked)) if asked and draw(st.booleans()) else ""
            earlier = asked if draw(st.booleans()) else []
            constraint = draw(condition(earlier, kind)) if draw(st.integers(0, 2)) == 0 else ""
            question = Question(f"q{len(asked)}", kind, words("Câu"), required=draw(st.booleans()), relevant=own,
                                constraint=constraint, choices=LISTS[kind])
            here.append(question)
            asked = [*asked, question]
        pages.append(Page(f"p{len(pages)}", words("Trang"), tuple(here), relevant=page_condition))
    return questionnaire(*pages)


def every_answer(question: Question) -> list[Any]:
    if question.type == "integer":
        return list(NUMBERS)
    names = [choice.name for choice in question.choices]
    if question.type == "select_one":
        return list(names)
    joined = [" ".join(each) for size in range(1, len(names) + 1) for each in combinations(names, size)]
    parsed = [type_of(question).from_cells(question, {question.name: text}) for text in joined]
    return [each.value for each in parsed if not each.faults]


def allowed(question: Question, value: Any, visible: dict[str, Any]) -> bool:
    return (not question.constraint or type_of(question).is_missing(question, value)
            or expressions.compile(question.constraint).evaluate(visible, value))


def takes(question: Question) -> list[Any]:
    """The answers that its constraint allows, where that looks at nothing else."""
    if question.constraint and expressions.compile(question.constraint).references:
        return every_answer(question)
    return [value for value in every_answer(question) if allowed(question, value, {})]


def ways(form: Questionnaire) -> Iterator[tuple[dict[str, Any], dict[str, Any], int]]:
    """Every assignment, what of it counts, and the index of the page where it is held up (beyond the last one: nowhere)."""
    questions = form.questions
    for given in product(*([None, *takes(question)] for question in questions)):
        answers = {question.name: value for question, value in zip(questions, given, strict=True) if value is not None}
        visible = routing.relevant_answers(form, answers)
        yield answers, visible, _held_up(form, answers, visible)


def _held_up(form: Questionnaire, answers: dict[str, Any], visible: dict[str, Any]) -> int:
    shown = {question.name for each in routing.plan(form, answers) for question in each.questions}
    for index, page in enumerate(form.pages):
        for question in page.questions:
            if question.name not in shown:
                continue
            value = visible.get(question.name)
            if value is None and question.required and takes(question):
                return index
            if value is not None and not allowed(question, value, visible):
                return index
    return len(form.pages)


def spelled(form: Questionnaire) -> str:
    """A questionnaire in a few lines, for whoever reads a failing example."""
    return "\n".join(line for page in form.pages for line in (
        f"{page.name}: {page.relevant}", *(
            f"  {q.name} {q.type}{' required' if q.required else ''} relevant[{q.relevant}] constraint[{q.constraint}]"
            for q in page.questions)))

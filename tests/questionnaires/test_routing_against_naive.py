"""The router against an evaluator that thinks differently: by recursion from each question, without expressions or passes.

Groups of pages and inside pages, repeats with a count or open, calculated values, conditions over all times of a repeat.
WALKS=100000 tries so many questionnaires.
"""

import os
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from questionnaires import routing
from questionnaires.checks import check
from questionnaires.model import Choice, ChoiceList, Consent, Group, Page, Question, Questionnaire, Repeat, Text

WALKS = int(os.environ.get("WALKS", "300"))
#: drawing slows down and takes memory with all that was drawn before
MOST_AT_ONCE = 2_000


def vi(words: str) -> Text:
    return Text({"vi": words})


SCALE = ChoiceList("scale", (Choice("1", vi("1")), Choice("2", vi("2")), Choice("refused", vi("-"), missing="refused")))


@dataclass(frozen=True)
class Rule:
    """All of these hold, or not all. (name, None): that question's answer is 1; (name, k): over all times of its repeat at
    least k answers were given."""

    facts: tuple[tuple[str, int | None], ...] = ()
    negated: bool = False

    def expression(self) -> str:
        if not self.facts:
            return ""
        joined = " and ".join(f"${{{name}}} = '1'" if least is None else f"count-non-empty(${{{name}}}) >= {least}"
                              for name, least in self.facts)
        return f"not({joined})" if self.negated else joined


@dataclass(frozen=True)
class Asked:
    name: str
    rule: Rule
    #: a group inside the page, with its rule
    inside: tuple[str, Rule] | None = None
    #: names that a calculated value counts the ones of; None for a question that is asked
    counts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Sheet:
    name: str
    rule: Rule
    questions: tuple[Asked, ...]


@dataclass(frozen=True)
class Block:
    """Pages in a group, a repeat or neither. `times`: the question that says how often; "" for an open repeat."""

    name: str
    rule: Rule
    pages: tuple[Sheet, ...]
    kind: str = "plain"
    times: str = ""


@dataclass
class Form:
    blocks: list[Block] = field(default_factory=list)
    answers: dict = field(default_factory=dict)


@st.composite
def forms(draw) -> Form:
    form = Form()
    #: names that a rule may ask about here; names of finished repeats
    single: list[str] = []
    repeated: list[str] = []
    numbers: list[str] = []
    made = 0

    def rule(own: list[str]) -> Rule:
        facts = [(name, None) for name in draw(st.lists(st.sampled_from(own), max_size=2, unique=True))] if own else []
        if repeated and draw(st.integers(0, 3)) == 0:
            facts.append((draw(st.sampled_from(repeated)), draw(st.integers(1, 3))))
        return Rule(tuple(facts), draw(st.booleans()))

    for block_number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["plain", "group", "repeat"]))
        block_rule = rule(single) if kind != "plain" else Rule()
        times = draw(st.sampled_from([*numbers, ""])) if kind == "repeat" else ""
        mine: list[str] = []
        pages = []
        for _ in range(draw(st.integers(1, 2))):
            page_rule, questions, inside = rule(single + mine), [], None
            for _ in range(draw(st.integers(1, 3))):
                made += 1
                name = f"q{made}"
                if draw(st.integers(0, 3)) == 0:
                    # a group goes on, or another begins; it never comes back
                    inside = (f"inner{made}", rule(single + mine)) if inside is None or draw(st.booleans()) else None
                counts = tuple(draw(st.lists(st.sampled_from(single + mine), min_size=1, max_size=2))) if (
                    single + mine and draw(st.integers(0, 4)) == 0) else None
                questions.append(Asked(name, rule(single + mine), inside, counts))
                mine.append(name)
            pages.append(Sheet(f"p{made}", page_rule, tuple(questions)))
        form.blocks.append(Block(f"block{block_number}", block_rule, tuple(pages), kind, times))
        asked = [each.name for page in pages for each in page.questions if each.counts is None]
        if kind == "repeat":
            form.answers[f"block{block_number}"] = [
                {name: draw(st.sampled_from(["1", "2", "refused"])) for name in asked if draw(st.booleans())}
                for _ in range(draw(st.integers(0, 4)))]
            repeated += mine
        else:
            for name in asked:
                form.answers[name] = draw(st.sampled_from(["1", "2", "refused", None]))
            single += mine
            numbers += mine
    return form


def as_questionnaire(form: Form) -> Questionnaire:
    pages = []
    for block in form.blocks:
        within = ()
        if block.kind != "plain":
            count = f"number(${{{block.times}}})" if block.times else ""
            within = (Group(block.name, vi("g"), relevant=block.rule.expression(),
                            repeat=Repeat(count, 3) if block.kind == "repeat" else None),)
        for page in block.pages:
            questions = tuple(
                Question(each.name, "calculate" if each.counts else "select_one", vi("?"),
                         choices=None if each.counts else SCALE,
                         relevant=each.rule.expression(), calculation=_counting(each.counts),
                         within=(Group(each.inside[0], vi("i"), relevant=each.inside[1].expression()),) if each.inside else ())
                for each in page.questions)
            pages.append(Page(page.name, vi("p"), questions, relevant=page.rule.expression(), within=within))
    return Questionnaire("f", "1", vi("T"), Consent(*(vi("x"),) * 5), ("citizens",), "one_unit", tuple(pages), (SCALE,))


def _counting(names: tuple[str, ...] | None) -> str:
    return " + ".join(f"if(${{{name}}} = '1', 1, 0)" for name in names) if names else ""


class Naive:
    """Each answer found by asking whether its question applies, whether what that hangs on applies, and so on."""

    def __init__(self, form: Form):
        self.form = form
        self.at = {each.name: (block, page, each) for block in form.blocks for page in block.pages for each in page.questions}

    def times(self, block: Block) -> int:
        if not self.holds(block.rule, None):
            return 0
        stored = len(self.form.answers.get(block.name) or [])
        if not block.times:
            return max(1, min(stored, 3))
        said = self.value(block.times, None)
        return min(int(said), 3) if said and said.isdecimal() else 0

    def value(self, name: str, time: int | None) -> str | None:
        block, _, asked = self.at[name]
        time = time if block.kind == "repeat" else None
        if not self.applies(name, time):
            return None
        if asked.counts is not None:
            return str(sum(self.value(each, time) == "1" for each in asked.counts))
        if time is None:
            return self.form.answers.get(name)
        stored = self.form.answers.get(block.name) or []
        return stored[time].get(name) if time < len(stored) else None

    def applies(self, name: str, time: int | None) -> bool:
        block, page, asked = self.at[name]
        around = [] if block.kind == "repeat" else [block.rule]
        inner = [asked.inside[1]] if asked.inside else []
        return all(self.holds(rule, time) for rule in (*around, page.rule, *inner, asked.rule))

    def holds(self, rule: Rule, time: int | None) -> bool:
        return not rule.facts or all(self.true(name, least, time) for name, least in rule.facts) != rule.negated

    def true(self, name: str, least: int | None, time: int | None) -> bool:
        if least is None:
            return self.value(name, time) == "1"
        return sum(bool(self.value(name, each)) for each in range(self.times(self.at[name][0]))) >= least

    def pages(self) -> dict[str, list[str]]:
        found = {}
        for block in self.form.blocks:
            for time in range(self.times(block)) if block.kind == "repeat" else (None,):
                for page in block.pages:
                    names = [each.name for each in page.questions if each.counts is None and self.applies(each.name, time)]
                    if names:
                        found[page.name if time is None else f"{page.name}.{time + 1}"] = names
        return found

    def answers(self) -> dict:
        found = {}
        for block in self.form.blocks:
            names = [each.name for page in block.pages for each in page.questions]
            if block.kind != "repeat":
                found |= {name: value for name in names if (value := self.value(name, None))}
                continue
            lines = [{name: value for name in names if (value := self.value(name, time))} for time in range(self.times(block))]
            if any(lines) or (len(lines) > 1 and not block.times):
                found[block.name] = lines
        return found


@pytest.mark.parametrize("part", range(-(-WALKS // MOST_AT_ONCE)))
def test_the_router_equals_a_naive_evaluator(part):
    """Every part draws questionnaires of its own."""

    @seed(part)
    @settings(max_examples=min(WALKS, MOST_AT_ONCE), deadline=None, suppress_health_check=list(HealthCheck))
    @given(forms())
    def compare(form: Form) -> None:
        agrees(form)

    compare()


def agrees(form: Form) -> None:
    questionnaire, naive = as_questionnaire(form), Naive(form)
    findings = check(questionnaire)
    hard = [finding for finding in findings if finding.path[-1] in ("relevant", "calculation", "count")
            and "không bao giờ hiện" not in finding.reason]
    assert hard == []
    expected = naive.pages()
    asked = {name.partition(".")[0] for name in expected} | {name for names in expected.values() for name in names}
    for finding in findings:
        if "không bao giờ hiện" in finding.reason and finding.path[0] == "pages":
            page = questionnaire.pages[finding.path[1]]
            assert (page if len(finding.path) == 3 else page.questions[finding.path[3]]).name not in asked
    plans = routing.plan(questionnaire, form.answers)
    assert {each.key: [question.name for question in each.questions] for each in plans} == expected
    assert list(expected) == [each.key for each in plans]
    assert routing.relevant_answers(questionnaire, form.answers) == naive.answers()
    assert routing.relevant_answers(questionnaire, naive.answers()) == naive.answers()
    memory: dict = {}
    for _ in range(2):  # the second time from memory
        judged = routing.judge(questionnaire, form.answers, memory=memory)
        assert (judged.plans, judged.visible, judged.wrong) == (plans, naive.answers(), ())
    walked: list[str] = []
    while after := routing.page_after(questionnaire, form.answers, walked[-1] if walked else None):
        walked.append(after.key)
        assert len(walked) <= len(expected)
    assert walked == list(expected)
    for before, key in zip([None, *walked], [*walked, None], strict=False):
        found = routing.page_before(questionnaire, form.answers, key)
        assert (found.key if found else None) == before
    missing = routing.unanswered(questionnaire, form.answers)
    assert missing == ()

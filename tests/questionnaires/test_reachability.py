"""Whether anybody can get to a question: the verdicts agree with trying every way of answering, and witnesses walk there."""

import time

import pytest
from hypothesis import HealthCheck, event, given, note, settings

from questionnaires import document, expressions, routing
from questionnaires.expression_tree import tree, truth
from questionnaires.library import shipped
from questionnaires.model import Page, Question
from questionnaires.reachability import Reachability, witness
from tests.questionnaires import rule_samples
from tests.questionnaires.rule_samples import LEVELS, questionnaire, spelled, words


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

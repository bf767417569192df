"""A questionnaire's conditions in the order in which routing meets them, as trees: what shows a group, a page, a question,
and what a page demands before it lets anybody on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from documents.yaml_reader import Path
from questionnaires import expressions
from questionnaires.answer_domains import Domain, domain
from questionnaires.answers import type_of
from questionnaires.expression_checks import check_expressions
from questionnaires.expression_tree import CURRENT, Call, Node, atoms, names, tree
from questionnaires.expressions import ExpressionError
from questionnaires.model import Group, Page, Question, Questionnaire

#: the tree of a condition that another check has already found wrong: it may give anything
_FAULTY = Call("(faulty)", ())


@dataclass(frozen=True)
class Rule:
    """One `relevant` or `constraint`: whose it is, and what it says."""

    path: Path
    #: "question", "page" or "group", and its name
    kind: str
    name: str
    source: str
    node: Node = field(repr=False, compare=False)

    @cached_property
    def references(self) -> frozenset[str]:
        return names(self.node) - {CURRENT}

    @property
    def is_faulty(self) -> bool:
        return self.node is _FAULTY


@dataclass(frozen=True)
class Target:
    """Something that appears only under conditions: those of what it stands in, from the outermost, and its own."""

    path: Path
    kind: str
    name: str
    around: tuple[Rule, ...]
    own: tuple[Rule, ...]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return self.around + self.own

    @cached_property
    def references(self) -> frozenset[str]:
        return frozenset(name for rule in self.rules for name in rule.references)


@dataclass(frozen=True)
class AskedQuestion:
    target: Target
    question: Question


@dataclass(frozen=True)
class EndOfPage:
    """Here a page lets on only who answered what is required, within the constraints."""

    page: Page
    path: Path


Event = Target | AskedQuestion | EndOfPage


class RuleMap:
    """Everything that the search for ways through a questionnaire needs to know of it."""

    def __init__(self, questionnaire: Questionnaire):
        self.faulty_paths = frozenset(finding.path for finding in check_expressions(questionnaire))
        self.events: tuple[Event, ...] = tuple(self._events(questionnaire))
        self.questions: Mapping[str, Question] = {question.name: question for question in questionnaire.questions}
        self.asked = {event.question.name: event for event in self.events if isinstance(event, AskedQuestion)}
        #: what has a condition of its own
        self.targets = tuple(event for event in self.events if isinstance(event, Target) and event.own)
        self.constraints = {rule.name: rule for rule in self._constraints(questionnaire)}
        self.page_ends = {
            question.name: index
            for index, event in enumerate(self.events)
            if isinstance(event, EndOfPage)
            for question in event.page.questions
        }
        self._parts, self._mixed = self._atoms()
        self._domains: dict[tuple[str, bool], Domain] = {}

    def domain(self, name: str, *, constrained: bool = True) -> Domain:
        """The answers to a question that its own constraint lets through, as far as any condition tells them apart."""
        key = (name, constrained)
        if key not in self._domains:
            rule = self.constraints.get(name)
            alone = rule.node if rule and constrained and not rule.references and not rule.is_faulty else None
            self._domains[key] = domain(self.questions[name], self._parts[name], alone, each_counts=name in self._mixed)
        return self._domains[key]

    def demands(self, name: str) -> Rule | None:
        """Its constraint, where that looks at other answers; else the domain has heeded it."""
        rule = self.constraints.get(name)
        return rule if rule and rule.references else None

    def is_obliged(self, name: str) -> bool:
        """Nobody gets on without an answer: it is required, and there is an answer that it takes."""
        question = self.questions[name]
        return question.required and not question.missing and bool(self.domain(name).values)

    def _atoms(self) -> tuple[dict[str, list[Node]], set[str]]:
        parts: dict[str, dict[Node, None]] = defaultdict(dict)
        mixed: set[str] = set()
        for rule in self._all_rules():
            for atom in atoms(rule.node):
                looked_at = {rule.name if name == CURRENT else name for name in names(atom)}
                if len(looked_at) > 1:
                    mixed |= looked_at
                elif not (CURRENT in names(atom) and not rule.references):
                    parts[next(iter(looked_at), "")][atom] = None
        return defaultdict(list, {name: list(found) for name, found in parts.items()}), mixed

    def _all_rules(self) -> Iterable[Rule]:
        seen = {rule.path: rule for target in self.targets for rule in target.rules}
        seen |= {rule.path: rule for event in self.asked.values() for rule in event.target.rules}
        return [*seen.values(), *self.constraints.values()]

    def _events(self, questionnaire: Questionnaire) -> Iterator[Event]:
        known: set[str] = set()
        for index, page in enumerate(questionnaire.pages):
            path: Path = ("pages", index)
            around: tuple[Rule, ...] = ()
            for group in page.within:
                yield from self._group(group, around, known)
                around += self._rule(("groups", group.name, "relevant"), "group", group.name, group.relevant)
            own = self._rule((*path, "relevant"), "page", page.name, page.relevant)
            if own:
                yield Target(own[0].path, "page", page.name, around, own)
            for number, question in enumerate(page.questions):
                yield from self._question((*path, "questions", number), question, around + own, known)
            yield EndOfPage(page, path)

    def _question(
        self, path: Path, question: Question, around: tuple[Rule, ...], known: set[str]
    ) -> Iterator[Event]:
        for group in question.within:
            yield from self._group(group, around, known)
            around += self._rule(("groups", group.name, "relevant"), "group", group.name, group.relevant)
        own = self._rule((*path, "relevant"), "question", question.name, question.relevant)
        target = Target((*path, "relevant"), "question", question.name, around, own)
        yield target
        yield AskedQuestion(target, question)

    def _group(self, group: Group, around: tuple[Rule, ...], known: set[str]) -> Iterator[Target]:
        """Once for each group, where it begins."""
        if group.relevant and group.name not in known:
            known.add(group.name)
            path: Path = ("groups", group.name, "relevant")
            yield Target(path, "group", group.name, around, self._rule(path, "group", group.name, group.relevant))

    def _rule(self, path: Path, kind: str, name: str, source: str) -> tuple[Rule, ...]:
        return (Rule(path, kind, name, source, self._tree(path, source)),) if source else ()

    def _tree(self, path: Path, source: str) -> Node:
        if path in self.faulty_paths:
            return _FAULTY
        try:
            return tree(expressions.compile(source))
        except ExpressionError:
            return _FAULTY

    def _constraints(self, questionnaire: Questionnaire) -> Iterator[Rule]:
        for index, page in enumerate(questionnaire.pages):
            for number, question in enumerate(page.questions):
                if question.constraint and type_of(question).in_expressions:
                    path = ("pages", index, "questions", number, "constraint")
                    yield from self._rule(path, "question", question.name, question.constraint)

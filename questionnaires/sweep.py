"""All ways through a questionnaire at once: the answers that later conditions still look at, carried forward in its own order.

Two ways that agree on every answer that is still looked at become one, so a long questionnaire with short memories costs
little. Who would have to remember too much is given up on with TooMany; nobody is told of a fault because of that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from documents.yaml_reader import Path
from questionnaires.answer_domains import text_of
from questionnaires.answers import type_of
from questionnaires.expression_tree import CURRENT, UNKNOWN, Unknown, truth
from questionnaires.rule_map import AskedQuestion, EndOfPage, Event, Rule, RuleMap, Target

#: different memories at one point of the questionnaire
MAX_STATES = 1_500

#: instead of an answer's number in its domain
_BLANK = -1
_STILL_OWED = -2

State = tuple[int, ...]


class TooMany(Exception):
    """More ways than anybody has patience for."""


@dataclass
class Budget:
    """Steps that a whole questionnaire may cost."""

    steps: int

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise TooMany


@dataclass(frozen=True)
class Trail:
    """The answers that led somewhere, the latest first; not sure, where one of them or a condition is unknown."""

    sure: bool = True
    before: "Trail | None" = None
    name: str = ""
    value: Any = None

    def answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        step: Trail | None = self
        while step:
            if step.name and step.value is not None:
                found[step.name] = step.value
            step = step.before
        return dict(reversed(found.items()))


@dataclass
class Verdict:
    """What was seen of a target or a constraint: a way on which it holds, one on which it does not."""

    holds: Trail | None = None
    fails: Trail | None = None
    #: given up on
    unfinished: bool = False

    def see(self, outcome: bool | None, trail: Trail) -> None:
        """None: it may hold or not, for all that is known."""
        unsure = trail if outcome is not None else Trail(False, trail)
        if outcome is not False and not (self.holds and self.holds.sure):
            self.holds = unsure
        if outcome is not True and not (self.fails and self.fails.sure):
            self.fails = unsure

    def with_more(self, other: "Verdict") -> "Verdict":
        return Verdict(_surer(self.holds, other.holds), _surer(self.fails, other.fails))

    @property
    def settled(self) -> bool:
        """Both are proven."""
        return bool(self.holds and self.holds.sure and self.fails and self.fails.sure)

    @property
    def never(self) -> bool:
        return not self.holds and not self.unfinished

    @property
    def always(self) -> bool:
        return bool(self.holds) and not self.fails and not self.unfinished

    @property
    def unclear(self) -> bool:
        return not (self.holds and self.holds.sure) and (self.unfinished or bool(self.holds))


def _surer(one: Trail | None, other: Trail | None) -> Trail | None:
    return other if one is None or (other and other.sure and not one.sure) else one


@dataclass
class Outcome:
    targets: dict[Path, Verdict] = field(default_factory=dict)
    #: constraints that look at other answers
    constraints: dict[str, Verdict] = field(default_factory=dict)
    #: pages that let nobody on
    dead_ends: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Ignored:
    """What a sweep shall not heed: it helps to find out which conditions exclude one another."""

    rules: frozenset[Path] = frozenset()
    constraints: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


NOTHING = Ignored()


class Sweep:
    """With `one_way`, a number, it walks one way only, another for each number: cheap, and it proves what it sees."""

    def __init__(
        self,
        rules: RuleMap,
        wanted: frozenset[str],
        targets: Iterable[Target],
        budget: Budget,
        ignored: Ignored = NOTHING,
        one_way: int | None = None,
    ):
        self._one_way = one_way
        #: decides which answer is next on one way; the same for the same way
        self._turn = (one_way or 0) * 2_654_435_761 % 2**31
        self._rules = rules
        self._wanted = wanted
        self._budget = budget
        self._ignored = ignored
        self._targets = {target.path for target in targets}
        self._domains = {
            name: rules.domain(name, constrained=name not in ignored.constraints).values for name in wanted
        }
        self._texts: Mapping[str, list[str | Unknown]] = {
            name: [text_of(value) for value in values] for name, values in self._domains.items()
        }
        self._memory: dict[tuple, bool | None] = {}
        self._places: dict[tuple[Path, tuple[str, ...]], tuple[tuple[str, int], ...]] = {}
        self._live: tuple[str, ...] = ()
        self._states: dict[State, Trail] = {(): Trail()}
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Raises TooMany."""
        events = [event for event in self._rules.events if self._matters(event)]
        last_use = {name: index for index, event in enumerate(events) for name in self._needs(event)}
        for index, event in enumerate(events):
            self._budget.spend(len(self._states) + 1)
            if isinstance(event, Target):
                self._look_at(event)
            elif isinstance(event, AskedQuestion):
                self._answer(event)
            else:
                self._leave(event)
            self._forget({name for name in self._live if last_use.get(name, -1) <= index})
        return self.outcome

    def _matters(self, event: Event) -> bool:
        if isinstance(event, Target):
            return event.path in self._targets
        if isinstance(event, AskedQuestion):
            return event.question.name in self._wanted
        return any(self._is_obliged(name) or self._demands(name) for name in self._of_page(event))

    def _needs(self, event: Event) -> frozenset[str]:
        if isinstance(event, Target):
            return event.references & self._wanted
        if isinstance(event, AskedQuestion):
            return event.target.references & self._wanted
        found: set[str] = set()
        for name in self._of_page(event):
            rule = self._demands(name)
            if rule:
                found |= {name, *rule.references}
            if self._is_obliged(name):
                found.add(name)
        return found & self._wanted

    def _look_at(self, target: Target) -> None:
        verdict = self.outcome.targets.setdefault(target.path, Verdict())
        for state, trail in self._states.items():
            around = self._conjunction(target.around, state)
            if around is False:
                continue
            seen = trail if around else Trail(False, trail)
            verdict.see(self._conjunction(target.own, state), seen)

    def _answer(self, event: AskedQuestion) -> None:
        name = event.question.name
        options = self._options(name)
        found: dict[State, Trail] = {}
        for state, trail in self._states.items():
            shown = self._conjunction(event.target.rules, state)
            seen = trail if shown is not None else Trail(False, trail)
            if not shown:
                _keep(found, (*state, _BLANK), seen)
            if shown is not False:
                for number in options:
                    value = self._domains[name][number] if number >= 0 else None
                    _keep(found, (*state, number), Trail(seen.sure and value is not UNKNOWN, seen, name, value))
                self._budget.spend(len(options))
                if len(found) > MAX_STATES * 4:
                    raise TooMany
        self._live += (name,)
        self._states = found

    def _options(self, name: str) -> list[int]:
        values, obliged = self._domains[name], self._is_obliged(name)
        if self._one_way is None:
            return [_STILL_OWED if obliged else _BLANK, *range(len(values))]
        options = [index for index, value in enumerate(values) if value is not UNKNOWN] + ([] if obliged else [_BLANK])
        self._turn = (self._turn * 1_103_515_245 + 12_345) % 2**31
        way = self._one_way if self._one_way < len(options) else self._turn >> 16
        return [options[way % len(options)]] if options else []

    def _leave(self, event: EndOfPage) -> None:
        found: dict[State, Trail] = {}
        for state, trail in self._states.items():
            sure = self._is_let_on(event, state, trail)
            if sure is not False:
                _keep(found, state, trail if sure else Trail(False, trail))
        if not found and self._one_way is None:
            self.outcome.dead_ends.append(event.path)
            found = {tuple(_BLANK if each == _STILL_OWED else each for each in state): trail
                     for state, trail in self._states.items()}
        self._states = found

    def _is_let_on(self, event: EndOfPage, state: State, trail: Trail) -> bool | None:
        verdict: bool | None = True
        for name in self._of_page(event):
            if name not in self._live:
                continue
            given = state[self._live.index(name)]
            if given == _STILL_OWED:
                verdict = False
            rule = self._demands(name)
            if rule is None or given < 0 or self._is_missing(name, given):
                continue
            holds = self._truth(rule, state, self._texts[name][given], given)
            self.outcome.constraints.setdefault(name, Verdict()).see(holds, trail)
            verdict = False if holds is False or verdict is False else None if holds is None else verdict
        return verdict

    def _is_missing(self, name: str, number: int) -> bool:
        value, question = self._domains[name][number], self._rules.questions[name]
        return value is not UNKNOWN and type_of(question).is_missing(question, value)

    def _forget(self, names: set[str]) -> None:
        if not names and len(self._states) <= MAX_STATES:
            return
        kept = [index for index, name in enumerate(self._live) if name not in names]
        found: dict[State, Trail] = {}
        for state, trail in self._states.items():
            _keep(found, tuple(state[index] for index in kept), trail)
        if len(found) > MAX_STATES:
            raise TooMany
        self._live = tuple(self._live[index] for index in kept)
        self._states = found

    def _conjunction(self, rules: Iterable[Rule], state: State) -> bool | None:
        verdict: bool | None = True
        for rule in rules:
            if rule.path in self._ignored.rules:
                continue
            holds = self._truth(rule, state)
            if holds is False:
                return False
            if holds is None:
                verdict = None
        return verdict

    def _truth(self, rule: Rule, state: State, current: str | Unknown = "", number: int = _BLANK) -> bool | None:
        places = self._places_of(rule)
        key = (rule.path, number, *((name, state[place]) for name, place in places))
        if key not in self._memory:
            texts = {name: self._texts[name][state[place]] for name, place in places if state[place] >= 0}
            texts[CURRENT] = current
            self._memory[key] = truth(rule.node, lambda name: texts.get(name, ""))
        return self._memory[key]

    def _places_of(self, rule: Rule) -> tuple[tuple[str, int], ...]:
        """Where in a state the answers stand that a rule looks at."""
        key = (rule.path, self._live)
        if key not in self._places:
            self._places[key] = tuple((name, index) for index, name in enumerate(self._live) if name in rule.references)
        return self._places[key]

    def _of_page(self, event: EndOfPage) -> list[str]:
        return [question.name for question in event.page.questions if question.name in self._wanted]

    def _is_obliged(self, name: str) -> bool:
        return name not in self._ignored.required and self._rules.is_obliged(name)

    def _demands(self, name: str) -> Rule | None:
        return None if name in self._ignored.constraints else self._rules.demands(name)


def _keep(states: dict[State, Trail], state: State, trail: Trail) -> None:
    known = states.get(state)
    if known is None or (trail.sure and not known.sure):
        states[state] = trail

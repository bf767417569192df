"""Which pages and questions anybody can ever get to, with the answers that lead there, and what excludes what.

A way through counts if every page left behind was filled in as routing demands: what is required is answered, what is
answered passes its constraint. On the page itself what is required may still be blank, since the page is shown so.
Verdicts are exact; where that would take too long, or a condition uses what this module cannot look into, they say so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from documents.yaml_reader import Path
from questionnaires import routing
from questionnaires.model import Question, Questionnaire
from questionnaires.rule_map import Rule, RuleMap, Target
from questionnaires.sweep import NOTHING, Budget, Ignored, Outcome, Sweep, TooMany, Verdict

#: steps for one questionnaire, for one search of a witness, and for finding out which conditions exclude one another
STEPS = 40_000
STEPS_OF_WITNESS = 100_000
STEPS_OF_CONFLICTS = 60_000
MAX_IN_CONFLICT = 40
SINGLE_WAYS = 24


class Reachability:
    """The verdicts on every `relevant` and on every constraint that looks at other answers."""

    def __init__(self, questionnaire: Questionnaire):
        self.rules = RuleMap(questionnaire)
        self.verdicts: dict[Path, Verdict] = {}
        self.constraints: dict[str, Verdict] = {}
        self.dead_ends: list[Path] = []
        budget = Budget(STEPS)
        for names, targets in self._components():
            left = self._left_after_single_ways(names, targets)
            if not left and not any(self.rules.demands(name) for name in names):
                continue
            try:
                self._take(Sweep(self.rules, names, targets, budget).run())
            except TooMany:
                self._one_by_one(left, budget)
        self._conflicts = Budget(STEPS_OF_CONFLICTS)
        self._never = frozenset(path for path, verdict in self.verdicts.items() if verdict.never)

    def never_shown(self, name: str) -> bool:
        """Whether a question is never asked: itself, its page or a group around it."""
        return any(rule.path in self._never for rule in self.rules.asked[name].target.rules)

    def trusts(self, target: Target) -> bool:
        """Whether every condition that it hangs on could be read."""
        return not any(rule.is_faulty for rule in self._chain(target))

    def conflict(self, target: Target) -> tuple[str, ...]:
        """The smallest set of conditions that we find which cannot all hold, in words."""
        gone = [name for name in sorted(target.references & self.rules.asked.keys()) if self.never_shown(name)]
        if gone:
            return (*map(_spelled, target.rules), *(f"câu “{name}” không bao giờ được hỏi" for name in gone))
        chain = self._chain(target)
        names = sorted(_closure(self.rules, target.references))
        constrained = [name for name in names if name in self.rules.constraints]
        obliged = [name for name in names if self.rules.is_obliged(name)]
        if len(chain) + len(constrained) + len(obliged) > MAX_IN_CONFLICT:
            return tuple(map(_spelled, target.rules))
        ignored = NOTHING
        for rule in reversed(chain):
            ignored = self._without(target, ignored, replace(ignored, rules=ignored.rules | {rule.path}))
        for name in constrained:
            ignored = self._without(target, ignored, replace(ignored, constraints=ignored.constraints | {name}))
        for name in obliged:
            ignored = self._without(target, ignored, replace(ignored, required=ignored.required | {name}))
        return (
            *(_spelled(rule) for rule in chain if rule.path not in ignored.rules),
            *(_spelled_constraint(self.rules.constraints[name]) for name in constrained if name not in ignored.constraints),
            *(f"câu “{name}” bắt buộc trả lời" for name in obliged if name not in ignored.required),
        )

    def _without(self, target: Target, before: Ignored, after: Ignored) -> Ignored:
        """More ignored, if the target still cannot be reached."""
        try:
            outcome = _search(self.rules, target, self._conflicts, after)
        except TooMany:
            return before
        return after if outcome.targets[target.path].never else before

    def _chain(self, target: Target) -> list[Rule]:
        """Its conditions, and those of the questions that they look at, and so on; each once."""
        found = {rule.path: rule for rule in target.rules}
        for name in sorted(_closure(self.rules, target.references), key=self.rules.page_ends.__getitem__, reverse=True):
            found |= {rule.path: rule for rule in self.rules.asked[name].target.rules}
        return list(found.values())

    def _left_after_single_ways(self, names: frozenset[str], targets: list[Target]) -> list[Target]:
        """Most conditions hold on one simple way and fail on another; the thorough search is for the rest."""
        left = targets
        for number in range(SINGLE_WAYS):
            if not left:
                break
            seen = Sweep(self.rules, names, left, Budget(STEPS), one_way=number).run().targets
            for path, verdict in seen.items():
                self.verdicts[path] = self.verdicts.get(path, Verdict()).with_more(verdict)
            left = [target for target in left if not self.verdicts.get(target.path, Verdict()).settled]
        return left

    def _take(self, outcome: Outcome) -> None:
        self.verdicts |= outcome.targets
        self.constraints |= outcome.constraints
        self.dead_ends += [path for path in outcome.dead_ends if path not in self.dead_ends]

    def _one_by_one(self, targets: Iterable[Target], budget: Budget) -> None:
        for target in targets:
            try:
                self.verdicts |= _search(self.rules, target, budget).targets
            except TooMany:
                self.verdicts[target.path] = replace(self.verdicts.get(target.path, Verdict()), unfinished=True)

    def _components(self) -> Iterator[tuple[frozenset[str], list[Target]]]:
        """Questions that have to do with one another, and the targets that look at them."""
        union = _Union()
        asked = self.rules.asked
        for target in self.rules.targets:
            union.join(target.references & asked.keys())
        demanding = [rule for name in asked if (rule := self.rules.demands(name))]
        looked_at = {name for each in (*self.rules.targets, *demanding) for name in each.references}
        for name in asked:
            rule = self.rules.demands(name)
            if rule:
                union.join({name, *rule.references} & asked.keys())
            if rule or name in looked_at:
                union.join({name, *asked[name].target.references} & asked.keys())
        members: dict[str, set[str]] = {}
        for name in union.known:
            members.setdefault(union.head(name), set()).add(name)
        grouped: dict[str, list[Target]] = {head: [] for head in members}
        for target in self.rules.targets:
            names = sorted(target.references & asked.keys())
            grouped.setdefault(union.head(names[0]) if names else "", []).append(target)
        for head, targets in grouped.items():
            yield frozenset(members.get(head, ())), targets


class Ways:
    """Answers that lead to the questions of one questionnaire, and which questions hang on which."""

    def __init__(self, questionnaire: Questionnaire):
        self._questionnaire = questionnaire
        self._rules = RuleMap(questionnaire)
        self._repeats = any(page.repeat for page in questionnaire.pages)
        self._hanging: dict[str, list[Question]] = {}
        for name, event in self._rules.asked.items():
            for other in _closure(self._rules, event.target.references):
                self._hanging.setdefault(other, []).append(self._rules.questions[name])

    def witness(self, name: str) -> Mapping[str, Any] | None:
        target = self._rules.asked[name].target
        try:
            verdict = _search(self._rules, target, Budget(STEPS_OF_WITNESS)).targets[target.path]
        except TooMany:
            return None
        if not verdict.holds or not verdict.holds.sure:
            return None
        answers = as_stored(self._questionnaire, verdict.holds.answers())
        # how often a repeat is asked is no condition of ours: the router has the last word
        plans = routing.plan(self._questionnaire, answers) if self._repeats else ()
        return answers if not self._repeats or any(each.name == name for plan in plans for each in plan.questions) else None

    def cut_down_to(self, name: str) -> Questionnaire:
        """The questionnaire with nothing but the question and those on which it hangs: it is asked for the same answers."""
        kept = {name, *_closure(self._rules, self._rules.asked[name].target.references)}
        pages = (
            replace(page, questions=tuple(each for each in page.questions if each.name in kept))
            for page in self._questionnaire.pages
        )
        return replace(self._questionnaire, pages=tuple(page for page in pages if page.questions))

    def hanging_on(self, name: str) -> Sequence[Question]:
        """The questions that appear or not because of its answer, at once or by way of others."""
        return self._hanging.get(name, ())


def witness(questionnaire: Questionnaire, name: str) -> Mapping[str, Any] | None:
    """Answers under which the question is asked, questions that do not matter left out; None where we know of none.

    Raises KeyError for a question that the questionnaire does not have.
    """
    return Ways(questionnaire).witness(name)


def as_stored(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by question; those to questions in repeats as those of the first time."""
    found = dict(answers)
    for page in questionnaire.pages:
        for name in (question.name for question in page.questions if page.repeat and question.name in answers):
            first, *others = found.get(page.repeat.name) or [{}]
            found[page.repeat.name] = [{**first, name: found.pop(name)}, *others]
    return found


def _search(rules: RuleMap, target: Target, budget: Budget, ignored: Ignored = NOTHING) -> Outcome:
    return Sweep(rules, _closure(rules, target.references), [target], budget, ignored).run()


def _closure(rules: RuleMap, names: Iterable[str]) -> frozenset[str]:
    """The questions on which these hang, through their own conditions and through constraints that tie them to others."""
    tied: dict[str, set[str]] = {}
    for name in rules.constraints:
        rule = rules.demands(name)
        for other in rule.references if rule else ():
            tied.setdefault(other, set()).add(name)
    found: set[str] = set()
    waiting = [name for name in names if name in rules.asked]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        rule = rules.demands(name)
        further = {*rules.asked[name].target.references, *(rule.references if rule else ()), *tied.get(name, ())}
        waiting += [each for each in further if each in rules.asked]
    return frozenset(found)


def _spelled(rule: Rule) -> str:
    whose = {"question": "câu “{}” chỉ hỏi khi {}", "page": "trang “{}” chỉ hiện khi {}", "group": "nhóm “{}” chỉ hiện khi {}"}
    return whose[rule.kind].format(rule.name, rule.source)


def _spelled_constraint(rule: Rule) -> str:
    return f"câu “{rule.name}” chỉ nhận câu trả lời thỏa {rule.source}"


class _Union:
    """Names that belong together."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    @property
    def known(self) -> list[str]:
        return list(self._above)

    def head(self, name: str) -> str:
        self._above.setdefault(name, name)
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def join(self, names: Iterable[str]) -> None:
        heads = [self.head(name) for name in sorted(names)]
        for head in heads[1:]:
            self._above[self.head(head)] = self.head(heads[0])

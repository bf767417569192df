"""Faults of what conditions mean together: pages that nobody gets to, constraints that nothing satisfies, values in circles."""

from collections.abc import Iterator

from documents.yaml_reader import Path
from questionnaires import expressions
from questionnaires.answer_domains import looking_at, possible
from questionnaires.answers import type_of
from questionnaires.expression_tree import truth
from questionnaires.expressions import ExpressionError
from questionnaires.findings import Advice, Finding
from questionnaires.model import Questionnaire
from questionnaires.reachability import Reachability
from questionnaires.rule_map import Rule, Target

_WHAT = {"question": "Câu “{}”", "page": "Trang “{}”", "group": "Nhóm “{}”"}
_MAX_SPELLED = 8


def check_rules(questionnaire: Questionnaire) -> Iterator[Finding]:
    reach = Reachability(questionnaire)
    for target in reach.rules.targets:
        if _is_never_shown(reach, target):
            yield Finding(target.path, *_never(reach, target))
    satisfied_by_nothing = set()
    for rule in reach.rules.constraints.values():
        if _satisfied(reach, rule) == {False}:
            satisfied_by_nothing.add(rule.path[:2])
            yield Finding(rule.path, *_nothing_satisfies(reach, rule))
    for path in reach.dead_ends:
        if path not in satisfied_by_nothing:
            yield Finding(
                path,
                "Không ai qua được trang này: không có câu trả lời nào cho các câu bắt buộc thỏa cùng lúc mọi constraint.",
                "Sửa constraint của các câu trên trang, hoặc bỏ required.",
            )
    yield from _check_circles(questionnaire)


def advise_on_rules(questionnaire: Questionnaire) -> Iterator[Advice]:
    reach = Reachability(questionnaire)
    for target in reach.rules.targets:
        verdict = reach.verdicts.get(target.path)
        if verdict is None or not reach.trusts(target):
            continue
        what = _WHAT[target.kind].format(target.name)
        if verdict.always and not verdict.unclear:
            yield Advice(
                target.path,
                f"{what} lúc nào cũng hiện: điều kiện {target.own[0].source} không bao giờ sai.",
                "Bỏ relevant, hoặc sửa điều kiện nếu muốn có lúc ẩn.",
                "always_shown",
            )
        elif verdict.unclear:
            yield Advice(
                target.path,
                f"{what}: không kiểm tra hết được điều kiện {target.own[0].source}.",
                "Tự thử vài cách trả lời ở trang xem thử; điều kiện đơn giản hơn thì kiểm tra được hết.",
                "not_checked",
            )
    for rule in reach.rules.constraints.values():
        if _satisfied(reach, rule) == {True}:
            yield Advice(
                rule.path,
                f"Câu “{rule.name}”: mọi câu trả lời đều thỏa constraint {rule.source}, nên constraint không có tác dụng.",
                "Bỏ constraint, hoặc sửa lại giới hạn.",
                "constraint_always",
            )


def _is_never_shown(reach: Reachability, target: Target) -> bool:
    """Told once: not again for what stands inside something that never appears."""
    verdict = reach.verdicts.get(target.path)
    around = [reach.verdicts[rule.path] for rule in target.around if rule.path in reach.verdicts]
    return verdict is not None and verdict.never and reach.trusts(target) and not any(each.never for each in around)


def _never(reach: Reachability, target: Target) -> tuple[str, str]:
    what = _WHAT[target.kind].format(target.name)
    spelled = reach.conflict(target)
    if len(spelled) == 1:
        return (
            f"{what} không bao giờ hiện: điều kiện {target.own[0].source} không bao giờ đúng.",
            "Sửa điều kiện, hoặc bỏ phần này nếu không cần nữa.",
        )
    more = ["…"] if len(spelled) > _MAX_SPELLED else []
    return (
        f"{what} không bao giờ hiện vì các điều này không thể cùng đúng: {'; '.join([*spelled[:_MAX_SPELLED], *more])}.",
        "Sửa hoặc bỏ một trong các điều kiện đó; nếu không cần nữa thì bỏ phần này.",
    )


def _satisfied(reach: Reachability, rule: Rule) -> set[bool]:
    """Whether answers satisfy it; empty where that cannot be said for sure."""
    if rule.is_faulty:
        return set()
    if rule.references:
        verdict = reach.constraints.get(rule.name)
        if verdict is None or verdict.unclear or (verdict.fails and not verdict.fails.sure):
            return set()
        return {outcome for outcome, seen in ((True, verdict.holds), (False, verdict.fails)) if seen}
    question = reach.rules.questions[rule.name]
    values, known = possible(question, [rule.node])
    judged = {
        truth(rule.node, looking_at(value)) for value in values if not type_of(question).is_missing(question, value)
    }
    return set() if None in judged or (not known and len(judged) == 1) else {bool(each) for each in judged}


def _nothing_satisfies(reach: Reachability, rule: Rule) -> tuple[str, str]:
    question = reach.rules.questions[rule.name]
    reason = f"Câu “{rule.name}”: không có câu trả lời nào thỏa constraint {rule.source}."
    if question.required:
        return (
            f"{reason} Câu này bắt buộc, nên không ai đi tiếp và gửi được phiếu.",
            "Sửa constraint để có ít nhất một câu trả lời được nhận.",
        )
    return f"{reason} Ai trả lời cũng bị báo sai.", "Sửa constraint, hoặc bỏ constraint."


def _check_circles(questionnaire: Questionnaire) -> Iterator[Finding]:
    """Values that are computed from one another; a question asked too early is told of elsewhere."""
    needs: dict[str, tuple[str, ...]] = {}
    places: dict[str, Path] = {}
    for index, page in enumerate(questionnaire.pages):
        for number, question in enumerate(page.questions):
            sources = (question.calculation, question.relevant, page.relevant)
            needs[question.name] = tuple(name for source in sources for name in _references(source))
            if question.calculation:
                places[question.name] = ("pages", index, "questions", number, "calculation")
    told: set[str] = set()
    for name, path in places.items():
        circle = _way_back(name, needs) if name not in told else ()
        if circle:
            told |= set(circle)
            yield Finding(
                path,
                f"Giá trị tính vòng tròn: {' → '.join(f'“{each}”' for each in (*circle, name))}.",
                "Bỏ một tham chiếu để có câu được biết trước các câu kia.",
            )


def _references(source: str) -> tuple[str, ...]:
    try:
        return expressions.compile(source).references if source else ()
    except ExpressionError:
        return ()


def _way_back(start: str, needs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest chain from a question back to itself; nothing where there is none."""
    ways = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for name in needs.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()

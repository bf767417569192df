"""The older table of conditions: within a scenario all questions must fit, of one question any; any scenario will do."""

import re
from collections import defaultdict
from collections.abc import Sequence

from questionnaires.limesurvey.expression import Named, Untranslatable, pattern
from questionnaires.limesurvey.names import Names, checked
from questionnaires.limesurvey.tables import Row

_EQUAL = {"==": "=", "!=": "!="}
_ORDER = frozenset({"<", "<=", ">", ">="})
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
_OTHER_ANSWER = re.compile(r"@(\w+(?:#[01])?)@")


def as_expression(conditions: Sequence[Row], names: Names) -> str:
    """Raises Untranslatable where one of them has no counterpart: without it the others would mean something else."""
    scenarios: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in conditions:
        field = row.get("cfieldname", "").lstrip("+")
        scenarios[row.get("scenario", "1")][row.get("cqid", ""), field].append(_one(row, field, names))
    either = [" and ".join(_any(parts) for parts in by_question.values()) for by_question in scenarios.values()]
    return " or ".join(f"({each})" if len(either) > 1 else each for each in either)


def _one(row: Row, field: str, names: Names) -> str:
    method, value = row.get("method", "").strip(), row.get("value", "")
    said = f"{field} {method} {value}"[:120]
    if field.startswith("{"):
        raise Untranslatable(f"“{said}” xét thuộc tính của người được mời")
    named = names.named(field)
    if method in _EQUAL:
        return _equality(named, method, value, names)
    if method == "RX":
        return f"regex({named.written()}, '{_without_quotes(pattern(value))}')"
    if method in _ORDER and _NUMBER.fullmatch(value) and not named.choice:
        return f"{named.written()} {method} {value}"
    raise Untranslatable(f"“{said}”")


def _equality(named: Named, method: str, value: str, names: Names) -> str:
    if named.several:
        named, value = checked(named, named.codes.get(value, "")), named.mark
        if not named.choice:
            raise Untranslatable("điều kiện không nói phương án nào")
    if named.choice:
        if value not in (named.mark, ""):
            raise Untranslatable(f"“{value[:40]}” không phải dấu chọn của phương án")
        return named.written() if (value == named.mark) == (method == "==") else f"not({named.written()})"
    if other := _OTHER_ANSWER.fullmatch(value):
        return f"{named.written()} {_EQUAL[method]} {names.named(other[1]).written()}"
    if value.startswith("{"):
        raise Untranslatable(f"“{value[:60]}” không phải câu trả lời")
    return f"{named.written()} {_EQUAL[method]} '{_without_quotes(named.codes.get(value, value))}'"


def _without_quotes(text: str) -> str:
    if "'" in text:
        raise Untranslatable("giá trị có dấu nháy")
    return text


def _any(parts: list[str]) -> str:
    return f"({' or '.join(parts)})" if len(parts) > 1 else parts[0]

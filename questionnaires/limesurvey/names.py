"""What the names in a survey's expressions stand for: codes of questions and their parts, and the older numbers (SGQA)."""

from collections import defaultdict
from collections.abc import Sequence

from questionnaires.checks import RESERVED_NAMES
from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.expression import Named
from questionnaires.xlsform.result import Remarks

OTHER = "other"
#: types with several choices to mark
SEVERAL = frozenset("MP")
#: types with one answer for each part
BY_PART = frozenset("ABCEFHKQ")
#: ... for each part and column
BY_CELL = frozenset(":;1")
_METHODS = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Names:
    def __init__(self, survey: lime.Survey) -> None:
        self._named: dict[str, Named] = {}
        self._by_id: dict[str, lime.Question] = {}
        for group in survey.groups:
            for question in group.questions:
                self._by_id[question.id] = question
                self._add(question)

    def of(self, code: str) -> Named | None:
        """A code, or an older number such as 123X4X56SQ001."""
        if code in self._named:
            return self._named[code]
        _, _, tail = code.rpartition("X")
        number = next((id_ for id_ in sorted(self._by_id, key=len, reverse=True) if tail.startswith(id_)), "")
        if code.count("X") < 2 or not number:
            return None
        question, part = self._by_id[number], tail.removeprefix(number)
        return self._named.get(f"{question.code}_{part}" if part else question.code)

    def _add(self, question: lime.Question) -> None:
        name = name_of(question)
        if question.type in SEVERAL:
            for part in question.parts[0]:
                self._named[f"{question.code}_{part.code}"] = Named(name, part.code)
        elif question.type in BY_PART:
            for part in question.parts[0]:
                self._named[f"{question.code}_{part.code}"] = Named(f"{name}_{part.code}")
        elif question.type in BY_CELL:
            columns = [column.code for column in question.parts[1]] or ["1", "2"]
            for part in question.parts[0]:
                for number, column in enumerate(columns):
                    for spelled in (f"{part.code}_{column}", f"{part.code}_{number}", f"{part.code}#{number}"):
                        self._named.setdefault(f"{question.code}_{spelled}", Named(f"{name}_{part.code}_{column}"))
        else:
            self._named[question.code] = Named(name)
        if question.other:
            self._named[f"{question.code}_{OTHER}"] = Named(f"{name}_{OTHER}")
        self._named.setdefault(question.code, Named(name))


def name_of(question: lime.Question) -> str:
    """The code, where it can be a name here."""
    return f"{question.code}_answer" if question.code.lower() in RESERVED_NAMES else question.code


def conditions_as_expression(conditions: Sequence[lime.Row], names: Names, remarks: Remarks, place: str) -> str:
    """The older table of conditions: within a scenario all questions must fit, of one question any; any scenario will do."""
    scenarios: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in conditions:
        field = row.get("cfieldname", "").lstrip("+")
        named, method, value = names.of(field), row.get("method", ""), row.get("value", "").strip()
        if named is None or method not in _METHODS or value.startswith(("@", "{")):
            remarks.add(
                "left_out", place, f"Không chuyển được điều kiện “{field} {method} {value}”.", "Viết lại điều kiện này."
            )
            continue
        quoted = value if value.lstrip("-").isdecimal() and method not in ("==", "!=") else f"'{value}'"
        written = str(named) if named.choice and value == "Y" and method == "==" else f"{named} {_METHODS[method]} {quoted}"
        scenarios[row.get("scenario", "1")][row.get("cqid", field)].append(written)
    either = [" and ".join(_any(parts) for parts in by_question.values()) for by_question in scenarios.values()]
    return " or ".join(f"({each})" if len(either) > 1 else each for each in either)


def _any(parts: list[str]) -> str:
    return f"({' or '.join(parts)})" if len(parts) > 1 else parts[0]

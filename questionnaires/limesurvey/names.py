"""What everything in a survey is called here, and what the names in its expressions stand for: codes, and the older numbers."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace

from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.expression import Named, Untranslatable
from questionnaires.naming import RESERVED_NAMES
from questionnaires.xlsform.pages import OTHER

#: what LimeSurvey stores where "other" was chosen
LIME_OTHER = "-oth-"
#: types with one choice of a list, or of several
ONE, SEVERAL = frozenset("L!O"), frozenset("MP")
#: types with one answer for each part, and for each part and column
BY_PART, BY_CELL = frozenset("ABCEFHKQ"), frozenset(":;1")
#: types that have nothing an expression could look at, because they do not come along
LEFT_OUT: Mapping[str, str] = {
    "I": "câu chọn ngôn ngữ; phiếu ở đây có nút đổi ngôn ngữ",
    "|": "câu tải tệp lên; nếu cần thì thêm câu loại file và khai collects: [files]",
}
RANKING, NOTE, EQUATION = "R", "X", "*"
KNOWN = ONE | SEVERAL | BY_PART | BY_CELL | set("STUNDGY5") | {RANKING, NOTE, EQUATION}

#: a question's own name leaves room for what is added for its list, its parts ...
_MAX_NAME, _MAX_BASE, _MAX_CHOICE = 60, 50, 60
#: as LimeSurvey 7 writes them: Q12, Q12_S34, Q12_S34_S56, Q12_Cother
_BY_ID = re.compile(r"Q[0-9]+(?:_[SC]\w+)?(?:#[01])?")
_SGQA = re.compile(r"(?:INSERTANS:)?[0-9]+X[0-9]+X(\w+?(?:#[01])?)")


class Names:
    """Our names are given in the order of the survey; what clashes or is no name here is called otherwise, which is told."""

    def __init__(self, survey: lime.Survey) -> None:
        self._taken = set(RESERVED_NAMES)
        self._next: dict[str, int] = {}
        #: (id of the question, rest) -> our name
        self._ours: dict[tuple[str, str], str] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._named: dict[str, Named] = {}
        self._by_number: dict[str, Named] = {}
        self._by_id: dict[str, Named] = {}
        self._gone: dict[str, str] = {}
        #: (code of the question, sentence)
        self.renamed: list[tuple[str, str]] = []
        self._conditional: set[str] = set()
        for group in survey.groups:
            for question in group.questions:
                self._add(question)
                if any(each not in ("", "1") for each in (group.relevance, question.row.get("relevance", ""))):
                    self._conditional.add(self.of(question))

    # -- what things are called ----------------------------------------------------------------------------------------

    def of(self, question: lime.Question, rest: str = "") -> str:
        return self._ours[question.id, rest]

    def choice(self, question: lime.Question, scale: int, code: str) -> str:
        return self._codes[f"{question.id}#{scale}"][code]

    def codes(self, question: lime.Question, scale: int = 0) -> Mapping[str, str]:
        """LimeSurvey's codes -> ours."""
        return self._codes[f"{question.id}#{scale}"]

    def free(self, wanted: str, most: int = _MAX_NAME) -> str:
        """A name nobody has yet, as near to the wanted one as may be."""
        name = _plain(wanted, r"[^A-Za-z0-9_]+")
        name = (name if name[:1].isalpha() else f"q_{name}")[: most - 6]
        if name.lower() in RESERVED_NAMES:
            name = f"{name}_answer"
        made = name
        while made.lower() in self._taken:
            self._next[name.lower()] = self._next.get(name.lower(), 1) + 1
            made = f"{name}_{self._next[name.lower()]}"
        self._taken.add(made.lower())
        return made

    # -- what names stand for ------------------------------------------------------------------------------------------

    def named(self, word: str) -> Named:
        """A code, an older number such as 123X4X56SQ001 or a newer one such as Q56_S78, with or without an end.

        Raises Untranslatable.
        """
        code = word.partition(".")[0]
        number = _SGQA.fullmatch(code)
        found = self._by_number.get(number[1]) if number else self._named.get(code)
        if found is None and _BY_ID.fullmatch(code):
            found = self._by_id.get(code)
        if found is None or found.question in self._gone:
            gone = self._gone.get(found.question if found else code)
            raise Untranslatable(gone or f"không có câu hỏi “{code[:40]}”")
        return found

    def leave_out(self, question: lime.Question) -> None:
        """It does not come along after all; conditions that look at it will be told."""
        self._gone[self.of(question)] = f"câu “{question.code[:40]}” không được đưa vào"

    def may_be_hidden(self, named: Named) -> bool:
        return named.question in self._conditional

    # -- building ------------------------------------------------------------------------------------------------------

    def _add(self, question: lime.Question) -> None:
        base = self._ours[question.id, ""] = self.free(question.code, _MAX_BASE)
        self._tell(question, "Mã câu", question.code, base)
        for scale in (0, 1):
            self._codes[f"{question.id}#{scale}"] = self._choices_of(question, scale)
        left_out = question.type not in KNOWN or question.type == NOTE or is_hidden(question)
        by_ids = _by_ids(question)
        for rest, spellings, named in self._members(question, base):
            if rest is not None:
                self._ours[question.id, rest] = named.question
            if left_out:
                self._gone[named.question] = f"câu “{question.code[:40]}” không được đưa vào"
            for spelled in spellings:
                self._named.setdefault(f"{question.code}{'_' if spelled else ''}{spelled}", named)
                self._by_number.setdefault(f"{question.id}{spelled}", named)
                self._by_number.setdefault(f"{question.id}{spelled.replace('_', '#')}", named)
                if not spelled or spelled in by_ids:
                    self._by_id.setdefault(f"Q{question.id}{by_ids.get(spelled, '')}", named)

    def _members(self, question: lime.Question, base: str) -> Iterator[tuple[str | None, list[str], Named]]:
        """(what is added to the code for a question of its own here, how expressions spell it, what it stands for)"""
        codes = self._codes[f"{question.id}#0"]
        if question.type in SEVERAL:
            yield None, [""], Named(base, codes=codes, several=True)
            for part in question.parts[0]:
                yield None, [part.code], Named(base, codes[part.code])
                if question.type == "P":
                    yield f"{part.code}comment", [f"{part.code}comment"], Named(self.free(f"{base}_{part.code}_comment"))
        elif question.type in BY_PART:
            for part in question.parts[0]:
                yield part.code, [part.code], Named(self._member(question, base, part.code), codes=codes)
        elif question.type in BY_CELL:
            yield from self._cells(question, base)
        else:
            yield None, [""], Named(base, codes=codes)
        if question.type == RANKING:
            for place in range(len(question.answers[0])):
                yield None, [str(place + 1)], Named(base, place=place, codes=codes)
        if question.type == "O":
            yield "comment", ["comment"], Named(self.free(f"{base}_comment"))
        if question.other:
            yield OTHER, [OTHER], Named(self.free(f"{base}_{OTHER}"))

    def _cells(self, question: lime.Question, base: str) -> Iterator[tuple[str | None, list[str], Named]]:
        columns = columns_of(question)
        for part in question.parts[0]:
            if is_boxes(question):
                row = self._member(question, base, part.code)
                yield part.code, [], Named(row)
                for column in columns:
                    yield None, [f"{part.code}_{column}"], Named(row, self.choice(question, 1, column), mark="1")
                continue
            for number, column in enumerate(columns):
                spelled = [f"{part.code}_{number}" if question.type == "1" else f"{part.code}_{column}"]
                codes = self._codes[f"{question.id}#{number if question.type == '1' else 0}"]
                rest = f"{part.code}_{column}"
                yield rest, spelled, Named(self._member(question, base, rest), codes=codes)

    def _member(self, question: lime.Question, base: str, rest: str) -> str:
        made = self.free(f"{base}_{rest}")
        self._tell(question, "Mã dòng, ô", f"{base}_{rest}", made)
        return made

    def _choices_of(self, question: lime.Question, scale: int) -> dict[str, str]:
        """Codes of answers, or of the parts that are choices here."""
        as_choices = question.type in SEVERAL and not scale or is_boxes(question) and scale
        given = [part.code for part in question.parts[scale]] if as_choices else [
            answer.code for answer in question.answers[scale]]  # fmt: skip
        found = {LIME_OTHER: OTHER} if question.other and as_list(question, scale) else {}
        taken, times = set(found.values()), {}
        for code in given:
            made = wanted = _plain(code, r"[^A-Za-z0-9_.-]+").lstrip(".-")[: _MAX_CHOICE - 6] or "x"
            while made in taken:
                times[wanted] = times.get(wanted, 1) + 1
                made = f"{wanted}_{times[wanted]}"
            if code not in found:
                taken.add(made)
                found[code] = made
                self._tell(question, "Mã phương án", code, made)
        return found

    def _tell(self, question: lime.Question, what: str, code: str, ours: str) -> None:
        if code != ours:
            self.renamed.append((question.code, f"{what} “{code[:60]}” không dùng được ở đây, đổi thành “{ours}”."))


def _by_ids(question: lime.Question) -> dict[str, str]:
    """How expressions spell what belongs to a question -> the same by the numbers of its parts."""
    found = {OTHER: f"_C{OTHER}", "comment": "_Ccomment"}
    for place, part in enumerate(question.parts[0], 1):
        row = f"_S{part.id}"
        found |= {part.code: row, f"{part.code}comment": f"{row}_Ccomment"}
        found |= {f"{part.code}_{scale}": f"{row}#{scale}" for scale in (0, 1) if question.type == "1"}
        found |= {f"{part.code}_{column.code}": f"{row}_S{column.id}" for column in question.parts[1]}
        if question.type == RANKING:
            found[str(place)] = row
    return found


def as_list(question: lime.Question, scale: int) -> bool:
    """Whether its choices are its own, so that "other" can stand among them."""
    return not scale and question.type in ONE | SEVERAL


def is_hidden(question: lime.Question) -> bool:
    """Never shown, but for LimeSurvey's own reckoning; equations are never shown here anyway."""
    return question.type != EQUATION and question.switched_on("hidden")


def columns_of(question: lime.Question) -> list[str]:
    """The columns of a table; the two scales of a dual one are called 1 and 2, as in LimeSurvey's exports."""
    return ["1", "2"] if question.type == "1" else [column.code for column in question.parts[1]]


def is_boxes(question: lime.Question) -> bool:
    """A table of boxes to tick."""
    return question.type == ":" and question.switched_on("multiflexible_checkbox")


def checked(named: Named, ours: str) -> Named:
    """Of a question with several choices: whether this one is marked."""
    return replace(named, choice=ours, several=False)


def _plain(text: str, unwanted: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return re.sub(unwanted, "_", "".join(each for each in bare if not unicodedata.combining(each)))

"""Texts and expressions of a survey, each told where something of it does not come along."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from questionnaires import expressions
from questionnaires.expressions import ExpressionError
from questionnaires.limesurvey.expression import ENDS, Named, Untranslatable, translate
from questionnaires.limesurvey.names import Names
from questionnaires.limesurvey.plain import plain
from questionnaires.model import Text
from questionnaires.xlsform.result import Remarks

#: LimeSurvey evaluates what stands in braces without a space after the first or before the last
_BRACES = re.compile(r"(?<!\\)\{(?!\s)([^{}]*)(?<!\s)\}")
_ANSWER = re.compile(r"((?:INSERTANS:)?\w+(?:#[01])?)(?:\.(\w+))?")
_TAG = re.compile(r"</?(?:p|br|span|div|strong|em|b|i)\b[^<>]*>", re.I)
#: of an expression that holds where an answer is blank: LimeSurvey would not let it hold where the question is hidden
_HOLDS_FOR_BLANK = re.compile(r"!=|not\(|= ''")


class WordReader:
    def __init__(self, languages: Sequence[str], names: Names, remarks: Remarks, file: str) -> None:
        self.languages, self._names, self._remarks, self._file = languages, names, remarks, file
        self._english = False

    def tell(self, place: str, reason: str, mend: str = "") -> None:
        self._remarks.add("left_out", f"{self._file}, {place}" if place else self._file, reason, mend)

    def assume(self, place: str, reason: str, mend: str = "") -> None:
        self._remarks.add("assumed", f"{self._file}, {place}" if place else self._file, reason, mend)

    def read(self, words: Mapping[str, str], place: str) -> Text:
        """Plain texts by language; answers that they mention become `${name}`."""
        found: dict[str, str] = {}
        lost: set[str] = set()
        for language, source in words.items():
            text, more = plain(source)
            if language and language not in self.languages:
                lost.add(f"bản dịch “{language[:20]}” mà khảo sát không khai báo")
                continue
            lost |= more
            text = self._piped(text, place)
            if text and (language or self.languages[0] not in found):
                found[language or self.languages[0]] = text
        if lost:
            self.tell(place, f"Không giữ được trong câu chữ: {', '.join(sorted(lost))}.")
        return Text(MappingProxyType(found))

    def own(self, said: Mapping[str, str], place: str) -> Text:
        """Words of ours, where the survey takes those of LimeSurvey; English where we do not speak the language."""
        unspoken = [language for language in self.languages if language not in said]
        if unspoken and not self._english:
            self._english = True
            self.assume(
                place, f"Nhãn có sẵn để tiếng Anh ở ngôn ngữ {', '.join(unspoken)[:60]}, ở đây và các câu sau.", "Dịch chúng."
            )
        return Text(MappingProxyType({language: said.get(language, said["en"]) for language in self.languages}))

    # -- expressions ---------------------------------------------------------------------------------------------------

    def expression(self, written: str, place: str, what: str, current: str = "") -> str:
        """ "" where it always holds, and where it has no counterpart, which is told."""
        hidden: list[str] = []

        def named(word: str) -> Named:
            found = self._names.named(word)
            if "NAOK" not in word and self._names.may_be_hidden(found):
                hidden.append(word)
            return found

        made = self._told(written, place, what, lambda: translate(written, named, current))
        if hidden and _HOLDS_FOR_BLANK.search(made):
            self.assume(
                place,
                f"LimeSurvey coi {what} này là sai khi câu “{hidden[0][:40]}” đang ẩn; ở đây câu ẩn chỉ là câu chưa trả lời.",
                "Thêm điều kiện câu ấy đã được trả lời, nếu cần.",
            )
        return made

    def conditions(self, make: Callable[[], str], place: str) -> str:
        return self._told("", place, "bảng điều kiện (conditions)", make)

    def joined(self, parts: Sequence[str], place: str, what: str) -> str:
        """All of them at once; told where that is more than an expression may be."""
        given = [part for part in parts if part]
        whole = " and ".join(f"({part})" for part in given) if len(given) > 1 else "".join(given)
        return self._told(whole, place, what, lambda: whole)

    def _told(self, written: str, place: str, what: str, make: Callable[[], str]) -> str:
        try:
            made = make()
            if made:
                expressions.compile(made)
            return made
        except (Untranslatable, ExpressionError) as error:
            said = f" “{' '.join(written.split())[:120]}”" if written else ""
            self.tell(place, f"Không chuyển được {what}{said}: {str(error).rstrip('.')}.", "Viết lại bằng biểu thức của phiếu.")
            return ""

    def equation(self, source: str, place: str) -> str:
        """The one expression in braces that an equation consists of."""
        inside = _BRACES.findall(source)
        around = plain(_BRACES.sub("", source))[0]
        if len(inside) != 1 or around:
            reason = "công thức lẫn với chữ" if inside else "không có biểu thức trong ngoặc nhọn"
            self.tell(place, f"Không đưa được câu tính toán vào: {reason}.", "Thêm câu loại calculate với calculation.")
            return ""
        return self.expression(html.unescape(_TAG.sub("", inside[0])).replace("\xa0", " "), place, "công thức")

    def _piped(self, text: str, place: str) -> str:
        def said(found: re.Match[str]) -> str:
            answer = _ANSWER.fullmatch(found[1])
            try:
                named = self._names.named(answer[1]) if answer and (answer[2] or "") in (*ENDS, "shown") else None
            except Untranslatable:
                named = None
            if named is not None and not named.choice and named.place is None:
                return named.written()
            self.tell(place, f"Không chuyển được “{found[0][:120]}” trong câu chữ.", "Viết lại câu chữ.")
            return found[0]

        return _BRACES.sub(said, text)

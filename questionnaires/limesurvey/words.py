"""Texts and expressions of a survey, each told where something of it does not come along."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from questionnaires.limesurvey.expression import Untranslatable, translate
from questionnaires.limesurvey.names import Names
from questionnaires.limesurvey.plain import plain
from questionnaires.model import Text
from questionnaires.xlsform.result import Remarks

#: LimeSurvey evaluates what stands in braces without a space after the first
_BRACES = re.compile(r"\{(?!\s)([^{}]*)(?<!\s)\}")
_PLAIN_NAME = re.compile(r"(\w+)(\.(shown|NAOK|value))?")


class WordReader:
    def __init__(self, languages: Sequence[str], names: Names, remarks: Remarks, file: str) -> None:
        self.languages, self._names, self._remarks, self._file = languages, names, remarks, file

    def read(self, words: Mapping[str, str], place: str) -> Text:
        """Plain texts by language; answers that they mention become `${name}`."""
        found, lost = {}, set()
        for language, html in words.items():
            text, more = plain(self._piped(html, place))
            lost |= more
            if text:
                found[language if language in self.languages else self.languages[0]] = text
        if lost:
            self._tell(place, f"Câu chữ có {', '.join(sorted(lost))}, ở đây chỉ giữ chữ.")
        return Text(MappingProxyType(found))

    def expression(self, written: str, place: str, what: str, current: str = "") -> str:
        try:
            return translate(written, self._names.of, current)
        except Untranslatable as error:
            self._tell(place, f"Không chuyển được {what} “{written[:120]}”: {error}.", "Viết lại bằng biểu thức của XLSForm.")
            return ""

    def _piped(self, html: str, place: str) -> str:
        def said(found: re.Match[str]) -> str:
            name = _PLAIN_NAME.fullmatch(found[1])
            named = self._names.of(name[1]) if name else None
            if named is not None and not named.choice:
                return str(named)
            self._tell(place, f"Không chuyển được biểu thức “{found[0][:120]}” trong câu chữ.", "Viết lại câu chữ.")
            return found[0]

        return _BRACES.sub(said, html)

    def _tell(self, place: str, reason: str, mend: str = "") -> None:
        self._remarks.add("left_out", f"{self._file}, {place}", reason, mend)

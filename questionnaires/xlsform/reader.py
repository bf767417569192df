"""A workbook -> Imported. Raises documents.faults.Faults with everything that makes it unreadable as a form."""

import re
import unicodedata
from collections.abc import Collection
from types import MappingProxyType
from typing import get_args

from documents.faults import FaultList, Faults
from documents.yaml_reader import Path
from questionnaires.answers import REGISTRY
from questionnaires.model import CONSENT_PARTS, Choice, ChoiceList, Collects, Consent, MissingKind, Questionnaire, Rates, Text
from questionnaires.shape import shorten
from questionnaires.xlsform import csv_file, lines
from questionnaires.xlsform.cells import CellReader
from questionnaires.xlsform.columns import MEDIA, WITHOUT_THEIR_SHEET, understood
from questionnaires.xlsform.languages import code_of
from questionnaires.xlsform.lines import Line
from questionnaires.xlsform.pages import OTHER, OTHER_LABELS, PageReader, in_every_language
from questionnaires.xlsform.result import Imported, Remarks
from questionnaires.xlsform.sheets import MAX_BYTES, Sheet, Workbook, refused, workbook
from questionnaires.xlsform.survey_tree import TreeReader

_MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ASSUMED_LANGUAGE, ASSUMED_VERSION, ASSUMED_GROUP = "vi", "1", "citizens"


def is_workbook(source: bytes, name: str) -> bool:
    """Whether a file that somebody hands in is meant as a workbook, and not as our YAML."""
    return source.startswith((_ZIP, _OLE)) or name.lower().endswith((".xlsx", ".xlsm", ".xls", ".csv"))


def read(source: bytes, name: str, known_types: Collection[str] = REGISTRY) -> Imported:
    """The draft that the workbook describes; `Imported.faults` tells what it lacks to be asked."""
    if len(source) > MAX_BYTES:
        raise refused(
            name, f"Tệp quá lớn ({len(source)} byte).", f"Bỏ hình ảnh và trang tính không dùng; tối đa {MAX_BYTES} byte."
        )
    if not source:
        raise refused(name, "Tệp rỗng.", "Chọn đúng tệp có nội dung.")
    # the libraries of spreadsheets take a second to load: only who reads one pays for it
    if source.startswith(_ZIP):
        from questionnaires.xlsform import xlsx_file as file
    elif source.startswith(_OLE):
        from questionnaires.xlsform import xls_file as file
    else:
        file = csv_file
    return understand(workbook(name, file.read(source, name)), known_types)


def understand(book: Workbook, known_types: Collection[str] = REGISTRY) -> Imported:
    return _Reader(book, known_types).imported()


def load(source: bytes, name: str) -> Questionnaire:
    """Like `document.load`: the questionnaire, or Faults with all that the checks say of it."""
    imported = read(source, name)
    if faults := imported.faults():
        raise Faults(faults)
    return imported.questionnaire


class _Reader:
    def __init__(self, book: Workbook, known_types: Collection[str]):
        self._book = book
        self._types = known_types
        self._faults = FaultList()
        self._remarks = Remarks()
        self._cells = CellReader(self._faults)
        self._places: dict[Path, Line] = {}

    def imported(self) -> Imported:
        for name, reason, mend in self._book.unused:
            self._remarks.add("left_out", f"{self._book.name}, trang tính {name}", reason, mend)
        for told in self._book.left_out:
            self._remarks.add("left_out", *told)
        for told in self._book.results:
            self._remarks.add("assumed", *told)
        default, languages = self._languages()
        read = {key: lines.read(sheet, key, default, self._faults) for key, sheet in self._book.sheets.items()}
        for key, sheet in self._book.sheets.items():
            self._tell_columns_without_meaning(key, sheet, read[key])
        choices = self._choices(read.get("choices", []))
        tree = TreeReader(choices, self._types, self._faults, self._remarks)
        nodes = tree.read(read["survey"])
        self._add_other(choices, tree.with_other, languages)
        lists = {name: ChoiceList(name, tuple(each)) for name, each in choices.items()}
        pages = PageReader(lists, languages, self._cells, self._remarks)
        pages.read(nodes)
        self._places |= pages.lines
        many = any(
            question.type in REGISTRY and REGISTRY[question.type].rates_many_units
            for page in pages.pages
            for question in page.questions
        )
        settings = self._settings(read.get("settings", []))
        made = self._questionnaire(settings, default, languages, tuple(lists.values()), pages, many)
        self._faults.refuse_if_any()
        return Imported(made, self._remarks.all(), self._book.name, MappingProxyType(self._places), tree.left_out)

    def _languages(self) -> tuple[str, tuple[str, ...]]:
        """The default language and all of them, in the order of the columns."""
        found = lines.languages(self._book.sheets)
        named = [language for language in found if language]
        settings = self._book.sheets.get("settings")
        declared = code_of(_first(settings, "default_language")) if settings else ""
        if declared in ("", "default"):
            of_labels = lines.language_of_labels(self._book.sheets["survey"])
            declared = of_labels or (named[0] if named and None not in found else ASSUMED_LANGUAGE)
            self._remarks.add(
                "assumed",
                f"{self._book.name}, trang tính settings",
                f"Không ghi default_language; coi là “{declared}”.",
                "Ghi ngôn ngữ mặc định vào cột default_language.",
            )
        languages = tuple(dict.fromkeys(language or declared for language in found))
        return declared, languages if declared in languages else (*languages, declared)

    def _tell_columns_without_meaning(self, key: str, sheet: Sheet, read: list[Line]) -> None:
        for header in dict.fromkeys(header for line in read for header in line.unknown):
            place, named = lines.header_place(sheet, header), f"Cột “{shorten(header)}”"
            if header.lower() in WITHOUT_THEIR_SHEET:
                self._remarks.add("left_out", place, f"{named} cần một trang tính không dùng được ở đây, nên bị bỏ.")
            elif key != "choices":
                self._remarks.add("kept", place, f"{named} không có ý nghĩa ở đây; được giữ nguyên để xuất lại.")
            elif MEDIA.fullmatch(header):  # any other column of choices is what choice_filter looks at
                self._remarks.add(
                    "kept", place, f"{named}: hình, âm thanh của phương án không hiện ở đây; được giữ nguyên để xuất lại."
                )

    def _choices(self, read: list[Line]) -> dict[str, list[Choice]]:
        found: dict[str, list[Choice]] = {}
        for line in read:
            list_name, name = line["list_name"], line["name"]
            if not list_name and not name:
                self._remarks.add("left_out", line.place(), "Dòng không có list_name và name được coi là ghi chú.")
                continue
            if not list_name or not name:
                self._faults.add(
                    line.place("name" if list_name else "list_name"),
                    "Phương án không có mã." if list_name else "Phương án không thuộc danh sách nào.",
                    "Ghi cả hai cột list_name và name.",
                )
                continue
            in_list = found.setdefault(list_name, [])
            self._places.setdefault(("choices", list_name), line)
            self._places["choices", list_name, len(in_list)] = line
            missing = self._cells.one_of(line, "par_missing", get_args(MissingKind)) or None
            in_list.append(
                Choice(
                    name,
                    line.text("label"),
                    missing,
                    self._cells.truth(line, "par_exclusive"),
                    MappingProxyType({**line.unknown, **self._cells.by_key(line, "par_attributes")}),
                )
            )
        return found

    def _add_other(self, choices: dict[str, list[Choice]], with_other: set[str], languages: tuple[str, ...]) -> None:
        for name in with_other:
            if all(choice.name != OTHER for choice in choices[name]):
                choices[name].append(Choice(OTHER, in_every_language(OTHER_LABELS, languages)))

    def _settings(self, read: list[Line]) -> Line | None:
        for line in read[1:]:
            self._remarks.add("left_out", line.place(), "Trang tính settings chỉ dùng dòng đầu tiên.")
        if read:
            self._places[()] = read[0]
        return read[0] if read else None

    def _questionnaire(
        self, line: Line | None, default: str, languages, lists, pages: PageReader, many: bool
    ) -> Questionnaire:
        line = line or Line(self._book.sheets["survey"], 1, {}, {}, {})
        form_id = line["form_id"] or self._assume("form_id", _identifier(self._book.name))
        titles = {**line.text("par_title").by_language, **({default: line["form_title"]} if line["form_title"] else {})}
        if not titles:
            titles = {default: self._assume("form_title", form_id)}
        titles = {language: titles[language] for language in sorted(titles, key=(*languages, *titles).index)}
        return Questionnaire(
            form_id=form_id,
            version=self._version(line),
            title=Text(MappingProxyType(titles)),
            consent=Consent(**{part: line.text(f"par_consent_{part}") for part in CONSENT_PARTS}),
            respondent_groups=self._cells.words(line, "par_respondent_groups")
            or (self._assume("par_respondent_groups", ASSUMED_GROUP),),
            rates=self._cells.one_of(line, "par_rates", get_args(Rates)) or self._assume_rates(many),
            pages=tuple(pages.pages),
            choice_lists=lists,
            languages=languages,
            default_language=default,
            machine_drafted=self._cells.words(line, "par_machine_drafted"),
            minutes=self._cells.whole(line, "par_minutes"),
            description=line.text("par_description"),
            collects=self._cells.words_of(line, "par_collects", get_args(Collects)),
            breaks_series=MappingProxyType(self._cells.by_key(line, "par_breaks_series")),
            renames=MappingProxyType(self._cells.by_key(line, "par_renames")),
            extra=MappingProxyType({**self._kept_settings(line, pages), **self._cells.by_key(line, "par_extra")}),
        )

    def _version(self, line: Line) -> str:
        """Often the moment at which the file was saved, worked out by a formula; without its marks that is a version here."""
        written = line["version"]
        if not written:
            return self._assume("version", ASSUMED_VERSION)
        moment = _MOMENT.fullmatch(written)
        if not moment:
            return written
        version = "".join(part for part in moment.groups() if part)
        self._remarks.add("assumed", line.place("version"), f"“{written}” là thời điểm; phiên bản ghi là “{version}”.")
        return version

    def _kept_settings(self, line: Line, pages: PageReader) -> dict[str, str]:
        kept = dict(line.unknown)
        for header, text in line.unknown.items():
            if gone := pages.gone(text):
                del kept[header]
                self._remarks.add(
                    "left_out", line.place_of(header), f"Ô nhắc đến “{gone}” không có trong phiếu nên bị bỏ."
                )
        return kept

    def _assume_rates(self, many: bool) -> Rates:
        assumed: Rates = "many_units" if many else "one_unit"
        self._assume("par_rates", assumed)
        return assumed

    def _assume(self, field: str, value: str) -> str:
        self._remarks.add(
            "assumed",
            f"{self._book.name}, trang tính settings",
            f"Không ghi {field}; coi là “{value}”.",
            f"Ghi giá trị đúng vào cột {field}.",
        )
        return value


def _first(sheet: Sheet, field: str) -> str:
    """A setting that has to be known before the columns are."""
    for at, header in sheet.header.items():
        column = understood("settings", header)
        if column and column.field == field and sheet.rows:
            return sheet.rows[0][1].get(at, "")
    return ""


def _identifier(file: str) -> str:
    """A form's id from its file's name."""
    stem = file.rpartition("/")[2].rpartition(".")[0] or file
    plain = unicodedata.normalize("NFD", stem.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    made = "_".join(re.findall(r"[A-Za-z0-9]+", plain))[:60]
    return made if made[:1].isalpha() else f"phieu_{made}"[:60].rstrip("_")

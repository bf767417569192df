"""The tree of a survey sheet -> pages in flat order, as ODK shows them.

A group with the appearance field-list is a page, and so is a table-list; a question outside of any is a page of its own.
`page_name` is the name of a page that the workbook does not name; the writer leaves such pages out again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from documents.yaml_reader import Path
from questionnaires.model import ChoiceList, Group, Page, Question, Repeat, Text
from questionnaires.shape import BOOLEANS
from questionnaires.xlsform import types
from questionnaires.xlsform.cells import CellReader, is_computed
from questionnaires.xlsform.columns import SURVEY, WITHOUT_THEIR_SHEET
from questionnaires.xlsform.lines import Line
from questionnaires.xlsform.result import Remarks
from questionnaires.xlsform.survey_tree import Node

FIELD_LIST, TABLE_LIST = "field-list", "table-list"
_LOOKS_OF_GROUPS = frozenset({FIELD_LIST, TABLE_LIST})
OTHER = "other"
OTHER_LABELS = {"vi": "Khác", "km": "ផ្សេងទៀត", "en": "Other"}
SPECIFY_OTHER = {"vi": "Xin ghi rõ", "km": "សូមបញ្ជាក់", "en": "Please specify"}

_NOT_IN_NAMES = re.compile(r"\W", re.ASCII)
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}\s]*)\s*\}")
_OF_GROUPS = frozenset(
    {"type", "name", "label", "hint", "relevant", "appearance", "par_type", "par_name", "par_appearance", "par_extra"}
)
_OF_REPEATS = _OF_GROUPS | {"repeat_count", "par_most"}
_OF_QUESTIONS = frozenset(SURVEY) - {"repeat_count", "par_most", "par_name", "par_appearance"}
_SILENT = frozenset({"disabled"})


def page_name(name: str) -> str:
    """A name that the checks do not mind, whatever they say of the question's own."""
    plain = _NOT_IN_NAMES.sub("_", name)
    return f"{plain[:55]}_page" if plain[:1].isalpha() else f"p{plain[:54]}_page"


def in_every_language(words: Mapping[str, str], languages: Sequence[str]) -> Text:
    return Text(MappingProxyType({language: words.get(language, words["en"]) for language in languages}))


class PageReader:
    def __init__(self, lists: Mapping[str, ChoiceList], languages: Sequence[str], cells: CellReader, remarks: Remarks):
        self._lists = lists
        self._languages = languages
        self._cells = cells
        self._remarks = remarks
        self._taken: set[str] = set()
        self._names: frozenset[str] = frozenset()
        self._told_appearances: set[str] = set()
        self.lines: dict[Path, Line] = {}
        self.pages: list[Page] = []

    def read(self, nodes: Sequence[Node]) -> tuple[Page, ...]:
        self._names = frozenset(node.name for node in _all(nodes))
        self._taken = {name.lower() for name in self._names}
        self._run(nodes, ())
        return tuple(self.pages)

    def gone(self, text: str) -> str:
        """The first thing that a text speaks of and that was left out, or nothing."""
        return next((name for name in _REFERENCE.findall(text) if name not in self._names), "")

    def _run(self, nodes: Sequence[Node], within: tuple[Group, ...]) -> None:
        loose: list[Node] = []
        for node in nodes:
            if node.kind == "question":
                loose.append(node)
                continue
            self._loose_pages(loose, within)
            loose = []
            self._tell_looks(node.line, _LOOKS_OF_GROUPS)
            appearance = node.line["appearance"].split()
            whole = not node.repeats_inside
            if not _asks(node) and (node.kind == "repeat" or FIELD_LIST not in appearance):
                self._tell_empty(node)
            elif node.kind == "group" and whole and TABLE_LIST in appearance:
                self._table_page(node, within)
            elif node.kind == "group" and whole and FIELD_LIST in appearance:
                self._page(node.line, node.name, self._page_extra(node), node.children, within)
            elif node.kind == "repeat" and whole and FIELD_LIST in appearance:
                group = self._group(node)
                self._add(
                    Page(self._free_name(node.name), group.label, self._questions(node.children), within=(*within, group)),
                    node.line,
                    node.children,
                )
            else:
                if {FIELD_LIST, TABLE_LIST} & set(appearance):
                    self._remarks.add(
                        "kept",
                        node.line.place("appearance"),
                        f"“{node.name}” có nhóm lặp bên trong nên không thể là một "
                        "trang; mỗi câu hỏi ngoài nhóm trang là một trang riêng.",
                    )
                self._run(node.children, (*within, self._group(node)))
        self._loose_pages(loose, within)

    def _loose_pages(self, nodes: list[Node], within: tuple[Group, ...]) -> None:
        """Each question a page; what nobody sees goes with the question before it, or with the first one."""
        pages: list[list[Node]] = []
        for node in nodes:
            shown_before = bool(pages) and any(each.asked.type not in types.UNSEEN for each in pages[-1])
            if pages and (node.asked.type in types.UNSEEN or not shown_before):
                pages[-1].append(node)
            else:
                pages.append([node])
        for members in pages:
            questions = self._questions(members)
            self._add(
                Page(
                    self._free_name(head_of(questions).name), loose_label(questions, self._languages), questions, within=within
                ),
                members[0].line,
                members,
            )

    def _page(
        self, line: Line, name: str, extra: Mapping[str, str], children: Sequence[Node], within: tuple[Group, ...]
    ) -> None:
        self._add(
            Page(name, line.text("label"), self._questions(children), line.text("hint"), line["relevant"], within, extra),
            line,
            children,
        )

    def _table_page(self, node: Node, within: tuple[Group, ...]) -> None:
        """A table-list stands alone on its page, which takes its words; the group in it makes the table."""
        table = Group(node.name, appearance=node.line["appearance"])
        self.lines["groups", node.name] = node.line
        line = node.line
        self._add(
            Page(
                self._free_name(node.name),
                line.text("label"),
                self._questions(node.children, (table,)),
                line.text("hint"),
                line["relevant"],
                within,
                self._extra(line, _OF_GROUPS),
            ),
            line,
            node.children,
        )

    def _page_extra(self, node: Node) -> Mapping[str, str]:
        """What else the appearance of a page says has no place in the model; it is kept."""
        rest = " ".join(word for word in node.line["appearance"].split() if word != FIELD_LIST)
        extra = self._extra(node.line, _OF_GROUPS)
        return MappingProxyType({"appearance": rest, **extra} if rest else extra)

    def _add(self, page: Page, line: Line, members: Sequence[Node]) -> None:
        path: Path = ("pages", len(self.pages))
        self.lines[path] = line
        self.pages.append(page)
        for index, node in enumerate(node for node in _all(members) if node.kind == "question"):
            self.lines[*path, "questions", index] = node.line

    def _free_name(self, of: str) -> str:
        name, number = page_name(of), 1
        while name.lower() in self._taken:
            number += 1
            name = f"{page_name(of)}{number}"
        self._taken.add(name.lower())
        return name

    def _questions(self, nodes: Sequence[Node], within: tuple[Group, ...] = ()) -> tuple[Question, ...]:
        return tuple(self._each_question(nodes, within))

    def _each_question(self, nodes: Sequence[Node], within: tuple[Group, ...]) -> Iterator[Question]:
        for node in nodes:
            if node.kind == "question":
                yield self._question(node, within)
            elif _asks(node):
                self._tell_looks(node.line, _LOOKS_OF_GROUPS)
                yield from self._each_question(node.children, (*within, self._group(node)))
            else:
                self._tell_empty(node)

    def _tell_empty(self, node: Node) -> None:
        self._remarks.add("left_out", node.line.place("type"), f"Nhóm “{node.name}” không có câu hỏi nào.")

    def _group(self, node: Node) -> Group:
        line, cells = node.line, self._cells
        self.lines["groups", node.name] = line
        repeats = node.kind == "repeat"
        if repeats and not line["par_most"]:
            self._remarks.add(
                "assumed",
                line.place("par_most"),
                f"Không ghi par_most; nhóm lặp “{node.name}” được hỏi nhiều nhất {Repeat.most} lần.",
                "Ghi số lần nhiều nhất vào cột par_most.",
            )
        return Group(
            node.name,
            line.text("label"),
            line.text("hint"),
            line["relevant"],
            line["par_appearance"] or line["appearance"],
            Repeat(line["repeat_count"], cells.whole(line, "par_most") or Repeat.most) if repeats else None,
            self._extra(line, _OF_REPEATS if repeats else _OF_GROUPS),
        )

    def _question(self, node: Node, within: tuple[Group, ...]) -> Question:
        if node.specifies_other_of:
            return self._specify_other(node, node.specifies_other_of, within)
        line, cells = node.line, self._cells
        required = line["required"].lower()
        #: XLSForm lets an expression decide; we cannot say that
        undecided = {}
        if required and required not in BOOLEANS:
            undecided |= self._undecided(
                line,
                "required",
                "Bắt buộc theo điều kiện không dùng được; câu hỏi thành không bắt buộc.",
                "Ghi yes hoặc no; hoặc viết điều kiện vào relevant.",
            )
        computed = is_computed(line["default"])
        if computed:
            undecided |= self._undecided(
                line,
                "default",
                "Giá trị điền sẵn là biểu thức, không dùng được; câu hỏi để trống.",
                "Ghi một giá trị; hoặc thêm câu calculate rồi nhắc đến nó trong nhãn.",
            )
        parameters = cells.parameters(line)
        self._tell_what_has_no_effect(node, parameters)
        return Question(
            node.name,
            node.asked.type,
            line.text("label"),
            line.text("hint"),
            required=BOOLEANS.get(required, False) or cells.truth(line, "par_required"),
            relevant=line["relevant"],
            constraint=line["constraint"],
            constraint_message=line.text("constraint_message"),
            required_message=line.text("required_message"),
            choices=self._lists.get(node.asked.list_name),
            choice_filter=line["choice_filter"],
            calculation=line["calculation"],
            default=line["par_default"] or ("" if computed else line["default"]),
            parameters=parameters,
            appearance=line["appearance"],
            missing=cells.missing(line),
            within=within,
            extra=MappingProxyType({**undecided, **self._extra(line, _OF_QUESTIONS)}),
            factor=line["par_factor"],
        )

    def _undecided(self, line: Line, field: str, reason: str, mend: str) -> dict[str, str]:
        """What only ODK can work out comes out again, unless it speaks of something that was left out."""
        gone = self.gone(line[field])
        if gone:
            reason += f" Biểu thức bị bỏ, vì nhắc đến “{gone}” không có trong phiếu."
        self._remarks.add("left_out" if gone else "kept", line.place(field), reason, mend)
        return {} if gone else {field: line[field]}

    def _tell_what_has_no_effect(self, node: Node, parameters: Mapping[str, str]) -> None:
        line = node.line
        for key in parameters.keys() - types.PARAMETERS.get(node.asked.type, frozenset()):
            self._remarks.add(
                "kept", line.place("parameters"), f"Tham số “{key}” không có tác dụng ở đây; được giữ nguyên để xuất lại."
            )
        if parameters.get("randomize", "true") not in ("true", "false"):
            self._remarks.add(
                "kept",
                line.place("parameters"),
                f"randomize={parameters['randomize']} không có tác dụng; các phương án giữ thứ tự.",
                "Ghi randomize=true hoặc randomize=false.",
            )
        self._tell_looks(line, types.APPEARANCES)

    def _tell_looks(self, line: Line, known: frozenset[str]) -> None:
        """Each look once, where it comes first."""
        for word in dict.fromkeys(line["appearance"].lower().split()):
            if word in known or word in self._told_appearances:
                continue
            self._told_appearances.add(word)
            self._remarks.add(
                "kept",
                line.place("appearance"),
                f"Dáng vẻ “{word}” (từ dòng này) không có tác dụng ở đây; được giữ nguyên để xuất lại.",
                "Trong ODK dòng này chỉ hiện tên cột của bảng; ở đây nó là một câu hỏi: xóa nó và đặt các câu của bảng vào một "
                "nhóm có appearance table-list."
                if word == "label"
                else "",
            )

    def _specify_other(self, node: Node, chosen: Node, within: tuple[Group, ...]) -> Question:
        several = "selected(${%s}, '%s')" if chosen.asked.type in types.SEVERAL else "${%s} = '%s'"
        return Question(
            node.name,
            node.asked.type,
            in_every_language(SPECIFY_OTHER, self._languages),
            relevant=several % (chosen.name, OTHER),
            within=within,
        )

    def _extra(self, line: Line, meant: frozenset[str]) -> Mapping[str, str]:
        """What the row says beyond what it can mean: unknown columns, and columns that such a row does not use."""
        unused = {
            column.field + (f"::{column.language}" if column.language else ""): text
            for column, text in line.known.items()
            if column.field not in meant | _SILENT
        }
        for spelled in unused:
            self._remarks.add(
                "kept", line.place(*spelled.split("::")), f"Cột “{spelled}” không có ý nghĩa ở dòng này; được giữ nguyên."
            )
        unknown = {header: text for header, text in line.unknown.items() if header.lower() not in WITHOUT_THEIR_SHEET}
        for header, text in (unknown | unused).items():
            if gone := self.gone(text):
                self._remarks.add(
                    "left_out",
                    line.place(*header.split("::")) if header in unused else line.place_of(header),
                    f"Ô nhắc đến “{gone}” không có trong phiếu nên bị bỏ.",
                )
                unknown.pop(header, None)
                unused.pop(header, None)
        return MappingProxyType({**unknown, **unused, **self._cells.by_key(line, "par_extra")})


def head_of(questions: Sequence[Question]) -> Question:
    """The one that is seen, of a page that the workbook does not name."""
    return next((question for question in questions if question.type not in types.UNSEEN), questions[0])


def loose_label(questions: Sequence[Question], languages: Sequence[str]) -> Text:
    head = head_of(questions)
    return head.label if head.type not in types.UNSEEN else in_every_language({"en": head.name}, languages)


def _asks(node: Node) -> bool:
    return any(child.kind == "question" for child in _all(node.children))


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)

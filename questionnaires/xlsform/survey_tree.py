"""Rows of the survey sheet -> what stands in what. Nesting, types and lists are judged here, all faults at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from documents.faults import FaultList
from questionnaires.shape import BOOLEANS, did_you_mean, shorten
from questionnaires.xlsform import types
from questionnaires.xlsform.lines import Line
from questionnaires.xlsform.result import Remarks

_KINDS = {"group": "nhóm", "repeat": "nhóm lặp"}


@dataclass
class Node:
    """A question, or a group with what stands in it."""

    line: Line
    kind: Literal["question", "group", "repeat"]
    name: str
    asked: types.Asked = types.Asked("note")
    children: list["Node"] = field(default_factory=list)
    #: the question that XLSForm's `or_other` asks after this one
    specifies_other_of: "Node | None" = None

    @property
    def repeats_inside(self) -> bool:
        return any(child.kind == "repeat" or child.repeats_inside for child in self.children)


class TreeReader:
    def __init__(self, lists: Collection[str], known_types: Collection[str], faults: FaultList, remarks: Remarks):
        self._lists = lists
        self._types = known_types
        self._faults = faults
        self._remarks = remarks
        self._stack: list[Node] = []
        #: question that was left out -> its row
        self.left_out: dict[str, int] = {}
        #: lists that `or_other` adds a choice to
        self.with_other: set[str] = set()

    def read(self, lines: Iterable[Line]) -> list[Node]:
        top: list[Node] = []
        for line in lines:
            nodes = self._nodes(line)
            (self._stack[-1].children if self._stack else top).extend(nodes)
            if nodes and nodes[0].kind != "question":
                self._stack.append(nodes[0])
        for node in self._stack:
            self._faults.add(
                node.line.place("type"),
                f"{_KINDS[node.kind].capitalize()} “{shorten(node.name)}” không được đóng.",
                f"Thêm dòng “end {node.kind}” sau câu hỏi cuối của nhóm.",
            )
        return top

    def _nodes(self, line: Line) -> list[Node]:
        if BOOLEANS.get(line["disabled"].lower()):
            self._remarks.add("left_out", line.place("disabled"), "Dòng được đánh dấu disabled.")
            return []
        spelled = line["par_type"] or line["type"]
        if not spelled:
            self._without_type(line)
            return []
        found = types.understood(spelled)
        if isinstance(found, types.Begin):
            return self._group(line, found)
        if isinstance(found, types.NotTaken):
            self.left_out[line["name"]] = line.number
            self._remarks.add("left_out", line.place("type"), f"Bỏ câu “{shorten(line['name'])}”. {found.reason}", found.mend)
            return []
        if found is None:
            self._faults.add(
                line.place("type"), f"Không biết loại câu hỏi “{shorten(spelled)}”.", did_you_mean(spelled, types.spellings())
            )
            return []
        return self._question(line, found)

    def _without_type(self, line: Line) -> None:
        if line["name"] or line.text("label"):
            self._faults.add(line.place("type"), "Dòng có tên hoặc nhãn nhưng không có loại câu hỏi.", "Ghi loại vào cột type.")
        else:
            self._remarks.add("left_out", line.place(), "Dòng không có type, name và label được coi là ghi chú.")

    def _group(self, line: Line, found: types.Begin) -> list[Node]:
        if found.kind == "loop":
            self._faults.add(
                line.place("type"), "Không dùng được vòng lặp “loop” của XLSForm.", "Dùng begin repeat … end repeat."
            )
            return []
        if not found.opens:
            self._close(line, found.kind)
            return []
        if found.rest:
            self._remarks.add("left_out", line.place("type"), f"Bỏ phần “{shorten(found.rest)}” sau kiểu nhóm.")
        if not line["name"]:
            self._faults.add(line.place("name"), f"{_KINDS[found.kind].capitalize()} không có tên.", "Ghi tên vào cột name.")
        return [Node(line, "repeat" if found.kind == "repeat" else "group", line["par_name"] or line["name"])]

    def _close(self, line: Line, kind: str) -> None:
        if not self._stack:
            self._faults.add(
                line.place("type"), f"“end {kind}” nhưng không có nhóm nào đang mở.", "Xóa dòng này, hoặc thêm dòng begin."
            )
            return
        opened = self._stack.pop()
        if opened.kind != kind:
            self._faults.add(
                line.place("type"),
                f"“end {kind}” đóng {_KINDS[opened.kind]} “{shorten(opened.name)}” mở ở dòng {opened.line.number}.",
                f"Viết “end {opened.kind}”, hoặc sửa dòng {opened.line.number}.",
            )

    def _question(self, line: Line, asked: types.Asked) -> list[Node]:
        name = line["name"]
        if not name and asked.type in types.NAMELESS:
            name = f"note_{line.number}"
            self._remarks.add("assumed", line.place("name"), f"Lời dẫn không có tên, được đặt tên “{name}”.")
        elif not name:
            self._faults.add(line.place("name"), "Câu hỏi không có tên.", "Ghi tên vào cột name.")
        if asked.type not in self._types:
            self.left_out[name] = line.number
            self._remarks.add(
                "left_out",
                line.place("type"),
                f"Bỏ câu “{shorten(name)}”: loại “{asked.type}” chưa dùng được ở đây.",
                did_you_mean(asked.type, tuple(self._types)),
            )
            return []
        node = Node(line, "question", name, asked)
        if asked.type in types.WITH_LIST and not self._list_is_there(line, asked):
            return [node]
        return [node, self._other_of(node)] if asked.or_other else [node]

    def _list_is_there(self, line: Line, asked: types.Asked) -> bool:
        if asked.list_name in self._lists:
            return True
        known = did_you_mean(asked.list_name, tuple(self._lists)) if self._lists else "Thêm danh sách vào trang tính choices."
        self._faults.add(
            line.place("type"),
            f"Không có danh sách phương án “{shorten(asked.list_name)}”."
            if asked.list_name
            else f"Loại “{asked.type}” cần tên danh sách phương án.",
            known,
        )
        return False

    def _other_of(self, node: Node) -> Node:
        self.with_other.add(node.asked.list_name)
        name = f"{node.name}_other"
        self._remarks.add(
            "assumed",
            node.line.place("type"),
            f"“or_other” thành phương án “other” trong danh sách “{node.asked.list_name}” và câu chữ tự do “{shorten(name)}”.",
            "Xem lại nhãn của hai chỗ đó.",
        )
        return Node(node.line, "question", name, types.Asked("text"), specifies_other_of=node)

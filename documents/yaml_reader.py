"""YAML to plain data in which every scalar is text, with the line of every place in it."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.resolver import Resolver

from documents.decoding import decode
from documents.faults import Fault, FaultList, Faults

Path = tuple[str | int, ...]

MAX_BYTES = 2_000_000
MAX_NODES = 100_000
MAX_DEPTH = 60
#: what the parser says, and what a person is told
NOT_YAML = {
    "mapping values are not allowed": "dấu hai chấm ở chỗ không cho phép; câu có dấu hai chấm phải đặt trong nháy kép",
    "could not find expected ':'": "thiếu dấu hai chấm sau một khóa",
    "expected ',' or '}'": "thiếu dấu phẩy hoặc dấu đóng }",
    "expected ',' or ']'": "thiếu dấu phẩy hoặc dấu đóng ]",
    "expected <block end>": "thụt lề không thẳng với các dòng trước",
    "sequence entries are not allowed": "dấu gạch đầu dòng ở chỗ không cho phép",
    "unexpected end of stream": "dấu nháy mở ở đây không được đóng",
    "unknown escape character": "dấu \\ trong nháy kép; viết \\\\ hoặc dùng nháy đơn",
    "another document": "tệp có nhiều tài liệu, cách nhau bằng ---",
}
STRANGE_CHARACTER = re.compile(r"found character (.+) that cannot start any token")


@dataclass(frozen=True)
class Document:
    """Plain data (dict, list, str) and the line on which each path of it begins."""

    name: str
    data: Any
    lines: dict[Path, int] = field(repr=False)

    def place(self, *path: str | int) -> str:
        """`khung.yaml, dòng 12, areas[0].criteria[3].code`; a missing key is placed at its nearest parent."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        spelled = ""
        for part in path:
            spelled += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if spelled else part)
        line = self.lines.get(known, 1)
        return f"{self.name}, dòng {line}" + (f", {spelled}" if spelled else "")


def read(source: bytes, name: str) -> Document:
    """Read one YAML document.

    Every scalar stays the text that was written (`1.50`, `no`, `2024`); an empty value is ``""``.
    Raises Faults for: not UTF-8, too large, not YAML, several documents, duplicate keys, keys that are not text,
    anchors and tags (which can make a small file explode or hide what it says), nesting deeper than 60.
    """
    text = decode(source, name, MAX_BYTES, "Chọn tệp YAML và lưu lại với mã hóa UTF-8.")
    try:
        root = _node_of(text)
    except _NotPlain as error:
        raise Faults([Fault(f"{name}, dòng {error.line}", f"Không dùng {error.what} của YAML ở đây.",
                            "Viết thẳng nội dung, không dùng &, * và !.")]) from error
    except _TooMuch as error:
        raise Faults([Fault(f"{name}, dòng {error.line}", f"Tài liệu có quá {MAX_NODES} phần tử.",
                            "Tách tài liệu thành nhiều tệp.")]) from error
    except yaml.MarkedYAMLError as error:
        quoted = error.context and "quoted scalar" in error.context
        mark = (error.context_mark if quoted else None) or error.problem_mark or error.context_mark
        where = f"{name}, dòng {mark.line + 1}, cột {mark.column + 1}" if mark else name
        raise Faults([Fault(where, f"Không đọc được YAML{_said(error)}.",
                            "Kiểm tra thụt lề, dấu hai chấm và dấu nháy ở dòng này.")]) from error
    except yaml.reader.ReaderError as error:
        raise Faults([Fault(f"{name}, dòng {text[: error.position].count(chr(10)) + 1}", "Có ký tự điều khiển trong tệp.",
                            "Xóa ký tự lạ ở dòng này hoặc gõ lại dòng.")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Faults([Fault(name, "Không đọc được YAML.", "Mở tệp bằng trình soạn thảo văn bản và kiểm tra lại cú pháp.")]
                     ) from error
    if root is None:
        raise Faults([Fault(name, "Tệp rỗng.", "Chọn đúng tệp có nội dung.")])
    return _Builder(name).build(root)


def _said(error: yaml.MarkedYAMLError) -> str:
    """What the parser found, for somebody who does not know its words."""
    problem = error.problem or ""
    told = next((told for known, told in NOT_YAML.items() if known in problem), "")
    if not told and (character := STRANGE_CHARACTER.search(problem)):
        tab = character[1] == "'\\t'"
        told = "thụt lề bằng phím tab" if tab else f"giá trị bắt đầu bằng {character[1]}, cần đặt trong nháy kép"
    return f" ({told})" if told else ""


class _NotPlain(Exception):
    def __init__(self, line: int, what: str):
        super().__init__(what)
        self.line = line
        self.what = what


class _TooMuch(Exception):
    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


def _node_of(text: str) -> yaml.Node | None:
    """The document's root. libyaml reads, nine times faster; what it refuses, the other parser reads again and says why."""
    if yaml.__with_libyaml__:
        try:
            return _QuickLoader(text).get_single_node()
        except yaml.YAMLError:
            pass
    return _ExactLoader(text).get_single_node()


class _Plain(Composer):
    """YAML without anchors, aliases and tags, and no more of it than can be read in seconds."""

    nodes = 0

    def compose_node(self, parent, index):
        event = self.peek_event()
        line = event.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _TooMuch(line)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _NotPlain(line, "neo (&) và tham chiếu (*)")
        if event.tag:
            raise _NotPlain(line, f"thẻ kiểu ({event.tag})")
        return super().compose_node(parent, index)


class _ExactLoader(_Plain, yaml.SafeLoader):
    """Knows the place and the reason of every fault."""


if yaml.__with_libyaml__:
    class _QuickLoader(_Plain, yaml.cyaml.CParser, Resolver):
        def __init__(self, text: str):
            yaml.cyaml.CParser.__init__(self, text)
            Composer.__init__(self)
            Resolver.__init__(self)


class _Builder:
    def __init__(self, name: str):
        self.name = name
        self.lines: dict[Path, int] = {}
        self.faults = FaultList()

    def build(self, root: yaml.Node) -> Document:
        data = self._value(root, ())
        self.faults.refuse_if_any()
        return Document(self.name, data, self.lines)

    def _value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if len(path) > MAX_DEPTH:
            raise Faults([Fault(f"{self.name}, dòng {line}", f"Tài liệu lồng quá {MAX_DEPTH} tầng.",
                                "Bớt các tầng lồng nhau.")])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, index)) for index, child in enumerate(node.value)]
        return node.value if node.value not in ("null", "~") or node.style else ""

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.add(f"{self.name}, dòng {line}", "Khóa không phải là chữ.", "Viết khóa là một từ đơn giản.")
                continue
            key = key_node.value
            if key in result:
                self.faults.add(f"{self.name}, dòng {line}", f"Khóa “{key}” viết hai lần ở cùng một chỗ.",
                                "Giữ lại một khóa.")
                continue
            self.lines[(*path, key)] = line
            result[key] = self._value(value_node, (*path, key))
        return result

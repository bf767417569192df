"""YAML comes in as text with lines, or is refused with a place and a mend."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from documents import yaml_reader, yaml_writer
from documents.faults import Fault, FaultList, Faults


def read(text: str):
    return yaml_reader.read(text.encode(), "phieu.yaml")


def refused(source: bytes | str) -> Faults:
    with pytest.raises(Faults) as caught:
        yaml_reader.read(source.encode() if isinstance(source, str) else source, "phieu.yaml")
    return caught.value


def test_every_scalar_stays_the_text_that_was_written():
    document = read("a: 1.50\nb: no\nc: 2024-01-02\nd: 0x1F\ne: null\nf: 'null'\ng:\nh: 1e3\n")
    assert document.data == {"a": "1.50", "b": "no", "c": "2024-01-02", "d": "0x1F", "e": "", "f": "null", "g": "",
                             "h": "1e3"}


def test_a_place_has_file_line_and_path():
    document = read("areas:\n  - code: A\n    criteria:\n      - code: A1\n      - code: A2\n")
    assert document.place("areas", 0, "criteria", 1, "code") == "phieu.yaml, dòng 5, areas[1].criteria[2].code"


def test_a_missing_key_is_placed_at_its_nearest_parent():
    assert read("a:\n  b: 1\n").place("a", "weight") == "phieu.yaml, dòng 1, a.weight"


def test_all_repeated_keys_are_named_at_once():
    faults = refused("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n").faults
    assert [fault.place for fault in faults] == ["phieu.yaml, dòng 2", "phieu.yaml, dòng 5"]


@pytest.mark.parametrize(("source", "line", "words"), [
    ("a: &x 1\nb: *x\n", "dòng 1", "neo"),
    ("a: 1\nb: *x\n", "dòng 2", "tham chiếu"),
    ("a: 1\nb: !!python/object:os.system x\n", "dòng 2", "thẻ"),
    ("a: !!str 1\n", "dòng 1", "thẻ"),
    ("a: [1, 2\n", "dòng 2", "YAML"),
    ("a: 1\n---\nb: 2\n", "dòng 2", "YAML"),
    ("? [a, b]\n: 1\n", "dòng 1", "Khóa"),
])
def test_what_is_not_plain_yaml_is_refused_with_its_line(source, line, words):
    (fault,) = refused(source).faults
    assert line in fault.place
    assert words in fault.reason
    assert fault.mend


@pytest.mark.parametrize("source", [b"", b"# only a comment\n", b"\xff\xfea\x00", b"a: \x00b", b"[" * 50_000,
                                    b"a:\n" + b"".join(b" " * n + b"b:\n" for n in range(1, 200)),
                                    b"a" * (yaml_reader.MAX_BYTES + 1)])
def test_hostile_files_are_refused_not_crashed_on(source):
    assert refused(source).faults[0].place.startswith("phieu.yaml")


def test_a_byte_order_mark_is_allowed():
    assert yaml_reader.read(b"\xef\xbb\xbfa: 1\n", "x").data == {"a": "1"}


words = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"), max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.recursive(words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8))
def test_what_pyyaml_writes_is_read_back(data):
    assert read(yaml.safe_dump({"data": data}, allow_unicode=True)).data == {"data": data}


def test_a_fault_list_refuses_only_when_there_is_something():
    faults = FaultList()
    faults.refuse_if_any()
    faults.extend([Fault("a", "b", "c")])
    with pytest.raises(Faults, match="a: b Cách sửa: c"):
        faults.refuse_if_any()
    with pytest.raises(ValueError, match="at least one"):
        Faults([])


def test_what_is_written_is_read_back_as_text():
    shared = {"vi": "Có: không", "number": "1"}
    data = {"b": shared, "a": [shared, "yes", "null", "", "1.50", "dòng\nhai", "#"], "flag": True, "minutes": 6}
    read_back = read(yaml_writer.write(data)).data
    assert read_back == {**data, "flag": "true", "minutes": "6"}
    assert list(read_back) == list(data)


@pytest.mark.parametrize(("source", "line", "words"), [
    ("a: b: c\n", "dòng 1", "dấu hai chấm ở chỗ không cho phép"),
    ("a:\n\t- x\n", "dòng 2", "phím tab"),
    ("a: 1\nb: @x\n", "dòng 2", "giá trị bắt đầu bằng '@'"),
    ("a: 1\nb: 'x\nc: d\n", "dòng 2", "dấu nháy mở ở đây không được đóng"),
    ("a: [1, 2\nb: 1\n", "dòng 2", "dấu đóng ]"),
    ("a: {b: 1\nc: 1\n", "dòng 2", "dấu đóng }"),
    ("- a\nb: 1\n", "dòng 2", "thụt lề"),
    ("a: 1\n---\nb: 2\n", "dòng 2", "nhiều tài liệu"),
    ("a: 1\nb: \x07\n", "dòng 2", "ký tự điều khiển"),
    ("a: 1\nb: \x00\n", "dòng 2", "NUL"),
    ("a: 1\n".encode("utf-16"), "phieu.yaml", "UTF-16"),
    ("a: 1\nb: Đ".encode() + b"\xd0\xf2\n", "dòng 2", "Windows-1258"),
    (b"PK\x03\x04" + bytes(50), "phieu.yaml", "xlsx"),
])
def test_what_cannot_be_read_is_told_in_vietnamese_with_its_line(source, line, words):
    (fault,) = refused(source).faults
    assert line in fault.place
    assert words in fault.reason
    assert not any(word in fault.reason for word in ("expected", "found", "allowed", "while"))


@given(st.text("ab1: -\n{}[],'\"|>#é“\t\u00a0", max_size=60))
@settings(max_examples=300)
def test_both_parsers_read_the_same(text):
    """The quick one may let a tab pass that the exact one refuses; where both read, they read the same."""
    read_by = []
    for loader in (yaml_reader._QuickLoader, yaml_reader._ExactLoader):
        try:
            root = loader(text).get_single_node()
        except yaml.YAMLError:
            return
        try:
            read_by.append(root and yaml_reader._Builder("phieu.yaml").build(root))
        except Faults as faults:
            read_by.append(faults.faults)
    assert read_by[0] == read_by[1]

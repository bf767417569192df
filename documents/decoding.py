"""Bytes to text: UTF-8 and nothing else; what the file more likely is gets said, and where."""

from documents.faults import Fault, Faults

#: how files begin that people take for text files
NOT_TEXT = {
    b"PK\x03\x04": "tệp nén hoặc tệp Excel, Word (.xlsx, .docx)",
    b"\xd0\xcf\x11\xe0": "tệp Excel, Word cũ (.xls, .doc)",
    b"%PDF": "tệp PDF",
}


def decode(source: bytes, name: str, longest: int, mend: str) -> str:
    """The text, a byte order mark left off; `mend` says how to save such a file as UTF-8. Raises Faults."""
    if len(source) > longest:
        raise _refused(name, f"Tệp quá lớn ({len(source)} byte).", f"Tách tệp, mỗi phần tối đa {longest} byte.")
    for beginning, what in NOT_TEXT.items():
        if source.startswith(beginning):
            raise _refused(name, f"Đây là {what}, không phải tệp văn bản.", mend)
    if source[:2] in (b"\xff\xfe", b"\xfe\xff") or _looks_utf16(source):
        raise _refused(name, "Tệp được lưu với mã UTF-16, không phải UTF-8.", mend)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise _refused(f"{name}, dòng {line}",
                       "Tệp không phải mã UTF-8 (có thể là Windows-1258, TCVN3 hoặc VNI).", mend) from error
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise _refused(f"{name}, dòng {line}", "Có ký tự NUL (byte 0) trong tệp.",
                       "Xuất lại tệp từ phần mềm gốc; ký tự này không được phép.")
    return text


def _refused(place: str, reason: str, mend: str) -> Faults:
    return Faults([Fault(place, reason, mend)])


def _looks_utf16(source: bytes) -> bool:
    head = source[:400]
    return len(head) >= 20 and head.count(0) > len(head) // 4

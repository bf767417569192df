"""An uploaded file as services take it: its bytes and a name that can be printed in a fault."""

from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from documents.faults import Fault, Faults


def content(file: FileStorage | None) -> tuple[bytes, str]:
    """Raises Faults when no file was chosen or the file is empty."""
    if file is None or not file.filename:
        raise Faults([Fault("Tệp", "Chưa chọn tệp.", "Bấm “Chọn tệp” rồi gửi lại.")])
    name = "".join(c for c in PurePath(file.filename.replace("\\", "/")).name if c.isprintable())[-80:] or "tệp"
    source = file.read()
    if not source:
        raise Faults([Fault(name, "Tệp rỗng.", "Chọn đúng tệp có nội dung.")])
    return source, name

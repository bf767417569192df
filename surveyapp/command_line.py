"""What every command shares: the application and its database, files in and out, and errors as sentences."""

import contextlib
import errno
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from documents.faults import Faults
from surveyapp.errors import NotFound, Refused

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
#: why a place on the disk cannot be used
WHY = {
    errno.ENOENT: "không có thư mục chứa nó",
    errno.EEXIST: "chỗ này là một tệp, không phải thư mục",
    errno.ENOTDIR: "chỗ này là một tệp, không phải thư mục",
    errno.EISDIR: "chỗ này là một thư mục, không phải tệp",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.EROFS: "ổ đĩa chỉ đọc được",
    errno.ENOSPC: "ổ đĩa đã đầy",
}


def today() -> date:
    return datetime.now(HANOI).date()


@contextlib.contextmanager
def app() -> Iterator[None]:
    """The application's context, its database at the newest migration."""
    from surveyapp import create_app
    from surveyapp.config import data_folder

    with usable(data_folder(), "Đặt biến SURVEYAPP_DATA là một thư mục ghi được."):
        flask_app = create_app()
        Path(flask_app.config["DATA_FOLDER"]).mkdir(parents=True, exist_ok=True)
    with flask_app.app_context():
        _open_database(flask_app.config["DATABASE_URL"])
        yield


@contextlib.contextmanager
def usable(path: Path, mend: str = "Chọn chỗ khác.") -> Iterator[None]:
    """What is done to a place on the disk that the person has named, refused in words where it cannot be done."""
    try:
        yield
    except OSError as error:
        raise Refused(f"Không dùng được {error.filename or path}: {WHY.get(error.errno, error.strerror)}. {mend}") from error


def _open_database(url: str) -> None:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, OperationalError

    from surveyapp.extensions import db
    from surveyapp.migrations import upgrade

    try:
        place = make_url(url)
    except (ArgumentError, ValueError):
        place = None
    if place is None or place.get_backend_name() not in ("postgresql", "sqlite"):
        raise Refused("Biến DATABASE_URL không đúng dạng. Viết postgresql://TÊN:MẬT-KHẨU@MÁY:CỔNG/CƠ-SỞ-DỮ-LIỆU, "
                      "hoặc bỏ biến này để dùng SQLite.")
    try:
        upgrade(db.engine)
    except OperationalError as error:
        said = " ".join(str(error.orig).split())
        mend = ("Kiểm tra thư mục dữ liệu (SURVEYAPP_DATA) và tệp cơ sở dữ liệu." if place.get_backend_name() == "sqlite" else
                "Kiểm tra DATABASE_URL và máy chủ PostgreSQL (đang chạy, tên, mật khẩu, cơ sở dữ liệu đã tạo).")
        raise Refused(f"Không mở được cơ sở dữ liệu {place.render_as_string(hide_password=True)}. {mend} "
                      f"Cơ sở dữ liệu trả lời: {said}") from error


def load_library() -> None:
    from surveyapp.services import library

    library.load_library()


def content(service: Callable, file: Path, *before: str):
    """What the service makes of a file's content."""
    return service(*before, file.read_bytes(), file.name)


def done(action: str, what: str, file: Path | None, note: str = "") -> None:
    from surveyapp.services import audit

    audit.record(None, action, f"{what}{f' ({file.name})' if file else ''} (dòng lệnh)")
    click.echo(f"Xong: {what}.{f' {note}' if note else ''}")


@contextlib.contextmanager
def new_private_file(path: Path) -> Iterator:
    """A new file that only its owner may read, there before anything is made for it; gone again where that fails."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"Tệp {path} đã có; chọn tên khác để không ghi đè.") from None
    except OSError as error:
        raise Refused(f"Không ghi được {path}: {WHY.get(error.errno, error.strerror)}. Chọn chỗ khác.") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def guarded(cli: click.Group) -> None:
    """Run it: whatever happens, a person reads a Vietnamese sentence and never a traceback."""
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except Faults as error:
        for number, fault in enumerate(error.faults, start=1):
            click.echo(f"{number}. {_plain(str(fault))}", err=True)
        click.echo(f"Có {len(error.faults)} lỗi; không có gì trong tệp này được lưu.", err=True)
        sys.exit(1)
    except (Refused, NotFound) as error:
        click.echo(f"1. {_plain(str(error))}", err=True)
        sys.exit(1)
    except click.UsageError as error:
        click.echo(f"Lệnh viết chưa đúng: {_usage(error)}", err=True)
        if error.ctx:
            click.echo(f"Cách viết: {error.ctx.get_usage().removeprefix('Usage: ')}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        _last_resort(error)
        sys.exit(70)


def _plain(sentence: str) -> str:
    """On one line, and nothing in it that a terminal would obey."""
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(sentence.split()))


def _usage(error: click.UsageError) -> str:
    """What is wrong with the command, in Vietnamese; click speaks English."""
    param = getattr(error, "param", None)
    name = (param.opts[0] if isinstance(param, click.Option) else param.make_metavar(error.ctx)) if param and error.ctx else ""
    if isinstance(error, click.MissingParameter) and name:
        return f"thiếu {name.removesuffix('...')}."
    if isinstance(error, click.NoSuchOption):
        return f"không có lựa chọn {error.option_name}."
    if isinstance(error, click.BadOptionUsage):
        return f"lựa chọn {error.option_name} viết chưa đúng (thiếu hoặc thừa giá trị)."
    if isinstance(error, click.BadParameter) and name:
        return f"giá trị của {name} {_wanted(param.type) or error.message}"
    if match := re.match(r"No such command '(.*?)'", error.message):
        return f"không có lệnh {match[1]}."
    if match := re.match(r"Got unexpected extra arguments? \((.*)\)", error.message):
        return f"thừa {match[1]}."
    return "chưa nêu việc cần làm." if error.message == "Missing command." else error.message


def _wanted(kind: click.ParamType) -> str:
    if isinstance(kind, click.IntRange | click.FloatRange):
        number = "số nguyên" if isinstance(kind, click.IntRange) else "số"
        return f"phải là {number} từ {kind.min}{'' if kind.max is None else f' đến {kind.max}'}."
    return f"phải là một trong: {', '.join(map(str, kind.choices))}." if isinstance(kind, click.Choice) else ""


class PathFor(click.Path):
    """A file's name on the command line; what is wrong with it is told in Vietnamese."""

    def convert(self, value, param, ctx):
        path = Path(value)
        if path.is_dir():
            self._refuse(f"“{value}” là một thư mục, không phải tệp.", ctx)
        if self.exists and not path.exists():
            self._refuse(f"không có tệp “{value}”.", ctx)
        if self.exists and not os.access(path, os.R_OK):
            self._refuse(f"không có quyền đọc tệp “{value}”.", ctx)
        return super().convert(value, param, ctx)

    def _refuse(self, sentence: str, ctx) -> None:
        raise click.UsageError(sentence, ctx)


def _last_resort(error: Exception) -> None:
    from surveyapp.config import data_folder

    path = data_folder() / "loi.log"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(HANOI).isoformat(timespec='seconds')} {' '.join(sys.argv)}\n{traceback.format_exc()}\n")
    cause = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.filename else type(error).__name__
    click.echo(f"Có lỗi ngoài dự kiến ({cause}); chi tiết ở {path}. Chưa có gì được lưu dở dang.", err=True)

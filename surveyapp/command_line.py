"""What every command shares: the application and its database, files in and out, and errors as sentences."""

import contextlib
import os
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


def today() -> date:
    return datetime.now(HANOI).date()


@contextlib.contextmanager
def app() -> Iterator[None]:
    """The application's context, its database at the newest migration."""
    from surveyapp import create_app
    from surveyapp.extensions import db
    from surveyapp.migrations import upgrade

    flask_app = create_app()
    Path(flask_app.config["DATA_FOLDER"]).mkdir(parents=True, exist_ok=True)
    with flask_app.app_context():
        upgrade(db.engine)
        yield


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
            click.echo(f"{number}. {' '.join(str(fault).split())}", err=True)
        click.echo(f"Có {len(error.faults)} lỗi; không có gì trong tệp này được lưu.", err=True)
        sys.exit(1)
    except (Refused, NotFound) as error:
        click.echo(f"1. {error}", err=True)
        sys.exit(1)
    except click.UsageError as error:
        click.echo(f"Lệnh viết chưa đúng: {error.format_message()}", err=True)
        click.echo(error.ctx.get_usage() if error.ctx else "", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        _last_resort(error)
        sys.exit(70)


def _last_resort(error: Exception) -> None:
    from surveyapp.config import data_folder

    path = data_folder() / "loi.log"
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(HANOI).isoformat(timespec='seconds')} {' '.join(sys.argv)}\n{traceback.format_exc()}\n")
    cause = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.filename else type(error).__name__
    click.echo(f"Có lỗi ngoài dự kiến ({cause}); chi tiết ở {path}. Chưa có gì được lưu dở dang.", err=True)

"""Commands for questionnaires as files: YAML, XLSForm, LimeSurvey in; YAML, XLSForm, XForm, paper forms and codebooks out."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import click

from surveyapp.command_line import PathFor, app, content, done, new_private_file, usable
from surveyapp.errors import NotFound

FILE = PathFor(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = PathFor(dir_okay=False, path_type=Path)


def add_to(cli: click.Group, import_: click.Group, check: click.Group) -> None:
    cli.add_command(export_questionnaire)
    cli.add_command(questionnaire_files)
    import_.add_command(import_questionnaire)
    check.add_command(check_questionnaire)


@click.command("questionnaire")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE...")
def import_questionnaire(files: tuple[Path, ...]) -> None:
    """Phiếu điều tra (YAML, xem docs/dinh-dang/phieu.md; XLSForm hoặc LimeSurvey .lss, xem xlsform.md, limesurvey.md ở đó)."""
    with app():
        from surveyapp.services import questionnaires, workbooks

        for file in files:
            made = content(workbooks.import_questionnaire, file)
            _tell(made.remarks)
            done("import_questionnaire", f"phiếu {made.version.form_id}, phiên bản {made.version.version}", file,
                 questionnaires.remarks(made.version))


@click.command("questionnaire")
@click.argument("file", type=FILE)
@click.option("--draft", type=NEW_FILE, metavar="TỆP-MỚI",
              help="Ghi bản nháp YAML của tệp XLSForm, LimeSurvey ra tệp mới, dù còn lỗi, để sửa tiếp.")
def check_questionnaire(file: Path, draft: Path | None) -> None:
    """Phiếu điều tra (YAML, XLSForm hoặc LimeSurvey .lss); sau đó nêu những chỗ nên xem lại (không phải lỗi)."""
    from surveyapp.services import workbooks

    if draft:
        with new_private_file(draft) as written:
            written.write(content(workbooks.as_draft, file).decode())
        click.echo(f"Đã ghi bản nháp vào {draft}.")
    checked = content(workbooks.check, file)
    _tell(checked.remarks)
    for each in checked.advice:
        click.echo(f"Nên xem lại: {each}")
    click.echo(f"{file.name}: không có lỗi{f', {len(checked.advice)} chỗ nên xem lại' if checked.advice else ''}.")


@click.command("export-questionnaire")
@click.argument("form")
@click.argument("version")
@click.argument("out", type=NEW_FILE)
def export_questionnaire(form: str, version: str, out: Path) -> None:
    """Ghi phiếu FORM, phiên bản VERSION ra tệp mới OUT: .yaml, .xlsx (XLSForm) hoặc .xml (XForm cho ODK)."""
    kind = out.suffix.lower()
    if kind not in (".yaml", ".xlsx", ".xml"):
        raise click.UsageError("Tên tệp OUT phải có đuôi .yaml, .xlsx hoặc .xml.", click.get_current_context())
    with app():
        from surveyapp.queries import questionnaires
        from surveyapp.services import workbooks

        stored = questionnaires.find(form, version)
        if stored is None:
            known = ", ".join(questionnaires.versions(form)) or "chưa có"
            raise NotFound(f"Không có phiếu “{form}” phiên bản “{version}”. Các phiên bản đã lưu: {known}.")
        limits: list[str] = []
        made: dict[str, Callable[[], bytes]] = {
            ".yaml": stored.document.encode,
            ".xlsx": partial(workbooks.as_workbook, stored),
            ".xml": lambda: _xform(workbooks.as_xform(stored), limits),
        }
        with new_private_file(out) as written:
            written.buffer.write(made[kind]())
        for limit in limits:
            click.echo(f"Lưu ý: {limit}")
        done("export", f"phiếu {form}, phiên bản {version} vào {out}", None)


def _xform(made, limits: list[str]) -> bytes:
    limits += map(str, made.limits)
    return made.xml.encode()


def _tell(remarks: Iterable) -> None:
    from surveyapp.services.workbooks import KINDS

    for remark in remarks:
        click.echo(f"Lưu ý: {KINDS[remark.kind]}: {' '.join(str(remark).split())}")


@click.command("questionnaire-files")
@click.argument("form")
@click.argument("version")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--campaign", help="Đợt điều tra: phiếu giấy có danh sách đơn vị, sổ mã có tiêu chí của đợt này.")
@click.option("--spreadsheet", is_flag=True, help="CSV cho bảng tính tiếng Việt: dấu chấm phẩy ngăn cột.")
def questionnaire_files(form: str, version: str, folder: Path, campaign: str | None, spreadsheet: bool) -> None:
    """Ghi phiếu giấy (PDF mỗi ngôn ngữ), sổ mã (CSV, PDF) và DDI của một phiên bản phiếu vào FOLDER."""
    with app():
        from surveyapp.queries import campaigns, designed, questionnaires
        from surveyapp.services import questionnaire_files as files

        chosen = campaigns.by_code(campaign) if campaign else None
        stored = designed.questionnaire_version(form, version)
        if chosen:
            stored = questionnaires.of_campaign_version(chosen, stored)
        with usable(folder):
            folder.mkdir(parents=True, exist_ok=True)
        count = 0
        for name, make in files.of_version(stored, chosen, spreadsheet):
            content = make()
            with usable(folder):
                (folder / name).write_bytes(content)
            count += 1
        done("questionnaire_files", f"{count} tệp của phiếu {form}, phiên bản {version} trong {folder}", None)

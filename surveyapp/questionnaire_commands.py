"""Commands for questionnaires and their answers as files, in and out, and for comparing versions; commands.py adds them."""

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
    cli.add_command(export_responses)
    cli.add_command(compare_questionnaires)
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


@click.command("export-responses")
@click.argument("where", nargs=-1, metavar="[CAMPAIGN] FORM OUT")
@click.option("--all-versions", is_flag=True, help="Mọi đợt, mọi phiên bản vào một bảng, kèm bảng mã OUT-bang-ma.csv.")
@click.option("--campaign", "campaigns", multiple=True, help="Cùng với --all-versions: chỉ đợt này; lặp lại được.")
def export_responses(where: tuple[str, ...], all_versions: bool, campaigns: tuple[str, ...]) -> None:
    """Ghi các phiếu đã gửi ra tệp CSV mới OUT, đúng định dạng để nhập lại."""
    if len(where) != (2 if all_versions else 3) or (campaigns and not all_versions):
        raise click.UsageError("Viết: surveyapp export-responses ĐỢT PHIẾU TỆP-MỚI, "
                               "hoặc surveyapp export-responses --all-versions [--campaign ĐỢT]… PHIẾU TỆP-MỚI.")
    out = NEW_FILE.convert(where[-1], None, click.get_current_context())
    if all_versions:
        _export_all_versions(where[0], campaigns, out)
        return
    campaign, form, _ = where
    with app(), new_private_file(out) as written:
        from surveyapp.services import responses

        written.write(responses.export_responses(campaign, form).decode())
        done("export", f"phiếu {form} của đợt {campaign} vào {out}", None)


@click.command("compare-questionnaires")
@click.argument("form")
@click.argument("old")
@click.argument("new")
def compare_questionnaires(form: str, old: str, new: str) -> None:
    """Phiếu FORM đổi gì giữa hai phiên bản, câu nào còn so sánh được, điểm nào bị ảnh hưởng."""
    with app():
        from surveyapp.web.design import comparing

        for line in comparing.lines(comparing.read(form, old, new)):
            click.echo(line)


def _export_all_versions(form: str, campaigns: tuple[str, ...], out: Path) -> None:
    codebook = out.with_name(f"{out.stem}-bang-ma.csv")
    with app(), new_private_file(out) as written, new_private_file(codebook) as beside:
        from surveyapp.services import version_export

        made = version_export.export_all_versions(form, campaigns)
        written.write(made.responses.decode())
        beside.write(made.codebook.decode())
        done("export", f"{made.rows} phiếu {form}, phiên bản {', '.join(made.versions)}, vào {out}; bảng mã: {codebook}", None)

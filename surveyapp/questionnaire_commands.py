"""Commands about questionnaires as files; commands.py adds them to the command line."""

from pathlib import Path

import click

from surveyapp.command_line import app, done, usable


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

"""The command line `surveyapp`. Each command translates in, calls a service, translates out.

Exit codes: 0 done, 1 the input was refused (every fault on a line of its own), 2 the command was written wrongly, 70 our fault.
"""

import csv
import os
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click

from surveyapp import questionnaire_commands
from surveyapp.command_line import PathFor, app, content, done, guarded, load_library, new_private_file, today, usable
from surveyapp.errors import NotFound, Refused

FILE = PathFor(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = PathFor(dir_okay=False, path_type=Path)
#: more digits than any run has, and than a database takes
LONGEST_RUN = 9


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Điều tra xã hội học và Chỉ số cải cách hành chính: nhập dữ liệu, chấm điểm, xuất kết quả.

    Dữ liệu nằm trong thư mục var/ (đổi bằng biến SURVEYAPP_DATA) hoặc ở PostgreSQL (biến DATABASE_URL).
    Hướng dẫn: docs/dong-lenh.md; định dạng tệp: docs/dinh-dang/.
    """


# -- set up and serve ----------------------------------------------------------------------------------------------


@cli.command()
def init() -> None:
    """Tạo hoặc nâng cấp cơ sở dữ liệu và nạp thư viện đi kèm."""
    with app():
        load_library()
    click.echo("Cơ sở dữ liệu sẵn sàng; thư viện (nhóm đơn vị, phiếu, bộ chỉ số, số liệu 2016–2021) đã có.")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ để lắng nghe.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Cổng.")
def serve(host: str, port: int) -> None:
    """Chạy máy chủ web và tiến trình làm việc nền."""
    with app():
        pass
    click.echo(f"Mở http://{host}:{port}/ (Ctrl-C để dừng)")
    _serve(host, port)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ để lắng nghe.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Cổng.")
def run(host: str, port: int) -> None:
    """Nạp thư viện và đợt điều tra trình diễn (lần đầu), rồi chạy máy chủ."""
    _refuse_taken_port(host, port)
    with app():
        load_library()
        from surveyapp.services import demonstration

        demonstration.load(progress=click.echo)
        accounts, open_path = demonstration.accounts(), demonstration.open_path()
    address = f"http://{host}:{port}"
    click.echo(f"\nĐịa chỉ:            {address}/")
    click.echo(f"Trả lời thử phiếu:  {address}{open_path}")
    click.echo(f"Xem kết quả trước:  {address}/ket-qua/ (đăng nhập bằng một tài khoản dưới đây)")
    click.echo("Tài khoản trình diễn (mật khẩu ngẫu nhiên, riêng cho máy này):")
    for role, username, password in accounts:
        click.echo(f"  {username:<22} {password:<20} ({role})")
    click.echo("Ctrl-C để dừng; dữ liệu được giữ lại.\n")
    _serve(host, port)


@cli.command(hidden=True)
@click.option("--socket", "descriptor", required=True, type=int)
def web(descriptor: int) -> None:
    """Phục vụ trang trên socket mà tiến trình cha đã mở."""
    from surveyapp import serving

    serving.serve_pages(descriptor)


@cli.command(hidden=True)
def worker() -> None:
    """Làm các việc nền cho đến khi được yêu cầu dừng."""
    from surveyapp import create_app, jobs, serving

    serving.end_with_parent()
    jobs.work(create_app())


@cli.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Thư mục nhận CSV và PDF.")
def demo(out: Path) -> None:
    """Toàn bộ công việc trên dữ liệu trình diễn, không cần máy chủ: CSV và PDF vào một thư mục."""
    with usable(out):
        out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="surveyapp-demo-") as folder:
        os.environ["SURVEYAPP_DATA"] = folder
        for name in ("DATABASE_URL", "SECRET_KEY"):
            os.environ.pop(name, None)
        with app():
            load_library()
            from surveyapp.queries import scores
            from surveyapp.services import demonstration

            run_id = scores.newest_run_id(demonstration.load(progress=click.echo))
            _hand_out(run_id, out, spreadsheet=False, pdf=True)


# -- import --------------------------------------------------------------------------------------------------------


@cli.group("import")
def import_() -> None:
    """Nhập dữ liệu từ tệp; có lỗi thì không nhập gì và in ra mọi lỗi."""


@dataclass(frozen=True)
class Import:
    """One kind of file that comes in: the command's name, the service in surveyapp.services, and how it is told."""

    name: str
    service: str
    help: str
    #: the result in words; `{made}` is what the service returns
    told: str
    #: arguments before the file, handed to the service in this order
    of: tuple[str, ...] = ()


IMPORTS = (
    Import("unit-groups", "units.import_unit_groups", "Nhóm đơn vị (CSV: code, name).", "{made} nhóm đơn vị"),
    Import("units", "units.import_units", "Đơn vị (CSV, xem docs/dinh-dang/don-vi.md).", "{made} đơn vị"),
    Import("framework", "frameworks.import_framework", "Bộ chỉ số (YAML, xem docs/dinh-dang/bo-chi-so.md).",
           "bộ chỉ số {made.unit_group} {made.year}, bản {made.revision}"),
    Import("campaign", "campaigns.import_campaign", "Đợt điều tra (YAML, xem docs/dinh-dang/dot-dieu-tra.md).",
           "đợt {made.code}"),
    Import("strata", "samples.import_strata", "Tầng của khung mẫu (CSV, xem docs/dinh-dang/dot-dieu-tra.md).",
           "{made} tầng vào đợt {campaign}", ("campaign",)),
    Import("responses", "responses.import_responses",
           "Phiếu trả lời của một đợt và một phiếu (CSV, xem docs/dinh-dang/tra-loi.md).",
           "{made} phiếu {form} vào đợt {campaign}", ("campaign", "form")),
    Import("appraised", "appraised.import_appraised", "Điểm tự chấm và thẩm định (CSV, xem docs/dinh-dang/diem-tham-dinh.md).",
           "{made} mục điểm vào đợt {campaign}", ("campaign",)),
    Import("history", "history.import_history", "Số liệu đã công bố (CSV: series, code, name, year, percent, rank, note).",
           "{made} số liệu đã công bố"),
)


def _add_import(each: Import) -> None:
    module, _, function = each.service.partition(".")

    def command(files: tuple[Path, ...], **named: str) -> None:
        with app():
            services = import_module(f"surveyapp.services.{module}")
            for file in files:
                made = content(getattr(services, function), file, *(named[name] for name in each.of))
                done(function, each.told.format(made=made, **named), file)

    params = [click.Argument([name]) for name in each.of]
    params.append(click.Argument(["files"], type=FILE, nargs=-1, required=True, metavar="FILE..."))
    import_.add_command(click.Command(each.name, callback=command, params=params, help=each.help))


for _each in IMPORTS:
    _add_import(_each)


@cli.group()
def check() -> None:
    """Kiểm tra một tài liệu mà không lưu; in ra mọi lỗi."""


questionnaire_commands.add_to(cli, import_, check)


@check.command("framework")
@click.argument("file", type=FILE)
def check_framework(file: Path) -> None:
    """Bộ chỉ số, đối chiếu với các phiếu và nhóm đơn vị đã nhập."""
    with app():
        from analysis.index.checks import completeness, spell
        from surveyapp.services import frameworks

        framework = content(frameworks.check, file)
        for each in completeness(framework):
            if each.differs:
                click.echo(f"Lưu ý: {each.what} khai báo {spell(each.declared)}, trong tệp có {spell(each.present)}.")
    click.echo(f"{file.name}: không có lỗi.")


# -- campaigns -----------------------------------------------------------------------------------------------------


@cli.group()
def campaign() -> None:
    """Mở, đóng và liệt kê các đợt điều tra."""


@campaign.command("open")
@click.argument("code")
def open_campaign(code: str) -> None:
    """Mở đợt: từ đây phiếu, bộ chỉ số và phạm vi không thay đổi nữa."""
    with app():
        from surveyapp.services import campaigns

        change = campaigns.open_campaign(code, today())
        done("open_campaign", f"đợt {code} đang mở", None, change.note)


@campaign.command("close")
@click.argument("code")
def close_campaign(code: str) -> None:
    """Đóng đợt: không nhận phiếu nữa."""
    with app():
        from surveyapp.services import campaigns

        change = campaigns.close_campaign(code, today())
        done("close_campaign", f"đợt {code} đã đóng", None, change.note)


@campaign.command("list")
def list_campaigns() -> None:
    """Các đợt điều tra, mới nhất trước."""
    with app():
        from surveyapp.formatters import day
        from surveyapp.queries import campaigns
        from surveyapp.wording import campaign_state_name

        for each in campaigns.all():
            click.echo(f"{each.code}\t{campaign_state_name(each.state)}\t{day(each.opens_on)}–{day(each.closes_on)}\t{each.name}")


@cli.command()
@click.argument("campaign")
@click.argument("file", type=FILE)
@click.argument("out", type=NEW_FILE)
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, help="Địa chỉ công khai của máy chủ.")
def invite(campaign: str, file: Path, out: Path, address: str) -> None:
    """Tạo đường dẫn mời riêng cho từng người và ghi ra tệp CSV mới OUT.

    Đường dẫn chỉ có trong tệp này; cơ sở dữ liệu không giữ lại.
    """
    with app(), new_private_file(out) as written:
        from surveyapp.services import samples

        links = content(samples.make_invitations, file, campaign)
        writer = csv.writer(written)
        writer.writerow(["link", "form", "respondent_group", "unit", "stratum", "psu", "weight"])
        writer.writerows([f"{address.rstrip('/')}/p/{link.token}", link.form_id, link.respondent_group, link.unit_code or "",
                          link.stratum, link.psu, f"{link.weight.normalize():f}"] for link in links)
        done("make_invitations", f"{len(links)} đường dẫn mời vào {out}", file)


# -- results -------------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("campaign")
@click.option("--confidence", default=0.95, show_default=True, type=click.FloatRange(0.5, 0.999),
              help="Độ tin cậy của các khoảng.")
@click.option("--seed", default=2024, show_default=True, type=click.IntRange(0), help="Hạt giống khi lấy mẫu lại thứ hạng.")
@click.option("--draws", default=2000, show_default=True, type=click.IntRange(100, 100_000),
              help="Số lần lấy mẫu lại thứ hạng.")
@click.option("--top", default=3, show_default=True, type=click.IntRange(1),
              help="Tính xác suất đứng trong bao nhiêu hạng đầu.")
@click.option("--share-step", default=0.1, show_default=True, type=click.FloatRange(0, 1, min_open=True, max_open=True),
              help="Mức tăng, giảm tỷ trọng của từng nhóm đối tượng khi xem thứ hạng nhạy đến đâu.")
@click.option("--minimum-count", default=4, show_default=True, type=click.IntRange(1, 100),
              help="Khi công bố: ẩn các ô có ít hơn chừng này người (1: không ẩn).")
@click.option("--minimum-respondents", default=5, show_default=True, type=click.IntRange(1, 1000),
              help="Khi công bố: ẩn phân bố và mức hài lòng của ít hơn chừng này người trả lời.")
@click.option("--one-answer-below", default=10, show_default=True, type=click.IntRange(1, 1000),
              help="Khi công bố: ẩn phân bố khi ít hơn chừng này người trả lời đều chọn cùng một câu (1: không ẩn).")
@click.option("--protection-range", default=3, show_default=True, type=click.IntRange(1, 100),
              help="Khi công bố: ô bị ẩn phải còn có thể nhận các giá trị cách nhau ít nhất chừng này.")
@click.option("--quality", multiple=True, metavar="NGƯỠNG=SỐ",
              help="Một ngưỡng chất lượng phiếu khác mặc định, ví dụ run=15; lặp lại được.")
def score(campaign: str, confidence: float, seed: int, draws: int, top: int, share_step: float, quality: tuple[str, ...],
          **disclosure: int) -> None:
    """Chấm điểm một đợt; mỗi lần chấm là một lượt mới, lượt cũ giữ nguyên."""
    with app():
        from surveyapp.services.quality_rules import QualityRules
        from surveyapp.services.score import score_campaign

        made = score_campaign(campaign, confidence=confidence, seed=seed, draws=draws, top=top, share_step=share_step,
                              quality=QualityRules().changed(quality), disclosure=disclosure)
        done("score", f"lượt chấm số {made.id} của đợt {campaign}: {made.responses} phiếu, {made.ratings} lượt đánh giá", None)


@cli.command()
@click.argument("where", nargs=-1, metavar="[RUN] OUT")
@click.option("--latest", is_flag=True, help="Lượt chấm mới nhất, thay cho RUN.")
@click.option("--campaign", help="Cùng với --latest: chỉ trong đợt này.")
@click.option("--spreadsheet", is_flag=True, help="CSV cho bảng tính tiếng Việt: dấu phẩy thập phân, dấu chấm phẩy ngăn cột.")
@click.option("--pdf", is_flag=True, help="Thêm báo cáo toàn tỉnh và báo cáo từng đơn vị (luôn là bản công bố).")
@click.option("--internal", is_flag=True,
              help="CSV bản nội bộ, đủ mọi số lượt; có thể lộ câu trả lời của một người, không gửi ra ngoài.")
def export(where: tuple[str, ...], latest: bool, campaign: str | None, spreadsheet: bool, pdf: bool, internal: bool) -> None:
    """Ghi kết quả của lượt chấm RUN (hoặc --latest) vào thư mục OUT: bản công bố, trừ khi có --internal."""
    if len(where) != (1 if latest else 2) or (not latest and not where[0].isdecimal()) or (campaign and not latest):
        raise click.UsageError("Viết: surveyapp export SỐ-LƯỢT-CHẤM THƯ-MỤC, hoặc surveyapp export --latest THƯ-MỤC.")
    with app():
        from surveyapp.queries import scores

        if not latest and len(where[0]) > LONGEST_RUN:
            raise NotFound(f"Không có lượt chấm số {where[0]}.")
        run_id = _latest_run(campaign) if latest else scores.run_of(int(where[0])).id
        _hand_out(run_id, Path(where[-1]), spreadsheet, pdf, internal)


@cli.group()
def account() -> None:
    """Tài khoản cán bộ."""


@account.command("create")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(["designer", "analyst", "administrator"]), help="Vai trò.")
@click.option("--name", required=True, help="Họ tên hiển thị.")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ dòng đầu của đầu vào chuẩn.")
def create_account(username: str, role: str, name: str, password_stdin: bool) -> None:
    """Tạo tài khoản; mật khẩu được hỏi, không viết trên dòng lệnh."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại mật khẩu")
    with app():
        from surveyapp.services import accounts

        made = accounts.create_account(username, name, role, password)
        done("create_account", f"tài khoản {made.username} ({role})", None)


# -- what several commands do ---------------------------------------------------------------------------------------


def _latest_run(campaign: str | None) -> int:
    from surveyapp.queries import campaigns, scores

    if campaign:
        campaigns.by_code(campaign)  # an unknown campaign is told as such
    newest = scores.newest_run_id(campaign) if campaign else max((each.id for each in scores.runs()), default=None)
    if newest is None:
        raise NotFound("Chưa có lượt chấm điểm nào. Chạy surveyapp score trước.")
    return newest


def _hand_out(run_id: int, out: Path, spreadsheet: bool, pdf: bool, internal: bool = False) -> None:
    from surveyapp import result_files

    with usable(out):
        written = result_files.write_csv(run_id, out, spreadsheet, internal)
    if pdf:
        click.echo("Đang lập báo cáo PDF…")
        written += result_files.write_pdf(run_id, out, _tell_every_ten)
    click.echo(f"Xong: lượt chấm số {run_id}, {len(written)} tệp trong {out}")


def _tell_every_ten(written: int, wanted: int) -> None:
    if written % 10 == 0 or written == wanted:
        click.echo(f"  {written}/{wanted}")


def _refuse_taken_port(host: str, port: int) -> None:
    from surveyapp.serving import port_is_free

    if not port_is_free(host, port):
        raise Refused(f"Cổng {port} ở {host} đang có chương trình khác dùng. "
                      f"Chọn cổng khác: --port {port + 1} (make run PORT={port + 1}).")


def _serve(host: str, port: int) -> None:
    from surveyapp import serving

    _refuse_taken_port(host, port)
    sys.stdout.flush()
    sys.exit(serving.serve(host, port))


def main() -> None:
    guarded(cli)


if __name__ == "__main__":
    main()

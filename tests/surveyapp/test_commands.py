"""The command line as a person uses it: the worked example from files to scores, and what is told when something is wrong."""

import contextlib
import csv
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/vi-du"
STEPS = [
    ("import", "unit-groups", EXAMPLE / "nhom-don-vi.csv"),
    ("import", "units", EXAMPLE / "don-vi.csv"),
    ("import", "questionnaire", EXAMPLE / "phieu.yaml"),
    ("import", "framework", EXAMPLE / "khung.yaml"),
    ("import", "campaign", EXAMPLE / "dot.yaml"),
    ("campaign", "open", "VIDU-2024"),
    ("import", "responses", "VIDU-2024", "vi_du", EXAMPLE / "tra-loi.csv"),
    ("import", "appraised", "VIDU-2024", EXAMPLE / "tham-dinh.csv"),
    ("campaign", "close", "VIDU-2024"),
    ("score", "VIDU-2024", "--draws", "200", "--top", "1", "--share-step", "0.2", "--minimum-count", "3",
     "--minimum-respondents", "4", "--one-answer-below", "6", "--protection-range", "2"),
]


def test_the_worked_example_runs_from_files_to_the_points_in_the_guide(surveyapp, tmp_path):
    for step in STEPS:
        code, out, err = surveyapp(*step)
        assert (code, err) == (0, ""), (step, err)
        assert out.startswith("Xong: ")
    code, out, err = surveyapp("export", "--latest", "--internal", tmp_path / "out")
    assert (code, err) == (0, "")
    assert {path.name[-11:] for path in (tmp_path / "out").iterdir()} == {"-noi-bo.csv"}
    with (tmp_path / "out/don-vi-noi-bo.csv").open(encoding="utf-8-sig", newline="") as file:
        units = {row["unit_code"]: row for row in csv.DictReader(file)}
    assert {code: (row["survey"], row["survey_exact"], row["total"], row["band"], row["rank"]) for code,
            row in units.items()} == {
        "VD-A": ("31.87", "478/15", "82.37", "B", "1"), "VD-B": ("13.00", "13", "70.00", "C", "2")}
    assert surveyapp("export", "1", tmp_path / "again")[0] == 0
    published = (tmp_path / "again/don-vi.csv").read_text("utf-8-sig")
    assert "31.87" in published
    assert "478/15" not in published
    assert surveyapp("campaign", "list")[1].startswith("VIDU-2024\tđã đóng\t01/10/2024–30/11/2024\t")


def test_faults_are_numbered_on_lines_of_their_own_and_nothing_is_stored(surveyapp, tmp_path):
    for step in STEPS[:6]:
        surveyapp(*step)
    bad = tmp_path / "xau.csv"
    bad.write_text((EXAMPLE / "tra-loi.csv").read_text().replace("VD-B,", "VD-C,").replace(",dont_know,", ",9,"))
    code, out, err = surveyapp("import", "responses", "VIDU-2024", "vi_du", bad)
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert [line.split(" ")[0] for line in lines[:-1]] == ["1.", "2.", "3.", "4."]
    assert "xau.csv, dòng 5, cột “thai_do”" in lines[0]
    assert lines[-1].startswith("Có 4 lỗi")
    code, out, err = surveyapp("score", "VIDU-2024")
    assert (code, err.startswith("1. Đợt điều tra này chưa có phiếu trả lời nào")) == (1, True)


def test_documents_are_checked_without_being_stored(surveyapp, tmp_path):
    for step in STEPS[:3]:
        surveyapp(*step)
    code, out, _ = surveyapp("check", "questionnaire", EXAMPLE / "phieu.yaml")
    advice, verdict = out.splitlines()
    assert code == 0
    assert advice.startswith("Nên xem lại: phieu.yaml, dòng 26, pages[1].questions[1]: Câu “thai_do”: ai chấm mức chưa tốt")
    assert verdict == "phieu.yaml: không có lỗi, 1 chỗ nên xem lại."
    fair, never = tmp_path / "deu.yaml", tmp_path / "an.yaml"
    fair.write_text((EXAMPLE / "phieu.yaml").read_text().replace(", relevant: \"${thai_do} = '1' or ${thai_do} = '2'\"", ""))
    assert surveyapp("check", "questionnaire", fair)[:2] == (0, "deu.yaml: không có lỗi.\n")
    never.write_text((EXAMPLE / "phieu.yaml").read_text().replace("'1' or ${thai_do}", "'1' and ${thai_do}"))
    code, out, err = surveyapp("check", "questionnaire", never)
    assert (code, out) == (1, "")
    assert "an.yaml, dòng 28, pages[1].questions[3].relevant: Câu “ly_do” không bao giờ hiện" in err
    assert surveyapp("check", "framework", EXAMPLE / "khung.yaml")[:2] == (0, "khung.yaml: không có lỗi.\n")
    bad = tmp_path / "khung.yaml"
    bad.write_text((EXAMPLE / "khung.yaml").read_text().replace("max_points: 60", "max_points: 61").replace("share: 0.6",
                                                                                                            "share: 0.5"))
    code, _, err = surveyapp("check", "framework", bad)
    assert code == 1
    assert len(err.splitlines()) >= 3
    assert surveyapp("import", "campaign", EXAMPLE / "dot.yaml")[0] == 1  # the framework was checked, not kept


def test_invitations_go_into_a_new_private_file(surveyapp, tmp_path):
    for step in STEPS[:6]:
        surveyapp(*step)
    asked = tmp_path / "moi.csv"
    asked.write_text("respondent_group,unit,count\ncitizens,VD-A,2\n")
    out = tmp_path / "lien-ket.csv"
    assert surveyapp("invite", "VIDU-2024", asked, out, "--address", "https://khaosat.example.vn/")[0] == 0
    links = out.read_text().splitlines()
    assert len(links) == 3
    assert links[1].startswith("https://khaosat.example.vn/p/")
    assert out.stat().st_mode & 0o077 == 0
    code, _, err = surveyapp("invite", "VIDU-2024", asked, out)
    assert (code, "đã có" in err) == (1, True)
    assert out.read_text().splitlines() == links
    asked.write_text("respondent_group,unit,count\ncitizens,VD-Q,2\n")
    assert surveyapp("invite", "VIDU-2024", asked, tmp_path / "khac.csv")[0] == 1
    assert not (tmp_path / "khac.csv").exists()


def test_responses_are_written_out_and_come_in_again(surveyapp, tmp_path):
    for step in STEPS[:7]:
        surveyapp(*step)
    assert surveyapp("export-responses", "VIDU-2024", "vi_du", tmp_path / "xuat.csv")[0] == 0
    code, out, err = surveyapp("import", "responses", "VIDU-2024", "vi_du", tmp_path / "xuat.csv")
    assert (code, err) == (0, "")
    assert "9 phiếu" in out


@pytest.mark.parametrize("arguments", [
    ("import", "units"), ("import", "units", "/no/such/file"), ("importt",), ("score",), ("export", "out"),
    ("export", "x", "out"),
    ("export", "--latest", "1", "out"), ("score", "X", "--confidence", "2"), ("serve", "--port", "0"),
    ("account", "create", "a", "--role", "king", "--name", "b"),
])
def test_a_command_written_wrongly_ends_with_two(surveyapp, arguments):
    code, _, err = surveyapp(*arguments)
    assert code == 2
    assert err.startswith("Lệnh viết chưa đúng: ")
    assert "Traceback" not in err


def test_what_is_not_there_is_told(surveyapp, tmp_path):
    for arguments in (("campaign", "open", "X"), ("score", "X"), ("export", "--latest", tmp_path / "o"),
                      ("export", "7", tmp_path / "o"),
                      ("export", "--latest", "--campaign", "X", tmp_path / "o"),
                      ("export-responses", "X", "y", tmp_path / "f")):
        code, out, err = surveyapp(*arguments)
        assert (code, out, err[:3]) == (1, "", "1. "), arguments


@pytest.mark.parametrize(("arguments", "told"), [
    (("import", "units"), "thiếu FILE."),
    (("import", "units", "/no/such/file"), "không có tệp “/no/such/file”."),
    (("import", "units", "/"), "“/” là một thư mục, không phải tệp."),
    (("importt",), "không có lệnh importt."),
    (("score", "X", "Y"), "thừa Y."),
    (("score", "X", "--what"), "không có lựa chọn --what."),
    (("score", "X", "--seed"), "lựa chọn --seed viết chưa đúng (thiếu hoặc thừa giá trị)."),
    (("score", "X", "--confidence", "2"), "giá trị của --confidence phải là số từ 0.5 đến 0.999."),
    (("score", "X", "--seed", "x"), "giá trị của --seed phải là số nguyên từ 0."),
    (("account", "create", "a", "--role", "king", "--name", "b"),
     "giá trị của --role phải là một trong: designer, analyst, administrator."),
])
def test_what_is_wrong_with_a_command_is_told_in_vietnamese(surveyapp, arguments, told):
    code, _, err = surveyapp(*arguments)
    assert (code, err.splitlines()[0]) == (2, f"Lệnh viết chưa đúng: {told}")
    assert all(line.startswith("Cách viết: surveyapp ") for line in err.splitlines()[1:])


@pytest.mark.parametrize(("url", "told"), [
    ("not a url", "DATABASE_URL không đúng dạng"), ("mysql://u:hidden@127.0.0.1/x", "DATABASE_URL không đúng dạng"),
    ("postgresql://u:hidden@127.0.0.1:port/x", "DATABASE_URL không đúng dạng"),
    ("postgresql://u:hidden@127.0.0.1:1/x", "Kiểm tra DATABASE_URL và máy chủ PostgreSQL"),
    ("sqlite:////no/such/folder/x.sqlite", "Kiểm tra thư mục dữ liệu"),
])
def test_a_database_that_cannot_be_opened_is_told_without_its_password(surveyapp, monkeypatch, url, told):
    monkeypatch.setenv("DATABASE_URL", url)
    code, out, err = surveyapp("campaign", "list")
    assert (code, out, err[:3]) == (1, "", "1. ")
    assert told in err
    assert "hidden" not in err


def test_places_on_the_disk_that_cannot_be_used_are_told(surveyapp, tmp_path, monkeypatch):
    for step in STEPS:
        surveyapp(*step)
    file = tmp_path / "tep"
    file.write_text("x")
    for arguments in (("export", "--latest", file), ("export", "--latest", file / "o"),
                      ("export-responses", "VIDU-2024", "vi_du", tmp_path / "no/f.csv"), ("demo", "--out", file)):
        code, _, err = surveyapp(*arguments)
        assert code == 1, arguments
        assert "tệp, không phải thư mục" in err or "không có thư mục chứa nó" in err, err
    assert file.read_text() == "x"
    monkeypatch.setenv("SURVEYAPP_DATA", str(file))
    code, _, err = surveyapp("campaign", "list")
    assert (code, err.startswith("1. Không dùng được "), "SURVEYAPP_DATA" in err) == (1, True, True)


def test_an_unknown_campaign_and_a_far_too_large_run_are_named(surveyapp, tmp_path):
    assert "Không có đợt điều tra “X”" in surveyapp("export", "--latest", "--campaign", "X", tmp_path / "o")[2]
    assert "12345678901234567890" in surveyapp("export", "12345678901234567890", tmp_path / "o")[2]
    wrong = tmp_path / "t.csv"
    wrong.write_text("a,b\n1,2\n")
    for command in (("import", "strata", "X", wrong), ("import", "appraised", "X", wrong), ("invite", "X", wrong,
                                                                                           tmp_path / "o.csv")):
        assert surveyapp(*command)[2].startswith("1. Không có đợt điều tra “X”"), command


def test_a_terminal_gets_nothing_that_it_would_obey(surveyapp, tmp_path):
    bad = tmp_path / "n.csv"
    bad.write_text("code,name\n\x1b[31m,A\n\x1b]0;x\x07,B\n")
    code, _, err = surveyapp("import", "unit-groups", bad)
    assert code == 1
    assert not {"\x1b", "\x07"} & set(err)


def test_an_account_is_made_with_a_password_from_standard_input(surveyapp, monkeypatch):
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("mot mat khau that dai\n"))
    command = ("account", "create", "phan.tich", "--role", "analyst", "--name", "Người phân tích", "--password-stdin")
    code, out, _ = surveyapp(*command)
    assert (code, "tài khoản phan.tich (analyst)" in out) == (0, True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("ngan\n"))
    code, _, err = surveyapp(*command)
    assert (code, err[:3]) == (1, "1. ")


def test_what_nobody_foresaw_is_a_sentence_and_a_log(surveyapp, tmp_path, monkeypatch):
    monkeypatch.setattr("surveyapp.services.units.import_units", lambda *_: 1 / 0)
    code, out, err = surveyapp("import", "units", EXAMPLE / "don-vi.csv")
    assert (code, out) == (70, "")
    assert err.startswith("Có lỗi ngoài dự kiến (ZeroDivisionError); chi tiết ở ")
    assert "Traceback" in (tmp_path / "var/loi.log").read_text()
    assert "Traceback" not in err


def test_the_server_answers_and_ends_in_order(tmp_path):
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"SURVEYAPP_DATA": str(tmp_path / "var"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "surveyapp.commands", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(f"http://127.0.0.1:{port}/", server)
        second = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, "đang có chương trình khác dùng" in second.stderr) == (1, True)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(40) == 0
    with contextlib.closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, server.stderr.read()
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=10).read()
            return
        time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")

"""Result files: the columns that the document lists, two dialects, nothing in them that a spreadsheet would run."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from surveyapp.errors import NotFound
from surveyapp.queries import scores
from surveyapp.services import exchange
from surveyapp.services.exchange_columns import FILES, HEAD
from tests.surveyapp import score_rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "dinh-dang" / "ket-qua.md"


@pytest.fixture(scope="module")
def beforehand():
    return score_rows.make_run


@pytest.fixture
def files(app_context):
    return exchange.csv_files(1, spreadsheet=False), exchange.csv_files(1, spreadsheet=True)


@pytest.fixture
def internal(app_context):
    """The edition with everything, under the published names."""
    files = exchange.csv_files(1, spreadsheet=False, internal=True)
    assert all(name.endswith("-noi-bo.csv") for name in files)
    return {name.replace("-noi-bo", ""): content for name, content in files.items()}


def rows(content: bytes, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


def documented() -> dict[str, list[str]]:
    """File name -> the columns that its section lists."""
    sections = re.split(r"^## ", DOCUMENT.read_text("utf-8"), flags=re.M)[1:]
    return {section.split("\n")[0]: re.findall(r"^\| `(\w+)` \|", section, flags=re.M) for section in sections}


def test_the_document_lists_exactly_the_columns():
    sections = documented()
    head = [column.name for column in HEAD]
    assert sections["Cột chung"] == head
    for name, columns in FILES.items():
        common = [] if name == "lan-cham.csv" else head
        assert common + sections[name] == [column.name for column in columns], name


def test_machine_files_are_utf8_with_a_mark_commas_dots_and_crlf(files):
    content = files[0]["don-vi.csv"]
    assert content.startswith(b"\xef\xbb\xbfcampaign,year,run,")
    assert content.endswith(b"\r\n")
    assert content.count(b"\r\n") == content.count(b"\n")
    first = next(row for row in rows(content) if row["unit_code"] == "so-noi-vu")
    assert re.fullmatch(r"\d+\.\d\d", first["total"])
    assert rows(files[0]["lan-cham.csv"])[0]["opens_on"] == "2024-09-01"


def test_spreadsheet_files_have_semicolons_and_decimal_commas(files):
    first = next(row for row in rows(files[1]["don-vi.csv"], ";") if row["unit_code"] == "so-noi-vu")
    assert re.fullmatch(r"\d+,\d\d", first["total"])
    assert rows(files[1]["lan-cham.csv"], ";")[0]["made_on"] == "20/11/2024"


def test_both_dialects_say_the_same(files):
    for name in FILES:
        machine, spreadsheet = rows(files[0][name]), rows(files[1][name], ";")
        assert len(machine) == len(spreadsheet) > 0
        for column in machine[0]:
            if column in ("opens_on", "closes_on", "made_on", "note"):
                continue
            plain = [row[column].removeprefix("'") for row in machine]
            shown = [row[column].removeprefix("'") for row in spreadsheet]
            assert plain == shown or plain == [value.replace(",", ".") for value in shown], (name, column)


def test_exact_columns_are_fractions_that_round_to_the_points(internal):
    for row in rows(internal["tieu-chi.csv"]):
        if row["points"]:
            assert abs(Fraction(row["points_exact"]) - Fraction(row["points"])) <= Fraction(1, 200)


def test_points_can_be_recomputed_from_the_files(internal):
    sources = rows(internal["nguon-diem.csv"])
    leaves = [row for row in rows(internal["tieu-chi.csv"]) if row["kind"] == "survey" and row["points"]]
    for leaf in leaves:
        own = [row for row in sources if (row["unit_code"], row["leaf_code"]) == (leaf["unit_code"], leaf["leaf_code"])]
        parts = sum(Fraction(row["effective_share"]) * Fraction(row["mean_exact"]) for row in own)
        assert Fraction(leaf["max_points"]) * parts == Fraction(leaf["points_exact"])


def test_what_is_not_known_is_empty_and_never_zero(files):
    row = next(row for row in rows(files[0]["don-vi.csv"]) if row["unit_code"] == "thanh-tra")
    assert (row["survey"], row["total"], row["rank"], row["status"]) == ("", "", "", "insufficient")


def test_small_counts_of_flagged_forms_and_what_they_change_are_withheld(files):
    effects = {row["unit_code"]: row for row in rows(files[0]["chat-luong.csv"])}
    two = effects[score_rows.TWO_FLAGGED]
    assert two["hidden"] == "1"
    withheld = ("flagged", "share", "survey_without", "difference", "difference_se", "rank_without")
    assert {two[column] for column in withheld} == {""}
    assert two["survey"] != ""
    assert effects[score_rows.NONE_FLAGGED]["flagged"] == "0"
    signs = [row for row in rows(files[0]["dau-hieu.csv"]) if row["unit_code"] == score_rows.TWO_FLAGGED]
    assert {row["sign"] for row in signs if row["hidden"] == "1"} == {"straight_lining", "any"}
    assert not [row for content in files[0].values() for row in rows(content) if row.get("flagged") in ("1", "2", "3")]


def test_the_internal_edition_says_how_many_forms_were_flagged(app_context):
    for name in ("chat-luong.csv", "dau-hieu.csv"):
        told = [row for row in rows(exchange.csv_file(1, name, spreadsheet=False, internal=True))
                if row["unit_code"] == score_rows.TWO_FLAGGED]
        assert {row["hidden"] for row in told} == {"0"}
        assert "2" in {row["flagged"] for row in told}


def test_files_about_the_order_say_what_the_run_knows(files, app_context):
    run = scores.run_of(1)
    units = {row["unit_code"]: row for row in rows(files[0]["don-vi.csv"])}
    for group in scores.groups(run):
        for unit in group.ranked:
            own = units[unit.unit_code]
            assert (own["rank_all_low"], own["rank_all_high"]) == (str(unit.rank_all_low), str(unit.rank_all_high))
            bands = [row for row in rows(files[0]["xep-loai.csv"]) if row["unit_code"] == unit.unit_code]
            assert sum(float(row["probability"]) for row in bands) == pytest.approx(1, abs=1e-5)
            assert [row["probability"] for row in bands if row["given"] == "1"] == [own["band_probability"]]
            ranks = [row for row in rows(files[0]["do-nhay.csv"]) if row["unit_code"] == unit.unit_code]
            assert {row["declared_rank"] for row in ranks} == {own["rank"]}
            assert [own["rank_best"], own["rank_worst"]] == [
                str(pick(int(row["rank"]) for row in ranks)) for pick in (min, max)]
            assert ranks[0]["scenario_name"] == "bỏ nhóm người dân"
    pairs = rows(files[0]["lien-ke.csv"])
    assert len(pairs) == sum(len(group.ranked) - 1 for group in scores.groups(run))
    for pair in pairs:
        gap = float(units[pair["unit_code"]]["percent"]) - float(units[pair["next_unit_code"]]["percent"])
        assert float(pair["difference"]) == pytest.approx(gap, abs=1e-6)
        assert pair["differs"] == str(int(float(pair["p_holm"]) <= 0.05))
    assert {(row["top"], row["share_step"]) for row in rows(files[0]["lan-cham.csv"])} == {("3", "0.1")}


def test_no_text_cell_of_any_file_runs_in_a_spreadsheet(files):
    number = re.compile(r"-?\d+([.,]\d+)?")
    for dialect, separator in ((files[0], ","), (files[1], ";")):
        for content in dialect.values():
            for row in rows(content, separator):
                for cell in row.values():
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or number.fullmatch(cell), cell
    names = {row["unit_name"] for row in rows(files[0]["don-vi.csv"])}
    assert "'" + score_rows.HOSTILE in names
    assert score_rows.SCRIPT in names


@pytest.mark.parametrize(("value", "machine", "spreadsheet"), [
    (None, "", ""),
    (Decimal("86.40"), "86.40", "86,40"),
    (Decimal("-0.5"), "-0.5", "-0,5"),
    (-1.25, "-1.25", "-1,25"),
    (0.1 + 0.2, "0.3", "0,3"),
    (12, "12", "12"),
    (date(2024, 11, 20), "2024-11-20", "20/11/2024"),
    (Fraction(3, 4), "3/4", "'3/4"),
    (Fraction(2), "2", "2"),
    ("1.2", "1.2", "'1.2"),
    ("007", "007", "'007"),
    ("2024", "2024", "2024"),
    ("1e5", "1e5", "'1e5"),
    ("=1+1", "'=1+1", "'=1+1"),
    ("+84 299", "'+84 299", "'+84 299"),
    ("-", "'-", "'-"),
    ("@SUM(A1)", "'@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1", "'\t=1"),
    ("\r=1", "'\r=1", "'\r=1"),
    ("Sở Nội vụ", "Sở Nội vụ", "Sở Nội vụ"),
])
def test_cells(value, machine, spreadsheet):
    assert (exchange.machine_cell(value), exchange.spreadsheet_cell(value)) == (machine, spreadsheet)


def test_an_unknown_file_is_named(app_context):
    with pytest.raises(NotFound, match=r"la\.csv.*don-vi\.csv"):
        exchange.csv_file(1, "la.csv", spreadsheet=False)
    assert exchange.csv_file(1, "don-vi.csv", False) == exchange.csv_files(1, False)["don-vi.csv"]
    assert len(rows(exchange.csv_file(1, "don-vi.csv", False))) == len(scores.unit_codes(1))

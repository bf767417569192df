"""Paper forms, codebook and DDI as they leave the house: rendered, read back, handed out by page, job and command."""

import csv
import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from functools import cache
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from questionnaires import paper as paper_layout
from surveyapp import jobs
from surveyapp.commands import cli
from surveyapp.queries import campaigns, designed, questionnaires
from surveyapp.services import codebook, library, paper, units
from surveyapp.services import questionnaires as imports
from tests import factories
from tests.conftest import app_on
from tests.questionnaires import ddi_rules, paper_sample
from tests.surveyapp.staff_client import StaffClient, make_staff

BREAKS = re.compile(r"[\s\u200b\u00ad]+")
KHMER_LETTER = re.compile(r"(?<!\u17d2)[\u1780-\u17a2]")
A4 = (595.28, 841.89)
MANY_UNITS = 90
MANY = "code,name,unit_group,parent,valid_from,valid_to,successors\n" + "".join(
    f"X{index:02},Ủy ban nhân dân xã An Thạnh số {index},district,,2000-01-01,,\n" for index in range(MANY_UNITS))


@pytest.fixture
def database_url(sqlite_url):
    """What is shown does not hang on the kind of database; what is stored and read is tested on both."""
    return sqlite_url


@pytest.fixture
def house(app_context):
    """A campaign with every form, and the household form beside it."""
    campaign = factories.province(forms=("official", "everything"))
    imports.import_questionnaire(paper_sample.SAMPLE.encode(), "household.yaml")
    return campaign.code


@pytest.fixture(scope="module")
def printed(sqlite_template, tmp_path_factory):
    """(form, language, with the campaign's units?) -> the PDF's bytes; each is rendered once for all tests."""
    folder = tmp_path_factory.mktemp("paper")
    shutil.copy(sqlite_template, folder / "paper.sqlite")
    with app_on(f"sqlite:///{folder}/paper.sqlite", folder) as app, app.app_context():
        code = factories.province(forms=("citizen", "official", "business", "everything")).code
        imports.import_questionnaire(paper_sample.SAMPLE.encode(), "household.yaml")

        @cache
        def render(form_id: str, language: str, rated: bool = False, many: bool = False) -> bytes:
            if many:
                units.import_units(MANY.encode(), "units.csv")
            version = designed.questionnaire_version(form_id, questionnaires.versions(form_id)[-1])
            return paper.paper_pdf(version, language, campaigns.by_code(code) if rated else None)

        def form(form_id: str):
            return questionnaires.parsed(designed.questionnaire_version(form_id, questionnaires.versions(form_id)[-1]))

        yield render, form


def read_back(pdf: bytes, *options: str) -> str:
    text = subprocess.run(["pdftotext", *options, "-", "-"], input=pdf, check=True, capture_output=True).stdout.decode()
    return BREAKS.sub("", unicodedata.normalize("NFC", text))


def pages_of(pdf: bytes) -> list[list[tuple[float, float, float, float, str]]]:
    """The words of each page with their boxes."""
    told = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, check=True, capture_output=True).stdout
    root = ElementTree.fromstring(re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", told))
    name = "{http://www.w3.org/1999/xhtml}"
    return [[(*(float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax")), word.text or "") for word in
             page.iter(f"{name}word")] for page in root.iter(f"{name}page")]


def squeezed(text: str) -> str:
    return BREAKS.sub("", text)


def khmer_share(label: str, text: str) -> float:
    """How much of a label is found, three main letters at a time. Letters that are stacked or stand before the one they are
    written after have glyphs that a PDF cannot name in reading order, so not all of it can be."""
    letters = KHMER_LETTER.findall(label)
    windows = ["".join(letters[index:index + 3]) for index in range(len(letters) - 2)]
    found = [bool(re.search(".{0,6}?".join(window), text, re.DOTALL)) for window in windows]
    return sum(found) / len(found) if found else 1.0


PRINTED = [("citizen", "vi", False), ("business", "vi", True), ("official", "vi", True), ("everything", "vi", False),
           ("household", "vi", False), ("household", "en", False)]


@pytest.mark.parametrize(("form_id", "language", "rated"), PRINTED)
def test_every_text_number_code_and_name_is_on_the_paper(printed, form_id, language, rated):
    render, form_of = printed
    form, text = form_of(form_id), read_back(render(form_id, language, rated), "-raw")
    numbers = paper_layout.numbers(form)
    for part in ("purpose", "data", "controller", "rights", "contact"):
        assert squeezed(getattr(form.consent, part).in_language(language)) in text
    for page in form.pages:
        assert squeezed(page.label.in_language(language)) in text
        for question in page.questions:
            assert squeezed(question.label.in_language(language)) in text, question.name
            assert squeezed(question.hint.in_language(language)) in text, question.name
            if question.name in numbers:
                assert f"{numbers[question.name]}.{squeezed(question.label.in_language(language))}" in text
                assert question.name in text
            for choice in question.choices or ():
                assert f"{squeezed(choice.label.in_language(language))}[{choice.name}]" in text or (
                    f"[{choice.name}]" in text and squeezed(choice.label.in_language(language)) in text), choice.name
            for kind in question.missing:
                assert f"[{kind}]" in text
    for item in (item for section in paper_layout.lay_out(form, language).sections for item in section.items):
        assert item.when is None or squeezed(item.when.text) in text
        for target in item.onward.values():
            arrow = {"vi": f"→chuyểnđếncâu{target}", "en": f"→gotoquestion{target}"}[language]
            assert not target or arrow in text
    assert squeezed(paper.paper_words(language)["agree"]) in text


def test_khmer_is_there_in_its_own_face_and_breaks_its_lines(printed):
    render, form_of = printed
    for form_id in ("citizen", "household"):
        pdf = render(form_id, "km")
        text = read_back(pdf, "-raw")
        labels = [question.label.in_language("km") for question in form_of(form_id).questions]
        assert sum(khmer_share(label, text) for label in labels) / len(labels) > 0.9
        assert khmer_share("ព្រះរាជាណាចក្រកម្ពុជា ជាតិ សាសនា ព្រះមហាក្សត្រ", text) < 0.7  # which it does not hold
        fonts = subprocess.run(["pdffonts", "-"], input=pdf, check=True, capture_output=True).stdout.decode()
        assert "Khmer" in fonts
        assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:]), fonts  # embedded
    lines = [word for page in pages_of(render("citizen", "km")) for word in page]
    assert max(word[2] for word in lines) < A4[0] - 30


@pytest.mark.parametrize(("form_id", "language", "rated"), [*PRINTED, ("citizen", "km", False), ("household", "km", False)])
def test_pages_are_full_numbered_and_hold_everything_inside_their_margins(printed, form_id, language, rated):
    render, form_of = printed
    pdf = render(form_id, language, rated)
    form, pages = form_of(form_id), pages_of(pdf)
    version_mark = f"{form.form_id} · "
    for number, words in enumerate(pages, 1):
        shown = " ".join(word[-1] for word in words)
        assert version_mark in shown
        assert f"{number} / {len(pages)}" in shown
        assert all(word[0] > 30 and word[2] < A4[0] - 30 and word[1] > 0 and word[3] < A4[1] - 10 for word in words)
        lowest = max(word[3] for word in words if word[3] < A4[1] - 45)
        if number < len(pages):
            assert lowest > A4[1] * 0.6, f"page {number} ends at {lowest}"
    info = subprocess.run(["pdfinfo", "-"], input=pdf, check=True, capture_output=True).stdout.decode()
    assert re.search(r"Page size:.*A4", info)
    assert re.search(r"Tagged:\s+yes", info)
    assert len(pages) <= {"citizen": 5, "business": 3, "official": 5, "everything": 2, "household": 3}[form_id]


def test_no_question_is_split_over_two_pages(printed):
    """A question's last choice stands on the page of its number."""
    render, form_of = printed
    pdf = render("citizen", "vi")
    told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, check=True, capture_output=True).stdout
    pages = [squeezed(unicodedata.normalize("NFC", page)) for page in told.decode().split("\f")]
    blocks = [block for section in paper_layout.lay_out(form_of("citizen"), "vi").sections for block in section.blocks]
    for item in (block for block in blocks if isinstance(block, paper_layout.Item) and block.question.choices):
        beginning = f"{item.number}.{squeezed(item.question.label.in_language('vi'))}"
        page = next(page for page in pages if beginning in page)
        assert f"[{item.question.choices.names[-1]}]" in page.partition(beginning)[2], item.question.name


def test_many_units_stand_two_in_a_row_under_a_heading_that_repeats(printed):
    render, _ = printed
    pdf = render("household", "vi", rated=True, many=True)
    pages = pages_of(pdf)
    found = {word[-1]: (number, word) for number, words in enumerate(pages) for word in words}
    places = [found[f"[X{index:02}]"] for index in range(MANY_UNITS)]
    assert len({round(word[0] / 150) for _, word in places}) == 2
    last = places[-1][0]
    assert last > places[0][0], "they fill more than a page"
    for number in range(places[0][0], last + 1):
        assert [word[-1] for word in pages[number]].count("Tên") == 2


def test_the_same_version_gives_the_same_bytes(printed):
    render, _ = printed
    assert render("everything", "vi") == render.__wrapped__("everything", "vi")


def test_an_unknown_language_is_printed_in_the_default_one(house):
    version = designed.questionnaire_version("everything", "1")
    assert paper.paper_pdf(version, "xx") == paper.paper_pdf(version, "vi")


def rows(content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_codebook_tables_have_every_column_and_code_and_nothing_that_runs(house):
    book = codebook.codebook_of(designed.questionnaire_version("household", "2.0"))
    for spreadsheet in (False, True):
        delimiter = ";" if spreadsheet else ","
        variables = rows(codebook.csv_file(book, codebook.VARIABLES, spreadsheet), delimiter)
        assert [row["column"] for row in variables] == [
            "visited", "times", "last_time", "hours", "staff", "place", "ways", "why", "age.1", "age.2",
            "works.1", "works.2", "job.1", "job.2", "quality:*"]
        assert [int(row["position"]) for row in variables] == list(range(1, 16))
        by_column = {row["column"]: row for row in variables}
        assert by_column["times"]["missing"] == "dont_know refused"
        assert by_column["staff"]["asked_if_words"] == "câu 1 là “Có”"
        assert by_column["hours"]["asked_if"] == "${times} + 1 > 3"
        assert by_column["hours"]["asked_if_words"] == ""
        assert (by_column["age.2"]["repeat"], by_column["age.2"]["time"], by_column["why"]["time"]) == ("members", "2", "")
        codes = rows(codebook.csv_file(book, codebook.CODES, spreadsheet), delimiter)
        ways = [row for row in codes if row["question"] == "ways"]
        assert [(row["code"], row["label_vi"], row["exclusive"]) for row in ways] == [
            ("desk", "'=Tại quầy", "0"), ("web", "Trên mạng <b>", "0"), ("none", "Không cách nào", "1")]
        assert not [cell for row in (*variables, *codes) for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_the_codebook_tells_units_criteria_versions_and_campaigns(house, tmp_path):
    campaign = campaigns.by_code(house)
    newer = factories.EVERYTHING.replace('version: "1"', 'version: "2"').replace("name: comment", "name: remark")
    imports.import_questionnaire(newer.encode(), "newer.yaml")
    everything = codebook.codebook_of(designed.questionnaire_version("everything", "1"), campaign)
    by_column = {row["column"]: row for row in rows(codebook.csv_file(everything, codebook.VARIABLES, False))}
    assert by_column["went"]["versions"] == "1 2"
    assert by_column["comment"]["versions"] == "1"
    assert by_column["went"]["campaigns"] == house
    official = codebook.codebook_of(designed.questionnaire_version("official", "2024.1"), campaign)
    columns = [row["column"] for row in rows(codebook.csv_file(official, codebook.VARIABLES, False))]
    assert "steering:SNV" in columns
    assert "steering:GONE" not in columns
    assert ddi_rules.faults(codebook.ddi_xml(official)) == []
    text = read_back(codebook.codebook_pdf(official), "-raw")
    assert "VănphòngĐoànđạibiểuQuốchộivàHộiđồngnhândântỉnh" in text
    for question in official.form.questions:
        assert squeezed(question.label.in_language("vi")) in text


@pytest.fixture
def staff(app):
    with app.app_context():
        make_staff()
        campaign = factories.province(forms=("official", "everything")).code
        library.load_library()
    return app, campaign


def signed_in(app, role: str) -> StaffClient:
    client = StaffClient(app)
    client.sign_in(role)
    return client


def test_the_designer_takes_paper_codebook_and_ddi_from_the_pages(staff):
    app, _ = staff
    designer = signed_in(app, "designer")
    page = designer.get("/thiet-ke/phieu/citizen/2024.1")
    for code in ("vi", "km", "en"):
        assert f"/thiet-ke/phieu/citizen/2024.1/phieu-giay/{code}.pdf" in page
    pdf = designer.http.get("/thiet-ke/phieu/citizen/2024.1/phieu-giay/vi.pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="citizen-2024.1-giay-vi.pdf"'
    designer.get("/thiet-ke/phieu/citizen/2024.1/phieu-giay/xx.pdf", 404)
    shown = designer.get("/thiet-ke/phieu/official/2024.1/so-ma")
    assert "tối đa" in shown  # criteria that the question feeds
    assert "not_familiar" in shown.replace("\u200b", "")
    assert designer.http.get("/thiet-ke/phieu/citizen/2024.1/so-ma.pdf").data.startswith(b"%PDF-")
    csv_file = designer.http.get("/thiet-ke/phieu/citizen/2024.1/so-ma/bien.csv?dang=bang-tinh")
    assert csv_file.headers["Content-Disposition"] == 'attachment; filename="citizen-2024.1-bien-bang-tinh.csv"'
    assert csv_file.data.decode("utf-8-sig").startswith("form_id;version;")
    designer.get("/thiet-ke/phieu/citizen/2024.1/so-ma/khac.csv", 404)
    assert ddi_rules.faults(designer.http.get("/thiet-ke/phieu/citizen/2024.1/ddi.xml").data) == []
    analyst = signed_in(app, "analyst")
    analyst.get("/thiet-ke/phieu/citizen/2024.1/phieu-giay/vi.pdf", 403)


def test_a_campaign_gets_all_its_papers_in_the_background(staff):
    app, code = staff
    analyst = signed_in(app, "analyst")
    analyst.post(f"/dot-dieu-tra/{code}/phieu-giay", f"/dot-dieu-tra/{code}")
    jobs.work_off(app)
    answer = analyst.http.get("/cong-viec/1/tep")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
        assert [name for name in names if name.startswith("official")] == [
            "official-2024.1-giay-vi.pdf", "official-2024.1-so-ma.pdf", "official-2024.1-bien.csv",
            "official-2024.1-phuong-an.csv", "official-2024.1-ddi.xml"]
        for form in ("official-2024.1", "everything-1"):
            assert "[LONGPHU]" in read_back(archive.read(f"{form}-giay-vi.pdf"), "-raw")


def test_the_command_writes_all_files_or_says_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setenv("SURVEYAPP_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    run = CliRunner().invoke(cli, ["init"], catch_exceptions=False)
    assert run.exit_code == 0
    run = CliRunner().invoke(cli, ["questionnaire-files", "business", "2024.1", str(tmp_path / "out")], catch_exceptions=False)
    assert "5 tệp của phiếu business" in run.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "business-2024.1-bien.csv", "business-2024.1-ddi.xml", "business-2024.1-giay-vi.pdf", "business-2024.1-phuong-an.csv",
        "business-2024.1-so-ma.pdf"]
    for wrong in (["business", "9"], ["business", "2024.1", "--campaign", "KHONG"]):
        arguments = ["questionnaire-files", *wrong[:2], str(tmp_path / "none"), *wrong[2:]]
        run = CliRunner().invoke(cli, arguments)
        assert run.exit_code
        assert re.search("Không có (phiếu|đợt)", str(run.exception))
    assert not (tmp_path / "none").exists()

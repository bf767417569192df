"""Responses from a table into the database, and out of it again in the same form.

The format is described in docs/dinh-dang/tra-loi.md.
"""

import csv
import hashlib
import io
import uuid
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from documents import csv_reader
from documents.csv_reader import Row
from documents.faults import Fault, FaultList, Faults
from questionnaires.answers import UnitToRate
from questionnaires.columns import cells as cells_of
from questionnaires.columns import columns as file_columns
from questionnaires.columns import most_times
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import Campaign, QuestionnaireVersion, Response
from surveyapp.models.responses import MODES
from surveyapp.queries import campaigns, questionnaires
from surveyapp.services import paradata
from surveyapp.services.cells import FORMULA, NUMBER, Cells, plain
from surveyapp.services.receipts import plain_receipt, receipt_hash
from surveyapp.services.response_rows import ABOUT, AnswerReader, column_of
from surveyapp.services.samples import read_unit, read_weight

#: a file with more faults than this is the wrong file; the rest of them would help nobody
MOST_FAULTS = 2_000
LONGEST_RECEIPT = 80
ASKED_AT_ONCE = 500


def import_responses(campaign_code: str, form_id: str, source: bytes, name: str, batch: int = 2_000) -> int:
    """Every row becomes a sealed response, or none does.

    Raises Faults with all faults; CampaignNotOpen for a campaign that is being prepared or is closed; NotFound.
    """
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    campaigns.refuse_unless_open(campaign)
    version = questionnaires.of_campaign_form(campaign, form_id)
    form = questionnaires.parsed(version)
    needed = ["receipt", "respondent_group", "answered_on"] + (["unit"] if form.rates == "one_unit" else [])
    faults = FaultList()
    cells = Cells(csv_reader.read(source, name, needed, None, faults), faults)
    responses = _Reader(campaign, version, form, cells).responses()
    cells.faults.refuse_if_any()
    try:
        for start in range(0, len(responses), batch):
            session.execute(insert(Response), responses[start:start + batch])
    except IntegrityError as error:  # somebody else handed in the same receipt in this very moment
        session.rollback()
        raise Faults([Fault(name, "Có phiếu vừa được người khác nhập cùng lúc.",
                            "Nhập lại tệp để biết những dòng nào.")]) from error
    session.commit()
    return len(responses)


class _Reader:
    def __init__(self, campaign: Campaign, version: QuestionnaireVersion, form: Questionnaire, cells: Cells):
        self.campaign = campaign
        self.version = version
        self.form = form
        self.cells = cells
        scope = campaigns.rating_scope(campaign.id)
        self.rated = {group: {unit.code: unit for unit in campaigns.units_rated_by(campaign, group)}
                      for group in form.respondent_groups if group in scope}
        to_rate = {group: [UnitToRate(unit.code, unit.name) for unit in units.values()] for group, units in self.rated.items()}
        self.answers = AnswerReader(form, to_rate, cells)
        self.receipts: dict[str, Row] = {}

    def responses(self) -> list[dict]:
        rows_unread = len(self.cells.faults)
        self.answers.read_header()
        if len(self.cells.faults) > rows_unread:  # under wrong columns every row would be wrong
            self.cells.faults.refuse_if_any()
        found = []
        for row in self.cells.table:
            found.append(self._response(row))
            if len(self.cells.faults) >= MOST_FAULTS:
                self.cells.fault(row, None, f"Đã dừng đọc ở dòng này vì có quá {MOST_FAULTS} lỗi.",
                                 "Sửa các lỗi trên rồi nhập lại.")
                return []
        self._refuse_known_receipts()
        return found

    def _response(self, row: Row) -> dict:
        cells = self.cells
        group = cells.known(row, "respondent_group", self.rated, "nhóm đối tượng của phiếu này trong đợt với mã")
        unit_code = read_unit(cells, row, self.form, self.campaign, self.rated[group]) if group else None
        stratum = cells.text(row, "stratum", required=False, longest=80)
        day = self._day(row)
        return {
            "id": uuid.uuid4().hex,
            "campaign_id": self.campaign.id,
            "questionnaire_version_id": self.version.id,
            "respondent_group": group,
            "unit_code": unit_code,
            "stratum": plain(stratum or "") or unit_code or "",
            "psu": plain(cells.text(row, "psu", required=False, longest=80) or ""),
            "weight": read_weight(cells, row),
            "mode": cells.known(row, "mode", MODES, "hình thức trả lời", required=False) or "import",
            "language": cells.known(row, "language", self.form.languages, "ngôn ngữ của phiếu với mã", required=False)
            or self.form.default_language,
            "state": "sealed",
            "answers": self.answers.read(row, group, day),
            "pages_stored": [],
            "access_hash": None,
            "receipt_hash": self._receipt(row),
            "sealed_on": day,
        }

    def _receipt(self, row: Row) -> str | None:
        receipt = self.cells.text(row, "receipt", longest=LONGEST_RECEIPT)
        if receipt is None:
            return None
        if not plain_receipt(receipt):
            return self.cells.fault(row, "receipt", "Mã biên nhận không có chữ hoặc số nào.", "Ghi số phiếu hoặc mã biên nhận.")
        hashed = receipt_hash(receipt)
        if hashed in self.receipts:
            return self.cells.fault(row, "receipt", f"Mã biên nhận “{receipt}” đã có ở dòng {self.receipts[hashed].line}.",
                                    "Mỗi phiếu một mã; bỏ dòng trùng.")
        self.receipts[hashed] = row
        return hashed

    def _refuse_known_receipts(self) -> None:
        hashes = list(self.receipts)
        known: set[str] = set()
        for start in range(0, len(hashes), ASKED_AT_ONCE):
            chunk = hashes[start:start + ASKED_AT_ONCE]
            known |= set(db.session.scalars(select(Response.receipt_hash).where(Response.receipt_hash.in_(chunk))))
        for row in [row for hashed, row in self.receipts.items() if hashed in known][:MOST_FAULTS]:
            self.cells.fault(row, "receipt", f"Phiếu “{row['receipt']}” đã được nộp trước đây.",
                             "Bỏ dòng này; phiếu đã nộp không sửa được.")

    def _day(self, row: Row) -> date | None:
        day = self.cells.day(row, "answered_on")
        if day is not None and not self.campaign.opens_on <= day <= self.campaign.closes_on:
            return self.cells.fault(row, "answered_on", f"Ngày {day} nằm ngoài đợt điều tra ({self.campaign.opens_on} đến "
                                    f"{self.campaign.closes_on}).", "Sửa ngày trả lời, hoặc nhập vào đúng đợt.")
        return day


def export_responses(campaign_code: str, form_id: str) -> bytes:
    """The sealed responses of one form in the format that `import_responses` reads.

    Receipts are not stored, so each row has a stand-in that is always the same for the same response. Rows are in the order of
    these stand-ins, which says nothing about who came when. Texts that a spreadsheet would take for a formula get an
    apostrophe, which the import takes away again. Forms that declare it have seconds and device beside them, which an import
    does not take in again.
    """
    campaign = campaigns.by_code(campaign_code)
    version = questionnaires.of_campaign_form(campaign, form_id)
    form = questionnaires.parsed(version)
    scope = campaigns.rating_scope(campaign.id)
    units = {unit.code: UnitToRate(unit.code, unit.name) for group in form.respondent_groups if group in scope
             for unit in campaigns.units_rated_by(campaign, group)}
    rows = db.session.scalars(select(Response).where(
        Response.campaign_id == campaign.id, Response.questionnaire_version_id == version.id, Response.state == "sealed")).all()
    rated, times = tuple(units.values()), most_times(form, (row.answers for row in rows))
    columns = [column.name for column in file_columns(form, rated, times, column_of)]
    timed = paradata.declared(form)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*ABOUT, *(paradata.COLUMNS if timed else ()), *columns])
    by_stand_in = sorted((stand_in_of(row.id), row) for row in rows)
    for stand_in, row in by_stand_in:
        texts = {cell.column: harmless(cell.text, written=cell.written)
                 for cell in cells_of(form, row.answers, rated, column_of)}
        writer.writerow([*about(stand_in, row), *(paradata.cells(row.paradata) if timed else ()),
                         *(texts.get(column, "") for column in columns)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def stand_in_of(response_id: str) -> str:
    """In the place of a receipt: always the same for the same response, and nothing can be told from it."""
    return hashlib.sha256(f"export:{response_id}".encode()).hexdigest()[:20]


def about(stand_in: str, row: Response) -> list:
    """The cells of the columns ABOUT."""
    return [stand_in, row.respondent_group, row.unit_code or "", harmless(row.stratum), harmless(row.psu),
            f"{row.weight.normalize():f}", row.mode, row.language, row.sealed_on]


def harmless(text: str, *, written: bool = False) -> str:
    """A number stays one, save in what somebody has written: a spreadsheet would make 84 of +84. `plain` takes it back."""
    start = text.lstrip("'")[:1]
    number = not written and all(map(NUMBER.fullmatch, text.split(" ")))
    return f"'{text}" if start and start in FORMULA and not number else text

"""Loads the demonstration: made-up answers and points, brought in through the same services as real ones.

Everything is drawn from one seed. A load that was cut off goes on where it stopped; a finished one is left alone.
"""

import csv
import io
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

import numpy
from flask import current_app
from sqlalchemy import func, select

from questionnaires.model import Questionnaire
from surveyapp.demonstration import answers, points, sample
from surveyapp.demonstration import campaigns as documents
from surveyapp.demonstration.campaigns import CODE, FIRST_DAY, LAST_DAY, OPEN_CODE, OPEN_UNIT, UNIT_GROUPS
from surveyapp.extensions import db
from surveyapp.models import AppraisedPoints, Campaign, Response, ScoreRun, Stratum, Unit
from surveyapp.models.accounts import ROLES
from surveyapp.queries import accounts as stored_accounts
from surveyapp.queries import campaigns as stored
from surveyapp.queries import frameworks, questionnaires
from surveyapp.services import (
    accounts as account_services,
)
from surveyapp.services import (
    appraised,
    campaigns,
    collect,
    history,
    library,
    responses,
    samples,
    score,
    units,
)

SEED = 2024
#: answers that go in as a person's would, page by page
ANSWERED_ON_THE_WEB = 12
#: one stream of chance each, so that a change in one part leaves the others as they were
STREAMS = {name: number for number, name in enumerate(
    ("quality", "citizens", "businesses", "officials", "citizen", "business", "official", "appraised", "previous", "web"))}
NAMES = {"designer": "Người thiết kế (trình diễn)", "analyst": "Người phân tích (trình diễn)",
         "administrator": "Người quản trị (trình diễn)"}
Progress = Callable[[str], object]


def load(progress: Progress = print, seed: int = SEED, share: float = 1.0, today: date | None = None) -> str:
    """Both campaigns and an account for each role. `share` below 1 makes a smaller sample, for quick tests."""
    _make_accounts()
    if _finished():
        return CODE
    progress("Nạp thư viện: nhóm đơn vị, phiếu, bộ chỉ số, số liệu 2016–2021…")
    library.load_library()
    units.import_units(_file("units.csv"), "units.csv")
    load_scored(progress, seed, share)
    campaigns.import_campaign(documents.open_document(today or _today()).encode(), f"{OPEN_CODE}.yaml")
    campaigns.open_campaign(OPEN_CODE, today or _today())
    return CODE


def load_scored(progress: Progress, seed: int, share: float) -> None:
    """The campaign of 2024: filled, closed and scored."""
    if stored.find(CODE) is None:
        campaigns.import_campaign(documents.SCORED.encode(), f"{CODE}.yaml")
    campaign = stored.by_code(CODE)
    if campaign.state == "draft":
        campaigns.open_campaign(CODE, FIRST_DAY)
    if campaign.state == "open":
        _Filling(campaign, seed, share, progress).fill()
        campaigns.close_campaign(CODE, LAST_DAY + timedelta(days=1))
    if not db.session.scalar(select(func.count()).select_from(ScoreRun).where(ScoreRun.campaign_id == campaign.id)):
        progress("Chấm điểm…")
        score.score_campaign(CODE)


def open_path() -> str:
    """The path at which a newcomer can answer at once, on a phone."""
    return f"/k/{OPEN_CODE}/citizen?unit={OPEN_UNIT}&group=citizens"


def accounts() -> list[tuple[str, str, str]]:
    """(role, user name, password) of the demonstration's accounts; empty where no demonstration was loaded."""
    path = _accounts_file()
    if not path.exists():
        return []
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [(role, username, password) for role, username, password in lines]


class _Filling:
    """Fills the campaign of 2024, each part once."""

    def __init__(self, campaign: Campaign, seed: int, share: float, progress: Progress):
        self.campaign, self.seed, self.share, self.progress = campaign, seed, share, progress
        self.units = sorted(stored.units_rated_by(campaign, "citizens"),
                            key=lambda unit: (UNIT_GROUPS.index(unit.group_code), unit.code))
        self.quality = answers.qualities(self.units, self._chance("quality"))

    def fill(self) -> None:
        people = sample.service_users("citizens", self.units, _communes(), self._chance("citizens"), self.share)
        firms = sample.service_users("businesses", self.units, {}, self._chance("businesses"), self.share)
        officials = sample.raters_of_many(self.units, self._chance("officials"), self.share)
        if not self._there(Stratum):
            strata = [asdict(stratum) for group in (people, firms, officials) for stratum in group.strata]
            samples.import_strata(CODE, _csv(strata), "khung-mau.csv")
        self._answers("citizen", people.cells, "Phiếu người dân")
        self._answers("business", firms.cells, "Phiếu doanh nghiệp")
        self._answers("official", officials.cells, "Phiếu cán bộ, công chức và lãnh đạo")
        self._web(sum(cell.count for cell in people.cells))
        if not self._there(AppraisedPoints):
            self.progress("Điểm tự chấm và điểm thẩm định…")
            appraised.import_appraised(CODE, _csv(self._appraised()), "tham-dinh.csv")
        self._previous_year()

    def _answers(self, form_id: str, cells: Sequence[sample.Cell], what: str) -> None:
        if self._forms(form_id):
            return
        rows = self._respondents(form_id, form_id).rows(cells, f"ST24-{form_id[0].upper()}")
        self.progress(f"{what}: {len(rows)} phiếu…")
        responses.import_responses(CODE, form_id, _csv(rows), f"{form_id}.csv")

    def _web(self, before: int) -> None:
        """Some citizens go through the same steps as on the web; `before` forms came in from a file."""
        done = self._forms("citizen") - before
        if done >= ANSWERED_ON_THE_WEB:
            return
        self.progress(f"Trả lời từng trang như trên mạng: {ANSWERED_ON_THE_WEB} phiếu…")
        respondents = self._respondents("citizen", "web")
        for number in range(ANSWERED_ON_THE_WEB):
            unit = self.units[int(respondents.rng.integers(len(self.units)))].code
            given = respondents.about_one(unit, float(respondents.rng.normal(0.0, answers.LENIENCY_SPREAD)))
            if number >= done:
                _answer_page_by_page(respondents.questionnaire, unit, given, FIRST_DAY + timedelta(days=5 * number))

    def _forms(self, form_id: str) -> int:
        version = questionnaires.of_campaign(self.campaign.id)[form_id]
        return db.session.scalar(select(func.count()).select_from(Response).where(
            Response.campaign_id == self.campaign.id, Response.questionnaire_version_id == version.id,
            Response.state == "sealed"))

    def _respondents(self, form_id: str, stream: str) -> answers.Respondents:
        form = questionnaires.parsed(questionnaires.of_campaign(self.campaign.id)[form_id])
        return answers.Respondents(form, self.units, self.quality, FIRST_DAY, (LAST_DAY - FIRST_DAY).days, self._chance(stream))

    def _appraised(self) -> list[dict[str, str]]:
        rng, documents_of = self._chance("appraised"), frameworks.of_campaign(self.campaign.id)
        leaves = {group: frameworks.parsed(document).appraised_leaves for group, document in documents_of.items()}
        return [row for unit in self.units
                for row in points.appraised_rows(unit.code, leaves[unit.group_code], self.quality[unit.code], rng)]

    def _previous_year(self) -> None:
        """Last year's index of every unit, against which the programme's targets are checked."""
        percents = points.previous_percents(self.quality, self._chance("previous"))
        figures = [{"series": "unit_index", "code": unit.code, "name": unit.name, "year": self.campaign.year - 1,
                    "percent": percents[unit.code], "note": "Số liệu trình diễn"} for unit in self.units]
        history.import_history(_csv(figures), "nam-truoc.csv")

    def _chance(self, stream: str) -> numpy.random.Generator:
        return numpy.random.default_rng([self.seed, STREAMS[stream]])

    def _there(self, table) -> bool:
        chosen = select(func.count()).select_from(table).where(table.campaign_id == self.campaign.id)
        return bool(db.session.scalar(chosen))


def _answer_page_by_page(form: Questionnaire, unit: str, given: dict[str, str], day: date) -> None:
    code = collect.new_access_code()
    collect.start(CODE, form.form_id, "citizens", unit, code, "vi", day)
    for page in form.pages:
        posted = {question.name: given[question.name].split() if question.type == "select_multiple" else [given[question.name]]
                  for question in page.questions if question.name in given}
        if posted:
            collect.store_page(code, page.name, posted, "vi", day)
    collect.seal(code, day)


def _finished() -> bool:
    campaign = stored.find(OPEN_CODE)
    return campaign is not None and campaign.state != "draft"


def _communes() -> dict[str, list[str]]:
    """District -> its communes of the old order: the clusters in which citizens were asked."""
    found: dict[str, list[str]] = {}
    chosen = select(Unit.parent_code, Unit.code).where(Unit.group_code == "commune", Unit.valid_from <= FIRST_DAY)
    for district, code in db.session.execute(chosen.order_by(Unit.code)):
        found.setdefault(district, []).append(code)
    return found


def _make_accounts() -> None:
    known = {role: (username, password) for role, username, password in accounts()}
    made = []
    for role in ROLES:
        username, password = known.get(role) or (f"demo.{role}", secrets.token_urlsafe(12))
        account = stored_accounts.by_username(username)
        if account is None:
            account_services.create_account(username, NAMES[role], role, password)
        elif role not in known:
            account_services.reset_password(account.id, password)
        made.append((role, username, password))
    if len(known) < len(ROLES):
        _write_privately(_accounts_file(), "".join("\t".join(line) + "\n" for line in made))


def _accounts_file() -> Path:
    return Path(current_app.config["DATA_FOLDER"]) / "demo-accounts.txt"


def _write_privately(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _csv(rows: Iterable[dict]) -> bytes:
    """Rows to a CSV file; a column for every key that any row has, in order of first appearance."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _file(name: str) -> bytes:
    return resources.files("surveyapp.demonstration").joinpath(name).read_bytes()


def _today() -> date:
    return (datetime.now(UTC) + timedelta(hours=7)).date()

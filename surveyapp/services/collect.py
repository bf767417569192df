"""Taking in one form: begun with a code, stored page by page, sealed exactly once, withdrawn by its receipt.

The code that goes on with a form (a personal link's token, or a code made for an open link) is never stored. The draft is
found by an HMAC of it and the invitation by its SHA-256: without the code the two rows cannot be joined, and sealing
throws the draft's half away.
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from questionnaires import routing
from questionnaires.answers import AnswerFault, Posted, Units, type_of
from questionnaires.model import Question, Questionnaire
from surveyapp.errors import AlreadyHandedIn, CampaignNotOpen, FormIncomplete, LinkUnknown, NoLongerThere, NotFound
from surveyapp.extensions import db
from surveyapp.models import Campaign, Invitation, Response
from surveyapp.queries import campaigns, questionnaires, responses
from surveyapp.queries.responses import Draft
from surveyapp.services import attachments, freeze, paradata
from surveyapp.services.attachments import Received, Uploads
from surveyapp.services.paradata import Visit
from surveyapp.services.receipts import new_receipt, plain_receipt, random_code, receipt_hash
from surveyapp.services.samples import token_hash

#: letters that a person reads for digits; no code of ours has them
MISREAD = str.maketrans("OIL", "011")


def new_access_code() -> str:
    """80 random bits in fours, easy to copy by hand."""
    return "-".join(random_code(4) for _ in range(4))


def start(campaign_code: str, form_id: str, group: str, unit: str | None, code: str, language: str, today: date) -> Draft:
    """Begin a form after its respondent agreed; a second call with the same code finds the form that is there.

    A personal link brings its own unit, stratum, PSU and weight; through an open link the stratum is the unit.
    Raises CampaignNotOpen, AlreadyHandedIn, NotFound.
    """
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    refuse_unless_answering(campaign, today)
    access_hash = _access_hash(code)
    if existing := responses.draft_by_access_hash(access_hash):
        return existing
    version_id, form = questionnaires.asked(campaign, form_id)
    values = _place(campaign, form.rates, group, unit, code)
    try:
        session.execute(insert(Response), [{
            "id": uuid.uuid4().hex, "campaign_id": campaign.id, "questionnaire_version_id": version_id, "mode": "web",
            "language": _spoken(form, language), "state": "draft", "answers": {}, "pages_stored": [],
            "access_hash": access_hash, **values,
        }])
    except IntegrityError:  # the same button, pressed twice at the same moment
        session.rollback()
    session.commit()
    return draft(code)


def store_page(code: str, page_name: str, posted: Posted, language: str, today: date, visit: Visit | None = None,
               uploads: Uploads | None = None) -> tuple[routing.PageResult, Draft]:
    """Keep what one page brings; the form as it is then. What could be read is stored even where something else on the page
    is still wrong. A page of an item that was taken away meanwhile reaches no other item.

    Raises KeyError for a page that the form does not have; `page_name` is its key.
    """
    received = _received(code, page_name, uploads) if uploads else Received()
    session = db.writing()
    form = draft(code, lock=True)
    refuse_unless_answering(form.campaign, today)
    response = form.response
    taken = attachments.take(response, form.questionnaire, page_name, posted, received)
    result = taken.told(routing.check_page(form.questionnaire, page_name, taken.posted, form.answers, form.units, today))
    answers = {**response.answers, **result.values}
    response.answers = {name: value for name, value in answers.items() if value is not None}
    response.language = _spoken(form.questionnaire, language)
    if visit is not None and not result.gone:
        response.paradata = paradata.with_visit(response.paradata, form.questionnaire, page_name, visit)
    if result.removed:
        response.pages_stored = [key for key in response.pages_stored
                                 if not routing.gone(form.questionnaire, response.answers, key)]
    elif result.applies and not (result.gone or result.faults) and page_name not in response.pages_stored:
        response.pages_stored = [*response.pages_stored, page_name]
    with attachments.settled(response.id, form.questionnaire, response.answers, taken.contents):
        session.commit()
    return result, form


def asks_for_files(code: str, page_name: str) -> bool:
    """Whether this page of the form in hand takes files; False where there is no such form or page."""
    try:
        return bool(attachments.asked_on(routing.at(draft(code).questionnaire, page_name)[0]))
    except (AlreadyHandedIn, KeyError):
        return False
    finally:
        db.session.rollback()  # what follows may write, and must begin as one that writes


def _received(code: str, page_name: str, uploads: Uploads) -> Received:
    """Before anything is locked: a picture takes a second."""
    form = draft(code).questionnaire
    db.session.rollback()
    return attachments.receive(routing.at(form, page_name)[0], uploads)


def seal(code: str, today: date, receipt: str | None = None) -> str:
    """Hand the form in; the receipt that comes back is nowhere else but with its respondent.

    A receipt drawn beforehand makes it safe to ask twice: the second time brings the same receipt and changes nothing.
    Raises AlreadyHandedIn for the second of two with different receipts, FormIncomplete, CampaignNotOpen.
    """
    session = db.writing()
    if receipt and responses.by_receipt_hash(receipt_hash(receipt)):
        return receipt
    receipt = receipt or new_receipt()
    form = draft(code, lock=True)
    refuse_unless_answering(form.campaign, today)
    if any(faults_on(page, form, today) for page in routing.plan(form.questionnaire, form.answers, today)):
        raise FormIncomplete("Phiếu còn câu hỏi chưa trả lời. Xin trả lời các câu được liệt kê rồi gửi lại.")
    invitation = responses.invitation_by_token_hash(_token_hash(code))
    answers = routing.relevant_answers(form.questionnaire, form.answers, today)
    with attachments.settled(form.response.id, form.questionnaire, answers):
        sealed = session.execute(
            update(Response).where(Response.id == form.response.id, Response.state == "draft").values(
                state="sealed", answers=answers, access_hash=None, receipt_hash=receipt_hash(receipt), sealed_on=today)
            .execution_options(synchronize_session=False)).rowcount
        spent = invitation is None or session.execute(
            update(Invitation).where(Invitation.id == invitation.id, Invitation.spent.is_(False)).values(spent=True)
            .execution_options(synchronize_session=False)).rowcount
        if not (sealed and spent):
            session.rollback()
            raise AlreadyHandedIn("Phiếu này đã được gửi.")
        session.commit()
    return receipt


def draft(code: str, lock: bool = False) -> Draft:
    """The form being filled in. Raises AlreadyHandedIn where there is none any more."""
    found = responses.draft_by_access_hash(_access_hash(code), lock=lock)
    if found is None:
        raise NoLongerThere("Phiếu đã được gửi, hoặc đã hết hạn giữ phiếu chưa gửi nên câu trả lời đã được xóa.")
    return found


def resume(code: str) -> Draft | Invitation:
    """The draft of a code; an invitation where its holder has not begun yet. Raises LinkUnknown, AlreadyHandedIn."""
    if found := responses.draft_by_access_hash(_access_hash(code)):
        return found
    invitation = responses.invitation_by_token_hash(_token_hash(code))
    if invitation is None:
        raise LinkUnknown("Không tìm thấy phiếu nào theo mã này. Xin kiểm tra lại từng ký tự; phiếu đã gửi hoặc đã hết hạn "
                          "thì không mở lại được.")
    if invitation.spent:
        raise AlreadyHandedIn("Phiếu của đường dẫn này đã được gửi. Mỗi đường dẫn chỉ trả lời được một lần.")
    return invitation


def withdraw(receipt: str) -> None:
    """Erase the answers and files of a sealed form for good; nothing happens to one withdrawn before. Raises LinkUnknown."""
    session = db.writing()
    response = find_sealed(receipt)
    if response.state == "sealed":
        session.execute(update(Response).where(Response.id == response.id, Response.state == "sealed")
                        .values(state="withdrawn", answers={}, paradata=None).execution_options(synchronize_session=False))
        with attachments.erased(response.id):
            session.commit()
        freeze.forget(response.campaign_id, response.id)


def find_sealed(receipt: str) -> Response:
    """Sealed, or withdrawn since. Raises LinkUnknown."""
    response = responses.by_receipt_hash(receipt_hash(receipt))
    if response is None:
        raise LinkUnknown("Không có phiếu nào đã gửi với mã biên nhận này. Xin kiểm tra lại từng ký tự.")
    return response


def refuse_unless_answering(campaign: Campaign, today: date) -> None:
    if campaign.state != "open" or not campaign.opens_on <= today <= campaign.closes_on:
        early = campaign.state == "draft" or (campaign.state == "open" and today < campaign.opens_on)
        raise CampaignNotOpen(
            f"“{campaign.name}” chưa bắt đầu nhận câu trả lời; ngày bắt đầu: {campaign.opens_on:%d/%m/%Y}." if early
            else f"“{campaign.name}” đã kết thúc, không nhận thêm câu trả lời.")


def faults_on(page: routing.PagePlan, draft: Draft, today: date) -> tuple[AnswerFault, ...]:
    """What a page on the way lacks, its answers checked anew as if just posted."""
    posted = as_posted(page.questions, routing.answers_at(draft.answers, page.page, page.time), draft.units)
    return routing.faults_on(page, posted, draft.units, today)


def as_posted(questions: tuple[Question, ...], answers: Mapping[str, Any], units: Units, language: str = "",
              ) -> dict[str, list[str]]:
    """Stored answers as the fields of a form, the way a browser would send them; in a language: 23/11/2026, 1,5."""
    posted: dict[str, list[str]] = {}
    for question in questions:
        posted |= type_of(question).to_posted(question, answers.get(question.name), units, language)
    return posted


def _place(campaign: Campaign, rates: str, group: str, unit: str | None, code: str) -> dict[str, Any]:
    """Which group, unit and part of the sample a new form belongs to."""
    invitation = responses.invitation_by_token_hash(_token_hash(code))
    if invitation is not None:
        if invitation.spent:
            raise AlreadyHandedIn("Phiếu của đường dẫn này đã được gửi. Mỗi đường dẫn chỉ trả lời được một lần.")
        return {"respondent_group": invitation.respondent_group, "unit_code": invitation.unit_code,
                "stratum": invitation.stratum, "psu": invitation.psu, "weight": invitation.weight}
    if not campaigns.rates(campaign, group, unit if rates == "one_unit" else None):
        raise NotFound("Đợt điều tra này không lấy ý kiến về đơn vị đó. Xin chọn lại đơn vị.")
    served_by = unit if rates == "one_unit" else None
    return {"respondent_group": group, "unit_code": served_by, "stratum": served_by or "", "psu": "", "weight": Decimal(1)}


def _spoken(form: Questionnaire, language: str) -> str:
    return language if language in form.languages else form.default_language


def _access_hash(code: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, b"draft:" + plain_code(code).encode(), hashlib.sha256).hexdigest()


def _token_hash(code: str) -> str:
    return token_hash(plain_code(code))


def plain_code(code: str) -> str:
    return plain_receipt(code).translate(MISREAD)

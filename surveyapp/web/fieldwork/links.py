"""Links into a campaign: personal ones, shown once, and open ones with a QR code for a desk."""

import csv
import io

import segno
from flask import Response, abort, render_template, request
from flask_login import current_user

from documents.faults import Fault, Faults
from surveyapp.errors import Refused
from surveyapp.queries import campaigns, fieldwork, questionnaires
from surveyapp.services import audit, samples
from surveyapp.web.account import allowed
from surveyapp.web.fieldwork import pages
from surveyapp.web.fieldwork.forms import InvitationsForm
from surveyapp.web.fieldwork.routes import scopes
from surveyapp.web.uploads import content

IMAGE_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@pages.get("/<code>/duong-dan")
@allowed("administrator")
def links(code: str):
    return _page(campaigns.by_code(code))


@pages.post("/<code>/duong-dan")
@allowed("administrator")
def make_invitations(code: str):
    """The only moment at which personal links exist in clear: they leave as a file, the database keeps their hashes."""
    chosen = campaigns.by_code(code)
    try:
        made = samples.make_invitations(code, *content(InvitationsForm().file.data))
    except Faults as refusal:
        return _page(chosen, refusal.faults)
    except Refused as refusal:
        return _page(chosen, [Fault(chosen.name, str(refusal), "Không có đường dẫn nào được tạo.")])
    audit.record(current_user.id, "make_invitations", f"{code}: {len(made)} đường dẫn")
    return _download(_links_csv(made), f"duong-dan-{chosen.code}.csv", "text/csv; charset=utf-8")


@pages.get("/<code>/don-vi/<unit_code>/qr")
@allowed("administrator")
def desk(code: str, unit_code: str):
    """A sheet to print for one unit's desk."""
    chosen = campaigns.by_code(code)
    link = _open_link(chosen, unit_code)
    return render_template("fieldwork/desk.html", campaign=chosen, **link)


@pages.get("/<code>/don-vi/<unit_code>/qr.<any(svg, png):kind>")
@allowed("administrator")
def qr_image(code: str, unit_code: str, kind: str):
    link = _open_link(campaigns.by_code(code), unit_code)
    image = io.BytesIO()
    segno.make(link["address"], error="m").save(image, kind=kind, scale=10, border=4)
    download = "tai-ve" in request.args
    headers = {"Content-Disposition": f'attachment; filename="qr-{link["unit"].code}.{kind}"'} if download else {}
    return Response(image.getvalue(), content_type=IMAGE_TYPES[kind], headers=headers)


def _open_link(chosen, unit_code: str) -> dict:
    """The open link of one unit for the group in `?nhom=`; 404 when that group does not rate the unit on its own form."""
    group = request.args.get("nhom", "")
    for offered, form, units in _open_forms(chosen):
        unit = next((unit for unit in units if unit.code == unit_code), None)
        if offered == group and unit is not None:
            address = open_address(chosen.code, form.form_id, unit_code, group)
            return {"unit": unit, "group": group, "form": form, "address": address}
    return abort(404)


def open_address(campaign_code: str, form_id: str, unit_code: str, group: str) -> str:
    base = request.url_root.rstrip("/")
    return f"{base}/k/{campaign_code}/{form_id}?unit={unit_code}&group={group}"


def _open_forms(chosen) -> list[tuple]:
    """(respondent group, its questionnaire, the units it may rate) for the groups that rate one unit a form."""
    scope = scopes(chosen)
    parsed = [questionnaires.parsed(version) for version in questionnaires.of_campaign(chosen.id).values()]
    return [(group, form, campaigns.units_rated_by(chosen, group))
            for group in scope for form in parsed if form.rates == "one_unit" and group in form.respondent_groups]


def _page(chosen, faults=()):
    many = [(group, parsed) for version in questionnaires.of_campaign(chosen.id).values()
            if (parsed := questionnaires.parsed(version)).rates == "many_units" for group in parsed.respondent_groups]
    page = render_template("fieldwork/links.html", campaign=chosen, form=InvitationsForm(), faults=faults,
                           issued=fieldwork.invitations(chosen.id), open_forms=_open_forms(chosen), many=many,
                           unit_names={unit.code: unit.name for _, _, units in _open_forms(chosen) for unit in units})
    return page, 422 if faults else 200


def _links_csv(made) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["respondent_group", "unit", "form", "link"])
    base = request.url_root.rstrip("/")
    for link in made:
        writer.writerow([link.respondent_group, link.unit_code or "", link.form_id, f"{base}/p/{link.token}"])
    return ("\ufeff" + text.getvalue()).encode()


def _download(body: bytes, name: str, content_type: str) -> Response:
    return Response(body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})

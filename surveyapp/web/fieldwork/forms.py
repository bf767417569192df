"""The files that fieldwork takes in, one form each."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField


class CampaignForm(FlaskForm):
    file = FileField("Tệp YAML của đợt điều tra", render_kw={"accept": ".yaml,.yml"})


class ResponsesForm(FlaskForm):
    form_id = SelectField("Phiếu", choices=())
    file = FileField("Tệp CSV phiếu trả lời", render_kw={"accept": ".csv"})


class AppraisedForm(FlaskForm):
    file = FileField("Tệp CSV điểm thẩm định", render_kw={"accept": ".csv"})


class StrataForm(FlaskForm):
    file = FileField("Tệp CSV khung mẫu", render_kw={"accept": ".csv"})


class InvitationsForm(FlaskForm):
    file = FileField("Tệp CSV số đường dẫn mời", render_kw={"accept": ".csv"})

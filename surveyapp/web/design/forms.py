"""Documents that a designer brings in."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField

YAML = {"accept": ".yaml,.yml"}


class QuestionnaireForm(FlaskForm):
    file = FileField("Tệp YAML của phiếu", render_kw=YAML)


class FrameworkForm(FlaskForm):
    file = FileField("Tệp YAML của bộ chỉ số", render_kw=YAML)

"""Documents that a designer brings in."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField

YAML = {"accept": ".yaml,.yml"}
YAML_OR_OTHER = {"accept": ".yaml,.yml,.xlsx,.xls,.csv,.lss"}


class QuestionnaireForm(FlaskForm):
    file = FileField("Tệp của phiếu: YAML, XLSForm (.xlsx, .xls, .csv) hoặc LimeSurvey (.lss)", render_kw=YAML_OR_OTHER)


class FrameworkForm(FlaskForm):
    file = FileField("Tệp YAML của bộ chỉ số", render_kw=YAML)

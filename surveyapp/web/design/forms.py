"""Documents that a designer brings in."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField

YAML = {"accept": ".yaml,.yml"}
YAML_OR_WORKBOOK = {"accept": ".yaml,.yml,.xlsx,.xls,.csv"}


class QuestionnaireForm(FlaskForm):
    file = FileField("Tệp của phiếu: YAML, hoặc XLSForm (.xlsx, .xls, .csv)", render_kw=YAML_OR_WORKBOOK)


class FrameworkForm(FlaskForm):
    file = FileField("Tệp YAML của bộ chỉ số", render_kw=YAML)

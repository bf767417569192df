"""Loads what is shipped: unit groups, questionnaires, frameworks, printed figures. What users changed stays theirs."""

import hashlib

from sqlalchemy import exists, select

from analysis.index import document as framework_document
from analysis.index import library as framework_library
from questionnaires import document as questionnaire_document
from questionnaires import library as questionnaire_library
from surveyapp import library
from surveyapp.extensions import db
from surveyapp.models import FrameworkDocument, QuestionnaireVersion, UnitGroup
from surveyapp.queries import frameworks as stored_frameworks
from surveyapp.queries import questionnaires as stored_questionnaires
from surveyapp.services import frameworks, history, questionnaires, units


def load_library() -> None:
    """Idempotent, and quick when everything is there.

    A shipped document is brought in only where nothing of its name is stored: a questionnaire by form and version, a framework
    by unit group and year. An upgrade therefore never puts our illustrative framework before one that a province imported.
    """
    if not db.session.scalar(select(exists().where(UnitGroup.code.is_not(None)))):
        db.session.commit()
        units.import_unit_groups(library.unit_groups(), "unit_groups.csv")
    known = set(db.session.scalars(select(QuestionnaireVersion.sha256)))
    known |= set(db.session.scalars(select(FrameworkDocument.sha256)))
    db.session.commit()
    for name, source in questionnaire_library.shipped().items():
        if hashlib.sha256(source).hexdigest() not in known:
            _questionnaire(source, name)
    for name, source in framework_library.shipped().items():
        if hashlib.sha256(source).hexdigest() not in known:
            _framework(source, name)
    history.load_shipped()


def _questionnaire(source: bytes, name: str) -> None:
    form = questionnaire_document.load(source, name)
    there = stored_questionnaires.find(form.form_id, form.version)
    db.session.commit()
    if there is None:
        questionnaires.import_questionnaire(source, name)


def _framework(source: bytes, name: str) -> None:
    framework = framework_document.load(source, name)
    there = stored_frameworks.last_revision(framework.unit_group, framework.year)
    db.session.commit()
    if not there:
        frameworks.import_framework(source, name)

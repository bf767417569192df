"""A questionnaire as a paper form: tagged PDF (PDF/UA-1), one per language, to be filled in by hand and typed in afterwards.

The same version, language and units give the same bytes. The codes beside the boxes are what stands in a response file
(docs/dinh-dang/tra-loi.md); the name of each question stands in the margin.
"""

import hashlib
import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import segno
from flask import current_app

from questionnaires import paper
from questionnaires.model import Question, Questionnaire, Text
from surveyapp.khmer import BREAK, breakable
from surveyapp.models import Campaign, QuestionnaireVersion, Unit
from surveyapp.paper_words import paper_words
from surveyapp.queries import campaigns, questionnaires, units
from surveyapp.services.response_rows import column_of
from surveyapp.wording import respondent_group_name

STYLE = Path(__file__).parent.parent / "static" / "css" / "paper.css"
#: with more units than this a matrix shows two in a row; only where its columns leave room for that
TWO_IN_A_ROW = 24
COLUMNS_FOR_TWO = 6
#: without a campaign nobody knows which units are rated: lines to write them in
BLANK_UNITS = 8
#: more units than this are not listed with boxes, their code is written
LISTED_UNITS = 60


@dataclass(frozen=True)
class Printed:
    """What a template may ask while it prints: texts in the form's language, ready to break."""

    form: Questionnaire
    language: str

    def text(self, text: Text | str) -> str:
        words = text if isinstance(text, str) else text.in_language(self.language, self.form.default_language)
        return breakable(words)

    def word(self, key: str, **values) -> str:
        return breakable(paper_words(self.language)[key].format(**values))

    def said(self, spoken, key: str) -> str:
        """A condition inside its sentence; one that stayed a formula gets no full stop of its own."""
        return self.word(key if spoken.simple else f"{key}_written", x=spoken.text)

    def column(self, question: Question) -> str:
        return self.code(column_of(question))

    def code(self, name: str) -> str:
        """A long name may break after its underscores."""
        return name.replace("_", f"_{BREAK}")


def paper_pdf(version: QuestionnaireVersion, language: str, campaign: Campaign | None = None) -> bytes:
    form = questionnaires.parsed(version)
    language = language if language in form.languages else form.default_language
    rated = rated_units(form, campaign) if campaign else []
    short = version.sha256[:12]
    text = current_app.jinja_env.get_template("paper/form.html").render(
        form=form, version=version, short=short, campaign=campaign, lang=language, printed=Printed(form, language),
        paper=paper.lay_out(form, language), units=rated, unit_groups=_by_group(rated), listed=0 < len(rated) <= LISTED_UNITS,
        blank_units=BLANK_UNITS, two_in_a_row=len(rated) > TWO_IN_A_ROW, columns_for_two=COLUMNS_FOR_TWO,
        group_name=respondent_group_name, kind_of=_kind_of, qr=_qr(f"{form.form_id} {form.version} {short} {language}"))
    seed = f"{version.sha256} {language} {' '.join(unit.code for unit in rated)}"
    return pdf_of(text, hashlib.sha256(seed.encode()).hexdigest()[:32].encode())


def rated_units(form: Questionnaire, campaign: Campaign) -> list[Unit]:
    """The units that anyone who gets this form may rate: in the order of their groups, then by name."""
    found = {unit.code: unit for group in form.respondent_groups for unit in campaigns.units_rated_by(campaign, group)}
    order = list(units.group_names())
    return sorted(found.values(), key=lambda unit: order.index(unit.group_code))


def _by_group(rated: Sequence[Unit]) -> list[tuple[str, list[Unit]]]:
    names = units.group_names()
    return [(names[code], list(members)) for code, members in groupby(rated, key=lambda unit: unit.group_code)]


def _kind_of(block: paper.Block) -> str:
    return type(block).__name__


def _qr(content: str) -> str:
    image = io.BytesIO()
    segno.make(content, error="m", micro=False).save(image, kind="svg", scale=1, border=0, xmldecl=False, svgns=True)
    return "data:image/svg+xml;base64," + b64encode(image.getvalue()).decode()


def pdf_of(text: str, identifier: bytes) -> bytes:
    from surveyapp.services import printing

    return printing.pdf(text, STYLE, identifier)

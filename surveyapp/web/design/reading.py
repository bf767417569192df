"""What a designer wants to see of a document, in words: what was asked, what was answered, exact numbers."""

from collections.abc import Iterable
from fractions import Fraction

from flask import Response

from questionnaires.model import Questionnaire

COUNTED = {"areas": "Lĩnh vực", "criteria": "Tiêu chí", "sub_criteria": "Tiêu chí thành phần",
           "appraised_points": "Điểm thẩm định", "survey_points": "Điểm điều tra xã hội học"}


def question_labels(questionnaires: Iterable[Questionnaire]) -> dict[tuple[str, str], str]:
    """(form, question) -> what is asked, in Vietnamese."""
    return {(form.form_id, question.name): question.label.in_language("vi")
            for form in questionnaires for question in form.questions}


def answer_labels(questionnaires: Iterable[Questionnaire]) -> dict[tuple[str, str, str], str]:
    return {(form.form_id, question.name, choice.name): choice.label.in_language("vi")
            for form in questionnaires for question in form.questions if question.choices for choice in question.choices}


def exact(value: Fraction | int) -> str:
    """An exact number as people write it: 1,25; where no decimal is exact, the fraction 1/3."""
    fraction, rest = Fraction(value), Fraction(value).denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{fraction.numerator}/{fraction.denominator}"
    places = 0
    while (fraction * 10**places).denominator != 1:
        places += 1
    digits = f"{abs(int(fraction * 10**places)):0{places + 1}d}"
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return ("-" if fraction < 0 else "") + whole + (f",{part}" if part else "")


def percent_of(share: Fraction) -> str:
    return f"{exact(share * 100)} %"


def yaml_file(document: str, name: str) -> Response:
    safe_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return Response(document, content_type="application/yaml; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{safe_name}"'})

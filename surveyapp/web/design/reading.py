"""What a designer wants to see of a document that the document itself does not say: which points a question feeds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from analysis.index.framework import Framework, Leaf
from questionnaires.model import Questionnaire
from surveyapp.models import FrameworkDocument

COUNTED = {"areas": "Lĩnh vực", "criteria": "Tiêu chí", "sub_criteria": "Tiêu chí thành phần",
           "appraised_points": "Điểm thẩm định", "survey_points": "Điểm điều tra xã hội học"}
#: kinds of answers, for people
TYPES = {"select_one": "Chọn một", "select_multiple": "Chọn nhiều", "integer": "Số nguyên", "decimal": "Số thập phân",
         "text": "Chữ tự do", "date": "Ngày", "note": "Lời dẫn", "rating_matrix": "Bảng đánh giá nhiều đơn vị",
         "rank": "Xếp thứ tự", "range": "Số trên thang", "time": "Giờ trong ngày", "acknowledge": "Xác nhận",
         "calculate": "Giá trị tính ra", "geopoint": "Vị trí", "image": "Ảnh", "file": "Tệp"}


@dataclass(frozen=True)
class Feed:
    """One respondent group's answers to a question count towards this leaf of this framework."""

    document: FrameworkDocument
    framework: Framework
    leaf: Leaf
    group: str
    share: Fraction


def feeds(form_id: str, frameworks: Iterable[tuple[FrameworkDocument, Framework]]) -> Mapping[str, list[Feed]]:
    """Question -> where its answers become points, over all the frameworks given."""
    found: dict[str, list[Feed]] = defaultdict(list)
    for document, framework in frameworks:
        for leaf in framework.survey_leaves:
            for source in leaf.rule.sources if leaf.rule else ():
                if source.questionnaire == form_id:
                    found[source.question].append(Feed(document, framework, leaf, source.group, source.share))
    return found


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

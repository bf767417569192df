"""What a framework must hold to be scored: codes, points, shares, bands, and its rules against the questionnaires.

Each check adds every fault it finds to the list it is given; the paths lead back to the lines of the document.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from analysis.index.bands import Band
from analysis.index.framework import Declared, Framework, Leaf, Source
from documents.faults import FaultList
from documents.yaml_reader import Document, Path

CODE = re.compile(r"[0-9A-Za-z]{1,8}(\.[0-9A-Za-z]{1,8}){0,4}")


@dataclass(frozen=True)
class QuestionnaireFacts:
    """What a rule may refer to in one questionnaire: who answers it, and the answers that are not kinds of missing."""

    form_id: str
    respondent_groups: tuple[str, ...]
    #: question name -> its substantive answer codes
    questions: Mapping[str, tuple[str, ...]]
    #: questions that are asked several times: they have no one answer, so no rule may refer to them
    repeated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Coded:
    """A code, where it stands, and the code it must stand under ("" for an area)."""

    path: Path
    code: str
    parent: str


@dataclass(frozen=True)
class PlacedLeaf:
    path: Path
    leaf: Leaf


@dataclass(frozen=True)
class PlacedSource:
    """A rule's source, where it stands, and the name of its coefficient table."""

    path: Path
    source: Source
    table: str


@dataclass(frozen=True)
class CountDifference:
    """A declared number beside the number present; `what` is the field's name in `Declared`."""

    what: str
    declared: int | Fraction
    present: int | Fraction

    @property
    def differs(self) -> bool:
        return self.declared != self.present


def suggest(word: str, known: Iterable[str]) -> str:
    """" Có phải ý là “…”?" when something near exists, else the known words, else nothing."""
    known = sorted(set(known))
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"Có phải ý là “{near[0]}”?"
    return f"Chọn một trong: {', '.join(known)}." if known else ""


def spell(value: Fraction) -> str:
    """An exact number as a Vietnamese reader writes it: 61,5; 1/3 stays a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = value.denominator
    for prime in (2, 5):
        while digits % prime == 0:
            digits //= prime
    if digits != 1:
        return f"{value.numerator}/{value.denominator}"
    places = next(n for n in range(1, 60) if (value * 10**n).denominator == 1)
    sign, whole = "-" if value < 0 else "", str(abs(int(value * 10**places))).rjust(places + 1, "0")
    return f"{sign}{whole[:-places]},{whole[-places:]}"


def check_codes(document: Document, coded: Sequence[Coded], faults: FaultList) -> None:
    """Codes are well formed, unique in the whole framework, and begin with their parent's code and a dot."""
    first: dict[str, Path] = {}
    for entry in coded:
        place = document.place(*entry.path, "code")
        if not CODE.fullmatch(entry.code):
            faults.add(place, f"Mã “{entry.code[:40]}” không đúng dạng.",
                       "Viết mã bằng chữ số hoặc chữ cái không dấu, ngăn bằng dấu chấm, ví dụ 1.2.3.")
            continue
        if entry.code in first:
            faults.add(place, f"Mã “{entry.code}” bị trùng (đã dùng ở {document.place(*first[entry.code])}).",
                       "Đổi một trong hai mã; mỗi mã chỉ dùng một lần trong cả bộ chỉ số.")
        first.setdefault(entry.code, entry.path)
        if entry.parent and not entry.code.startswith(entry.parent + "."):
            faults.add(place, f"Mã “{entry.code}” không nằm dưới mã cấp trên “{entry.parent}”.",
                       f"Viết mã bắt đầu bằng “{entry.parent}.”, hoặc chuyển mục này về đúng chỗ.")


def check_points(document: Document, leaves: Sequence[PlacedLeaf], declared: Declared, total: Fraction,
                 faults: FaultList) -> None:
    """The leaves' maximum points add up to the declared split, and both parts to the declared total (100 unless declared)."""
    place = document.place("declared")
    present = Fraction(0)
    for kind, part, key, want in (("appraised", "thẩm định", "appraised_points", declared.appraised_points),
                                  ("survey", "điều tra xã hội học", "survey_points", declared.survey_points)):
        points = sum((entry.leaf.max_points for entry in leaves if entry.leaf.kind == kind), Fraction(0))
        present += points
        if want is not None and points != want:
            more = "thừa" if points > want else "thiếu"
            faults.add(document.place("declared", key),
                       f"Điểm {part} của các tiêu chí cộng lại là {spell(points)}, khai báo là {spell(want)} "
                       f"({more} {spell(abs(points - want))}).",
                       f"Sửa max_points của các tiêu chí {part} hoặc sửa declared.{key} cho khớp.")
    if present != total:
        faults.add(place, f"Tổng điểm tối đa của các tiêu chí là {spell(present)}, cần đúng {spell(total)}.",
                   "Sửa max_points cho đủ; nếu thang điểm thực sự khác 100, khai báo declared.total_points.")


def check_bands(document: Document, bands: Sequence[Band], faults: FaultList) -> None:
    """Names differ, limits descend strictly, none is above 100, and the last one is 0, so that every percentage has a band."""
    names = [band.name for band in bands]
    for index, band in enumerate(bands):
        if band.name in names[:index]:
            faults.add(document.place("bands", index, "name"), f"Hạng “{band.name}” bị trùng tên.", "Đặt tên khác.")
        if band.at_least > 100:
            faults.add(document.place("bands", index, "at_least"),
                       f"Ngưỡng của hạng “{band.name}” là {spell(band.at_least)}, lớn hơn 100 %.",
                       "Ghi ngưỡng theo tỷ lệ phần trăm, từ 0 đến 100.")
        if index and band.at_least >= bands[index - 1].at_least:
            faults.add(document.place("bands", index, "at_least"),
                       f"Ngưỡng của hạng “{band.name}” ({spell(band.at_least)}) không thấp hơn hạng đứng trước.",
                       "Xếp các hạng từ ngưỡng cao xuống ngưỡng thấp.")
    if bands and bands[-1].at_least != 0:
        faults.add(document.place("bands", len(bands) - 1, "at_least"),
                   f"Hạng cuối bắt đầu từ {spell(bands[-1].at_least)}, nên tỷ lệ thấp hơn không có hạng.",
                   "Thêm một hạng cuối có at_least: 0.")


def check_shares(document: Document, path: Path, sources: Sequence[Source], faults: FaultList) -> None:
    """Shares are above 0 and sum to exactly 1; no source is written twice. `path` leads to the rule's `sources`."""
    seen: set[tuple[str, str, str]] = set()
    for index, source in enumerate(sources):
        if source.share <= 0:
            faults.add(document.place(*path, index, "share"), f"Tỷ trọng {spell(source.share)} không lớn hơn 0.",
                       "Ghi tỷ trọng lớn hơn 0, hoặc bỏ nguồn này.")
        key = (source.group, source.questionnaire, source.question)
        if key in seen:
            faults.add(document.place(*path, index),
                       f"Nguồn “{source.group}, {source.questionnaire}.{source.question}” bị lặp trong cùng một quy tắc.",
                       "Gộp thành một nguồn và cộng tỷ trọng.")
        seen.add(key)
    total = sum((source.share for source in sources), Fraction(0))
    if total != 1:
        faults.add(document.place(*path), f"Tỷ trọng các nhóm cộng lại là {spell(total)}, cần đúng 1.",
                   "Sửa các share cho tổng bằng 1 (có thể viết phân số như 1/3).")


def check_questionnaires(document: Document, sources: Sequence[PlacedSource],
                         questionnaires: Mapping[str, QuestionnaireFacts], faults: FaultList) -> None:
    """Every source names a known questionnaire, a question of it, a group that answers it; its table fits the answers."""
    tables_told: set[tuple[str, str, str]] = set()
    for entry in sources:
        source, facts = entry.source, questionnaires.get(entry.source.questionnaire)
        if facts is None:
            faults.add(document.place(*entry.path, "questionnaire"), f"Không có phiếu “{source.questionnaire}”.",
                       suggest(source.questionnaire, questionnaires) or "Nạp phiếu này trước khi nạp bộ chỉ số.")
            continue
        if source.group not in facts.respondent_groups:
            faults.add(document.place(*entry.path, "group"),
                       f"Nhóm “{source.group}” không trả lời phiếu “{source.questionnaire}”.",
                       suggest(source.group, facts.respondent_groups) or "Khai báo nhóm này trong phiếu.")
        if source.question in facts.repeated:
            faults.add(document.place(*entry.path, "question"),
                       f"Câu hỏi “{source.question}” của phiếu “{source.questionnaire}” nằm trong nhóm lặp: mỗi người trả lời "
                       "nhiều lần, không có một mức để chấm điểm.",
                       suggest(source.question, facts.questions) or "Chọn một câu hỏi không nằm trong nhóm lặp.")
            continue
        if source.question not in facts.questions:
            faults.add(document.place(*entry.path, "question"),
                       f"Phiếu “{source.questionnaire}” không có câu hỏi “{source.question}” chấm được điểm.",
                       suggest(source.question, facts.questions) or "Chọn một câu hỏi có lựa chọn trả lời.")
            continue
        told = (entry.table, source.questionnaire, source.question)
        if told not in tables_told:
            tables_told.add(told)
            _check_answers(document, entry, facts.questions[source.question], faults)


def _check_answers(document: Document, entry: PlacedSource, answers: tuple[str, ...], faults: FaultList) -> None:
    question = f"{entry.source.questionnaire}.{entry.source.question}"
    for answer in answers:
        if answer not in entry.source.coefficients:
            faults.add(document.place("coefficients", entry.table),
                       f"Bảng hệ số “{entry.table}” thiếu trả lời “{answer}” của câu hỏi {question}.",
                       f"Thêm hệ số cho “{answer}”, hoặc dùng bảng khác cho câu hỏi này.")
    for answer in entry.source.coefficients:
        if answer not in answers:
            faults.add(document.place("coefficients", entry.table, answer),
                       f"Bảng hệ số “{entry.table}” có trả lời “{answer}” mà câu hỏi {question} không có.",
                       f"Bỏ dòng này, hoặc dùng bảng khác; các trả lời của câu hỏi: {', '.join(answers)}.")


def completeness(framework: Framework) -> tuple[CountDifference, ...]:
    """Each declared number beside the number present, in the order of `Declared`; what is not declared is left out.

    A difference in counts is not a fault (the programme's own counts are shown as declared); the points split is checked
    when a document is loaded.
    """
    criteria = [criterion for area in framework.areas for criterion in area.criteria]
    present = {
        "areas": len(framework.areas),
        "criteria": len(criteria),
        "sub_criteria": sum(len(criterion.sub_criteria) for criterion in criteria),
        "appraised_points": sum((leaf.max_points for leaf in framework.appraised_leaves), Fraction(0)),
        "survey_points": sum((leaf.max_points for leaf in framework.survey_leaves), Fraction(0)),
    }
    return tuple(CountDifference(what, declared, here) for what, here in present.items()
                 if (declared := getattr(framework.declared, what)) is not None)

"""Which points stand on questions that changed: changes of a form joined with the rules that turn its answers into points."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from questionnaires import version_words
from questionnaires.versions import Comparison, QuestionComparison
from surveyapp.queries.feeding import Feed
from surveyapp.web.design.reading import exact


@dataclass(frozen=True)
class Touched:
    """One question's part in one criterion of one framework, over all respondent groups that are asked it."""

    question: QuestionComparison
    feed: Feed
    points: Fraction

    @property
    def lost(self) -> bool:
        return self.question.comparable != "with_care"


def touched(comparison: Comparison, feeds: Mapping[str, Sequence[Feed]]) -> list[Touched]:
    """In the order of the questions; questions that stay as they were, or are new, touch nothing.

    A framework of an earlier year may still know a question by its old name.
    """
    found = []
    for question in comparison.questions:
        if question.fate == "added" or question.comparable == "yes":
            continue
        parts: dict[tuple[int, str], list[Feed]] = defaultdict(list)
        for name in dict.fromkeys((question.name, question.old_name)):
            for feed in feeds.get(name, ()):
                parts[feed.document.id, feed.leaf.code].append(feed)
        for those in parts.values():
            found.append(Touched(question, those[0], those[0].leaf.max_points * sum(feed.share for feed in those)))
    return found


def sentence(each: Touched, unit_groups: Mapping[str, str]) -> str:
    """`Câu “thai_do” (đổi nhãn …): 2,5 điểm của tiêu chí 3.1.2 (sở, ban, ngành 2024) không so được với năm trước.`"""
    document, question = each.feed.document, each.question
    where = f"{unit_groups.get(document.unit_group, document.unit_group)} {document.year}"
    points = f"{exact(each.points)} điểm của tiêu chí {each.feed.leaf.code} ({where})"
    if question.fate == "removed":
        return f"Câu “{question.name}” không còn được hỏi: {points} không có câu trả lời."
    told = "không so được với năm trước" if each.lost else "so với năm trước cần thận trọng"
    return f"Câu “{question.name}” ({'; '.join(version_words.reasons(question))}): {points} {told}."


def sums(all_touched: Sequence[Touched]) -> list[tuple[Feed, Fraction, Fraction]]:
    """For each framework (as one of its feeds): points that can no longer be compared, points to compare with care."""
    by_framework: dict[int, list[Touched]] = defaultdict(list)
    for each in all_touched:
        by_framework[each.feed.document.id].append(each)
    return [(those[0].feed, sum((each.points for each in those if each.lost), Fraction(0)),
             sum((each.points for each in those if not each.lost), Fraction(0))) for those in by_framework.values()]

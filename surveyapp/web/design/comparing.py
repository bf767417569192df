"""Two versions of a questionnaire side by side: on a page, and as lines for the command of the same name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request

from questionnaires import version_words
from questionnaires.model import Questionnaire
from questionnaires.version_changes import Change
from questionnaires.version_texts import word_marks
from questionnaires.versions import Comparison
from surveyapp.queries import designed, feeding, questionnaires, series, units
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.design.reading import exact
from surveyapp.web.design.touched import Touched, sentence, sums, touched

#: keys of which both texts are words of people, so that single words are marked; others are shown whole
WORDS = frozenset({"label", "hint", "constraint_message", "required_message", "title", "description"})
PARTS = {"form": "Cả phiếu", "page": "Trang", "group": "Nhóm", "list": "Danh sách phương án", "question": "Câu hỏi"}


@dataclass(frozen=True)
class Compared:
    comparison: Comparison
    touched: Sequence[Touched]
    #: unit group's code -> name
    unit_groups: Mapping[str, str]

    @property
    def parts(self) -> list[tuple[str, list[Change]]]:
        """(what they are about, changes), the form as a whole first; a question's own changes under its name."""
        found: dict[tuple[str, str], list[Change]] = {}
        for change in self.comparison.changes:
            found.setdefault((change.subject, change.name), []).append(change)
        order = list(PARTS)
        return [(f"{PARTS[subject]} {name}".strip(), changes)
                for (subject, name), changes in sorted(found.items(), key=lambda item: order.index(item[0][0]))]

    def label(self, name: str) -> str:
        form: Questionnaire
        for form in (self.comparison.new, self.comparison.old):
            if question := form.question(name):
                return question.label.in_language(form.default_language)
        return name


def read(form_id: str, one: str, other: str) -> Compared:
    """Whichever is named first, the older one is the old one."""
    for version in (one, other):
        designed.questionnaire_version(form_id, version)  # an unknown one is told as such
    compared = series.comparison(form_id, one, other)
    return Compared(compared, touched(compared, feeding.feeds(form_id, feeding.newest_revisions())), units.group_names())


def lines(shown: Compared) -> Iterator[str]:
    comparison = shown.comparison
    yield f"Phiếu {comparison.new.form_id}: phiên bản {comparison.old.version} → {comparison.new.version}"
    if not comparison.changes:
        yield "Không có thay đổi nào."
    for part, changes in shown.parts:
        yield f"{part}:"
        for change in changes:
            yield f"  - {version_words.what(change)}{_values(change)}"
    yield "So sánh với năm trước:"
    for question in comparison.questions:
        told = "; ".join(version_words.reasons(question))
        standing = version_words.FATES.get(question.fate) or version_words.COMPARABLE[question.comparable]
        yield f"  {question.name}: {standing}{f' ({told})' if told else ''}{_declared(question.declared)}"
    for each in shown.touched:
        yield sentence(each, shown.unit_groups)


def _values(change: Change) -> str:
    if not change.before and not change.after:
        return ""
    language = f" [{change.language}]" if change.language else ""
    return f"{language}: “{change.before}” → “{change.after}”"


def _declared(reason: str) -> str:
    return f"; đã khai: {reason}" if reason else ""


@pages.get("/phieu/<form_id>/<version>/so-sanh")
@allowed("designer")
def compare(form_id: str, version: str):
    """With the version that `voi` names; without it with the one before, or the one after the first."""
    stored = designed.questionnaire_version(form_id, version)
    others = [each for each in questionnaires.versions(form_id) if each != version]
    other = request.args.get("voi") or _nearest(questionnaires.versions(form_id), version)
    shown = read(form_id, version, other) if other and other != version else None
    return render_template("design/compare.html", stored=stored, form=questionnaires.parsed(stored), others=others, other=other,
                           shown=shown, words=version_words, marks=word_marks, worded=WORDS, sums=sums, exact=exact,
                           sentence=sentence)


def _nearest(versions: Sequence[str], version: str) -> str:
    place = versions.index(version)
    return versions[place - 1] if place else (versions[1] if len(versions) > 1 else "")

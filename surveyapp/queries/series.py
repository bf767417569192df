"""Series of answers over versions of one form: which versions were asked before, and whether a new one may go on."""

from collections.abc import Sequence
from dataclasses import dataclass

from questionnaires import version_lineage, version_words
from questionnaires.findings import Finding
from questionnaires.model import Questionnaire
from questionnaires.versions import Comparison
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires, scores
from surveyapp.queries.score_rows import Run


@dataclass(frozen=True)
class SeriesBreak:
    """A question whose answers of this year cannot be set beside last year's, as its version declares."""

    form_title: str
    old_version: str
    new_version: str
    question: str
    label: str
    reason: str


def between(form_id: str, old: str, new: str) -> list[Questionnaire]:
    """The stored versions from the older to the newer of two that are there, in their order."""
    rows = questionnaires.rows(form_id)
    names = [row.version for row in rows]
    start, end = sorted((names.index(old), names.index(new)))
    return [questionnaires.parsed(row) for row in rows[start:end + 1]]


def comparison(form_id: str, old: str, new: str) -> Comparison:
    return version_lineage.compare_across(between(form_id, old, new))


def crossed(run: Run) -> tuple[SeriesBreak, ...]:
    """The declared breaks between the run of the year before, if there is one, and this run."""
    earlier = scores.newest_run_of_year(run.year - 1)
    if earlier is None:
        return ()
    before, now = questionnaires.of_campaign(earlier.campaign_id), questionnaires.of_campaign(run.campaign_id)
    found = []
    for form_id in sorted(before.keys() & now.keys()):
        old, new = before[form_id].version, now[form_id].version
        if questionnaires.version_order(old) < questionnaires.version_order(new):
            forms = between(form_id, old, new)
            for name, reason in version_lineage.breaks_across(forms).items():
                label = forms[-1].question(name).label.in_language("vi") or name
                found.append(SeriesBreak(forms[-1].title.in_language("vi"), old, new, name, label, reason))
    return tuple(found)


def silent_breaks(form: Questionnaire) -> list[Finding]:
    """Questions whose series breaks against the version that asked them last, and of which the form says nothing.

    Only versions that were asked have a series; a version in the making may be rewritten as often as one likes.
    """
    earlier = _before(form)
    found: list[Finding] = []
    judged: set[str] = set()
    for position in range(len(earlier) - 1, -1, -1):
        if not questionnaires.is_asked(earlier[position]):
            continue
        compared = version_lineage.compare_across([*_parsed(earlier[position:]), form])
        found += version_words.undeclared(compared, judged)
        judged |= {each.name for each in compared.questions if each.fate == "kept"}
    return found


def remarks(form: Questionnaire) -> tuple[str, ...]:
    """What a designer should look at again, though nothing is wrong: breaks declared where the series goes on."""
    asked = next((row for row in reversed(_before(form)) if questionnaires.is_asked(row)), None)
    if asked is not None:
        return version_words.idle(comparison_with(form, asked))
    return ("breaks_series chưa có tác dụng: chưa phiên bản nào trước đó được hỏi.",) if form.breaks_series else ()


def comparison_with(form: Questionnaire, earlier: QuestionnaireVersion) -> Comparison:
    """A form that need not be stored, against a stored version before it."""
    rows = _before(form)
    start = next(index for index, row in enumerate(rows) if row.version == earlier.version)
    return version_lineage.compare_across([*_parsed(rows[start:]), form])


def _before(form: Questionnaire) -> list[QuestionnaireVersion]:
    order = questionnaires.version_order(form.version)
    return [row for row in questionnaires.rows(form.form_id) if questionnaires.version_order(row.version) < order]


def _parsed(rows: Sequence[QuestionnaireVersion]) -> list[Questionnaire]:
    return [questionnaires.parsed(row) for row in rows]

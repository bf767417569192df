"""Several versions in their order: renames and breaks on the way, and the columns of one table of all of them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from questionnaires import version_lineage
from questionnaires.model import Consent, Page, Question, Questionnaire, Text


def form(version: str, *names: str, renames: dict | None = None, breaks: dict | None = None) -> Questionnaire:
    questions = tuple(Question(name, "text", Text({"vi": "Hỏi"})) for name in names)
    return Questionnaire("form", version, Text({"vi": "Phiếu"}), Consent(*[Text({"vi": "x"})] * 5), ("citizens",), "one_unit",
                         (Page("p", Text({"vi": "Trang"}), questions),), (), renames=renames or {}, breaks_series=breaks or {})


def test_renames_and_breaks_between_the_two_ends_hold_too():
    forms = [form("1", "a", "x"), form("2", "b", "x", renames={"b": "a"}, breaks={"b": "Thang mới"}),
             form("3", "c", "x", renames={"c": "b"}, breaks={"x": "Câu mới"})]
    assert version_lineage.renames_across(forms) == {"c": "a"}
    assert version_lineage.breaks_across(forms) == {"x": "Câu mới", "c": "Thang mới (2)"}
    compared = version_lineage.compare_across(forms)
    assert (compared.question("c").old_name, compared.question("c").declared) == ("a", "Thang mới (2)")


def test_a_column_follows_the_question_not_the_word():
    forms = [form("1", "a", "gone"), form("2", "a", "b", renames={"b": "a"}), form("3", "b", "new")]
    assert version_lineage.columns(forms) == [
        {"a": "b", "gone": "gone"}, {"a": "a", "b": "b"}, {"b": "b", "new": "new"}]
    assert version_lineage.columns(forms[:2]) == [{"a": "b", "gone": "gone"}, {"a": "a", "b": "b"}]


def test_a_name_given_to_another_question_does_not_take_the_older_answers():
    forms = [form("1", "a", "b"), form("2", "b", renames={"b": "a"})]
    assert version_lineage.columns(forms) == [{"a": "b", "b": "b.v1"}, {"b": "b"}]


def test_a_question_that_pauses_comes_back_into_its_column():
    assert version_lineage.columns([form("1", "a", "b"), form("2", "b"), form("3", "b", "a")])[0] == {"a": "a", "b": "b"}


def test_a_rename_of_nothing_takes_nothing():
    assert version_lineage.columns([form("1", "a"), form("2", "a", renames={"ghost": "a"})]) == [{"a": "a"}, {"a": "a"}]


names = st.sampled_from("abcd")


@st.composite
def histories(draw) -> list[Questionnaire]:
    found = []
    for version in range(draw(st.integers(1, 4))):
        asked = draw(st.lists(names, min_size=1, max_size=4, unique=True))
        renames = draw(st.dictionaries(names, names, max_size=3)) if version else {}
        found.append(replace(form(str(version), *asked), renames=renames))
    return found


@given(histories())
def test_no_two_questions_of_a_version_share_a_column_and_the_newest_keeps_its_names(forms):
    for each, columns in zip(forms, version_lineage.columns(forms), strict=True):
        assert list(columns) == [question.name for question in each.questions]
        assert len(set(columns.values())) == len(columns)
    assert all(name == column for name, column in version_lineage.columns(forms)[-1].items())

"""Codebook and DDI: nothing of a form is left out, and the standard's rules hold."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from questionnaires import codebook, columns, ddi, document, library, paper
from questionnaires.answers import UnitToRate, type_of
from questionnaires.ddi import LANGUAGE, NAMESPACE
from tests import factories
from tests.questionnaires import ddi_rules, paper_sample, questionnaire_samples

FORMS = {**library.shipped(), "everything": factories.EVERYTHING.encode(), "household": paper_sample.SAMPLE.encode()}
UNITS = (UnitToRate("SNV", "Sở Nội vụ"), UnitToRate("A&B", "Ban <Quản lý> & “khác”"))
STUDY = ddi.Study("ab" * 32, "2026-01-31", UNITS, "Đợt 2026", "2026-02-01", "2026-03-01", "household-2026.csv")
NAMES = {"d": NAMESPACE}


@pytest.fixture(params=FORMS)
def form(request):
    return document.load(FORMS[request.param], f"{request.param}.yaml")


@pytest.fixture(params=["with units", "without"])
def study(request):
    return STUDY if request.param == "with units" else ddi.Study("cd" * 32, "2026-01-31")


def in_languages(element, path):
    return {each.get(LANGUAGE): each.text for each in element.findall(path, NAMES)}


def test_documents_keep_the_rules_of_the_standard(form, study):
    assert ddi_rules.faults(ddi.dump(form, study)) == []


@pytest.mark.parametrize("seed", range(24))
def test_documents_of_drawn_questionnaires_keep_the_rules(seed):
    assert ddi_rules.faults(ddi.dump(questionnaire_samples.drawn(seed), STUDY)) == []


def test_a_place_and_a_time_are_said_in_words_that_the_standard_has():
    form = paper_sample.form()
    page = form.pages[0]
    more = [replace(page.questions[0], name=name, type=name, choices=None) for name in ("geopoint", "time")]
    form = replace(form, pages=(replace(page, questions=(*page.questions, *more)), *form.pages[1:]))
    document_of_it = ddi.dump(form, STUDY)
    assert ddi_rules.faults(document_of_it) == []
    variables = {each.get("name"): each for each in ElementTree.fromstring(document_of_it).iterfind(".//d:var", NAMES)}
    places = [each for name, each in variables.items() if name.startswith("geopoint")]
    assert {each.get("otherRepresentationType") for each in places} == {"geographicLocation"}
    assert {each.get("representationType") for each in places} == {"other"}
    assert variables["time"].find("d:varFormat", NAMES).get("category") == "time"


def test_each_language_has_its_own_statement_of_use():
    root = ElementTree.fromstring(ddi.dump(paper_sample.form(), STUDY))
    statements = root.findall(".//d:useStmt", NAMES)
    assert [each.get(LANGUAGE) for each in statements] == ["vi", "km", "en"]
    assert [len(each.findall("d:conditions", NAMES)) for each in statements] == [1, 1, 1]


def test_every_question_choice_and_language_is_in_the_document(form):
    root = ElementTree.fromstring(ddi.dump(form, STUDY))
    variables = {each.get("name"): each for each in root.iterfind(".//d:var", NAMES)}
    assert list(variables) == [column.name for column in columns.columns(form, UNITS)]
    asked = {question.name for question in form.questions if type_of(question).asks}
    assert asked <= {name.partition(":")[0].partition(".")[0] for name in variables}
    for entry in codebook.entries(form, "vi", UNITS):
        for column in entry.columns:
            variable = variables[column.name]
            assert in_languages(variable, "d:qstn/d:qstnLit") == dict(entry.question.label.by_language)
            assert variable.find("d:qstn", NAMES).get("seqNo") == paper.numbers(form)[entry.question.name]
            codes = [each.findtext("d:catValu", None, NAMES) for each in variable.findall("d:catgry", NAMES)]
            assert codes == [code.name for code in entry.codes]
            missing = [each.get("VALUE") for each in variable.findall("d:invalrng/d:item", NAMES)]
            assert missing == [code.name for code in entry.codes if code.missing]
            assert missing == [each.findtext("d:catValu", None, NAMES) for each in variable.findall("d:catgry", NAMES)
                               if each.get("missing") == "Y"]
            for choice, element in zip(entry.question.choices or (), variable.findall("d:catgry", NAMES), strict=False):
                assert in_languages(element, "d:labl") == dict(choice.label.by_language)
            asked_of = in_languages(variable, "d:universe")
            assert set(asked_of) == (set(form.languages) if entry.condition else set())


def test_routing_grids_and_repeats_are_told():
    root = ElementTree.fromstring(ddi.dump(paper_sample.form(), STUDY))
    variables = {each.get("name"): each for each in root.iterfind(".//d:var", NAMES)}
    assert in_languages(variables["staff"], "d:universe") == {
        "vi": "câu 1 là “Có”", "km": "សំណួរទី 1 គឺ “បាទ”", "en": "question 1 is “Yes”"}
    assert variables["last_time"].findtext("d:qstn/d:backward", None, NAMES) == "${visited} = 'yes' and ${times} > 1"
    assert variables["age.2"].findtext("d:txt", None, NAMES) == "repeat: members"
    assert in_languages(variables["age.2"], "d:labl")["vi"] == "Bao nhiêu tuổi? (2)"
    by_name = {each.get("name"): each for each in root.iterfind(".//d:varGrp", NAMES)}
    named = {each.get("ID"): each.get("name") for each in root.iterfind(".//d:var", NAMES)}
    assert [named[each] for each in by_name["members"].get("var").split()] == [
        f"{name}.{time}" for name in ("age", "works", "job") for time in (1, 2)]
    assert [named[each] for each in by_name["members.2"].get("var").split()] == ["age.2", "works.2", "job.2"]
    assert by_name["members"].get("varGrp") == f"{by_name['members.1'].get('ID')} {by_name['members.2'].get('ID')}"
    assert variables["times"].get("representationType") == "numeric"
    assert variables["quality:A&B"].findtext("d:labl", None, NAMES) == "Chất lượng của từng đơn vị? – Ban <Quản lý> & “khác”"
    groups = {each.get("name"): each.get("type") for each in root.iterfind(".//d:varGrp", NAMES)}
    assert groups == {"start": "section", "how": "section", "member": "repetition", "rating": "section",
                      "members": "repetition", "members.1": "repetition", "members.2": "repetition"}


def test_the_rules_of_the_tests_do_refuse():
    good = ddi.dump(paper_sample.form(), STUDY).decode()
    for wrong in (good.replace('missing="Y"', 'missing="yes"', 1),
                  good.replace("<titl ", "<titel ").replace("</titl>", "</titel>"),
                  good.replace('ID="V2"', 'ID="V1"'), good.replace('files="F1"', 'files="F9"', 1),
                  good.replace(' name="visited"', "", 1), good.replace("<catValu>yes</catValu>", "<varQnty>1</varQnty>", 1)):
        assert wrong != good
        assert ddi_rules.faults(wrong.encode())


def test_the_codebook_knows_columns_codes_and_conditions():
    form = paper_sample.form()
    by_name = {entry.question.name: entry for entry in codebook.entries(form, "vi", UNITS)}
    assert [column.name for column in by_name["quality"].columns] == ["quality:SNV", "quality:A&B"]
    assert [code.name for code in by_name["times"].codes] == ["dont_know", "refused"]
    assert by_name["staff"].asked_if.text == "câu 1 là “Có”"
    assert by_name["age"].repeat.name == "members"
    assert "hello" not in by_name
    named = codebook.entries(form, "vi", (), lambda question: f"answers.{question.name}")
    without = {entry.question.name: entry for entry in named}
    assert [column.name for column in without["quality"].columns] == ["answers.quality:*"]
    assert [column.name for column in without["age"].columns] == ["answers.age.1", "answers.age.2"]


OPEN = paper_sample.SAMPLE.replace('    count: "2"\n', '    relevant: "${visited} = \'yes\'"\n').replace(
    "          - {type: integer, name: age,", "          - {type: calculate, name: seat, calculation: position(..)}\n"
    "          - {type: integer, name: age,")


def test_an_open_repeat_has_a_column_for_how_often_and_calculated_values_have_theirs():
    form = document.load(OPEN.encode(), "open.yaml")
    unknown = {entry.question.name: entry for entry in codebook.entries(form, "vi")}
    assert [column.name for column in unknown["age"].columns] == ["age.*"]
    known = {entry.question.name: entry for entry in codebook.entries(form, "vi", UNITS, times={"members": 3})}
    assert [column.name for column in known["age"].columns] == ["age.1", "age.2", "age.3"]
    assert (known["seat"].number, len(known["seat"].columns)) == ("", 3)
    times = known["members.times"]
    assert (times.question.label.in_language("en"), times.condition) == (
        "Times asked: Members of the household", "${visited} = 'yes'")
    study = ddi.Study("ab" * 32, "2026-01-31", UNITS, times={"members": 3})
    assert ddi_rules.faults(ddi.dump(form, study)) == []
    variables = {each.get("name"): each for each in ElementTree.fromstring(ddi.dump(form, study)).iterfind(".//d:var", NAMES)}
    assert list(variables) == [column.name for column in columns.columns(form, UNITS, {"members": 3})]
    assert in_languages(variables["members.times"], "d:universe")["en"] == "question 1 is “Yes”"
    assert variables["seat.3"].findtext("d:codInstr", None, NAMES) == "position(..)"
    assert variables["seat.3"].find("d:qstn", NAMES) is None

"""Conditions in words: each simple shape in three languages; whatever is not simple stays as it was written."""

import pytest

from questionnaires import paper
from questionnaires.condition_words import CONDITION_WORDS
from tests.questionnaires import paper_sample

VI = [
    ("${visited} = 'yes'", "câu 1 là “Có”"),
    ("'yes' = ${visited}", "câu 1 là “Có”"),
    ("${visited} != 'no'", "câu 1 không phải là “Không”"),
    ("${visited} = ''", "câu 1 để trống"),
    ("${visited} != ''", "câu 1 có trả lời"),
    ("${times} > 1", "câu 2 lớn hơn 1"),
    ("1 < ${times}", "câu 2 lớn hơn 1"),
    ("${times} >= 1.5", "câu 2 từ 1,5 trở lên"),
    ("${times} <= -3", "câu 2 không quá -3"),
    ("${times} < 4", "câu 2 nhỏ hơn 4"),
    ("${times} >= 2 and ${times} <= 5", "câu 2 từ 2 đến 5"),
    ("${times} >= 2 and ${hours} <= 5", "câu 2 từ 2 trở lên và câu 4 không quá 5"),
    ("${last_time} >= date('2024-01-31')", "câu 3 từ ngày 31/01/2024 trở đi"),
    ("selected(${ways}, 'web')", "câu 7 có chọn “Trên mạng <b>”"),
    ("not(selected(${ways}, 'web'))", "câu 7 không chọn “Trên mạng <b>”"),
    ("count-selected(${ways}) >= 2", "số phương án chọn ở câu 7 từ 2 trở lên"),
    ("${visited} = 'yes' and (${times} > 1 or ${times} = 0)", "câu 1 là “Có” và (câu 2 lớn hơn 1 hoặc câu 2 là 0)"),
    ("(${visited} = 'yes' and ${times} > 1) or ${hours} > 2", "(câu 1 là “Có” và câu 2 lớn hơn 1) hoặc câu 4 lớn hơn 2"),
    ("not(${visited} = 'yes')", "không đúng là (câu 1 là “Có”)"),
]
NOT_SIMPLE = [
    ("${times} + 1 > 3", "[câu 2] + 1 > 3"),
    ("${times} > ${hours}", "[câu 2] > [câu 4]"),
    ("if(${visited} = 'yes', ${times}, 0) > 2", "if([câu 1] = 'yes', [câu 2], 0) > 2"),
    ("${visited} = 'yes' and string-length(${why}) > 3", "[câu 1] = 'yes' and string-length([câu 8]) > 3"),
    ("true()", "true()"),
]


@pytest.fixture(scope="module")
def form():
    return paper_sample.form()


@pytest.mark.parametrize(("condition", "words"), VI)
def test_simple_shapes_become_words(form, condition, words):
    spoken = paper.speaker(form, "vi").say(condition)
    assert (spoken.text, spoken.simple) == (words, True)


@pytest.mark.parametrize(("condition", "words"), NOT_SIMPLE)
def test_anything_else_stays_written_with_numbers_of_questions(form, condition, words):
    spoken = paper.speaker(form, "vi").say(condition)
    assert (spoken.text, spoken.simple) == (words, False)


@pytest.mark.parametrize(("language", "words"), [
    ("en", "question 1 is “Yes” and question 2 is 2 or more"),
    ("km", "សំណួរទី 1 គឺ “បាទ” និង សំណួរទី 2 ចាប់ពី 2 ឡើងទៅ"),
    ("xx", "câu 1 là “Có” và câu 2 từ 2 trở lên"),
])
def test_other_languages_and_vietnamese_where_there_are_no_words(form, language, words):
    assert paper.speaker(form, language).say("${visited} = 'yes' and ${times} >= 2").text == words


def test_a_constraint_speaks_of_the_answer(form):
    speaker = paper.speaker(form, "vi")
    assert speaker.say(". >= 1 and . <= 99", form.question("times")).text == "câu trả lời từ 1 đến 99"
    assert speaker.say("count-selected(.) <= 2", form.question("ways")).text == "số phương án được chọn không quá 2"
    assert speaker.say("not(selected(., 'web'))", form.question("ways")).text == "câu trả lời không chọn “Trên mạng <b>”"


def test_conditions_around_each_other_are_joined_once(form):
    speaker = paper.speaker(form, "vi")
    said = speaker.say_all(("${visited} = 'yes'", "", "${times} > 1 or ${times} = 0", "${visited} = 'yes'"))
    assert said.text == "câu 1 là “Có” và (câu 2 lớn hơn 1 hoặc câu 2 là 0)"
    assert not speaker.say_all(("${visited} = 'yes'", "${times} + 1 > 3")).simple


def test_every_language_has_every_word():
    for language, words in CONDITION_WORDS.items():
        assert words.keys() == CONDITION_WORDS["vi"].keys(), language

"""What is worth a second look: each rule says it where it should and is silent where it should be."""

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from questionnaires import document
from questionnaires.advice import KINDS, advise
from questionnaires.advice_burden import Timing, length
from questionnaires.advice_scales import leanings
from questionnaires.library import shipped
from questionnaires.model import Choice, ChoiceList, Group, Page, Question, Questionnaire, Repeat
from tests.questionnaires.rule_samples import questionnaire, words

DONT_KNOW = Choice("dk", words("Không biết"), missing="dont_know")


def scale(*labels: str, name: str = "levels", more: tuple[Choice, ...] = (DONT_KNOW,)) -> ChoiceList:
    return ChoiceList(name, (*(Choice(str(number), words(label)) for number, label in enumerate(labels, 1)), *more))


SATISFACTION = scale("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
YES_NO = ChoiceList("yes_no", (Choice("yes", words("Có")), Choice("no", words("Không"))))


def rated(label: str = "Thái độ của công chức", name: str = "q", choices: ChoiceList = SATISFACTION, **more) -> Question:
    return Question(name, "select_one", words(label), choices=choices, **more)


def form(*questions: Question, **more) -> Questionnaire:
    lists = {question.choices.name: question.choices for question in questions if question.choices}
    pages = tuple(Page(f"p{index}", words("Trang"), (question,)) for index, question in enumerate(questions))
    return replace(questionnaire(*pages), choice_lists=tuple(lists.values()), **more)


def kinds(made: Questionnaire) -> list[str]:
    return [each.kind for each in advise(made)]


@pytest.mark.parametrize(("question", "kind"), [
    (rated("Ông/Bà có đồng ý rằng công chức phục vụ chu đáo?"), "leading"),
    (rated("Ông/Bà có hài lòng với thái độ của công chức không?"), "leading"),
    (rated("Ông/Bà đánh giá sự phục vụ tuyệt vời của Bộ phận Một cửa ở mức nào?"), "leading"),
    (rated("Ông/Bà có thấy thủ tục đơn giản không?", choices=YES_NO), "leading"),
    (rated("Phải chăng thời gian chờ là hợp lý?"), "leading"),
    (rated("Thái độ và trình độ của công chức"), "two_things"),
    (rated("Thời gian giải quyết hoặc chi phí"), "two_things"),
    (rated("Thái độ cùng với năng lực của công chức"), "two_things"),
    (rated("Việc giải quyết không phát sinh chi phí"), "negation"),
    (rated("Ông/Bà chưa nhận được kết quả đúng hẹn?", choices=YES_NO), "negation"),
    (rated("Ông/Bà thuộc dân tộc nào?", choices=YES_NO, required=True), "personal_required"),
    (rated("Bạn là ai?", name="ethnicity", choices=YES_NO, required=True), "personal_required"),
    (Question("a", "text", words("Số điện thoại của Ông/Bà"), required=True), "personal_required"),
    (Question("a", "date", words("Ngày sinh của Ông/Bà")), "personal_text"),
    (Question("a", "text", words("Địa chỉ của Ông/Bà")), "personal_text"),
    (Question("a", "text", words("Số căn cước công dân")), "personal_text"),
])
def test_a_wording_that_is_told(question, kind):
    [found] = advise(form(question))
    assert found.kind == kind
    assert found.path == ("pages", 0, "questions", 0, "label")
    assert f"Câu “{question.name}”" in found.reason
    assert found.mend


@pytest.mark.parametrize("question", [
    rated("Ông/Bà hài lòng ở mức nào về thái độ của công chức?"),
    rated("Ông/Bà có hài lòng hay không hài lòng về thái độ của công chức?"),
    rated("Việc tiếp nhận và trả kết quả"), rated("Đội ngũ cán bộ, công chức, viên chức"),
    rated("Sở Nông nghiệp và Phát triển nông thôn phục vụ thế nào?"), rated("Việc trả phản ánh, kiến nghị"),
    rated("Ông/Bà đã nhận kết quả chưa?", choices=YES_NO), rated("Ông/Bà có dùng dịch vụ trực tuyến không?", choices=YES_NO),
    rated("Trước khi đến, Ông/Bà có biết tìm thông tin ở đâu không?", choices=YES_NO),
    rated("Ông/Bà đến để nộp và nhận hồ sơ?", choices=YES_NO), rated("Không gian chờ"),
    rated("Ông/Bà thuộc dân tộc nào?", choices=YES_NO), Question("a", "integer", words("Số lần đến"), required=True),
    Question("a", "note", words("Ông/Bà có đồng ý rằng đây là lời dẫn?")),
    Question("a", "text", words("Góp ý"), hint=words("Xin không ghi họ tên, số điện thoại")),
    rated("Địa chỉ trang thông tin điện tử dễ tìm ở mức nào?"),
])
def test_a_wording_that_is_left_alone(question):
    assert kinds(form(question)) == []


@pytest.mark.parametrize(("labels", "found"), [
    (("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"), (-1, -1, 0, 1, 1)),
    (("Tốt", "Khá", "Trung bình", "Kém"), (1, 1, 0, -1)), (("Rất chậm", "Bình thường", "Nhanh"), (-1, 0, 1)),
    (("Dưới 25 tuổi", "Từ 25 đến 60", "Trên 60"), ()), (("Có", "Không"), ()), (("Tốt", "Khá", "Rất tốt"), ()),
])
def test_which_lists_are_scales(labels, found):
    assert leanings(scale(*labels)) == found


def test_scales_that_lean():
    leaning = scale("Tốt", "Khá", "Trung bình", "Kém", name="leaning")
    mute = scale("Kém", "Tốt vừa", "Rất tốt", name="mute", more=())
    found = {(each.kind, each.path) for each in advise(form(rated(choices=leaning), rated("Kết quả", "r", mute)))}
    assert found == {("unbalanced_scale", ("choices", "leaning")), ("unbalanced_scale", ("choices", "mute")),
                     ("no_dont_know", ("choices", "mute")), ("scale_directions", ("choices", "leaning"))}


def test_lists_and_pages_that_are_long():
    many = ChoiceList("many", tuple(Choice(f"c{number}", words(f"Nơi {number}")) for number in range(13)))
    wordy = ChoiceList("wordy", (Choice("a", words("A" * 121)), Choice("b", words("B"))))
    assert kinds(form(rated("Nơi đến", choices=many), rated("Việc", "r", wordy))) == ["many_choices", "long_choice"]
    questions = tuple(rated(name=f"q{number}") for number in range(9))
    full = replace(form(), pages=(Page("p", words("Trang"), questions),), choice_lists=(SATISFACTION,))
    grid = tuple(replace(each, within=(Group("g", appearance="table-list"),)) for each in questions)
    assert kinds(full) == ["full_page"]
    assert kinds(replace(full, pages=(Page("p", words("Trang"), grid),))) == []


@pytest.mark.parametrize(("count", "constraint", "told"), [
    ("${size}", "", True),
    ("${size}", ". < 30", True),
    ("${size}", ". <= 20", False),
    ("${size} - 1", ". <= 21", False),
    ("${size} - 1", ". <= 22", True),
    ("3", "", False),
    ("${size}", ". < ${limit}", False),  # nobody knows: nothing is said
])
def test_a_repeat_that_is_cut_off(count, constraint, told):
    size = Question("size", "integer", words("Mấy người?"), constraint=constraint)
    limit = Question("limit", "integer", words("Nhiều nhất?"), constraint=". < 5")
    member = Group("member", words("Thành viên"), repeat=Repeat(count, 20))
    pages = (Page("p", words("Trang"), (limit, size)),
             Page("m", words("Mỗi người"), (Question("age", "integer", words("Tuổi")),), within=(member,)))
    found = advise(questionnaire(*pages))
    assert [(each.kind, each.path) for each in found if each.kind == "repeat_cut"] == [
        ("repeat_cut", ("groups", "member", "most"))] * told


def test_drafts_of_a_machine_are_told():
    assert kinds(form(rated(), languages=("vi", "km"), machine_drafted=("km",))) == ["machine_drafted"]


def test_minutes_are_counted_by_hand():
    """60 words at 60 a minute and two choices at 30 seconds: 1 + 1 minutes; the consent's five words and 'Trang' add six."""
    label = " ".join(["từ"] * 52)
    choices = ChoiceList("c", (Choice("a", words("A")), Choice("b", words("B"))))
    made = replace(form(rated(label, choices=choices), rated("Hai", "r", choices, relevant="${q} = 'a'")))
    timing = Timing(words_per_minute=60, seconds={"select_one": 30})
    found = length(made, timing)
    assert found.shortest * 60 == pytest.approx(5 + 1 + 52 + 2 + 30)
    assert found.longest * 60 == pytest.approx(5 + 1 + 52 + 2 + 30 + 1 + 1 + 30)


def test_a_long_form_and_a_wrong_number_of_minutes():
    slow = Timing(seconds={"select_one": 700})
    assert [each.kind for each in advise(form(rated()), slow)] == ["too_long"]
    assert [each.kind for each in advise(form(rated(), minutes=3), slow)] == ["too_long", "minutes_differ"]
    assert [each.kind for each in advise(form(rated(), minutes=11), slow)] == ["too_long"]
    assert kinds(form(rated(), minutes=30)) == ["minutes_differ"]


def follow(relevant: str, name: str = "why", **more) -> Question:
    return Question(name, "text", words("Vì sao?"), relevant=relevant, **more)


@pytest.mark.parametrize(("followers", "words_of_it"), [
    ((follow("${q} < 3", required=True),), "mức chưa tốt phải trả lời thêm 1 câu (1 câu bắt buộc), ai chấm mức tốt thì"),
    ((follow("${q} = '1'"),), "mức chưa tốt phải trả lời thêm 1 câu, ai chấm mức tốt thì không"),
    ((follow("${q} > 3"),), "mức tốt phải trả lời thêm 1 câu, ai chấm mức chưa tốt thì không"),
    ((follow("${q} = 1 or ${q} = 5"), follow("${q} = 1", "more")), "thêm 2 câu, ai chấm mức tốt chỉ thêm 1 câu"),
    ((rated("Có gặp khó khăn?", "trouble", YES_NO, relevant="${q} < 3"), follow("${trouble} = 'yes'")), "thêm 2 câu"),
    ((rated("Có đến lần nữa?", "again", YES_NO), follow("${again} = 'yes' and ${q} = 2")), "thêm 1 câu"),
])
def test_good_and_bad_answers_must_cost_the_same(followers, words_of_it):
    [found] = [each for each in advise(form(rated(), *followers)) if each.kind == "unequal_clicks"]
    assert found.path == ("pages", 0, "questions", 0)
    assert words_of_it in found.reason


@pytest.mark.parametrize("followers", [
    (follow("${q} = 1 or ${q} = 5"),), (follow("${q} != ''"),), (follow("${q} = 3"),), (follow("${q} = 'dk'"),),
    (follow("${q} < 3"), follow("${q} > 3", "praise")), (Question("n", "note", words("Cảm ơn"), relevant="${q} < 3"),),
])
def test_follow_ups_that_cost_both_sides_the_same_are_left_alone(followers):
    assert "unequal_clicks" not in kinds(form(rated(), *followers))


def test_a_page_for_low_levels_only_is_told():
    made = form(rated(), Question("why", "text", words("Vì sao?"), required=True))
    made = replace(made, pages=(made.pages[0], replace(made.pages[1], relevant="${q} <= 2")))
    assert kinds(made) == ["unequal_clicks"]


def test_five_hundred_questions_are_advised_on_while_one_waits():
    questions = [rated(f"Việc thứ {number}", f"q{number}") for number in range(250)]
    asked = [each for number, question in enumerate(questions)
             for each in (question, follow(f"${{q{number}}} < 3 and ${{q{max(0, number - 1)}}} != 'dk'", f"why{number}"))]
    started = time.process_time()
    assert kinds(form(*asked)).count("unequal_clicks") == 250
    assert time.process_time() - started < 3


@pytest.mark.parametrize("name", sorted(shipped()))
def test_what_is_shipped_was_looked_at(name):
    """What is left are texts whose wording the indices build on, and drafts that wait for a reader."""
    found = advise(document.load(shipped()[name], name))
    assert {each.kind for each in found} <= {
        "citizen": {"machine_drafted"}, "business": {"negation"}, "official": {"two_things", "unbalanced_scale"}
    }.get(name, set())
    order = list(KINDS)
    assert all(order.index(a.kind) <= order.index(b.kind) for a, b in pairwise(found))


def test_the_guide_explains_every_kind():
    guide = (Path(__file__).parents[2] / "docs/dinh-dang/phieu.md").read_text()
    for title in KINDS.values():
        assert f"| {title} |" in guide

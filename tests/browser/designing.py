"""A questionnaire made on the pages for designers until it is the one that is wanted: every part goes through a field or
a button that an official has, on pages without JavaScript."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from questionnaires.condition_rows import from_expression
from questionnaires.model import CONSENT_PARTS, ChoiceList, Question, Questionnaire, Text
from questionnaires.rewriting import texts
from surveyapp.web.design.drafts.reach import kinds_of_all
from surveyapp.wording import RESPONDENT_GROUPS
from tests.browser.conftest import press


@dataclass
class Designer:
    page: object
    wanted: Questionnaire

    @property
    def at_first(self) -> tuple[str, ...]:
        """The languages that are written from the beginning; the last one comes in at the end, as translations."""
        return self.wanted.languages[:-1] or self.wanted.languages

    def build(self) -> None:
        self.begin()
        self.settings(self.at_first)
        self.consent()
        for choices in self.wanted.choice_lists:
            self.choice_list(choices)
        self.go("Các trang")
        for page in self.wanted.pages:
            self.page.get_by_label("Tiêu đề trang mới").fill(page.label.by_language.get(self.wanted.default_language, ""))
            self.press("Thêm trang")
        for number, page in enumerate(self.wanted.pages, start=1):
            for _, alike in groupby(page.questions, key=_in_common):
                self.new_questions(number, tuple(alike))
        self.each_page()
        self.each_question()
        self.conditions()
        if self.at_first != self.wanted.languages:
            self.settings(self.wanted.languages)
            self.translations(self.wanted.languages[-1])

    # the small steps

    def go(self, words: str | re.Pattern) -> None:
        press(self.page.get_by_role("link", name=words, exact=isinstance(words, str)).first)

    def press(self, words: str) -> None:
        press(self.page.get_by_role("button", name=words, exact=True).filter(visible=True).last)

    def fill(self, name: str, words: str) -> None:
        if words:
            self.page.locator(f'[name="{name}"]').fill(words)

    def text(self, name: str, text: Text) -> None:
        for language in self.at_first:
            self.fill(f"{name}.{language}", text.by_language.get(language, ""))

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f'select[name="{name}"]').select_option(value)

    def tick(self, name: str, values: Iterable[str]) -> None:
        for value in values:
            self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    # the parts

    def begin(self) -> None:
        self.page.goto("/thiet-ke/")
        self.go("Soạn phiếu trên trang này")
        self.fill("title", self.wanted.title.by_language[self.wanted.default_language])
        self.fill("form_id", self.wanted.form_id)
        self.press("Tạo phiếu trắng")

    def settings(self, languages: tuple[str, ...]) -> None:
        """Fields for a language are there once it is one of the questionnaire's."""
        wanted = self.wanted
        self.go("Cài đặt")
        self.tick("groups", (each for each in wanted.respondent_groups if each in RESPONDENT_GROUPS))
        self.fill("other_groups", ", ".join(each for each in wanted.respondent_groups if each not in RESPONDENT_GROUPS))
        self.tick("rates", (wanted.rates,))
        self.fill("minutes", str(wanted.minutes or ""))
        self.tick("languages", languages)
        self.choose("default_language", wanted.default_language)
        self.tick("machine_drafted", (each for each in wanted.machine_drafted if each in languages))
        self.tick("collects", wanted.collects)
        self.fill("version", wanted.version)
        self.press("Lưu")
        self.text("title", wanted.title)
        self.text("description", wanted.description)
        self.press("Lưu")

    def consent(self) -> None:
        self.go("Lời đồng ý")
        for part in CONSENT_PARTS:
            self.text(part, getattr(self.wanted.consent, part))
        self.press("Lưu")

    def choice_list(self, choices: ChoiceList) -> None:
        """All labels at once, then what each choice is besides."""
        self.go("Danh sách phương án")
        self.fill("title", choices.name)
        self.fill("choices", "\n".join(each.label.by_language[self.wanted.default_language] for each in choices))
        self.press("Thêm danh sách")
        given = [each.get_attribute("name").removesuffix(":code") for each in self.page.locator('[name$=":code"]').all()]
        for key, choice in zip(given, choices, strict=True):
            self.text(f"{key}:label", choice.label)
            self.fill(f"{key}:code", choice.name)
            if choice.missing:
                self.choose(f"{key}:missing", choice.missing)
            self.tick(f"{key}:exclusive", ("1",) * choice.exclusive)
        self.fill("name", choices.name)
        self.press("Lưu")

    def new_questions(self, number: int, alike: tuple[Question, ...]) -> None:
        """Those that differ in nothing but their words, at once; from the overview and back to it."""
        first, words = alike[0], [each.label.by_language[self.wanted.default_language] for each in alike]
        self.go(f"Thêm nhiều câu vào trang {number}")
        self.fill("labels", "\n".join(words))
        self.choose("type", first.type)
        self.choose("list", first.choices.name if first.choices else "")
        self.tick("required", ("1",) * first.required)
        self.choose("factor", first.factor)
        self.press("Thêm các câu hỏi")

    def each_page(self) -> None:
        """From the first to the last, each leads to the next."""
        press(self.page.locator(".draft-head h2 a").first)
        for page in self.wanted.pages:
            self.text("label", page.label)
            self.text("hint", page.hint)
            self.open_more()
            self.fill("name", page.name)
            self.press("Lưu và về tổng quan" if page is self.wanted.pages[-1] else "Lưu và sang trang sau")

    def each_question(self) -> None:
        press(self.page.locator(".draft-question-text a").first)
        for question in self.wanted.questions:
            for part in ("label", "hint", "required_message", "constraint_message"):
                self.text(part, getattr(question, part))
            self.open_more()
            self.fill("name", question.name)
            for part in ("default", "choice_filter", "calculation", "appearance"):
                self.fill(part, getattr(question, part))
            self.fill("parameters", " ".join(f"{key}={value}" for key, value in question.parameters.items()))
            self.fill("old_name", self.wanted.renames.get(question.name, ""))
            self.fill("break", self.wanted.breaks_series.get(question.name, ""))
            self.tick("missing", question.missing)
            self.press("Lưu" if question is self.wanted.questions[-1] else "Lưu và sang câu sau")

    def open_more(self) -> None:
        for each in self.page.locator("main form details:not([open]) > summary").all():
            each.click()

    def conditions(self) -> None:
        for page in self.wanted.pages:
            self.condition(page.label, "Sửa điều kiện hiện trang", page.relevant)
            for question in page.questions:
                self.condition(question.label, "Sửa điều kiện hiện", question.relevant)
                self.condition(question.label, "Sửa điều kiện của câu trả lời", question.constraint, question.name)

    def condition(self, of: Text, link: str, expression: str, current: str | None = None) -> None:
        """Row by row; what is no rows must be written as text and would be told by this test."""
        if not expression:
            return
        rows = from_expression(expression, kinds_of_all(self.wanted, current))
        assert rows, f"the guided editor cannot say {expression}"
        self.go("Các trang")
        self.go(of.by_language[self.wanted.default_language])
        self.go(link)
        for index, row in enumerate(rows.rows):
            self.choose("question", row.question)
            self.press("Thêm dòng")
            self.choose(f"r{index}-comparison", row.comparison)
            value = self.page.locator(f'[name="r{index}-{"count" if row.comparison.startswith("count") else "value"}"]')
            if value.evaluate("each => each.tagName") == "SELECT":
                value.select_option(row.value)
            else:
                value.fill(row.value)
        if len(rows.rows) > 1:
            self.tick("joiner", (rows.joiner,))
        self.press("Lưu điều kiện")

    def translations(self, language: str) -> None:
        """Whatever is missing, a few dozen at a time, until nothing is."""
        wanted = {"t:" + "/".join(each.key): each.text.by_language.get(language, "") for each in texts(self.wanted)}
        self.page.goto(f"{self.page.url.rsplit('/', 1)[0]}/ban-dich?ngon-ngu={language}&thieu=1")
        for _ in range(20):
            boxes = self.page.locator('[name^="t:"]').all()
            if not boxes:
                return
            for box in boxes:
                box.fill(wanted[box.get_attribute("name")])
            self.press("Lưu")
        raise AssertionError("translations are never complete")


def _in_common(question: Question) -> tuple:
    return question.type, question.choices and question.choices.name, question.required, question.factor

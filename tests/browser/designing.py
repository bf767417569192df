"""A questionnaire made on the pages for designers until it is the one that is wanted: every part goes through a field or
a button that an official has, on pages without JavaScript."""

from dataclasses import dataclass
from itertools import groupby

from playwright.sync_api import Page as BrowserPage

from questionnaires.condition_rows import from_expression
from questionnaires.model import CONSENT_PARTS, ChoiceList, Question, Questionnaire, Text
from questionnaires.rewriting import texts
from surveyapp.web.design.drafts.reach import kinds_of_all
from surveyapp.wording import RESPONDENT_GROUPS
from tests.browser.conftest import press

#: field -> what a person types, chooses or ticks there
Given = dict[str, str | tuple[str, ...]]
#: fills in what a person can see and change, and names every field where that is not possible. One call for a whole page, since
#: a call for each of a thousand fields takes longer than all the rest
FILL = """(given) => Object.entries(given).filter(([name, values]) => {
  const fields = [...document.getElementsByName(name)]
    .filter((each) => each.checkVisibility() && !each.disabled && !each.readOnly);
  return ![values].flat().every((value) => {
    const ticked = fields.find((each) => /radio|checkbox/.test(each.type) && each.value === value);
    if (ticked) return (ticked.checked = true);
    if (fields.length !== 1 || /radio|checkbox/.test(fields[0].type)) return false;
    fields[0].value = value;
    return fields[0].value === value;
  });
}).map(([name]) => name)"""


@dataclass
class Designer:
    page: BrowserPage
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
        self.pages()
        self.questions()
        self.conditions()
        if self.at_first != self.wanted.languages:
            self.settings(self.wanted.languages)
            self.translations(self.wanted.languages[-1])

    # the small steps

    def go(self, words: str) -> None:
        press(self.page.get_by_role("link", name=words, exact=True).first)

    def press(self, words: str) -> None:
        press(self.page.get_by_role("button", name=words, exact=True).last)

    def fill(self, given: Given) -> None:
        """What is blank is left as the page shows it; the finished questionnaire tells whether that was right."""
        refused = self.page.evaluate(FILL, {name: value for name, value in given.items() if value})
        assert refused == [], f"{self.page.url}: not to be filled in: {refused}"

    def texts(self, name: str, text: Text) -> Given:
        return {f"{name}.{language}": text.by_language.get(language, "") for language in self.at_first}

    def said(self, text: Text) -> str:
        return text.by_language.get(self.wanted.default_language, "")

    # the parts

    def begin(self) -> None:
        self.page.goto("/thiet-ke/")
        self.go("Soạn phiếu trên trang này")
        self.fill({"title": self.said(self.wanted.title), "form_id": self.wanted.form_id})
        self.press("Tạo phiếu trắng")

    def settings(self, languages: tuple[str, ...]) -> None:
        """Fields for a language are there once it is one of the questionnaire's."""
        wanted = self.wanted
        self.go("Cài đặt")
        self.fill({"groups": tuple(each for each in wanted.respondent_groups if each in RESPONDENT_GROUPS),
                   "other_groups": ", ".join(each for each in wanted.respondent_groups if each not in RESPONDENT_GROUPS),
                   "rates": wanted.rates, "minutes": str(wanted.minutes or ""), "languages": languages,
                   "default_language": wanted.default_language, "collects": wanted.collects, "version": wanted.version,
                   "machine_drafted": tuple(each for each in wanted.machine_drafted if each in languages)})
        self.press("Lưu")
        self.fill(self.texts("title", wanted.title) | self.texts("description", wanted.description))
        self.press("Lưu")

    def consent(self) -> None:
        self.go("Lời đồng ý")
        for part in CONSENT_PARTS:
            self.fill(self.texts(part, getattr(self.wanted.consent, part)))
        self.press("Lưu")

    def choice_list(self, choices: ChoiceList) -> None:
        """All labels at once, then what each choice is besides."""
        self.go("Danh sách phương án")
        self.fill({"title": choices.name, "choices": "\n".join(self.said(each.label) for each in choices)})
        self.press("Thêm danh sách")
        keys = self.page.locator('[name$=":code"]').evaluate_all("all => all.map((each) => each.name.replace(/:code$/, ''))")
        given: Given = {"name": choices.name}
        for key, choice in zip(keys, choices, strict=True):
            given |= self.texts(f"{key}:label", choice.label)
            given |= {f"{key}:code": choice.name, f"{key}:missing": choice.missing or "",
                      f"{key}:exclusive": "1" if choice.exclusive else "",
                      f"{key}:attributes": "; ".join(f"{name}={value}" for name, value in choice.attributes.items())}
        if any(choice.attributes for choice in choices):
            self.open_more()
        self.fill(given)
        self.press("Lưu")

    def pages(self) -> None:
        """Their titles one after the other; then from the first to the last, each leads to the next."""
        self.go("Các trang")
        for page in self.wanted.pages:
            self.page.get_by_label("Tiêu đề trang mới").fill(self.said(page.label))
            self.press("Thêm trang")
        press(self.page.locator(".draft-head h2 a").first)
        for page in self.wanted.pages:
            self.open_more()
            self.fill({"name": page.name} | self.texts("label", page.label) | self.texts("hint", page.hint))
            self.press("Lưu và về tổng quan" if page is self.wanted.pages[-1] else "Lưu và sang trang sau")

    def questions(self) -> None:
        """Those that differ in nothing but their words are added at once; then each leads to the next."""
        for number, page in enumerate(self.wanted.pages, start=1):
            for _, alike in groupby(page.questions, key=_in_common):
                self.add_questions(number, tuple(alike))
        press(self.page.locator(".draft-question-text a").first)
        for question in self.wanted.questions:
            self.open_more()
            self.fill(self.parts_of(question))
            self.press("Lưu" if question is self.wanted.questions[-1] else "Lưu và sang câu sau")

    def add_questions(self, number: int, alike: tuple[Question, ...]) -> None:
        first = alike[0]
        self.go(f"Thêm nhiều câu vào trang {number}")
        self.fill({"labels": "\n".join(self.said(each.label) for each in alike), "type": first.type, "factor": first.factor,
                   "list": first.choices.name if first.choices else "", "required": "1" if first.required else ""})
        self.press("Thêm các câu hỏi")

    def parts_of(self, question: Question) -> Given:
        given: Given = {each: getattr(question, each) for each in (
            "name", "default", "choice_filter", "calculation", "appearance", "missing")}
        for part in ("label", "hint", "required_message", "constraint_message"):
            given |= self.texts(part, getattr(question, part))
        return given | {"parameters": " ".join(f"{key}={value}" for key, value in question.parameters.items()),
                        "old_name": self.wanted.renames.get(question.name, ""),
                        "break": self.wanted.breaks_series.get(question.name, "")}

    def open_more(self) -> None:
        self.page.locator("main form[data-autosave] > details > summary").last.click()

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
        self.go(self.said(of))
        self.go(link)
        for index, row in enumerate(rows.rows):
            self.fill({"question": row.question})
            self.press("Thêm dòng")
            self.fill({f"r{index}-comparison": row.comparison,
                       f"r{index}-{'count' if row.comparison.startswith('count') else 'value'}": row.value})
        if len(rows.rows) > 1:
            self.fill({"joiner": rows.joiner})
        self.press("Lưu điều kiện")

    def translations(self, language: str) -> None:
        """Whatever is missing, a few dozen at a time, until nothing is."""
        wanted = {"t:" + "/".join(each.key): each.text.by_language.get(language, "") for each in texts(self.wanted)}
        self.go("Bản dịch")
        self.fill({"ngon-ngu": language, "thieu": "1"})
        self.press("Xem")
        for _ in range(20):
            names = self.page.locator('[name^="t:"]').evaluate_all("all => all.map((each) => each.name)")
            if not names:
                return
            self.fill({name: wanted[name] for name in names})
            self.press("Lưu")
        raise AssertionError("translations are never complete")


def _in_common(question: Question) -> tuple:
    return question.type, question.choices and question.choices.name, question.required, question.factor

"""Three languages: complete, compiled, switched without losing the place; a form is shown whole in one of them."""

import subprocess
import sys
from pathlib import Path

from tests.surveyapp.respond.browsing import words
from tests.surveyapp.respond.test_respond_journeys import EVERYTHING

ROOT = Path(__file__).resolve().parents[3]


def test_the_catalogues_are_complete_and_compiled():
    command = [sys.executable, "tools/translations.py", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_switching_keeps_the_place_and_says_what_a_machine_drafted(visitor, stored):
    visitor.get("/k/THU2026/citizen?unit=LONGPHU")
    visitor.get(visitor.page.links()["ភាសាខ្មែរ"])
    assert visitor.page.all("html")[0].get("lang") == "km"
    assert "កម្រងសំណួរស្ទង់ការពេញចិត្ត" in visitor.page.heading
    assert "ម៉ាស៊ីន" in words(next(each for each in visitor.page.all("p") if each.get("class") == "draft-note"))
    visitor.press(consent="yes")
    assert visitor.page.all("html")[0].get("lang") == "km"
    visitor.press(status=422)
    assert "សំណួរនេះមិនទាន់បានឆ្លើយទេ" in visitor.page.text
    path = visitor.page.path
    visitor.press("English", visits="nhiều lần", used_online="no")
    assert visitor.page.path.startswith(path)
    assert visitor.page.all("html")[0].get("lang") == "en"
    fields = visitor.page.fields(visitor.page.form())
    assert (fields["visits"], fields["used_online"]) == (["nhiều lần"], ["no"]), "what was typed comes along"
    assert visitor.page.summary == [], "nobody is blamed for what is not answered yet"
    assert stored()[0].pages_stored == []
    visitor.press(visits="1", used_online="no", made_feedback="no", knows_where="no")
    assert stored()[0].language == "en"


def test_a_form_that_does_not_speak_the_language_is_shown_in_its_own(visitor, stored):
    visitor.get("/?lang=en")
    assert "This form is in Vietnamese only." in visitor.page.text
    visitor.get(EVERYTHING)
    assert visitor.page.all("html")[0].get("lang") == "vi"
    assert "English" not in visitor.page.text
    visitor.press(consent="yes")
    visitor.press(went="no")
    assert stored()[0].language == "vi"


def test_refusals_speak_the_language_too(visitor):
    visitor.get("/?lang=en")
    visitor.get("/khong/co", status=404)
    assert visitor.page.heading == "Page not found"
    visitor.get("/p/KHONGCO", status=404)
    assert visitor.page.heading == "This link is not right"
    answer = visitor.http.post("/tiep-tuc", data={"code": "x"})
    assert "The form is no longer open" in answer.get_data(as_text=True)

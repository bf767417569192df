"""XForms for ODK: pyxform takes our workbooks, ODK Validate takes what it makes, and what ODK cannot do is told."""

import re
from dataclasses import replace

import pytest
from pyxform.validators.odk_validate import ODKValidateError, check_xform

from documents.faults import Faults
from questionnaires import document
from questionnaires.library import shipped
from questionnaires.model import Group, Repeat, Text
from questionnaires.xlsform.limits import limits
from questionnaires.xlsform.xform import to_xform

FILES = shipped()


def form(name: str):
    return document.load(FILES[name], name)


def validated(xml: str, folder) -> list[str]:
    path = folder / "form.xml"
    path.write_text(xml)
    return check_xform(str(path))


@pytest.mark.parametrize("name", FILES)
def test_odk_validate_takes_every_shipped_questionnaire(name, tmp_path):
    made = to_xform(form(name))
    assert validated(made.xml, tmp_path) == []
    assert not made.warnings


def test_odk_validate_really_looks(tmp_path):
    xml = to_xform(form("citizen")).xml
    with pytest.raises(ODKValidateError):
        validated(xml.replace('relevant="', 'relevant="khong_co(', 1), tmp_path)


def test_groups_and_repeats_reach_odk(tmp_path):
    citizen = form("citizen")
    again = Group("again", Text({"vi": "Mỗi lần", "km": "-", "en": "Each time"}), repeat=Repeat("3"))
    pages = (citizen.pages[0], replace(citizen.pages[-1], within=(again,)))
    xml = to_xform(replace(citizen, pages=pages)).xml
    assert re.search(r'<repeat [^>]*jr:count=" /data/again_count "', xml)
    assert validated(xml, tmp_path) == []


def test_what_odk_cannot_do_is_told():
    told = [str(limit) for limit in limits(form("official"))]
    assert any("đồng ý" in limit for limit in told)
    assert any("chỉ hiện như lời dẫn" in limit and "steering" in limit for limit in told)
    assert any("loại trừ" in str(limit) and "improve_most" in str(limit) for limit in limits(form("citizen")))


def test_what_pyxform_refuses_is_a_fault_in_words():
    citizen = form("citizen")
    page = replace(citizen.pages[0], questions=(replace(citizen.pages[0].questions[0], name="a b"),))
    with pytest.raises(Faults, match="pyxform không chuyển được"):
        to_xform(replace(citizen, pages=(page,)))

"""The guide's example is a form that the checks pass, and the guide names every column of ours."""

import re
from pathlib import Path

from questionnaires.xlsform import columns, reader

GUIDE = (Path(__file__).parents[3] / "docs/dinh-dang/xlsform.md").read_text()


def test_the_example_loads():
    (example,) = re.findall(r"```csv xlsform\n(.*?)```", GUIDE, re.S)
    made = reader.load(example.encode(), "phieu.csv")
    assert [page.name for page in made.pages] == ["visit", "on_time_page"]
    assert made.question("on_time").factor == "result"
    assert made.question("on_time").choices.substantive == ("1", "2", "3", "4", "5")
    assert not reader.read(example.encode(), "phieu.csv").remarks


def test_every_column_of_ours_is_in_the_guide():
    for sheet in columns.KNOWN.values():
        for name in sheet:
            if name.startswith("par_consent_"):
                assert name.removeprefix("par_consent") in GUIDE
            elif name.startswith("par_"):
                assert f"`{name}" in GUIDE, name

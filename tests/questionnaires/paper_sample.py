"""A form with all that paper, codebook and DDI must carry: groups, a repeat, a grid, kinds of missing, routing of several
shapes, three languages, and texts that would break XML, HTML or a spreadsheet."""

from pathlib import Path

from questionnaires import document
from questionnaires.model import Questionnaire

SAMPLE = Path(__file__).with_name("household.yaml").read_text()


def form() -> Questionnaire:
    return document.load(SAMPLE.encode(), "household.yaml")

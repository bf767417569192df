"""Everything that goes out of one questionnaire version besides its own document: paper forms, codebook, DDI; by file name."""

from collections.abc import Callable, Iterator

from surveyapp.models import Campaign, QuestionnaireVersion
from surveyapp.queries import questionnaires
from surveyapp.services import codebook
from surveyapp.services.paper import paper_pdf

#: makes a file's content when it is wanted: PDFs take a second or more each
Made = Callable[[], bytes]


def stem(version: QuestionnaireVersion) -> str:
    """The beginning of the names of its files; form ids and versions are plain letters, digits, dots and dashes."""
    return f"{version.form_id}-{version.version}"


def of_version(version: QuestionnaireVersion, campaign: Campaign | None = None, spreadsheet: bool = False,
               ) -> Iterator[tuple[str, Made]]:
    """(name, how to make it)."""
    name, form = stem(version), questionnaires.parsed(version)
    for language in form.languages:
        yield f"{name}-giay-{language}.pdf", lambda language=language: paper_pdf(version, language, campaign)
    book = codebook.codebook_of(version, campaign)
    yield f"{name}-so-ma.pdf", lambda: codebook.codebook_pdf(book)
    for file in codebook.FILES:
        yield f"{name}-{file}", lambda file=file: codebook.csv_file(book, file, spreadsheet)
    yield f"{name}-ddi.xml", lambda: codebook.ddi_xml(book)


def of_campaign(campaign: Campaign) -> list[tuple[str, Made]]:
    """Of every form of a campaign, with the units and frameworks of the campaign."""
    return [made for version in questionnaires.of_campaign(campaign.id).values() for made in of_version(version, campaign)]

"""HTML to tagged PDF (PDF/UA-1): the same text gives the same bytes. Nothing is fetched from outside.

WeasyPrint takes a second and a hundred megabytes to load, so whoever prints imports this when they print: processes that only
serve pages never need it.
"""

from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher


def pdf(text: str, style_sheet: Path, identifier: bytes) -> bytes:
    fonts = FontConfiguration()
    fetcher = URLFetcher(allowed_protocols={"file", "data"})
    style = CSS(filename=style_sheet, font_config=fonts, url_fetcher=fetcher)
    return HTML(string=text, base_url=style_sheet.parent.as_uri() + "/", url_fetcher=fetcher).write_pdf(
        stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", pdf_identifier=identifier)

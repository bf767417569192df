"""The words of the respondents' pages: Vietnamese in the sources, Khmer and English in surveyapp/translations.

    python tools/translations.py            bring the .po files up to date, compile them
    python tools/translations.py --check    fail where a word is missing, left over or not compiled
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog, extract, mofile, pofile

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from questionnaires.answers import OWN_WORDS, WORDS  # noqa: E402
from surveyapp.wording import RESPONDENT_GROUPS  # noqa: E402

FOLDER = ROOT / "surveyapp" / "translations"
LANGUAGES = ("km", "en")
#: no clock in the files: the same words give the same bytes
STILL = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = [
    *sorted((ROOT / "surveyapp/web/respond").glob("*.py")), ROOT / "surveyapp/web/errors.py",
    *sorted((ROOT / "templates").glob("*/*.html")),
]


def messages() -> list[str | tuple[str, str]]:
    """Every text that is translated; what tables hold is added to what the sources say."""
    found: dict[str | tuple[str, str], None] = {}
    for path in SOURCES:
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        with path.open("rb") as source:
            for _line, text, _comments, _context in extract.extract(method, source, keywords=extract.DEFAULT_KEYWORDS):
                found[text] = None
    for words in WORDS.values():
        found |= {words.reason: None, words.mend: None}
    return list(found | dict.fromkeys(OWN_WORDS) | dict.fromkeys(RESPONDENT_GROUPS.values()))


def refreshed(language: str) -> Catalog:
    """The catalogue with exactly the texts of today, in their order; kept translations keep."""
    path = _po(language)
    old = pofile.read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(language)
    new = Catalog(language, project="surveyapp", version="1", fuzzy=False, creation_date=STILL, revision_date=STILL,
                  header_comment=f"# {language}: drafted by a machine, no person has checked it yet")
    for text in messages():
        before = old.get(_key(text))
        new.add(text, before.string if before else None)
    return new


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    mofile.write_mo(out, catalog)
    return out.getvalue()


def faults() -> list[str]:
    found = []
    for language in LANGUAGES:
        catalog = pofile.read_po(io.BytesIO(_po(language).read_bytes()), locale=language)
        wanted = {_key(text) for text in messages()}
        there = {_key(message.id): message for message in catalog if message.id}
        found += [f"{language}: missing: {text}" for text in sorted(wanted - there.keys())]
        found += [f"{language}: left over: {text}" for text in sorted(there.keys() - wanted)]
        for text, message in there.items():
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            found += [f"{language}: not translated: {text}"] * (not all(strings))
            found += [f"{language}: {error}: {text}" for error in message.check(catalog)]
        if not _mo(language).exists() or _read_mo(_mo(language).read_bytes()) != _read_mo(compiled(catalog)):
            found.append(f"{language}: messages.mo is not compiled from messages.po")
    return found


def _key(text) -> str:
    return text if isinstance(text, str) else text[0]


def _read_mo(source: bytes) -> dict:
    return {_key(message.id): message.string for message in mofile.read_mo(io.BytesIO(source)) if message.id}


def _po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def _mo(language: str) -> Path:
    return _po(language).with_suffix(".mo")


def refresh() -> None:
    for language in LANGUAGES:
        catalog = refreshed(language)
        _po(language).parent.mkdir(parents=True, exist_ok=True)
        with _po(language).open("wb") as file:
            pofile.write_po(file, catalog, width=110, omit_header=False)
        _mo(language).write_bytes(compiled(catalog))


if __name__ == "__main__":
    if "--check" in sys.argv:
        problems = faults()
        print("\n".join(problems) or "complete")
        sys.exit(bool(problems))
    refresh()
    print("\n".join(faults()) or "complete")

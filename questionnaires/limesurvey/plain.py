"""HTML of LimeSurvey's texts -> plain text with line breaks; says what was lost on the way."""

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"})
_UNSEEN = frozenset({"script", "style", "head", "template"})
#: tags whose loss a reader would notice
_LOST = {
    "img": "hình",
    "video": "video",
    "audio": "âm thanh",
    "iframe": "khung nhúng",
    "script": "mã JavaScript",
    "table": "bảng",
    "a": "đường dẫn",
    "input": "ô nhập",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.lost: set[str] = set()
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in _LOST:
            self.lost.add(_LOST[tag])
        self._unseen += tag in _UNSEEN
        self.pieces.append("\n" if tag in _BREAKS else "")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        self.pieces.append("\n" if tag in _BREAKS else "")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def plain(html: str) -> tuple[str, frozenset[str]]:
    """The words, and what else stood there."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip(), frozenset(reader.lost)

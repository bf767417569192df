"""HTML of LimeSurvey's texts -> plain text with line breaks; says what was lost on the way."""

import re
from html.parser import HTMLParser

#: longer texts would not fit a questionnaire; the limit also keeps odd HTML from taking long
MAX_HTML = 20_000
MAX_TAGS = 1_000

_EMBEDDED = re.compile(r"data:[a-z]+/[^\s\"'>]*", re.I)
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"})
_UNSEEN = frozenset({"script", "style", "head", "template", "title"})
#: tags whose loss a reader would notice
_LOST = {
    "img": "hình",
    "video": "video",
    "audio": "âm thanh",
    "iframe": "khung nhúng",
    "object": "khung nhúng",
    "embed": "khung nhúng",
    "svg": "hình",
    "script": "mã JavaScript",
    "table": "bảng",
    "a": "đường dẫn",
    "input": "ô nhập",
    "select": "ô nhập",
    "textarea": "ô nhập",
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
            # line ends in HTML are spaces
            self.pieces.append(data.replace("\n", " "))


def plain(html: str) -> tuple[str, frozenset[str]]:
    """The words, and what else stood there."""
    if "<" not in html and "&" not in html:
        return _tidy(html[:MAX_HTML]), frozenset({"phần sau quá dài"} if len(html) > MAX_HTML else ())
    html = _EMBEDDED.sub("", html)
    cut = html[:MAX_HTML]
    # html.parser looks for the end of each tag again and again where there is none
    tags, closed, rest = cut.rpartition(">")
    if tags.count("<") > MAX_TAGS:
        return _tidy(re.sub(r"<[^<>]*>?", " ", cut)), frozenset({"HTML quá rối, chỉ lấy chữ"})
    reader = _Reader()
    try:
        reader.feed(f"{tags}{closed}{rest.replace('<', '&lt;')}")
        reader.close()
    except AssertionError:  # how html.parser says that a declaration is malformed
        return _tidy(re.sub(r"<[^<>]*>?", " ", cut)), frozenset({"HTML sai, chỉ lấy chữ"})
    if len(html) > MAX_HTML:
        reader.lost.add("phần sau quá dài")
    return _tidy("".join(reader.pieces)), frozenset(reader.lost)


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").splitlines())
    return "".join(each for each in re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip() if each == "\n" or each.isprintable())

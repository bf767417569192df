"""Somebody who answers the benchmark's questionnaire, through HTTP as a browser without JavaScript does it.

The answers of respondent `number` are drawn from the number: what must stand in the database afterwards is known beforehand.
"""

import gzip
import http.client
import random
import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

PAGES, ON_A_PAGE, UNITS, REASONS = 5, 6, 12, 6
LEVELS = ("1", "2", "3", "4", "5", "dont_know")
OTHER_TYPES = {4: "select_multiple reason", 5: "integer", 11: "text", 16: "select_multiple reason", 22: "integer", 29: "text"}
#: the one question that hangs on another
FOLLOWS, FOLLOWED = "q28", "q00"
WORDS = ("thủ tục", "nhanh hơn", "cán bộ", "hướng dẫn rõ ràng", "hồ sơ", "trả đúng hẹn", "“một cửa”", "ghế chờ & nước uống")
#: a page that needs more redirects than this leads nowhere
REDIRECTS = 5


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    #: as it came through the wire
    raw: bytes

    @property
    def text(self) -> str:
        return (gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw).decode()


@dataclass
class Visit:
    """What one respondent was told and saw."""

    number: int
    receipt: str = ""
    #: of a form left half-way
    code: str = ""
    #: seconds from the click to the page: redirect and page together
    seconds: list[float] = field(default_factory=list)
    fault: str = ""


class Browser:
    """Cookies, one connection kept open, redirects followed, compressed pages."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.path, self.page = "", ""
        #: path -> reply, of everything that was fetched
        self.seen: list[tuple[str, Reply]] = []

    def fetch(self, path: str, fields: Iterable[tuple[str, str]] | None = None) -> Reply:
        headers = {"Accept-Encoding": "gzip, deflate, br", "Accept": "text/html", "Accept-Language": "vi"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(list(fields))
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        raw = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        reply = Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, raw)
        self.seen.append((path, reply))
        return reply

    def go(self, path: str, fields: Iterable[tuple[str, str]] | None = None) -> str:
        """To a page, through its redirects; its text. A page that refuses is an error here."""
        reply = self.fetch(path, fields)
        for _ in range(REDIRECTS):
            if reply.status != 302:
                break
            path = urljoin(path, reply.headers["location"])
            reply = self.fetch(path)
        if reply.status != 200:
            raise ValueError(f"{path}: {reply.status}")
        self.path, self.page = urlsplit(path).path, reply.text
        return self.page

    def send(self, fields: Iterable[tuple[str, str]]) -> str:
        """The form of the page, with its token."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)[1]
        return self.go(self.path, [("csrf_token", token), *fields])

    def close(self) -> None:
        self.connection.close()


def type_of(question: int) -> str:
    return OTHER_TYPES.get(question, "select_one level")


def link(number: int) -> str:
    """What stands in the QR code at a counter."""
    return f"/k/BENCH/bench?unit=u{number % UNITS:02}"


def answers(number: int) -> dict[str, str | list[str]]:
    """The answers as they must be stored, in the order of the questions."""
    chance = random.Random(number)
    found: dict[str, str | list[str]] = {}
    for question in range(PAGES * ON_A_PAGE):
        kind = type_of(question)
        if kind == "integer":
            value: str | list[str] = str(chance.randint(1, 50))
        elif kind == "text":
            value = " ".join(chance.choices(WORDS, k=chance.randint(1, 20)))
        elif kind == "select_multiple reason":
            chosen = {chance.randrange(REASONS) for _ in range(3)}
            value = [f"r{reason}" for reason in sorted(chosen)]
        else:
            value = chance.choices(LEVELS, weights=(5, 10, 25, 30, 25, 5))[0]
        found[f"q{question:02}"] = value
    if found[FOLLOWED] == "dont_know":
        del found[FOLLOWS]
    return found


def on_page(page: int, given: dict) -> list[tuple[str, str]]:
    """The fields that a browser sends for the page."""
    own = [f"q{question:02}" for question in range(page * ON_A_PAGE, (page + 1) * ON_A_PAGE)]
    return [(name, value) for name in own if name in given
            for value in (given[name] if isinstance(given[name], list) else [given[name]])]


def visit(port: int, number: int, pages: int = PAGES) -> tuple[Visit, Browser]:
    """One respondent from the link to the receipt; with fewer pages than all, to the code for going on later."""
    browser, told, given = Browser(port), Visit(number), answers(number)

    def timed(step, *arguments) -> str:
        started = time.perf_counter()
        text = step(*arguments)
        told.seconds.append(time.perf_counter() - started)
        return text

    try:
        timed(browser.go, link(number))
        timed(browser.send, [("consent", "yes")])
        for page in range(pages):
            if not browser.path.endswith(f"/p{page}"):
                raise ValueError(f"page {page} expected, {browser.path} found")
            fields = on_page(page, given)
            unasked = {name for name, _value in fields} ^ set(re.findall(r'name="(q\d\d)"', browser.page))
            if unasked:
                raise ValueError(f"{browser.path}: the page does not ask what is to be answered: {unasked}")
            last = page + 1 == pages < PAGES
            timed(browser.send, fields + [("then", "later")] if last else fields)
        if pages < PAGES:
            told.code = _boxed(browser.page)
        else:
            timed(browser.send, [])
            told.receipt = _boxed(browser.page)
    except (OSError, ValueError, TypeError, http.client.HTTPException) as error:
        told.fault = f"respondent {number}: {type(error).__name__}: {error}"
    finally:
        browser.close()
    return told, browser


def _boxed(page: str) -> str:
    return re.search(r'class="code-box"[^>]*>([^<]+)<', page)[1]


def visits(port: int, numbers: list[int], at_once: int, pages: int = PAGES) -> tuple[float, float, list[Visit]]:
    """Many respondents, some at once: (began, ended, what each was told)."""
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as threads:
        told = list(threads.map(lambda number: visit(port, number, pages)[0], numbers))
    return began, time.monotonic(), told

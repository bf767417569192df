"""A browser without a screen: keeps cookies, fills in the forms that a page really has, and inspects every page it gets."""

import re
from urllib.parse import urljoin, urlsplit

import html5lib

CONTROLS = ("input", "select", "textarea")


class Page:
    def __init__(self, path: str, answer):
        self.path = path
        self.status = answer.status_code
        self.text = answer.get_data(as_text=True)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.tree = parser.parse(self.text)
        self.errors = parser.errors
        self.headers = answer.headers

    @property
    def heading(self) -> str:
        return words(self.tree.find(".//h1"))

    @property
    def summary(self) -> list[str]:
        boxes = [each for each in self.all("div") if "error-summary" in (each.get("class") or "")]
        return [words(link) for box in boxes for link in box.iter("a")]

    def all(self, tag: str) -> list:
        return list(self.tree.iter(tag))

    def ids(self) -> list[str]:
        return [each.get("id") for each in self.tree.iter() if isinstance(each.tag, str) and each.get("id")]

    def links(self) -> dict[str, str]:
        return {words(each): each.get("href") for each in self.all("a")}

    def form(self, button: str | None = None):
        """The form whose button says this; else the last one that posts."""
        forms = [each for each in self.all("form") if (each.get("method") or "get").lower() == "post"]
        if button is None:
            return forms[-1]
        return next(each for each in forms if any(words(press) == button for press in self.buttons(each)))

    def buttons(self, form) -> list:
        """Those in the form, then those elsewhere on the page that belong to it."""
        own = form.get("id") or object()
        return [*form.iter("button"), *(each for each in self.all("button") if each.get("form") == own)]

    def fields(self, form) -> dict[str, list[str]]:
        """What a browser would send if nothing was touched."""
        sent: dict[str, list[str]] = {}
        for control in form.iter():
            name = control.get("name") if isinstance(control.tag, str) else None
            if not name or control.tag not in CONTROLS:
                continue
            if control.get("type") in ("radio", "checkbox") and control.get("checked") is None:
                continue
            value = "".join(control.itertext()) if control.tag == "textarea" else control.get("value", "")
            sent.setdefault(name, []).append(value)
        return sent


class Browser:
    def __init__(self, app):
        self.http = app.test_client()
        self.page: Page | None = None

    def get(self, path: str, status: int = 200) -> Page:
        return self._arrive(path, self.http.get(path), status)

    def press(self, button: str | None = None, status: int = 200, **fields) -> Page:
        """Fill in the form on the page and send it; follows the redirect as a browser does."""
        path, data = self.prepared(button, **fields)
        return self.post(path, data, status)

    def prepared(self, button: str | None = None, **fields) -> tuple[str, dict]:
        """Where the form goes and what it sends, for tests that send it twice or late."""
        form = self.page.form(button)
        data = self.page.fields(form) | {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        pressed = [each for each in self.page.buttons(form) if button is None or words(each) == button][0]
        if pressed.get("name"):
            data[pressed.get("name")] = [pressed.get("value")]
        return urljoin(self.page.path, pressed.get("formaction") or form.get("action") or self.page.path), data

    def post(self, path: str, data: dict, status: int = 200) -> Page:
        return self._arrive(path, self.http.post(path, data=data), status)

    def _arrive(self, path: str, answer, status: int) -> Page:
        hops = 0
        while answer.status_code in (301, 302, 303, 307, 308):
            path, hops = urljoin(path, answer.headers["Location"]), hops + 1
            assert hops < 8, f"redirects without end at {path}"
            answer = self.http.get(path)
        self.page = Page(path, answer)
        assert self.page.status == status, f"{path}: {self.page.status}, {self.page.heading}"
        inspect(self.page)
        return self.page


def words(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip() if element is not None else ""


def inspect(page: Page) -> None:
    """What holds for every page a respondent may meet."""
    where = f"{page.path}: "
    assert not page.errors, where + str(page.errors[:3])
    assert len(page.all("h1")) == 1, where + "one h1"
    assert page.heading, where + "an h1 that says something"
    assert words(page.tree.find(".//title")), where + "a title"
    assert page.all("html")[0].get("lang") in ("vi", "km", "en"), where + "lang"
    assert len(page.ids()) == len(set(page.ids())), where + "unique ids"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"], where + "CSP"
    assert page.headers["Cache-Control"] == "no-store", where + "kept nowhere"
    ids = set(page.ids())
    for element in page.tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.get("style") is None, where + "inline style"
        assert not [name for name in element.attrib if name.startswith("on")], where + "inline handler"
        for told in ("aria-describedby", "aria-labelledby"):
            assert set((element.get(told) or "").split()) <= ids, where + f"{told} {element.get(told)}"
        if (element.get("href") or "").startswith("#"):
            assert element.get("href")[1:] in ids, where + f"a link to {element.get('href')}"
        if (element.get("href") or "").startswith(("http", "//")):
            raise AssertionError(where + "a link to elsewhere")
    assert not page.all("style"), where + "style element"
    assert all(script.get("src") for script in page.all("script")), where + "inline script"
    _inspect_controls(page, where)


def _inspect_controls(page: Page, where: str) -> None:
    labelled = {label.get("for") for label in page.all("label")}
    labelled |= {control.get("id") for label in page.all("label") for control in label.iter("input")}
    for tag in CONTROLS:
        for control in page.all(tag):
            if control.get("type") != "hidden":
                assert control.get("id") in labelled, where + f"no label for {control.get('name')}"
    for form in page.all("form"):
        if (form.get("method") or "get").lower() == "post":
            assert "csrf_token" in {each.get("name") for each in form.iter("input")}, where + "a token in the form"
            assert not urlsplit(form.get("action") or "").netloc, where + "a form that goes elsewhere"

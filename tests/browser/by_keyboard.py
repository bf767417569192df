"""A form answered with the keys alone: Tab, Space, the arrows, Enter. What has the focus must show it."""

from collections.abc import Mapping
from types import MappingProxyType

#: what has the focus, and whether somebody who looks can tell: an outline of its own, or of the line that it stands in
FOCUSED = """() => {
  const each = document.activeElement, line = each.closest('label') ?? each;
  const outlined = [each, line].some((box) => {
    const style = getComputedStyle(box);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = line.getBoundingClientRect();
  return {
    tag: each.tagName, type: each.type ?? '', name: each.name ?? '', id: each.id, classes: [...each.classList],
    words: each.innerText ?? '', main: Boolean(each.closest('main')),
    seen: outlined && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
  };
}"""
MOST_KEYS = 150


class Keyboard:
    """`found` keeps the faults that a person would stumble over."""

    def __init__(self, page):
        self.page = page
        self.found: list[str] = []

    def focused(self) -> dict:
        return self.page.evaluate(FOCUSED)

    def press(self, key: str) -> dict:
        self.page.keyboard.press(key)
        at = self.focused()
        if key == "Tab" and not at["seen"] and at["tag"] != "BODY":
            self.found.append(f"{self.page.url}: nothing shows the focus on {at['tag']} {at['id'] or at['words'][:30]}")
        return at

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def tab_to(self, wanted) -> dict:
        for _ in range(MOST_KEYS):
            at = self.press("Tab")
            if wanted(at):
                return at
        raise AssertionError(f"{self.page.url}: Tab never gets there")

    def past_the_header(self) -> None:
        """By the link for that; a form without an address of its own takes the skipped header along to the next page."""
        if self.page.url.endswith("#main"):
            return
        at = self.press("Tab")
        if "skip-link" not in at["classes"]:
            self.found.append(f"{self.page.url}: the first Tab is no way past the header but {at}")
        self.page.keyboard.press("Enter")

    def answer(self, answers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Everything on the page, then its button. `answers`: what is typed, or how many arrows down, field by field."""
        self.past_the_header()
        answered: set[str] = set()
        for _ in range(MOST_KEYS):
            at = self.press("Tab")
            if at["tag"] == "BUTTON" and at["main"] and "button" in at["classes"]:
                return self.enter()
            if at["name"] in answered or not at["main"]:
                continue
            if at["type"] == "radio":
                answered.add(at["name"])
                self.page.keyboard.press("Space")
                for _ in range(int(answers.get(at["name"], "0"))):
                    self.page.keyboard.press("ArrowDown")
            elif at["type"] == "checkbox" and at["name"] in answers:
                answered.add(at["name"])
                self.page.keyboard.press("Space")
            elif at["type"] in ("text", "textarea") and at["name"] in answers:
                answered.add(at["name"])
                self.page.keyboard.press("ControlOrMeta+a")
                self.page.keyboard.insert_text(answers[at["name"]])
        raise AssertionError(f"{self.page.url}: Tab never gets to the button")

"""Templates: what all of them may name is looked up in one step."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class Templates(Environment):
    """Jinja's own keeps a template's globals as a chain of maps and goes through all of it, in Python, at every `include` and
    `from … import …`: a page of questions has dozens. All globals are there before the first template is read."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> dict[str, Any]:
        return {**self.globals, **(d or {})}

"""The frameworks shipped with the software, one document per unit group and year."""

from importlib import resources
from pathlib import Path


def shipped() -> dict[str, bytes]:
    """Every shipped framework document by file name ("department.yaml"), sorted.

    An editable install may not find package data through importlib.resources; the folder beside this module then has it.
    """
    for folder in (resources.files(__name__), Path(__file__).parent):
        found = {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".yaml")}
        if found:
            return dict(sorted(found.items()))
    raise FileNotFoundError("no framework document is shipped beside analysis.index.library")

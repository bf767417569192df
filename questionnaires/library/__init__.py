"""The questionnaires that are shipped, as the files they are."""

from importlib import resources
from pathlib import Path


def shipped() -> dict[str, bytes]:
    """form name -> the YAML file's bytes, in the order of the names."""
    files = {entry.name: entry.read_bytes() for entry in _folder().iterdir() if entry.name.endswith(".yaml")}
    return {name.removesuffix(".yaml"): files[name] for name in sorted(files)}


def _folder():
    """importlib.resources first; an editable install may not find the files, then the folder beside this module does."""
    packaged = resources.files(__name__)
    if any(entry.name.endswith(".yaml") for entry in packaged.iterdir()):
        return packaged
    return Path(__file__).parent

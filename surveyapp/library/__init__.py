"""What the shell ships as data: the programme's unit groups. Questionnaires and frameworks lie in their own rooms."""

from importlib import resources
from pathlib import Path


def unit_groups() -> bytes:
    packaged = resources.files(__name__) / "unit_groups.csv"
    if packaged.is_file():
        return packaged.read_bytes()
    return (Path(__file__).parent / "unit_groups.csv").read_bytes()

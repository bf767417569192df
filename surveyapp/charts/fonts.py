"""The house's font for matplotlib: it reads no woff2, so each file is unpacked once a process into a temporary folder."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties

FOLDER = Path(__file__).parent.parent / "static" / "fonts"
FILES = {"regular": "NotoSans-Regular.woff2", "bold": "NotoSans-Bold.woff2"}


@cache
def font(weight: str, size: float) -> FontProperties:
    return FontProperties(fname=str(_unpacked(FILES[weight])), size=size)


@cache
def _unpacked(name: str) -> Path:
    packed = TTFont(FOLDER / name)
    packed.flavor = None
    path = _folder() / f"{Path(name).stem}.ttf"
    packed.save(path, reorderTables=False)
    return path


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="surveyapp-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder

"""The house's fonts for matplotlib: it reads no woff2, so each file is unpacked once a process into a temporary folder.

They get family names of our own, so that a Noto Sans of another make on the machine is never taken instead.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from threading import Lock

from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, fontManager

FOLDER = Path(__file__).parent.parent / "static" / "fonts"
#: the first that has a letter draws it; the last comes with matplotlib, for letters that no Vietnamese name has
FAMILIES = {
    "regular": ("NotoSans-Regular", "NotoSansKhmer-Regular"),
    "bold": ("NotoSans-Bold", "NotoSansKhmer-Bold"),
}
LAST_RESORT = "DejaVu Sans"
FAMILY_NAME_RECORDS = (1, 4, 16)
_LOCK = Lock()


@cache
def font(weight: str, size: float) -> FontProperties:
    return FontProperties(family=[*_registered(weight), LAST_RESORT], weight=700 if weight == "bold" else 400, size=size)


@cache
def advances(weight: str) -> dict[str, float]:
    """How wide each letter is, in ems; a letter that none of the files has is not in it."""
    widths: dict[str, float] = {}
    for name in reversed(FAMILIES[weight]):
        packed = TTFont(FOLDER / f"{name}.woff2")
        em, metrics = packed["head"].unitsPerEm, packed["hmtx"]
        widths |= {chr(code): metrics[glyph][0] / em for code, glyph in packed.getBestCmap().items()}
    return widths


def _registered(weight: str) -> tuple[str, ...]:
    with _LOCK:  # two threads that draw their first chart at once must not write the same file
        return tuple(_register(name) for name in FAMILIES[weight])


@cache
def _register(name: str) -> str:
    family = f"Surveyapp {name}"
    packed = TTFont(FOLDER / f"{name}.woff2")
    packed.flavor = None
    for record in packed["name"].names:
        if record.nameID in FAMILY_NAME_RECORDS:
            record.string = family
    path = _folder() / f"{name}.ttf"
    packed.save(path, reorderTables=False)
    fontManager.addfont(path)
    return family


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="surveyapp-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder

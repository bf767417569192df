"""What a file that somebody sent in really is, and what of it may be kept. Names and declared types are not looked at.

Pictures are drawn anew from their pixels, turned upright: nothing else in the file comes along, no place, no time, no camera,
no preview, nothing hung on behind. A PDF is kept as it is.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image, ImageFile

#: bytes of one file as it is sent in
LARGEST_FILE = 5_000_000
#: as much as phones make by themselves; each takes up to eight bytes of memory while the picture is drawn anew
MOST_PIXELS = 25_000_000
#: a JPEG of many passes over the same pixels keeps a decoder busy for hours; cameras make one, editors about ten
MOST_SCANS = 200
#: how kinds are called in a sentence
NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "pdf": "PDF"}
_PDF = re.compile(rb"%PDF-[12]\.[0-9][\s\0]")
_PDF_END = 1_024
#: pixels that each kind can hold; others are changed into the nearest of these
_MODES = {"jpeg": ("L", "RGB"), "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "webp": ("RGB", "RGBA")}
#: what the camera says of how it was held -> how to turn the picture
_TURNS = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
          5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
          8: Image.Transpose.ROTATE_90}
_SAVED_AS = {"jpeg": {"quality": 88}, "png": {}, "webp": {"quality": 88}}


class ContentRefused(Exception):
    """`kind` of fault as in questionnaires.answers.faults, and what fills its words."""

    def __init__(self, kind: str, **values: str):
        super().__init__(kind)
        self.kind = kind
        self.values = values


@dataclass(frozen=True)
class Content:
    kind: str
    source: bytes


def looked_at(source: bytes, kinds: Sequence[str]) -> Content:
    """Content of one of these kinds, fit to be kept. Raises ContentRefused."""
    if not source:
        raise ContentRefused("file_empty")
    if len(source) > LARGEST_FILE:
        raise ContentRefused("file_too_large", limit=str(LARGEST_FILE // 1_000_000))
    kind = _kind_of(source)
    if kind not in kinds:
        raise ContentRefused("file_of_other_kind", kinds=", ".join(NAMES[each] for each in kinds))
    return Content(kind, source if kind == "pdf" else _drawn_anew(source, kind))


def _kind_of(source: bytes) -> str | None:
    if source.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if source.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if source[:4] == b"RIFF" and source[8:12] == b"WEBP":
        return "webp"
    return "pdf" if _PDF.match(source) and b"%%EOF" in source[-_PDF_END:] else None


def _drawn_anew(source: bytes, kind: str) -> bytes:
    if kind == "jpeg" and source.count(b"\xff\xda") > MOST_SCANS:
        raise ContentRefused("picture_unreadable")
    try:
        with _strictly(), Image.open(BytesIO(source), formats=[kind.upper()]) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # before a single pixel is unpacked
                raise ContentRefused("picture_too_fine", limit=str(MOST_PIXELS // 1_000_000))
            return _saved(_upright(picture), kind)
    except ContentRefused:
        raise
    except Image.DecompressionBombError as error:
        raise ContentRefused("picture_too_fine", limit=str(MOST_PIXELS // 1_000_000)) from error
    except Exception as error:  # a decoder may fail in any way at what strangers send
        raise ContentRefused("picture_unreadable") from error


def _upright(picture: Image.Image) -> Image.Image:
    """As the camera was held, which only the metadata knows; where they are broken, as it lies."""
    try:
        turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except Exception:
        turn = None
    picture.load()
    return picture.copy() if turn is None else picture.transpose(turn)


def _saved(picture: Image.Image, kind: str) -> bytes:
    if picture.mode not in _MODES[kind]:
        picture = picture.convert("RGBA" if kind != "jpeg" and picture.has_transparency_data else "RGB")
    kept = {"transparency": picture.info["transparency"]} if kind == "png" and "transparency" in picture.info else {}
    picture.info = {}
    drawn = BytesIO()
    picture.save(drawn, kind.upper(), **_SAVED_AS[kind], **kept)
    return drawn.getvalue()


@contextmanager
def _strictly() -> Iterator[None]:
    """WeasyPrint makes Pillow read pictures that are cut off; who sends one should know that it did not arrive whole."""
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient

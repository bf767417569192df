"""What is let in, told from the content; and what of a picture is left behind, read back from the bytes that are kept."""

import io
import struct
import zlib

import pytest
import weasyprint  # noqa: F401  as in the running application: it makes Pillow lenient for everybody
from PIL import Image

from surveyapp.services.file_contents import LARGEST_FILE, MOST_PIXELS, ContentRefused, looked_at
from tests.surveyapp.respond.pictures import PDF, SECRETS, picture

PICTURES = ("jpeg", "png", "webp")
ALL = (*PICTURES, "pdf")
CORNERS = {"top left": (3, 3), "top right": (-4, 3), "bottom left": (3, -4), "bottom right": (-4, -4)}


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, pixels: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", PICTURES)
def test_nothing_but_pixels_is_kept_of_a_picture(kind):
    source = picture(kind)
    assert all(secret in source for secret in SECRETS), "the sample has what must go"
    kept = looked_at(source, ALL)
    assert kept.kind == kind
    assert not any(secret in kept.source for secret in SECRETS)
    with Image.open(io.BytesIO(kept.source)) as shown:
        assert shown.format == kind.upper()
        assert dict(shown.getexif()) == {}
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background", "timestamp",
                                   "duration"}
        assert shown.size == (30, 40), "turned upright as the camera said it was held"
        assert shown.convert("RGB").getpixel((3, 3))[0] > 200


def test_transparent_and_unusual_pixels_stay_what_they_are():
    for mode, kind in (("RGBA", "png"), ("P", "png"), ("1", "png"), ("LA", "png"), ("L", "jpeg"), ("CMYK", "jpeg"),
                       ("RGBA", "webp")):
        drawn = io.BytesIO()
        Image.new(mode, (8, 9)).save(drawn, kind.upper())
        with Image.open(io.BytesIO(looked_at(drawn.getvalue(), PICTURES).source)) as shown:
            assert shown.size == (8, 9)
            assert shown.has_transparency_data == (mode in ("RGBA", "LA")), mode
    clear = Image.new("P", (8, 9))
    clear.putpalette([250, 0, 0, 0, 250, 0])
    drawn = io.BytesIO()
    clear.save(drawn, "PNG", transparency=0)
    with Image.open(io.BytesIO(looked_at(drawn.getvalue(), PICTURES).source)) as shown:
        assert shown.convert("RGBA").getpixel((0, 0)) == (250, 0, 0, 0)


@pytest.mark.parametrize(("source", "kinds", "fault"), [
    (b"", ALL, "file_empty"),
    (b"\xff\xd8\xff" + b"\0" * LARGEST_FILE, ALL, "file_too_large"),
    (b"MZ\x90\0 a programme", ALL, "file_of_other_kind"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", ALL, "file_of_other_kind"),
    (b"GIF89a" + b"\0" * 100, ALL, "file_of_other_kind"),
    (b"PK\x03\x04 a workbook", ALL, "file_of_other_kind"),
    (PDF, PICTURES, "file_of_other_kind"),
    (b"%PDF-1.7\n cut off", ALL, "file_of_other_kind"),
    (b"<script>%PDF-1.7\n</script>%%EOF", ALL, "file_of_other_kind"),
    (b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 20, ALL, "picture_unreadable"),
    (picture("jpeg")[:400], ALL, "picture_unreadable"),
    (picture("png")[:-60], ALL, "picture_unreadable"),
    (b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 30, ALL, "picture_unreadable"),
    (b"\x89PNG\r\n\x1a\n", ALL, "picture_unreadable"),
    (b"\xff\xd8\xff\xfe\x01\x94" + b"\xff\xda" * 201 + picture("jpeg")[2:], ALL, "picture_unreadable"),
    (png_of(5_001, 5_000), ALL, "picture_too_fine"),
    (png_of(60_000, 60_000), ALL, "picture_too_fine"),
    (png_of(2_000_000_000, 2_000_000_000), ALL, "picture_too_fine"),
    (png_of(0, 7), ALL, "picture_unreadable"),
    (picture("png")[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"0" * 300_000_000)) + picture("png")[33:], ALL,
     "picture_unreadable"),
])
def test_what_is_something_else_or_too_much_is_refused_with_words(source, kinds, fault):
    with pytest.raises(ContentRefused) as refused:
        looked_at(source, kinds)
    assert refused.value.kind == fault


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("held", range(10))
def test_a_picture_is_turned_as_it_was_held_and_broken_metadata_do_no_harm(held):
    corner = Image.new("RGB", (40, 30), (20, 60, 200))
    corner.paste((250, 10, 10), (0, 0, 20, 15))
    exif = Image.Exif()
    exif[0x0112] = held
    made = io.BytesIO()
    corner.save(made, "JPEG", exif=exif.tobytes() if held else b"Exif\0\0MM\0*\xff\xff\xff\xff")
    with Image.open(io.BytesIO(looked_at(made.getvalue(), PICTURES).source)) as shown:
        red = {place for place, at in CORNERS.items() if shown.getpixel([part % size for part, size in
                                                                         zip(at, shown.size, strict=True)])[0] > 200}
    assert red == {{2: "top right", 7: "bottom right", 8: "bottom left", 3: "bottom right", 4: "bottom left",
                    6: "top right"}.get(held, "top left")}


def test_of_several_pictures_in_one_file_the_first_is_kept():
    made = io.BytesIO()
    with Image.open(io.BytesIO(picture("jpeg"))) as first:
        first.save(made, "MPO", save_all=True, append_images=[Image.new("RGB", (400, 300), (9, 9, 9))], exif=first.getexif())
    assert SECRETS[0] in made.getvalue()
    kept = looked_at(made.getvalue(), PICTURES).source
    assert SECRETS[0] not in kept
    assert kept.count(b"\xff\xd8\xff") == 1


def test_two_things_in_one_file_leave_as_one():
    polyglot = picture("png") + b"PK\x03\x04<script>alert(1)</script>"
    kept = looked_at(polyglot, PICTURES)
    assert b"script" not in kept.source
    assert kept.source.endswith(b"IEND\xaeB`\x82")


def test_a_pdf_is_kept_as_it_is():
    assert looked_at(PDF, ALL).source == PDF
    assert looked_at(PDF, ALL).kind == "pdf"


def test_the_largest_picture_that_is_taken_is_taken():
    assert MOST_PIXELS == 25_000_000
    drawn = io.BytesIO()
    Image.new("L", (5_000, 5_000), 255).save(drawn, "PNG")
    assert looked_at(drawn.getvalue(), PICTURES).kind == "png"

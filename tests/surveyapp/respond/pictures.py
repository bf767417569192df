"""Files as respondents send them: pictures that tell where, when, by what and by whom they were taken."""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
CAMERA, WORDS, PACKET = b"Nokia of Mrs Lan", b"taken at home by Lan", b"<x:xmpmeta>Ba Xuyen 9.6025</x:xmpmeta>"
SECRETS = (CAMERA, WORDS, PACKET)
MAKE, ORIENTATION, DESCRIPTION, GPS = 0x010F, 0x0112, 0x010E, 0x8825


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    """40 by 30 pixels, red at the top left when held upright, lying on its side, with a place in it."""
    drawn = Image.new("RGB", size, (20, 60, 200))
    drawn.paste((250, 10, 10), (0, size[1] // 2, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[MAKE], exif[DESCRIPTION], exif[ORIENTATION] = CAMERA.decode(), WORDS.decode(), 6
    exif.get_ifd(GPS).update({1: "N", 2: (9.0, 36.0, 9.0), 3: "E", 4: (105.0, 58.0, 26.0)})
    more = {"exif": exif.tobytes()}
    if kind == "png":
        told = PngInfo()
        told.add_text("Comment", WORDS.decode())
        told.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        more["pnginfo"] = told
    else:
        more["xmp"] = PACKET
    if kind == "jpeg":
        more["comment"] = WORDS
    made = io.BytesIO()
    drawn.save(made, kind.upper(), **more)
    return made.getvalue()

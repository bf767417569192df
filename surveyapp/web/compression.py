"""Pages go out compressed: the phones that answer have slow lines.

How well a page compresses would tell who measures its length something about the secrets in it (the attack called BREACH), so
the gzip header carries a file name of random length, as Django's does: the length of a page alone then says nothing.
"""

import secrets
import struct
import zlib

from flask import Flask, Response, request

#: below this a page gains nothing
SMALLEST = 500
LEVEL = 6
MOST_PADDING = 100


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    page = response.get_data()
    if len(page) >= SMALLEST and "Content-Encoding" not in response.headers and request.accept_encodings["gzip"] > 0:
        response.set_data(padded_gzip(page))
        response.headers["Content-Encoding"] = "gzip"
    return response


def padded_gzip(content: bytes) -> bytes:
    engine = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"x" * secrets.randbelow(MOST_PADDING)
    # RFC 1952: magic, deflate, "a name follows", no time, no hints, unknown system; then the name, ended by a zero byte
    return b"".join((b"\x1f\x8b\x08\x08\0\0\0\0\0\xff", name, b"\0", engine.compress(content), engine.flush(),
                     struct.pack("<LL", zlib.crc32(content), len(content) & 0xFFFFFFFF)))

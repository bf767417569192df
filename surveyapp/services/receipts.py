"""The receipt a respondent keeps: random, easy to read aloud, and only its hash is stored."""

import hashlib
import re
import secrets

#: Crockford's base 32: no I, L, O, U, which are mistaken for 1, 0 and V
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_receipt() -> str:
    """12 characters in three fours, like `7F3K-9Q2M-4XTB`: 60 random bits."""
    return "-".join(random_code(4) for _ in range(3))


def random_code(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def plain_receipt(receipt: str) -> str:
    """What counts of a receipt: capital and small letters, spaces and dashes make no difference."""
    return re.sub(r"[\s\-–—]+", "", receipt).upper()


def receipt_hash(receipt: str) -> str:
    return hashlib.sha256(plain_receipt(receipt).encode()).hexdigest()

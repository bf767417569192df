"""How a form was filled in: seconds per page and the class of device. Kept only where the form declares that it does.

`{"device": "phone", "seconds": {"page key": 41}}`; the device is the one that stored a page last. Nothing else about the
device is kept, and no time of day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from questionnaires.model import Questionnaire

Device = Literal["phone", "tablet", "computer"]
DEVICES: tuple[Device, ...] = ("phone", "tablet", "computer")
#: who leaves a page open over lunch has not been answering it all the time
LONGEST_VISIT = 3_600
#: columns of a response file; no question can be called so
COLUMNS = ("paradata.seconds", "paradata.device")


@dataclass(frozen=True)
class Visit:
    """One page on somebody's screen, from shown to sent. No seconds where nothing says how long."""

    device: Device
    seconds: int | None = None


def declared(form: Questionnaire) -> bool:
    return "paradata" in form.collects


def with_visit(kept: Mapping[str, Any] | None, form: Questionnaire, page_key: str, visit: Visit | None) -> dict | None:
    """What is kept after one more visit to a page; nothing at all for a form that declares nothing."""
    if visit is None or not declared(form):
        return None
    seconds = dict((kept or {}).get("seconds", {}))
    if visit.seconds is not None:
        seconds[page_key] = seconds.get(page_key, 0) + max(0, min(visit.seconds, LONGEST_VISIT))
    return {"device": visit.device, "seconds": seconds}


def cells(kept: Mapping[str, Any] | None) -> list:
    """The cells of COLUMNS: seconds over all pages, and the device. Blank where nothing was measured, as on paper."""
    times = (kept or {}).get("seconds")
    return [sum(times.values()) if times else "", (kept or {}).get("device", "")]

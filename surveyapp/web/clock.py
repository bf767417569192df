"""The day in Vietnam, where a campaign opens and closes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()

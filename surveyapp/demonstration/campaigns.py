"""The two demonstration campaigns as the documents that a user would write."""

from datetime import date, timedelta

#: closed and scored
CODE = "ST2024"
#: open, so that a newcomer can answer at once
OPEN_CODE = "CT2026"
#: a commune whose open link is shown to the newcomer
OPEN_UNIT = "CT-NHONMY"
FIRST_DAY, LAST_DAY = date(2024, 10, 1), date(2024, 12, 15)
UNIT_GROUPS = ("department", "public_service", "central", "district")

SCORED = f"""\
code: {CODE}
name: Điều tra xã hội học tỉnh Sóc Trăng năm 2024 (trình diễn)
year: 2024
opens_on: {FIRST_DAY}
closes_on: {LAST_DAY}
questionnaires:
  citizen: "2024.1"
  official: "2024.1"
  business: "2024.1"
frameworks: [department, public_service, central, district]
rates:
  citizens: [department, public_service, central, district]
  officials: [department, public_service, central, district]
  leaders: [department, public_service, central, district]
  businesses: [department, public_service, central, district]
"""


def open_document(today: date) -> str:
    """A campaign that takes answers from a week ago for a year."""
    return f"""\
code: {OPEN_CODE}
name: Điều tra xã hội học về xã, phường năm 2026 (trình diễn)
year: 2026
opens_on: {today - timedelta(days=7)}
closes_on: {today + timedelta(days=365)}
questionnaires:
  citizen: "2024.1"
  official: "2024.1"
  business: "2024.1"
frameworks: [commune]
rates:
  citizens: [commune]
  officials: [commune]
  leaders: [commune]
  businesses: [commune]
"""

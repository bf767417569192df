"""Small questionnaires for the tests of editing."""

from questionnaires import document, library
from questionnaires.model import Questionnaire

GROUPED = """\
form_id: grouped
version: "1"
title: Phiếu thử
respondent_groups: [citizens]
rates: one_unit
consent: {purpose: a, data: b, controller: c, rights: d, contact: e}
choices:
  yes_no:
    - {name: "yes", label: Có}
    - {name: "no", label: Không}
    - {name: dont_know, label: Không biết, missing: dont_know}
  things:
    - {name: a, label: A}
    - {name: b, label: B}
pages:
  - name: first
    label: Một
    questions:
      - {type: select_one yes_no, name: went, label: "Đã đến?"}
      - group: visit
        label: Lần đến
        questions:
          - {type: integer, name: times, label: "Mấy lần?", relevant: "${went} = 'yes'", constraint: ". > 0"}
          - {type: select_multiple things, name: saw, label: "Thấy gì?"}
      - {type: text, name: why, label: "Vì sao ${went}?", relevant: "${went} != 'yes' and not(selected(${saw}, 'a'))"}
  - group: later
    relevant: "${times} > 1"
    pages:
      - name: second
        label: Hai
        questions:
          - {type: date, name: when, label: "Khi nào?"}
          - {type: select_one yes_no, name: again, label: "Lại?", constraint: ". != 'no'", constraint_message: Sai}
      - name: third
        label: Ba
        relevant: "${again} = 'yes'"
        questions:
          - {type: text, name: comment, label: Ý kiến}
"""


def grouped() -> Questionnaire:
    return document.load(GROUPED.encode(), "grouped.yaml")


def shipped() -> list[Questionnaire]:
    return [document.load(source, name) for name, source in library.shipped().items()]

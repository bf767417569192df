"""A form with all that paper, codebook and DDI must carry: groups, a repeat, a grid, kinds of missing, routing of several shapes, three
languages, and texts that would break XML, HTML or a spreadsheet."""

from questionnaires import document
from questionnaires.model import Questionnaire

SAMPLE = """\
form_id: household
version: "2.0"
title: {vi: "Phiếu hộ gia đình <thử> & “đủ loại”", km: កម្រងសំណួរគ្រួសារ, en: Household form}
languages: [vi, km, en]
machine_drafted: [km]
respondent_groups: [citizens, leaders]
rates: many_units
minutes: 9
consent:
  purpose: {vi: Mục đích thử, km: គោលបំណងសាកល្បង, en: Trial purpose}
  data: {vi: Dữ liệu thử, km: ទិន្នន័យសាកល្បង, en: Trial data}
  controller: {vi: Đơn vị thử, km: អង្គភាពសាកល្បង, en: Trial controller}
  rights: {vi: Quyền thử, km: សិទ្ធិសាកល្បង, en: Trial rights}
  contact: {vi: Liên hệ thử, km: ទំនាក់ទំនងសាកល្បង, en: Trial contact}
choices:
  yes_no:
    - {name: "yes", label: {vi: Có, km: បាទ, en: "Yes"}}
    - {name: "no", label: {vi: Không, km: ទេ, en: "No"}}
    - {name: refused, label: {vi: Không muốn trả lời, km: មិនចង់ឆ្លើយ, en: Prefer not to say}, missing: refused}
  level3:
    - {name: low, label: {vi: Thấp, km: ទាប, en: Low}}
    - {name: mid, label: {vi: Vừa, km: មធ្យម, en: Middling}}
    - {name: high, label: {vi: Cao, km: ខ្ពស់, en: High}}
    - {name: not_familiar, label: {vi: Chưa tiếp xúc, km: មិនធ្លាប់ទាក់ទង, en: Not familiar}, missing: not_familiar}
  ways:
    - {name: desk, label: {vi: "=Tại quầy", km: នៅបញ្ជរ, en: At the desk}}
    - {name: web, label: {vi: "Trên mạng <b>", km: តាមអនឡាញ, en: Online}}
    - {name: none, label: {vi: Không cách nào, km: គ្មាន, en: None}, exclusive: yes}
pages:
  - name: start
    label: {vi: Bắt đầu, km: ចាប់ផ្តើម, en: Start}
    questions:
      - {type: note, name: hello, label: {vi: Xin chào., km: សួស្តី។, en: Hello.}}
      - {type: select_one yes_no, name: visited, label: {vi: "Đã đến chưa?", km: "តើបានទៅឬទេ?", en: "Have you been there?"}, required: yes}
      - type: integer
        name: times
        label: {vi: "Mấy lần?", km: "ប៉ុន្មានដង?", en: "How often?"}
        relevant: "${visited} = 'yes'"
        constraint: ". >= 1 and . <= 99"
        missing: [dont_know, refused]
      - {type: date, name: last_time, label: {vi: "Lần cuối?", km: "លើកចុងក្រោយ?", en: "Last time?"}, relevant: "${visited} = 'yes' and ${times} > 1"}
      - {type: decimal, name: hours, label: {vi: "Mấy giờ?", km: "ប៉ុន្មានម៉ោង?", en: "How many hours?"}, relevant: "${times} + 1 > 3"}
      - group: table
        label: {vi: Ông/Bà thấy thế nào, km: តើយល់យ៉ាងណា, en: What do you think of}
        appearance: table-list
        relevant: "${visited} = 'yes'"
        questions:
          - {type: select_one level3, name: staff, label: {vi: Thái độ phục vụ, km: អាកប្បកិរិយា, en: Attitude of staff}}
          - {type: select_one level3, name: place, label: {vi: Nơi ngồi chờ, km: កន្លែងរង់ចាំ, en: Waiting room}}
  - name: how
    label: {vi: Cách làm, km: របៀប, en: Ways}
    questions:
      - {type: select_multiple ways, name: ways, label: {vi: "Bằng cách nào?", km: "តាមរបៀបណា?", en: "By which way?"}, constraint: "count-selected(.) <= 2"}
      - {type: text, name: why, label: {vi: "Vì sao?", km: "ហេតុអ្វី?", en: "Why?"}, relevant: "selected(${ways}, 'web') or not(selected(${ways}, 'desk'))"}
  - repeat: members
    label: {vi: Người trong nhà, km: សមាជិកគ្រួសារ, en: Members of the household}
    count: "2"
    pages:
      - name: member
        label: {vi: Một người, km: មនុស្សម្នាក់, en: One person}
        questions:
          - {type: integer, name: age, label: {vi: "Bao nhiêu tuổi?", km: "អាយុប៉ុន្មាន?", en: "How old?"}}
          - {type: select_one yes_no, name: works, label: {vi: "Có đi làm không?", km: "តើធ្វើការទេ?", en: "Does this person work?"}}
          - {type: text, name: job, label: {vi: "Làm nghề gì?", km: "មុខរបរអ្វី?", en: "Which job?"}, relevant: "${works} = 'yes'"}
  - name: rating
    label: {vi: Đánh giá, km: វាយតម្លៃ, en: Rating}
    questions:
      - {type: rating_matrix level3, name: quality, label: {vi: "Chất lượng của từng đơn vị?", km: "គុណភាពនៃស្ថាប័ននីមួយៗ?", en: "Quality of each agency?"}, required: yes}
"""


def form() -> Questionnaire:
    return document.load(SAMPLE.encode(), "household.yaml")

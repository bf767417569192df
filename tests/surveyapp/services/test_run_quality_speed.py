"""The sign of speed: planted fast forms, pages left open, forms without times, and everything else as it was without it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from pyarrow import parquet
from sqlalchemy import insert, select

from questionnaires.document import load
from surveyapp import quality_words
from surveyapp.errors import Refused
from surveyapp.extensions import db
from surveyapp.models import Campaign, QualitySign, QuestionnaireVersion, Response
from surveyapp.queries import asked, quality, ratings, scores
from surveyapp.queries.ratings import Sealed
from surveyapp.services import (
    campaigns,
    collect,
    exchange,
    frameworks,
    freeze,
    quality_rules,
    questionnaires,
    run_quality,
    score,
    units,
)
from surveyapp.services.quality_rules import QualityRules
from surveyapp.services.receipts import receipt_hash
from tests.surveyapp.frozen_samples import frozen
from tests.surveyapp.services.conftest import TODAY, example

#: two pages of five questions on one scale, one page of words only
DOCUMENT = """\
form_id: timed
version: "1"
title: {vi: x}
respondent_groups: [citizens]
rates: one_unit
collects: [paradata]
consent: {purpose: {vi: x}, data: {vi: x}, controller: {vi: x}, rights: {vi: x}, contact: {vi: x}}
choices:
  level: [{name: "1", label: {vi: x}}, {name: "2", label: {vi: x}}, {name: "3", label: {vi: x}},
          {name: dk, label: {vi: x}, missing: dont_know}, {name: nf, label: {vi: x}, missing: not_familiar}]
pages:
""" + "".join(f"  - name: {page}\n    label: {{vi: x}}\n    questions:\n" + "".join(
    f"      - {{type: select_one level, name: {page}_{number}, label: {{vi: x}}}}\n" for number in range(5))
    for page in ("one", "two")) + """\
  - name: words
    label: {vi: x}
    questions:
      - {type: text, name: why, label: {vi: x}}
"""
TIMED = load(DOCUMENT.encode(), "timed.yaml")
#: the same form without a promise to keep times
UNTIMED = load(DOCUMENT.replace("collects: [paradata]\n", "").encode(), "timed.yaml")
MANY = load(DOCUMENT.replace("one_unit", "many_units").replace("select_one", "rating_matrix").encode(), "timed.yaml")
QUESTIONS = [f"{page}_{number}" for page in ("one", "two") for number in range(5)]
RULES = QualityRules()
#: seconds of a page of five questions that is read: 40 to 60, 50 in the middle
READ = [40, 45, 50, 55, 60]


def form(number: int, seconds: dict | None, unit: str = "A", answers: int = 10) -> Sealed:
    chance = np.random.default_rng(number)
    given = {name: str(chance.integers(1, 4)) if at < answers else "dk" for at, name in enumerate(QUESTIONS)}
    return Sealed("", "timed", "1", "citizens", unit, "", "", 1_000_000, given, seconds)


def honest(count: int = 40, first: int = 0) -> list[Sealed]:
    return [form(first + at, {"one": READ[at % 5], "two": READ[(at + 2) % 5], "words": 300}) for at in range(count)]


def look(responses, questionnaire=TIMED, rules=RULES, parts=2):
    forms = {"timed": questionnaire}
    data, people = frozen(responses, forms, parts)
    found = run_quality.of_run(forms, data.sums(ratings.missing_of(forms), {}), [], {"A", "B"}, rules, 0.95, data)
    return found, people


def speed_of(found, unit: str = "A") -> tuple[int, int] | None:
    return next(((row["forms"], row["flagged"]) for row in found.signs
                 if (row["sign"], row["unit_code"]) == (quality_rules.SPEED, unit)), None)


def test_fast_forms_are_counted_and_left_out_and_those_without_times_are_not_measured():
    fast = [form(100 + at, {"one": 12, "two": 12}) for at in range(3)]
    on_paper = [form(200 + at, None, unit) for at, unit in enumerate("AAAAABB")]
    found, people = look([*honest(), *fast, *on_paper])
    assert speed_of(found) == (43, 3)
    assert speed_of(found, "B") is None
    assert found.counts["A"][0] == 48
    gone = {of_part[at] for of_part, rows in zip(people, found.left_out, strict=True) for at in np.flatnonzero(rows)}
    assert gone >= {40, 41, 42}


def test_the_threshold_is_a_share_of_the_median_of_the_forms():
    """Medians: 50 s for each page, 10 s for each answer; 30 % of it are 3 s for an answer, or 15 s for a page."""
    for seconds, fast in (15, 1), (16, 0):
        assert speed_of(look([*honest(), form(99, {"one": seconds, "two": seconds})])[0]) == (41, fast)
    assert speed_of(look([*honest(), form(99, {"one": 24, "two": 24})], rules=replace(RULES, speed_share=0.5))[0]) == (41, 1)


def test_a_page_left_open_counts_as_two_usual_ones():
    open_for_long = [form(100 + at, {"one": 3_600, "two": 50}) for at in range(5)]
    fast = form(99, {"one": 15, "two": 15})
    assert speed_of(look([*honest(), *open_for_long, fast])[0]) == (46, 1)
    # 2 x 50 s and 0 s for ten answers are 10 s for each, as usual; once 50 s would be half of that
    for times, share, fast in (2.0, 0.99, 0), (2.0, 1.0, 1), (1.0, 0.55, 1), (1.0, 0.5, 0):
        rules = replace(RULES, speed_page=times, speed_share=share)
        gone = look([*honest(), form(99, {"one": 3_600, "two": 0}, "B")], rules=rules)[0]
        assert speed_of(gone, "B") == (1, fast), times


def test_a_page_without_a_time_or_without_answers_is_in_neither_sum():
    half = form(98, {"two": 50})
    unanswered = form(99, {"one": 50, "two": 10}, answers=5)
    assert speed_of(look([*honest(), half, unanswered])[0]) == (42, 0)
    assert speed_of(look([*honest(), form(97, {"two": 15})])[0]) == (41, 1)
    # five answers are the fewest that are looked at
    assert speed_of(look([*honest(), form(99, {"one": 1, "two": 1}, answers=4)])[0]) == (40, 0)


def test_few_times_or_a_share_of_nothing_say_nothing():
    assert speed_of(look(honest(29))[0]) is None
    assert speed_of(look(honest(30))[0]) == (30, 0)
    assert look([], parts=0)[0].signs == []
    assert speed_of(look(honest(30), rules=replace(RULES, speed_share=0.0))[0]) is None
    for wrong in ("speed_share=1.5", "speed_page=0.5", "speed_forms=1", "speed_share=nan"):
        with pytest.raises(Refused, match="chất lượng phiếu"):
            RULES.changed([wrong])


def test_words_for_runs_that_took_no_look_at_times():
    rules = RULES.as_json()
    before = {name: value for name, value in rules.items() if not name.startswith("speed")}
    for kept, words in (before, "lập trước khi phần mềm xem"), ({**rules, "speed_share": 0}, "khai báo như vậy"), (
            rules, "không đo. Không phiếu nào khai báo giữ thời gian mỗi trang, hoặc chưa đủ 30 phiếu"):
        assert words in quality_words.timed(quality.Quality(0.95, 4, kept, (), {}))
        assert bool(quality_words.threshold("speed", kept)) is (kept is rules)
        assert quality_words.threshold("straight_lining", kept) == quality_words.threshold("straight_lining", rules)


def test_what_is_known_without_times_is_the_same_to_the_last_byte():
    """The rows of a run are in its hash: those of forms without times hold what they held before there was this sign."""
    times = [*honest(60), *(form(100 + at, {"one": 1, "two": 1}) for at in range(4))]
    none = [each._replace(seconds=None) for each in times]
    bare = look(none)[0].signs
    assert bare == look(none, UNTIMED)[0].signs == look(times, UNTIMED)[0].signs
    others = [row for row in look(times)[0].signs if row["sign"] not in (quality_rules.SPEED, quality_rules.ANY)]
    assert others == [row for row in bare if row["sign"] != quality_rules.ANY]
    assert [quality_rules.position(sign) for sign in (
        "straight_lining", "low_variability", "long_run", "distance", "duplicate", "near_clone", "any", "burst", "even_odd",
        "place")] == list(range(10))


def test_the_digest_of_a_form_without_times_is_that_of_before():
    none, timed = form(1, None), form(1, {"one": 3})
    assert none.digest == form(1, {}).digest == Sealed(*none[:9]).digest
    assert len({none.digest, timed.digest, form(1, {"one": 4}).digest}) == 3


def test_of_who_rates_many_units_the_form_is_timed_once():
    def rated(number: int, seconds: int, units_: str) -> Sealed:
        chance = np.random.default_rng(number)
        answers = {name: {unit: str(chance.integers(1, 4)) for unit in units_} for name in QUESTIONS}
        return Sealed("", "timed", "1", "citizens", "", "", "", 1_000_000, answers, {"one": seconds, "two": seconds})

    # ten seconds for each unit of a page, also about three; who is as fast as for one but rates three is not read
    usual = [rated(at, 10, "A") for at in range(30)] + [rated(50 + at, 30, "ABC") for at in range(10)]
    found, _ = look([*usual, rated(90, 8, "ABC"), rated(91, 5, "A")], MANY)
    assert speed_of(found) == (42, 1)
    assert speed_of(found, "B") == (11, 1)


def test_the_order_of_answers_and_how_they_were_cut_change_nothing():
    responses = [*honest(), *(form(100 + at, {"one": 12, "two": 12}, "AB"[at % 2]) for at in range(5)), form(200, None)]
    order = np.random.default_rng(1).permutation(len(responses))
    assert look(responses)[0].signs == look([responses[at] for at in order], parts=5)[0].signs


# -- with a database ---------------------------------------------------------------------------------------------------

#: (dataset, result) of the run below, by database
hashes: dict[str, tuple[str, str]] = {}


def add(number: int, answers: dict, paradata: dict | None, unit: str = "VD-A") -> None:
    campaign, version = db.session.scalar(select(Campaign.id)), db.session.scalar(select(QuestionnaireVersion.id))
    db.session.execute(insert(Response), [{
        "id": f"{number:032x}", "campaign_id": campaign, "questionnaire_version_id": version, "respondent_group": "citizens",
        "unit_code": unit, "stratum": "", "psu": "", "weight": Decimal(1), "mode": "web", "language": "vi", "state": "sealed",
        "answers": answers, "pages_stored": [], "paradata": paradata, "sealed_on": date(2024, 10, 5),
        "receipt_hash": receipt_hash(f"AAAA-BBBB-{number:04}")}])
    db.session.commit()


@pytest.fixture
def campaign(app_context) -> int:
    """36 forms with times, 6 of them fast; 5 without."""
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units(example("don-vi.csv"), "don-vi.csv")
    text = example("phieu.yaml").decode().replace("rates: one_unit", "rates: one_unit\ncollects: [paradata]")
    questionnaires.import_questionnaire(text.encode(), "phieu.yaml")
    frameworks.import_framework(example("khung.yaml"), "khung.yaml")
    campaigns.import_campaign(example("dot.yaml"), "dot.yaml")
    campaigns.open_campaign("VIDU-2024", TODAY)
    for number in range(41):
        seconds = {"danh_gia": 5 if number < 6 else 40 + number}
        add(number, {"thai_do": str(1 + number % 4), "thoi_gian": str(1 + number % 3)},
            {"device": "phone", "seconds": seconds} if number < 36 else None, "VD-A" if number % 3 else "VD-B")
    return db.session.scalar(select(Campaign.id))


def test_a_run_counts_them_by_unit_and_tells_it_in_words_only(campaign, app_context):
    run_id = score.score_campaign("VIDU-2024", quality=QualityRules(minimum_answers=2)).id
    rows = db.session.scalars(select(QualitySign).where(QualitySign.sign == "speed").order_by(QualitySign.unit_code)).all()
    assert [(row.unit_code, row.forms, row.flagged) for row in rows] == [("VD-A", 24, 4), ("VD-B", 12, 2)]
    run = scores.run_of(run_id)
    seen = quality.of_run(run, scores.groups(run), asked.of_campaign(run.campaign_id))
    assert quality_words.timed(seen).startswith("Thời gian trả lời đo được ở 36 trên 41 lượt phiếu.")
    # 2 of VD-B are fewer than 4, and the sum would tell them
    assert (seen.speed.flagged, seen.speed.hidden) == (None, True)
    assert quality_words.count(seen.speed, seen.minimum_count) == "không nêu"
    told = quality_words.of_unit(seen.of_unit("VD-A"), seen)
    assert "trả lời quá nhanh 4" in told[0]
    files = exchange.csv_files(run_id, spreadsheet=False)
    assert not [name for name, content in files.items() if "paradata" in content.decode("utf-8-sig")]
    lines = [line for line in files["dau-hieu.csv"].decode("utf-8-sig").splitlines() if ",speed," in line]
    assert sorted(line.split(",speed,")[1] for line in lines) == ["Trả lời quá nhanh,12,,1,,,,",
                                                                  "Trả lời quá nhanh,24,4,0,0.166667,,,"]
    hashes[db.engine.dialect.name] = (run.dataset_sha256, run.result_sha256)
    assert len(set(hashes.values())) == 1


def test_times_are_frozen_with_the_answers_one_by_one_and_leave_with_them(campaign, app_context):
    def held() -> list[int]:
        forms = ratings.asked(campaign)
        with freeze.frozen(campaign, forms):
            files = sorted((app_context.config["DATA_FOLDER"] / "frozen").rglob("*.parquet"))
        columns = [parquet.read_table(path)["seconds.danh_gia"].to_pylist() for path in files
                   if "seconds.danh_gia" in parquet.read_schema(path).names]
        return sorted(seconds for column in columns for seconds in column if seconds is not None)

    def name() -> str:
        with freeze.frozen(campaign, ratings.asked(campaign)) as data:
            return data.sha256

    before = held()
    assert (len(before), before[:6], before[-1]) == (36, [5] * 6, 75)
    first = name()
    add(50, {"thai_do": "1", "thoi_gian": "2"}, {"device": "phone", "seconds": {"danh_gia": 999, "elsewhere": 7}})
    assert held() == [*before, 999]
    assert name() != first
    collect.withdraw("AAAA-BBBB-0050")
    assert held() == before
    assert name() == first

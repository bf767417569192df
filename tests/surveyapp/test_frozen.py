"""Frozen answers: a cache that is right whatever happens to it, names the set of answers, forgets what was withdrawn."""

import json
import uuid
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from sqlalchemy import insert, select

from analysis.index.points import score
from analysis.index.satisfied import satisfaction_of_sums
from analysis.satisfaction import SatisfactionRule
from surveyapp.extensions import db
from surveyapp.models import Campaign, QuestionnaireVersion, Response
from surveyapp.queries import frameworks, ratings, summed
from surveyapp.services import collect, freeze, questionnaires
from surveyapp.services.receipts import receipt_hash
from tests.conftest import app_on
from tests.test_one_answer import load_example

RECEIPT = "AAAA-BBBB-CCC{}"
OFFICIAL = """\
form_id: official
version: "1"
title: {vi: x}
respondent_groups: [officials]
rates: many_units
consent: {purpose: {vi: x}, data: {vi: x}, controller: {vi: x}, rights: {vi: x}, contact: {vi: x}}
choices:
  level: [{name: "1", label: {vi: x}}, {name: "2", label: {vi: x}}, {name: dk, label: {vi: x}, missing: dont_know},
          {name: nf, label: {vi: x}, missing: not_familiar}]
  reason: [{name: a, label: {vi: x}}, {name: b, label: {vi: x}}]
pages:
  - name: one
    label: {vi: x}
    questions:
      - {type: rating_matrix level, name: group, label: {vi: x}}
      - {type: rating_matrix level, name: work, label: {vi: x}}
"""


def add(campaign_id: int, form_id: str, number: int, answers: dict, *, group="citizens", unit: str | None = "VD-A", psu="p",
        stratum="s", weight="1.25") -> str:
    version = db.session.scalar(select(QuestionnaireVersion.id).where(QuestionnaireVersion.form_id == form_id))
    id_ = uuid.uuid4().hex
    db.session.execute(insert(Response), [{
        "id": id_, "campaign_id": campaign_id, "questionnaire_version_id": version, "respondent_group": group,
        "unit_code": unit, "stratum": stratum, "psu": psu, "weight": Decimal(weight), "mode": "import", "language": "vi",
        "state": "sealed", "answers": answers, "pages_stored": [], "sealed_on": date(2024, 10, 5),
        "receipt_hash": receipt_hash(RECEIPT.format(number))}])
    db.session.commit()
    return id_


@pytest.fixture
def campaign(app_context) -> int:
    load_example()
    return db.session.scalar(select(Campaign.id))


def freeze_now(campaign: int):
    """(responses, hash, points) as of now."""
    forms = ratings.asked(campaign)
    with freeze.frozen(campaign, forms) as data:
        sums = data.sums(ratings.missing_of(forms), {})
        its = frameworks.parsed(next(iter(frameworks.of_campaign(campaign).values())))
        return data.responses, data.sha256, score(its, sums, ["VD-A", "VD-B"])


@pytest.fixture
def reads(monkeypatch):
    """Which prefixes are read from the database; None: all of them."""
    seen: list = []
    original = ratings.sealed

    def sealed(campaign_id, prefixes=None, digits=0):
        seen.append(prefixes and set(prefixes))
        return original(campaign_id, prefixes, digits)

    monkeypatch.setattr(ratings, "sealed", sealed)
    return seen


def files(app):
    return sorted((app.config["DATA_FOLDER"] / "frozen").rglob("*.parquet"))


def test_what_is_frozen_is_read_once_and_only_what_changed_again(app_context, campaign, reads, monkeypatch):
    monkeypatch.setattr(freeze, "BY_NO_DIGIT", 0)
    first = freeze_now(campaign)
    assert reads == [None]
    assert freeze_now(campaign)[:2] == first[:2]
    assert reads == [None]
    new = add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    second = freeze_now(campaign)
    assert reads == [None, {new[0]}]
    assert (second[0], second[1] != first[1]) == (first[0] + 1, True)
    collect.withdraw(RECEIPT.format(1))
    third = freeze_now(campaign)
    assert third[:2] == first[:2]
    assert third[2].components == first[2].components
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files(app_context))


def test_a_withdrawn_answer_leaves_the_files_at_once(app_context, campaign):
    add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    freeze_now(campaign)
    assert files(app_context)
    collect.withdraw(RECEIPT.format(1))
    assert not files(app_context)


def test_withdrawn_while_it_is_read_it_leaves_the_files_afterwards(app_context, campaign):
    add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    with freeze.frozen(campaign, ratings.asked(campaign)):
        collect.withdraw(RECEIPT.format(1))
        assert files(app_context)
    assert not files(app_context)


@pytest.mark.parametrize("harm", ["cut", "flip", "delete", "manifest", "format", "swap"])
def test_what_is_damaged_is_made_again(app_context, campaign, reads, harm):
    good = freeze_now(campaign)
    folder = files(app_context)[0].parent
    if harm == "manifest":
        (folder / "manifest.json").write_text("nonsense")
    elif harm == "format":
        kept = (folder / "manifest.json").read_text().split("\n", 1)[1].replace(good[1], "0" * 64)
        (folder / "manifest.json").write_text(f"{'0' * 64}\n{kept}")
    else:
        for path in files(app_context):
            content = path.read_bytes()
            changed = {"cut": content[: len(content) // 2], "flip": content[:99] + bytes([content[99] ^ 1]) + content[100:],
                       "swap": files(app_context)[0].read_bytes()}
            path.unlink() if harm == "delete" else path.write_bytes(changed[harm])
    again = freeze_now(campaign)
    assert again[:2] == good[:2]
    assert again[2].leaves == good[2].leaves
    assert reads == [None, None]
    assert not list(folder.glob("*.part"))


def test_another_answer_under_the_same_count_is_noticed(campaign, reads):
    """A database put back from a copy, then another answer: as many as before, but not the same ones."""
    add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    before = freeze_now(campaign)
    db.session.execute(Response.__table__.update().where(Response.receipt_hash == receipt_hash(RECEIPT.format(1))).values(
        state="withdrawn", answers={}))
    db.session.commit()
    add(campaign, "vi_du", 2, {"thai_do": "4", "thoi_gian": "2"})
    after = freeze_now(campaign)
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert len(reads) == 2


def test_the_hash_is_that_of_the_sorted_digests_of_canonical_lines(campaign):
    lines = [json.dumps([each.form_id, each.version, each.group, each.unit, each.stratum, each.psu, each.weight_millionths,
                         each.answers], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
             for each in ratings.sealed(campaign)]
    assert freeze_now(campaign)[1] == sha256(b"".join(sorted(sha256(line.encode()).digest() for line in lines))).hexdigest()


def test_ids_are_checked_alike_here_and_in_the_database(campaign):
    ids = [each.id for each in ratings.sealed(campaign)]
    assert ratings.fingerprints(campaign, 0) == {"": ratings.fingerprint(ids)}
    assert ratings.fingerprints(campaign, 1) == {
        digit: ratings.fingerprint([id_ for id_ in ids if id_[0] == digit]) for digit in {id_[0] for id_ in ids}}


def test_matrices_and_questions_named_like_our_columns(campaign):
    questionnaires.import_questionnaire(OFFICIAL.encode(), "official.yaml")
    form = questionnaires_parsed("official")
    forms = ratings.asked(campaign) | {"official": form}
    add(campaign, "official", 1, {"group": {"VD-A": "2", "VD-B": "dk"}, "work": {"VD-B": "1"}}, group="officials", unit=None)
    add(campaign, "official", 2, {}, group="officials", unit=None, psu="")
    with freeze.frozen(campaign, forms) as data:
        sums = data.sums(ratings.missing_of(forms), {})
        tables = {tuple(table.start): table for table in sums.tables}
        table = tables["official.group", "official.work"]
        found = {key[3]: (counts.tolist(), weights.tolist()) for key, counts, weights in zip(
            table.keys, table.counts, table.weighted, strict=True)}
        w = 1_250_000
        assert found == {"VD-A": ([0, 1, 0, 0, 0, 0, 0, 0, 0, 1], [0, w, 0, 0, 0, 0, 0, 0, 0, w]),
                         "VD-B": ([0, 0, 1, 0, 0, 1, 0, 0, 0, 0], [0, 0, w, 0, 0, w, 0, 0, 0, 0])}
        assert sums.people["officials", "s", ""] == 1


def questionnaires_parsed(form_id: str):
    from surveyapp.queries import questionnaires as stored

    return stored.parsed(db.session.scalar(select(QuestionnaireVersion).where(QuestionnaireVersion.form_id == form_id)))


def test_sums_of_the_database_give_the_same_points_and_errors(campaign):
    """The frozen way and GROUP BY in the database are two programs; both start from the same stored answers."""
    questionnaires.import_questionnaire(OFFICIAL.encode(), "official.yaml")
    for number in range(120):
        levels = {"thai_do": "4321"[number % 4], "thoi_gian": ["4", "2", "dont_know", "1", None][number % 5]}
        add(campaign, "vi_du", number, {name: level for name, level in levels.items() if level},
            group=("citizens", "businesses")[number % 2], unit=("VD-A", "VD-B")[number // 2 % 2], psu=f"p{number // 7 % 5}",
            stratum=f"s{number // 4 % 3}", weight=str(Decimal(number % 9 + 1) / 8))
        add(campaign, "official", 1000 + number, {"group": {"VD-A": "12"[number % 2], "VD-B": ["1", "2", "dk"][number % 3]}},
            group="officials", unit=None, psu=f"p{number % 6}", stratum=f"s{number % 2}")
    # the example's own answers are PSUs of their own: sums cannot tell their errors
    db.session.execute(Response.__table__.update().where(Response.psu == "", Response.state == "sealed").values(
        state="withdrawn", answers={}))
    db.session.commit()
    forms = ratings.asked(campaign) | {"official": questionnaires_parsed("official")}
    its = frameworks.parsed(next(iter(frameworks.of_campaign(campaign).values())))
    with freeze.frozen(campaign, forms) as data:
        ours, theirs = data.sums(ratings.missing_of(forms), {}), summed.sums(campaign, forms, {})
        assert (theirs.rows, theirs.people) == (ours.rows, ours.people)
        for one, other in zip(ours.tables, theirs.tables, strict=True):
            assert _cells(one) == _cells(other)
        one, other = (score(its, each, ["VD-A", "VD-B"]) for each in (ours, theirs))
        levels = {"official.group": {"1": 1, "2": 2}}
        rule = SatisfactionRule({1: 1, 2: 2}, highest=2, satisfied_from=2)
        for left, right in zip(*(satisfaction_of_sums(each, ["VD-A", "VD-B"], "officials", {"work": ["official.group"]}, levels,
                                                      rule) for each in (ours, theirs)), strict=True):
            assert (left.estimate, left.n) == (right.estimate, right.n)
            assert left.standard_error == pytest.approx(right.standard_error, rel=1e-9)
    assert [component.points for component in one.components] == [component.points for component in other.components]
    assert all(component.standard_error > 0 for component in one.components)
    for left, right in zip(one.components + one.leaves, other.components + other.leaves, strict=True):
        assert (left.points, left.df) == (right.points, right.df)
        assert left.standard_error == pytest.approx(right.standard_error, rel=1e-9)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-9)


def _cells(table) -> dict:
    return {key: (counts.tolist(), weights.tolist()) for key, counts, weights in zip(
        table.keys, table.counts, table.weighted, strict=True)}


def test_both_databases_freeze_to_the_same_name(sqlite_url, postgresql_url, tmp_path):
    names = []
    for url in (sqlite_url, postgresql_url):
        with app_on(url, tmp_path / url.split(":")[0]) as app, app.app_context():
            load_example()
            names.append(freeze_now(db.session.scalar(select(Campaign.id)))[1])
    assert names[0] == names[1]

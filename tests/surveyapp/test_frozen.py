"""Frozen answers: a cache that is right whatever happens to it, names the set of answers, forgets what was withdrawn."""

import json
import uuid
from datetime import date
from decimal import Decimal
from hashlib import sha256
from random import Random

import pytest
from pyarrow import parquet
from sqlalchemy import event, insert, select, text

from analysis.index.points import score
from analysis.index.satisfied import satisfaction_of_sums
from analysis.satisfaction import SatisfactionRule
from surveyapp.extensions import db
from surveyapp.models import Campaign, QuestionnaireVersion, Response
from surveyapp.queries import frameworks, ratings, summed
from surveyapp.services import collect, freeze, layers, questionnaires
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
    """How many responses each reading of the database picked; None: it read all of them."""
    seen: list = []
    original = ratings.sealed

    def sealed(campaign_id, ids=None, timed=None):
        seen.append(None if ids is None else len(ids))
        return original(campaign_id, ids, timed)

    monkeypatch.setattr(ratings, "sealed", sealed)
    return seen


def files(app):
    return sorted((app.config["DATA_FOLDER"] / "frozen").rglob("*.parquet"))


def held(app) -> set[str]:
    """The ids in all files."""
    found: set[str] = set()
    for path in files(app):
        if "id" in parquet.read_schema(path).names:
            found |= {id_.rstrip(b"\0").decode() for id_ in parquet.read_table(path)["id"].to_pylist()}
    return found


def answers_in(campaign: int) -> int:
    return len(ratings.ids(campaign))


def test_what_is_frozen_is_read_once_and_only_what_is_new_after(app_context, campaign, reads):
    first = freeze_now(campaign)
    assert reads == [None]
    assert freeze_now(campaign)[:2] == first[:2]
    assert reads == [None]
    add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    second = freeze_now(campaign)
    assert reads == [None, 1]
    assert (second[0], second[1] != first[1]) == (first[0] + 1, True)
    collect.withdraw(RECEIPT.format(1))
    third = freeze_now(campaign)
    assert reads == [None, 1]
    assert third[:2] == first[:2]
    assert third[2].components == first[2].components
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files(app_context))


def test_a_withdrawn_answer_leaves_the_files_at_once_and_alone(app_context, campaign, reads):
    gone = add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    before = freeze_now(campaign)
    digest = next(each for each in ratings.sealed(campaign, [gone])).digest
    names = set(files(app_context))
    del reads[:]
    collect.withdraw(RECEIPT.format(1))
    assert held(app_context) == set(ratings.ids(campaign).astype(str))
    assert not any(digest in parquet.read_table(path)["digest"].to_pylist() for path in files(app_context)
                   if "digest" in parquet.read_schema(path).names)
    assert not names & set(files(app_context))
    assert not list(files(app_context)[0].parent.glob("*.forget"))
    after = freeze_now(campaign)
    assert after[0] == before[0] - 1
    assert reads == []


def test_withdrawn_while_it_is_read_it_leaves_the_files_afterwards(app_context, campaign):
    gone = add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    with freeze.frozen(campaign, ratings.asked(campaign)) as data:
        collect.withdraw(RECEIPT.format(1))
        assert gone in held(app_context)
        assert data.responses == sum(len(part.ids()) for part in data.parts)
    assert held(app_context) == set(ratings.ids(campaign).astype(str))


def test_withdrawn_just_before_the_lock_is_given_back_it_leaves_the_files_too(app_context, campaign, monkeypatch):
    gone = add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    sweep = freeze._sweep

    def then_withdrawn(folder, listed):
        monkeypatch.undo()
        sweep(folder, listed)
        collect.withdraw(RECEIPT.format(1))
        assert gone in held(app_context)

    with freeze.frozen(campaign, ratings.asked(campaign)):
        monkeypatch.setattr(freeze, "_sweep", then_withdrawn)
    assert held(app_context) == set(ratings.ids(campaign).astype(str))
    assert not list(files(app_context)[0].parent.glob("*.forget"))


@pytest.mark.parametrize("trouble", ["no room", "damaged manifest"])
def test_withdrawn_when_files_cannot_be_written_again_they_are_deleted(app_context, campaign, monkeypatch, trouble):
    add(campaign, "vi_du", 1, {"thai_do": "1", "thoi_gian": "2"})
    freeze_now(campaign)
    if trouble == "no room":
        def write(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(layers, "_write", write)
    else:
        (files(app_context)[0].parent / "manifest.json").write_text("nonsense")
    collect.withdraw(RECEIPT.format(1))
    assert not files(app_context)
    monkeypatch.undo()
    assert freeze_now(campaign)[0] == answers_in(campaign)


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


def test_a_damaged_layer_costs_its_own_responses_only(app_context, campaign, reads):
    freeze_now(campaign)
    before = set(files(app_context))
    ids = [add(campaign, "vi_du", number, {"thai_do": "1", "thoi_gian": "2"}) for number in range(2)]
    good = freeze_now(campaign)
    assert reads == [None, 2]
    damaged = (set(files(app_context)) - before).pop()
    damaged.write_bytes(damaged.read_bytes()[:-9])
    again = freeze_now(campaign)
    assert again[:2] == good[:2]
    assert again[2].leaves == good[2].leaves
    assert reads == [None, 2, len(ids)]


def test_what_fails_half_way_leaves_the_files_of_before(app_context, campaign, monkeypatch):
    freeze_now(campaign)
    before = set(files(app_context))
    for number in range(30):
        add(campaign, "vi_du", number, {"thai_do": "1", "thoi_gian": "2"})
    original = ratings.sealed

    def sealed(*arguments):
        for number, response in enumerate(original(*arguments)):
            if number == 25:
                raise OSError(5, "the database went away")
            yield response

    monkeypatch.setattr(ratings, "sealed", sealed)
    monkeypatch.setattr(layers, "LARGEST", 20)
    with pytest.raises(OSError, match="went away"):
        freeze_now(campaign)
    assert set(files(app_context)) == before
    monkeypatch.undo()
    assert freeze_now(campaign)[0] == answers_in(campaign)


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


@pytest.mark.parametrize("seed", range(4))
def test_however_the_layers_came_about_the_result_is_that_of_freezing_at_once(app_context, campaign, monkeypatch, seed):
    """Random days of new, withdrawn and lost answers and of damaged files, in layers so small that they fill up and merge."""
    random = Random(seed)
    monkeypatch.setattr(layers, "LARGEST", 60)
    monkeypatch.setattr(layers, "GATHERED", 3)
    monkeypatch.setattr(freeze, "PICKED", 0.4)
    questionnaires.import_questionnaire(OFFICIAL.encode(), "official.yaml")
    forms = ratings.asked(campaign) | {"official": questionnaires_parsed("official")}
    number, layered, sealed, withdrawn = 0, 0, [], 0
    for _day in range(8):
        for _ in range(random.randrange(2, 12)):
            number += 1
            _add_at_random(campaign, number, random)
            sealed.append(number)
        for _ in range(random.randrange(3)):
            gone, withdrawn = sealed.pop(random.randrange(len(sealed))), withdrawn + 1
            if random.random() < 0.5:
                collect.withdraw(RECEIPT.format(gone))
            else:  # a restored backup that does not have it
                db.session.execute(Response.__table__.update().where(
                    Response.receipt_hash == receipt_hash(RECEIPT.format(gone))).values(state="withdrawn", answers={}))
                db.session.commit()
        if files(app_context) and random.random() < 0.3:
            random.choice(files(app_context)).write_bytes(b"damaged")
        layered = max(layered, len(freeze._manifest(freeze._folder(campaign)).layers))
        grown = _everything(campaign, forms)
        with monkeypatch.context() as elsewhere:
            fresh = app_context.config["DATA_FOLDER"] / f"fresh-{number}"
            elsewhere.setitem(app_context.config, "DATA_FOLDER", fresh)
            elsewhere.setattr(layers, "LARGEST", 120_000)
            assert _everything(campaign, forms) == grown
        assert held(app_context) == set(ratings.ids(campaign).astype(str))
    assert layered > 1
    assert withdrawn


def _add_at_random(campaign: int, number: int, random: Random) -> None:
    place = {"psu": random.choice(["", "p1", "p2", "p3"]), "stratum": random.choice("st"),
             "weight": random.choice(["0.3", "1.7"])}
    if random.random() < 0.7:
        levels = {"thai_do": random.choice("1234"), "thoi_gian": random.choice(["1", "2", "dont_know", None])}
        add(campaign, "vi_du", number, {name: level for name, level in levels.items() if level},
            unit=random.choice(["VD-A", "VD-B"]), group=random.choice(["citizens", "businesses"]), **place)
    else:
        units = random.sample(["VD-A", "VD-B"], random.randrange(3))
        add(campaign, "official", number, {"group": {unit: random.choice(["1", "2", "dk"]) for unit in units}},
            group="officials", unit=None, **place)


def _everything(campaign: int, forms) -> str:
    """All that is computed from frozen answers, to the last bit."""
    with freeze.frozen(campaign, forms) as data:
        sums = data.sums(ratings.missing_of(forms), {})
        its = frameworks.parsed(next(iter(frameworks.of_campaign(campaign).values())))
        found = score(its, sums, ["VD-A", "VD-B"])
        cells = [sorted(_cells(table).items()) for table in sums.tables]
        chosen = sorted((key, value.tolist()) for key, value in data.chosen().items())
        return repr((data.responses, data.sha256, sorted(sums.people.items()), cells, chosen, found.leaves, found.components,
                     found.covariance.tobytes()))


@pytest.mark.parametrize(("sizes", "left"), [
    ([9, 4], [9, 4]), ([8, 4], [12]), ([8, 3, 2], [13]), ([16, 7, 3, 1], [16, 7, 3, 1]), ([50, 45, 4, 3], [50, 45, 7]),
    ([60, 30, 30], [60, 60]), ([1] * 20, [13, 5, 2]), ([], [])])
def test_layers_merge_when_they_are_of_a_size_and_never_beyond_the_largest(monkeypatch, tmp_path, sizes, left):
    monkeypatch.setattr(layers, "LARGEST", 60)
    monkeypatch.setattr(layers, "_joined", lambda _folder, some: layers.Layer(layers._size(some), {}))
    assert [layer.rows for layer in layers.merged(tmp_path, [layers.Layer(size, {}) for size in sizes])] == left


def test_a_response_listed_twice_is_not_counted_twice(campaign):
    good = freeze_now(campaign)
    folder = freeze._folder(campaign)
    manifest = freeze._manifest(folder)
    freeze._write_manifest(folder, freeze._Manifest(manifest.reads, "", "", manifest.layers * 2))
    assert freeze_now(campaign)[:2] == good[:2]


def test_which_answers_there_are_is_read_in_several_pieces(campaign, monkeypatch):
    every = sorted(db.session.scalars(select(Response.id).where(Response.state == "sealed")))
    assert len(every) == 9
    for at_a_time in (1, 4, 9, 100):
        monkeypatch.setattr(ratings, "IDS_AT_A_TIME", at_a_time)
        assert ratings.ids(campaign).astype(str).tolist() == every


def test_which_answers_there_are_is_read_from_an_index_alone_and_rows_in_the_order_they_lie_in(campaign):
    of_ids, of_rows = (_plan(lambda: ratings.ids(campaign)), _plan(lambda: list(ratings.sealed(campaign))))
    if db.engine.dialect.name == "sqlite":
        assert "SEARCH responses USING COVERING INDEX ix_responses_campaign_id_state (campaign_id=? AND id>?)" in of_ids
        assert "TEMP B-TREE" not in of_ids
        assert of_rows == "SEARCH responses USING INDEX ix_responses_campaign_state (campaign_id=? AND state=?)"
    else:
        assert "Index Only Scan using ix_responses_campaign_id_state" in of_ids
        assert "Sort" not in of_ids


def _plan(read) -> str:
    """How the database goes about the last statement that `read` makes."""
    made: list[tuple] = []

    def note(_connection, _cursor, statement, parameters, *_):
        made.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    read()
    event.remove(db.engine, "before_cursor_execute", note)
    if db.engine.dialect.name == "sqlite":
        found = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {made[-1][0]}", made[-1][1])
    else:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # nine responses are no reason to use an index
        found = db.session.connection().exec_driver_sql(f"EXPLAIN {made[-1][0]}", made[-1][1])
    return "\n".join(row[-1] for row in found)


def test_the_hash_is_that_of_the_sorted_digests_of_canonical_lines(campaign):
    lines = [json.dumps([each.form_id, each.version, each.group, each.unit, each.stratum, each.psu, each.weight_millionths,
                         each.answers], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
             for each in ratings.sealed(campaign)]
    assert freeze_now(campaign)[1] == sha256(b"".join(sorted(sha256(line.encode()).digest() for line in lines))).hexdigest()


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

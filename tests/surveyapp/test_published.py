"""What leaves the house against an attacker who knows everybody else's answers: every table that fits is counted one by one."""

import csv
import io
import subprocess
import unicodedata
from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from analysis.disclosure import Precision, precision_stays
from surveyapp import create_app
from surveyapp.extensions import db
from surveyapp.queries import asked, published, quality, scores
from surveyapp.queries.score_rows import DISCLOSURE
from surveyapp.services import demonstration, exchange, report, score

pytestmark = pytest.mark.xdist_group("published")  # what is loaded once is loaded in one process

FEW_FORMS = 0.12
#: tables up to which every one that fits is counted
MOST = 500_000
MINIMUM, RANGE = DISCLOSURE["minimum_count"], DISCLOSURE["protection_range"]


def silent(_message: str) -> None:
    pass


@pytest.fixture(scope="module")
def small(sqlite_template, tmp_path_factory):
    """The demonstration with few respondents: some units have two businesses."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "small.sqlite").write_bytes(sqlite_template.read_bytes())
    app = create_app(DATABASE_URL=f"sqlite:///{folder}/small.sqlite", DATA_FOLDER=folder, SECRET_KEY="test", TESTING=True,
                     ARGON2={"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with app.app_context():
        demonstration.load(progress=silent, share=FEW_FORMS)
        yield app
        db.dispose()


@pytest.fixture(scope="module")
def editions(small):
    """(published, internal) rows of each file."""
    def read(internal: bool) -> dict[str, list[dict[str, str]]]:
        return {name.replace("-noi-bo", ""): list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
                for name, content in exchange.csv_files(1, spreadsheet=False, internal=internal).items()}

    return read(False), read(True)


def key_of(row: dict[str, str]) -> tuple[str, ...]:
    return row["unit_code"], row["respondent_group"], row["form_id"], row["question"]


def tables(rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[tuple[str, str], int | None]]:
    found = defaultdict(dict)
    for row in rows:
        found[key_of(row)][row["answer"], row["missing"]] = int(row["n"]) if row["n"] else None
    return found


def several(words) -> set[tuple[str, str]]:
    return {(form_id, question.name) for form_id, form in words.questionnaires.items() for question in form.questions
            if question.type == "select_multiple"}


def ways(people: int, cells: int, least: int) -> np.ndarray:
    """Every way to share people among cells, each at least `least`."""
    axes = np.meshgrid(*[np.arange(least, people + 1)] * (cells - 1), indexing="ij") if cells > 1 else []
    rows = np.stack([axis.ravel() for axis in axes], axis=1) if axes else np.zeros((1, 0), dtype=int)
    last = people - rows.sum(axis=1)
    return np.column_stack([rows, last])[last >= least]


def test_no_small_count_stands_anywhere_and_the_internal_edition_has_all(editions, small):
    public, internal = editions
    of_several = several(asked.of_campaign(scores.run_of(1).campaign_id))
    shown, whole = tables(public["phan-bo.csv"]), tables(internal["phan-bo.csv"])
    hidden, forms = 0, defaultdict(int)
    for key, counts in whole.items():
        assert None not in counts.values()
        if key[2:] not in of_several:
            forms[key[:3]] = max(forms[key[:3]], sum(counts.values()))
    for key, counts in whole.items():
        people = forms[key[:3]]
        for cell, n in counts.items():
            public_n = shown[key][cell]
            hidden += public_n is None
            assert public_n in (None, n)
            assert not (0 < n < MINIMUM and public_n is not None)
            if key[2:] in of_several:
                assert not (0 < people - n < MINIMUM and public_n is not None)
        missing = [cell for cell in shown[key] if cell[1]]
        if key[2:] not in of_several:
            assert len({shown[key][cell] is None for cell in missing}) <= 1
        if any(shown[key][cell] is None for cell in missing):
            assert ("", "blank") in shown[key]
    assert hidden > 1000
    assert all(row["weighted"] == "" for row in public["phan-bo.csv"] if not row["n"])
    exact = [row[name] for rows in public.values() for row in rows for name in row if name.endswith("_exact")]
    assert set(exact) == {""}


def test_an_attacker_who_knows_everybody_else_cannot_tell_a_small_count(editions, small):
    public, internal = editions
    words = asked.of_campaign(scores.run_of(1).campaign_id)
    of_several, run = several(words), scores.run_of(1)
    shown, whole = tables(public["phan-bo.csv"]), tables(internal["phan-bo.csv"])
    sources = defaultdict(list)
    for row, source in zip(public["nguon-diem.csv"], internal["nguon-diem.csv"], strict=True):
        sources[key_of(row)].append((row, source))
    coefficients = {(each.unit_code, each.respondent_group, each.form_id, each.question): each.coefficients
                    for each in scores.sources(run, words)}
    satisfied = {(row["unit_code"], row["respondent_group"], row["factor"], row["measure"])
                 for row in public["hai-long.csv"] if row["value"]}
    attacked = 0
    for key, counts in whole.items():
        answers = [cell for cell in counts if not cell[1]]
        hidden = [cell for cell in answers if shown[key][cell] is None]
        small = [at for at, cell in enumerate(hidden) if 0 < counts[cell] < MINIMUM]
        people = sum(counts[cell] for cell in hidden)
        n = sum(counts[cell] for cell in answers)
        if not small or key[2:] in of_several or (people + 1) ** (len(hidden) - 1) > MOST:
            continue
        if n < MINIMUM:
            assert all(shown[key][cell] is None for cell in shown[key])
            assert all(row["ratings"] == row["mean"] == "" for row, _source in sources[key])
            continue
        fits = ways(people, len(hidden), 0 if len(hidden) == len(answers) else 1)
        figures = []
        if any(row["mean"] for row, _source in sources[key]):
            figures.append([float(coefficients[key].get(cell[0], 0)) for cell in hidden])
        factor = words.factor(key[2], key[3])
        levels = {name: level for level, name in enumerate(words.questionnaires[key[2]].question(key[3]).choices.substantive)}
        for measure, scored in (("top_two", lambda level: float(level >= 3)), ("mean_100", float)):
            if factor and any((*key[:2], each, measure) in satisfied for each in (factor, "overall")):
                figures.append([scored(levels[cell[0]]) for cell in hidden])
        truth = np.array([counts[cell] for cell in hidden])
        for figure in figures:
            fits = fits[np.abs(fits @ np.array(figure) - truth @ np.array(figure)) < 1e-9]
        attacked += 1
        width = np.ptp(fits, axis=0)[small]
        assert (width >= RANGE).all(), (key, counts, shown[key], width)
    assert attacked > 300


def test_an_answer_that_all_of_a_few_gave_is_not_published(editions):
    """Who knows that a person answered would know what: 6 of 6 "satisfied" tells six answers."""
    alone = 0
    for key, cells in tables(editions[1]["phan-bo.csv"]).items():
        valid = [n for (_answer, missing), n in cells.items() if not missing]
        if 0 < sum(valid) == max(valid) < DISCLOSURE["one_answer_below"]:
            alone += 1
            shown = tables(editions[0]["phan-bo.csv"])[key]
            assert all(shown[cell] is None for cell in cells if not cell[1]), key
    assert alone > 10


def test_every_table_passes_its_audit(small):
    made = published.of_run(scores.run_of(1))
    audits = [each.audit() for each in made.suppressions]
    assert sum(len(each.keys) for each in audits) > 1000
    assert all(each.protected.all() for each in audits)
    assert published.of_run(scores.run_of(1)) is made


def test_two_businesses_are_read_nowhere(editions, small, tmp_path):
    public, internal = editions
    sizes, scored = defaultdict(int), {row["unit_code"] for row in public["nguon-diem.csv"] if row["form_id"] == "business"}
    for row in internal["phan-bo.csv"]:
        if row["unit_code"] in scored and row["respondent_group"] == "businesses" and row["question"] == "overall_satisfaction":
            sizes[row["unit_code"]] += int(row["n"])
    unit = min(sizes, key=lambda code: (sizes[code] < 2, sizes[code]))
    assert sizes[unit] in (2, 3)
    own = [row for row in public["phan-bo.csv"] if row["unit_code"] == unit and row["respondent_group"] == "businesses"]
    assert {row["n"] for row in own} <= {"", "0"}
    assert {row["value"] + row["n"] for row in public["hai-long.csv"]
            if row["unit_code"] == unit and row["respondent_group"] == "businesses"} == {""}
    assert {row["mean"] + row["ratings"].replace("0", "") for row in public["nguon-diem.csv"]
            if row["unit_code"] == unit and row["respondent_group"] == "businesses"} == {""}
    path = tmp_path / "don-vi.pdf"
    path.write_bytes(report.unit_pdf(1, unit))
    text = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True).stdout.decode()
    text = " ".join(unicodedata.normalize("NFC", text).split())
    elsewhere = {row["answer_label"] for row in internal["phan-bo.csv"] if row["respondent_group"] != "businesses"}
    theirs = {row["answer_label"] for row in own} - elsewhere
    assert len(theirs) >= 8
    for label, n in product(theirs, range(1, 4)):
        assert f"{label}: {n}" not in text
    assert "ít người trả lời" in text
    assert "Doanh nghiệp: tỷ lệ từng trả lời" not in text
    assert "câu hỏi không có trong biểu đồ vì có số lượt không công bố" in text
    assert "“…”: không công bố, để không ai suy ra được câu trả lời của một người." in text


def test_figures_of_a_pool_go_with_a_question_that_few_answered(editions):
    public, internal = editions
    counts = tables(internal["phan-bo.csv"])
    words = asked.of_campaign(scores.run_of(1).campaign_id)
    few = {(*key[:2], factor) for key, each in counts.items() if (own := words.factor(key[2], key[3]))
           and 0 < sum(n for cell, n in each.items() if not cell[1]) < DISCLOSURE["minimum_respondents"]
           for factor in (own, "overall")}
    assert few
    for row in public["hai-long.csv"]:
        if (row["unit_code"], row["respondent_group"], row["factor"]) in few:
            assert row["value"] == row["se"] == row["low"] == ""


def test_means_of_a_unit_group_leave_out_whom_they_would_tell(small):
    run = scores.run_of(1)
    made, groups = published.of_run(run), scores.groups(run)
    rows = made.behind_means(groups)
    withheld = [row for row in made.satisfaction if row.value is None]
    assert withheld
    assert not {_cell(row) for row in withheld} & {_cell(row) for row in rows}


def _cell(row) -> tuple[str, ...]:
    return row.unit_code, row.respondent_group, row.factor, row.measure


def test_a_run_declares_its_rule_and_may_publish_all(small):
    everything = {"minimum_count": 1, "minimum_respondents": 1, "one_answer_below": 1, "protection_range": 1}
    run_id = score.score_campaign("ST2024", draws=100, disclosure=everything).id
    run = scores.run_of(run_id)
    assert run.declares_disclosure
    assert dict(run.disclosure) == everything
    assert all(row.n is not None for row in published.publish(run).answers)
    first = scores.run_of(1)
    assert first.result_sha256 == run.result_sha256
    assert dict(first.disclosure) == dict(DISCLOSURE)
    assert any(row.n is None for row in published.of_run(first).answers)


@pytest.mark.parametrize("decimals", [1, 2, 4])
def test_an_error_that_stays_leaves_several_tables(decimals):
    """Counted one by one: same mean, same printed error and interval, and the hidden counts still differ by three."""
    rng, kept = np.random.default_rng(decimals), [0, 0]
    for _ in range(60):
        count = rng.integers(0, 6, 5)
        n, level = count.sum(), np.arange(5.0)
        if n < 5:
            continue
        mean = count @ level / n

        def error(tables, mean=mean, n=n, level=level):
            return np.sqrt(tables @ (level - mean) ** 2 / (n * (n - 1)))

        se = float(error(count))
        if not se:
            continue
        needed = np.where((count > 0) & (count < MINIMUM), RANGE, 0)
        precision = Precision(level, 1.0, se, mean - 2 * se, mean + 2 * se)

        def printed(*values, decimals=decimals):
            return tuple(round(value, decimals) for value in values)

        stays = precision_stays(count, np.ones(5, dtype=bool), np.zeros(5), needed, [level], [precision], printed, RANGE)
        fits = ways(int(n), 5, 0)
        fits = fits[np.abs(fits @ level - count @ level) < 1e-9]
        errors = error(fits)
        alike = np.array([printed(each, mean - 2 * each, mean + 2 * each) == printed(se, mean - 2 * se, mean + 2 * se)
                          for each in errors])
        kept[stays] += 1
        if stays:
            assert (np.ptp(fits[alike], axis=0) >= needed).all()
    assert kept[0]
    assert decimals > 1 or kept[1]


@pytest.mark.parametrize(("counts", "hidden"), [
    ((7, 0, 2), True),  # 9 in all would say that the hidden one is 2
    ((7, 2, 2), False),  # two hidden ones with 4 together
    ((1, 2), True),  # 3 together are few themselves
    ((7, 5), False), ((0, 0), False), ((None, None), False)])
def test_a_sum_of_flagged_forms_does_not_give_a_small_count_away(counts, hidden):
    assert quality._sum_withheld(counts, 4) is hidden

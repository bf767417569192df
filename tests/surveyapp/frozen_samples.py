"""Responses as the frozen parts that a run scores, without a database."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyarrow import parquet

from analysis.index.sums import RatingSums
from questionnaires.model import Questionnaire
from surveyapp.queries import ratings
from surveyapp.queries.frozen import FormColumns, Frozen, FrozenPart
from surveyapp.queries.ratings import Sealed


def frozen_sums(responses: Sequence[Sealed], forms: Mapping[str, Questionnaire],
                parts: int = 2) -> tuple[RatingSums, list[list[int]]]:
    """The sums of responses dealt out to so many parts of each form, and per part which of the responses its people are."""
    data, people = frozen(responses, forms, parts)
    return data.sums(ratings.missing_of(forms), {}), people


def frozen(responses: Sequence[Sealed], forms: Mapping[str, Questionnaire], parts: int = 2) -> tuple[Frozen, list[list[int]]]:
    answers, several, timed = ratings.answers_of(forms), ratings.several_of(forms), ratings.timed_of(forms)
    folder, found, people = Path(tempfile.mkdtemp()), [], []
    for form_id in sorted(forms):
        mine = [at for at, response in enumerate(responses) if response.form_id == form_id]
        for part in range(parts):
            columns = FormColumns(*({name.removeprefix(f"{form_id}."): names for name, names in each.items()
                                     if name.startswith(f"{form_id}.")} for each in (answers, several)), timed.get(form_id, ()))
            for at in mine[part::parts]:
                columns.add(responses[at])
            files = [folder / f"{form_id}-{part}-{kind}.parquet" for kind in ("people", "ratings")]
            for file, table in zip(files, columns.take(), strict=True):
                parquet.write_table(table, file)
            found.append(FrozenPart(form_id, *files))
            people.append(mine[part::parts])
    return Frozen(len(responses), "", tuple(found), answers, several, timed), people

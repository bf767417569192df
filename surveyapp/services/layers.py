"""Layers of frozen answers: responses that were written together, as two files per form, never changed after.

A file is named by its content and gets its name when it is whole. Which layers count is not said here: see freeze.py.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from questionnaires.model import Questionnaire
from surveyapp.queries import ratings
from surveyapp.queries.frozen import FormColumns, FrozenPart

#: responses of one form that are gathered as objects before they become columns
GATHERED = 5_000
#: rows of one layer (responses, and units that each of them rated): what is in memory at a time, and what is written again when
#: one of them is withdrawn
LARGEST = 120_000


@dataclass(frozen=True)
class Layer:
    """`forms`: form -> ((name, SHA-256) of the file of people, (name, SHA-256) of the file of ratings)."""

    rows: int
    forms: Mapping[str, Sequence[Sequence[str]]]

    def as_json(self) -> dict:
        return asdict(self)

    @property
    def files(self) -> list[tuple[str, str]]:
        return [(name, sha256) for files in self.forms.values() for name, sha256 in files]

    def parts(self, folder: Path) -> list[FrozenPart]:
        return [FrozenPart(form_id, folder / people, folder / rated)
                for form_id, ((people, _), (rated, _)) in sorted(self.forms.items())]

    def is_whole(self, folder: Path) -> bool:
        return all(_hash_of(folder / name) == sha256 for name, sha256 in self.files)

    def ids(self, folder: Path) -> np.ndarray:
        return np.concatenate([part.ids() for part in self.parts(folder)])


def build(folder: Path, forms: Mapping[str, Questionnaire], responses: Iterable[ratings.Sealed]) -> list[Layer]:
    """Layers of these responses. Raises KeyError for an answer that the questionnaire does not have."""
    made, gathered = [], _Gathered(forms)
    for response in responses:
        gathered.add(response)
        if gathered.rows >= LARGEST:
            made.append(gathered.written(folder))
            gathered = _Gathered(forms)
    return [*made, gathered.written(folder)] if gathered.rows else made


def merged(folder: Path, layers: Iterable[Layer]) -> list[Layer]:
    """The same responses in few layers: those that are not full are each more than twice as large as the next.

    So a response is written again only as often as its layer doubles, and from files, not from the database.
    """
    groups: list[list[Layer]] = []
    for layer in sorted(layers, key=lambda layer: -layer.rows):
        groups.append([layer])
        while len(groups) > 1 and _size(groups[-2]) <= 2 * _size(groups[-1]) and _size(groups[-2] + groups[-1]) <= LARGEST:
            last = groups.pop()
            groups[-1] += last
    return [group[0] if len(group) == 1 else _joined(folder, group) for group in groups]


def without(folder: Path, layer: Layer, gone: np.ndarray) -> Layer | None:
    """The layer without the responses of these ids; itself where it has none of them, None where it has no other."""
    if not np.isin(layer.ids(folder), gone).any():
        return layer
    forms, rows = {}, 0
    for part in layer.parts(folder):
        people, rated = parquet.read_table(part.people), parquet.read_table(part.ratings)
        stays = ~np.isin(part.ids(), gone)
        if not stays.all():
            people, rated = people.filter(pa.array(stays)), rated.filter(pa.array(np.repeat(stays, people["rows"].to_numpy())))
        if stays.any():
            forms[part.form_id] = layer.forms[part.form_id] if stays.all() else [_write(folder, people), _write(folder, rated)]
            rows += len(people) + len(rated)
    return Layer(rows, forms) if forms else None


def _size(layers: Iterable[Layer]) -> int:
    return sum(layer.rows for layer in layers)


def _joined(folder: Path, layers: Sequence[Layer]) -> Layer:
    forms: dict[str, list[tuple[str, str]]] = {}
    for form_id in sorted({form_id for layer in layers for form_id in layer.forms}):
        tables = [[parquet.read_table(folder / name) for name, _ in layer.forms[form_id]]
                  for layer in layers if form_id in layer.forms]
        forms[form_id] = [_write(folder, pa.concat_tables(each)) for each in zip(*tables, strict=True)]
    return Layer(_size(layers), forms)


class _Gathered:
    """Responses on their way into one layer."""

    def __init__(self, forms: Mapping[str, Questionnaire]) -> None:
        #: responses and units that each of them rated
        self.rows = 0
        self._questions, self._timed = (ratings.answers_of(forms), ratings.several_of(forms)), ratings.timed_of(forms)
        self._columns: dict[str, FormColumns] = {}
        self._tables: dict[str, list[tuple[pa.Table, pa.Table]]] = {}

    def add(self, response: ratings.Sealed) -> None:
        form_id = response.form_id
        if form_id not in self._columns:
            self._columns[form_id] = FormColumns(*(_of_form(each, form_id) for each in self._questions),
                                                 self._timed.get(form_id, ()))
            self._tables[form_id] = []
        self.rows += 1 + self._columns[form_id].add(response)
        if len(self._columns[form_id]) >= GATHERED:
            self._tables[form_id].append(self._columns[form_id].take())

    def written(self, folder: Path) -> Layer:
        forms = {}
        for form_id, columns in sorted(self._columns.items()):
            people, rated = zip(*self._tables[form_id], columns.take(), strict=True)
            forms[form_id] = [_write(folder, pa.concat_tables(tables)) for tables in (people, rated)]
        return Layer(self.rows, forms)


def _of_form(columns: Mapping[str, tuple[str, ...]], form_id: str) -> dict[str, tuple[str, ...]]:
    return {name.removeprefix(f"{form_id}."): names for name, names in columns.items() if name.startswith(f"{form_id}.")}


def _write(folder: Path, table: pa.Table) -> tuple[str, str]:
    """Name and SHA-256 of a new file, which is readable by its owner only and there as a whole or not at all."""
    path = folder / f"{secrets.token_hex(8)}.parquet.part"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        sha256 = _hash_of(path)
        path.replace(folder / f"{sha256[:24]}.parquet")
        return f"{sha256[:24]}.parquet", sha256
    finally:
        path.unlink(missing_ok=True)


def _hash_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None

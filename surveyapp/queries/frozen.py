"""Sealed answers as columns: how responses of one form become Arrow tables, and how these are read back as parts to add up.

people    one row per response: id (32 bytes), digest, version, group, stratum, psu, unit, weight_millionths, rows (rating rows
          it has), per several-choice question the list of chosen answers' positions (null: not answered), and per page whose
          time the form keeps its seconds (null: not measured)
ratings   one row per response and unit it rated, in the order of people: unit, and per question with one answer per unit the
          answer's position in the question's choices (-1: blank), int8 where it fits
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from analysis.index.sums import Part, RatingSums
from surveyapp.queries.ratings import ID, Sealed

PLACE = ("group", "stratum", "psu")
ABOUT = ("version", *PLACE, "unit")
#: bytes of decoded parts that are kept for the next pass over them; the rest is read again
KEPT = 128_000_000
#: longer times of a page are kept as this, nine hours; two bytes hold it
LONGEST = 32_767


class FormColumns:
    """Gathers responses of one form until they are taken as two tables. `single` and `several`: question -> answers; `timed`:
    the pages whose times are kept."""

    def __init__(self, single: Mapping[str, Sequence[str]], several: Mapping[str, Sequence[str]],
                 timed: Sequence[str] = ()) -> None:
        self._timed = tuple(timed)
        self._known = {name: {answer: code for code, answer in enumerate(answers)} for name, answers in single.items()}
        self._with_blank = [(name, {None: -1} | known) for name, known in self._known.items()]
        self._several = {name: {answer: code for code, answer in enumerate(answers)} for name, answers in several.items()}
        self._kinds = {name: pa.int8() if len(answers) < 128 else pa.int16() for name, answers in single.items()}
        self._start()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, response: Sealed) -> int:
        """How many rows of ratings it has. Raises KeyError for an answer that the questionnaire does not have."""
        answers = response.answers
        self._ids.append(response.id.encode().ljust(ID.itemsize, b"\0"))
        self._digests.append(response.digest)
        for name, column in self._about.items():
            column.append(getattr(response, name))
        self._weights.append(response.weight_millionths)
        for name, known in self._several.items():
            chosen = answers.get(name)
            self._chosen[name].append(None if chosen is None else [known[answer] for answer in chosen])
        for page, column in self._seconds.items():
            seconds = (response.seconds or {}).get(page)
            column.append(None if seconds is None else min(seconds, LONGEST))
        rated = self._rated(response)
        self._rows.append(len(rated))
        for unit, codes in rated:
            self._units.append(unit)
            self._codes.extend(codes)
        return len(rated)

    def _rated(self, response: Sealed) -> list[tuple[str, list[int]]]:
        answers = response.answers
        # of the answers that are rated: a kind of missing of a typed question is a mapping too
        if not any(type(answers.get(name)) is dict for name in self._known):
            codes = [known[answers.get(name)] for name, known in self._with_blank]
            return [(response.unit, codes)] if response.unit and any(code >= 0 for code in codes) else []
        found: dict[str, list[int]] = {}
        for position, (name, known) in enumerate(self._with_blank):
            value = answers.get(name)
            for unit, answer in (value.items() if isinstance(value, dict) else ((response.unit, value),)):
                if unit and answer is not None:
                    found.setdefault(unit, [-1] * len(self._known))[position] = known[answer]
        return list(found.items())

    def take(self) -> tuple[pa.Table, pa.Table]:
        """The people and ratings gathered so far; begins anew."""
        people = {"id": pa.array(self._ids, pa.binary(ID.itemsize)), "digest": pa.array(self._digests, pa.binary(32))}
        people |= {name: pa.array(column, pa.string()) for name, column in self._about.items()}
        people |= {"weight_millionths": pa.array(self._weights, pa.int64()), "rows": pa.array(self._rows, pa.int32())}
        people |= {f"answer.{name}": pa.array(chosen, pa.list_(pa.int16())) for name, chosen in self._chosen.items()}
        people |= {f"seconds.{page}": pa.array(column, pa.int16()) for page, column in self._seconds.items()}
        codes = np.frombuffer(self._codes, dtype=np.int16).reshape(-1, len(self._known)) if self._units else np.zeros(
            (0, len(self._known)), dtype=np.int16)
        ratings = {"unit": pa.array(self._units, pa.string())}
        ratings |= {f"answer.{name}": pa.array(codes[:, at].astype(kind.to_pandas_dtype())) for at, (name, kind) in
                    enumerate(self._kinds.items())}
        self._start()
        return pa.table(people), pa.table(ratings)

    def _start(self) -> None:
        self._ids: list[bytes] = []
        self._digests: list[bytes] = []
        self._about: dict[str, list[str]] = {name: [] for name in ABOUT}
        self._weights, self._rows, self._codes = array("q"), array("i"), array("h")
        self._units: list[str] = []
        self._chosen: dict[str, list[list[int] | None]] = {name: [] for name in self._several}
        self._seconds: dict[str, list[int | None]] = {page: [] for page in self._timed}


@dataclass(frozen=True)
class FrozenPart:
    """One form's responses of one layer, as two files that were checked against their hashes."""

    form_id: str
    people: Path
    ratings: Path

    def read(self, columns: Sequence[str]) -> Part:
        """`columns` "form.question" are the ones the form asks."""
        people = parquet.read_table(self.people, columns=[*PLACE, "weight_millionths", "rows"], read_dictionary=list(PLACE))
        ratings = parquet.read_table(self.ratings, read_dictionary=["unit"])
        place, places = _places(people)
        unit, units = _codes(ratings["unit"])
        person = np.repeat(np.arange(len(place), dtype=np.int32), people["rows"].to_numpy())
        return Part(places, place, people["weight_millionths"].to_numpy(), person, units, unit,
                    {column: ratings[f"answer.{column.split('.', 1)[1]}"].to_numpy() for column in columns})

    def seconds(self, pages: Sequence[str]) -> np.ndarray:
        """(responses, pages) seconds in int16, -1 where they were not measured; in the order of the people of `read`."""
        people = parquet.read_table(self.people, columns=[f"seconds.{page}" for page in pages])
        return np.column_stack([column.fill_null(-1).to_numpy() for column in people.columns])

    def ids(self) -> np.ndarray:
        return self._bytes("id")

    def digests(self) -> np.ndarray:
        return self._bytes("digest")

    def _bytes(self, name: str) -> np.ndarray:
        """(responses,) of dtype S32."""
        column = parquet.read_table(self.people, columns=[name])[name].combine_chunks()
        return np.frombuffer(column.buffers()[1], dtype="S32", count=len(column), offset=32 * column.offset)

    def chosen(self, questions: Mapping[str, int]) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray]]:
        """(question, unit, group, counts, weights in millionths) of the choices of several-choice questions;
        `questions`: question -> how many choices it has."""
        if not questions:
            return
        people = parquet.read_table(
            self.people, columns=["group", "unit", "weight_millionths", *(f"answer.{name}" for name in questions)],
            read_dictionary=["group", "unit"])
        (group, groups), (unit, units) = _codes(people["group"]), _codes(people["unit"])
        weight = people["weight_millionths"].to_numpy()
        pairs, pair = np.unique(unit.astype(np.int64) * len(groups) + group, return_inverse=True)
        for name, size in questions.items():
            column = people[f"answer.{name}"].combine_chunks()
            row = column.value_parent_indices().to_numpy()
            cell = pair[row] * size + column.flatten().to_numpy()
            counts = np.bincount(cell, minlength=len(pairs) * size).reshape(-1, size)
            weighted = np.zeros(len(pairs) * size, dtype=np.int64)
            np.add.at(weighted, cell, weight[row])
            for at, code in enumerate(pairs):
                if counts[at].any():
                    yield name, units[code // len(groups)], groups[code % len(groups)], counts[at], weighted.reshape(
                        -1, size)[at]


@dataclass(frozen=True, eq=False)
class Frozen:
    """A campaign's sealed answers as they were frozen, and the hash that names exactly this set of answers."""

    responses: int
    sha256: str
    parts: tuple[FrozenPart, ...]
    answers: Mapping[str, Sequence[str]]
    several: Mapping[str, Sequence[str]]
    #: form -> the pages whose times it keeps; other forms keep none
    timed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def sums(self, missing: Mapping[str, frozenset[str]], population: Mapping[tuple[str, str], int]) -> RatingSums:
        """The sums of all ratings; they read the files again for what sums cannot tell."""
        kept: dict[FrozenPart, Part] = {}
        columns = {part.form_id: [name for name in self.answers if name.startswith(f"{part.form_id}.")] for part in self.parts}

        def parts() -> Iterator[Part]:
            left = KEPT - sum(map(_size, kept.values()))
            for each in self.parts:
                part = kept.get(each) or each.read(columns[each.form_id])
                if each not in kept and _size(part) <= left:
                    kept[each] = part
                    left -= _size(part)
                yield part

        sums = RatingSums(self.answers, missing, population, parts)
        for part in parts():
            sums.add(part)
        return sums

    def chosen(self) -> dict[tuple[str, str, str], np.ndarray]:
        """(question "form.question", unit, group) -> (2, choices): counts and weights in millionths of each choice."""
        found: dict[tuple[str, str, str], np.ndarray] = {}
        for part in self.parts:
            questions = {name.split(".", 1)[1]: len(choices) for name, choices in self.several.items()
                         if name.startswith(f"{part.form_id}.")}
            for question, unit, group, counts, weighted in part.chosen(questions):
                key = f"{part.form_id}.{question}", unit, group
                found[key] = found.get(key, 0) + np.stack([counts, weighted])
        return found


def _size(part: Part) -> int:
    return sum(each.nbytes for each in (part.place, part.weight, part.person, part.unit, *part.codes.values()))


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # no row at all
        return np.zeros(0, dtype=np.int32), []
    return whole.indices.to_numpy(), whole.dictionary.to_pylist()


def _places(people: pa.Table) -> tuple[np.ndarray, list[tuple[str, str, str]]]:
    """Each person's place, int32, and the places."""
    columns = [_codes(people[name]) for name in PLACE]
    key = np.zeros(len(people), dtype=np.int64)
    for code, labels in columns:
        key = key * max(len(labels), 1) + code
    keys, first, place = np.unique(key, return_index=True, return_inverse=True)
    return place.astype(np.int32), [tuple(labels[code[at]] for code, labels in columns) for at in first]

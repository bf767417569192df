"""Freezing: a campaign's sealed answers as column files in the data folder, brought up to date before they are scored.

A sealed response never changes, so only parts whose responses are no longer the ones in the database are read again. Responses
are cut into parts by the first characters of their random ids. A part is trusted when the database still has exactly its
responses (count and checksum of ids per part) and its files have the hashes that the manifest says. The files are a cache:
deleting them loses nothing. docs/decisions/0007-frozen-snapshot.md tells why.
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from flask import current_app
from pyarrow import parquet

from questionnaires.model import Questionnaire
from surveyapp.queries import ratings
from surveyapp.queries.frozen import FormColumns, Frozen, FrozenPart
from surveyapp.queries.ratings import Fingerprint

#: what the files look like; another number means that files of before are not read
LAYOUT = 1
#: responses of one form and part that are gathered before they are written
GATHERED = 5_000
#: responses up to which ids are cut into parts by no digit, by one, and else by two
BY_NO_DIGIT, BY_ONE_DIGIT = 20_000, 2_000_000
MANIFEST, LOCK, FORGET = "manifest.json", "lock", "forget-"


@contextmanager
def frozen(campaign_id: int, forms: Mapping[str, Questionnaire]) -> Iterator[Frozen]:
    """The campaign's answers as of now. Two that freeze the same campaign wait for each other."""
    folder = _folder(campaign_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(folder):
        try:
            _forget_marked(folder)
            yield _up_to_date(folder, campaign_id, forms)
        finally:
            _forget_marked(folder)


def forget(campaign_id: int, response_id: str) -> None:
    """Deletes the files that hold a response which was withdrawn; at once, or as soon as they are no longer being read."""
    folder = _folder(campaign_id)
    if not folder.exists():
        return
    (folder / f"{FORGET}{hashlib.sha256(response_id.encode()).hexdigest()}").write_text(response_id)
    with suppress(BlockingIOError), _locked(folder, wait=False):
        _forget_marked(folder)


def _folder(campaign_id: int) -> Path:
    return Path(current_app.config["DATA_FOLDER"]) / "frozen" / f"campaign-{campaign_id}"


@contextmanager
def _locked(folder: Path, wait: bool = True) -> Iterator[None]:
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _forget_marked(folder: Path) -> None:
    marks = list(folder.glob(f"{FORGET}*"))
    if not marks:
        return
    parts = _manifest(folder).get("parts", {})
    for mark in marks:
        response_id = mark.read_text()
        for prefix, part in parts.items():
            if response_id.startswith(prefix):
                for file in _files(part):
                    (folder / file).unlink(missing_ok=True)
        mark.unlink()


def _up_to_date(folder: Path, campaign_id: int, forms: Mapping[str, Questionnaire]) -> Frozen:
    answers, several = ratings.answers_of(forms), ratings.several_of(forms)
    total = ratings.count(campaign_id)
    digits = 0 if total <= BY_NO_DIGIT else 1 if total <= BY_ONE_DIGIT else 2
    reads = hashlib.sha256(json.dumps([LAYOUT, digits, answers, several], sort_keys=True).encode()).hexdigest()
    before = _manifest(folder)
    old = before["parts"] if before.get("reads") == reads else {}
    now = ratings.fingerprints(campaign_id, digits)
    kept = {prefix: part for prefix, part in old.items()
            if now.get(prefix) == Fingerprint(*part["fingerprint"]) and _intact(folder, part)}
    stale = now.keys() - kept.keys()
    parts = kept | (_build(folder, campaign_id, forms, stale, digits, whole=not kept) if stale else {})
    found = tuple(FrozenPart(form_id, folder / people, folder / rated) for _, part in sorted(parts.items())
                  for form_id, ((people, _), (rated, _)) in sorted(part["forms"].items()))
    unchanged = before.get("reads") == reads and not stale and parts.keys() == old.keys()
    named = before["dataset_sha256"] if unchanged else _name_of_set(found)
    responses = sum(part["fingerprint"][0] for part in parts.values())
    if not unchanged:
        _write_manifest(folder, {"reads": reads, "dataset_sha256": named, "parts": parts})
        listed = {file for part in parts.values() for file in _files(part)}
        for file in folder.glob("*.parquet*"):
            if file.name not in listed:
                file.unlink()
    return Frozen(responses, named, found, answers, several)


def _name_of_set(parts: tuple[FrozenPart, ...]) -> str:
    """SHA-256 over the sorted digests of the responses: it names the set of answers, whatever database holds it."""
    digests = np.concatenate([part.digests() for part in parts]) if parts else np.zeros(0, dtype="S32")
    digests.sort()
    return hashlib.sha256(digests.tobytes()).hexdigest()


def _intact(folder: Path, part: Mapping) -> bool:
    return all(_hash_of(folder / name) == sha256 for files in part["forms"].values() for name, sha256 in files)


def _hash_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _build(folder: Path, campaign_id: int, forms: Mapping[str, Questionnaire], prefixes: set[str], digits: int, *,
           whole: bool) -> dict[str, dict]:
    """Reads the responses of these parts and writes their files; `whole`: these are all parts there are."""
    writers: dict[tuple[str, str], _Writer] = {}
    answers, several = ratings.answers_of(forms), ratings.several_of(forms)
    try:
        for response in ratings.sealed(campaign_id, None if whole else prefixes, digits):
            key = response.id[:digits], response.form_id
            writer = writers.get(key)
            if writer is None:
                writer = writers[key] = _Writer(folder, *(_of_form(each, response.form_id) for each in (answers, several)))
            writer.add(response)
        parts: dict[str, dict] = {}
        for (prefix, form_id), writer in sorted(writers.items()):
            part = parts.setdefault(prefix, {"fingerprint": (0, 0), "forms": {}})
            files, mark = writer.close()
            part["forms"][form_id] = files
            part["fingerprint"] = tuple(map(sum, zip(part["fingerprint"], mark, strict=True)))
        return parts
    finally:
        for writer in writers.values():
            writer.discard()


def _of_form(columns: Mapping[str, tuple[str, ...]], form_id: str) -> dict[str, tuple[str, ...]]:
    return {name.removeprefix(f"{form_id}."): names for name, names in columns.items() if name.startswith(f"{form_id}.")}


class _Writer:
    """The two files of one form and part, written under another name until they are whole."""

    def __init__(self, folder: Path, single: Mapping, several: Mapping) -> None:
        self._folder = folder
        self._gathered = FormColumns(single, several)
        self._paths = [folder / f"{secrets.token_hex(8)}.parquet.part" for _ in range(2)]
        self._files = [os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") for path in self._paths]
        self._writers: list[parquet.ParquetWriter] = []
        self._mark = Fingerprint(0, 0)

    def add(self, response: ratings.Sealed) -> None:
        self._gathered.add(response)
        if len(self._gathered) >= GATHERED:
            self._write()

    def close(self) -> tuple[list[tuple[str, str]], Fingerprint]:
        """[(name, SHA-256)] of people and ratings, and the fingerprint of the responses in them."""
        self._write()
        named = []
        for path, file, writer in zip(self._paths, self._files, self._writers, strict=True):
            writer.close()
            file.flush()
            os.fsync(file.fileno())
            file.close()
            sha256 = _hash_of(path)
            name = f"{sha256[:24]}.parquet"
            path.replace(self._folder / name)
            named.append((name, sha256))
        return named, self._mark

    def discard(self) -> None:
        """Leaves nothing of what was not finished."""
        for path, file in zip(self._paths, self._files, strict=True):
            file.close()
            path.unlink(missing_ok=True)

    def _write(self) -> None:
        tables = self._gathered.take()
        if not self._writers:
            self._writers = [parquet.ParquetWriter(file, table.schema, compression="zstd")
                             for file, table in zip(self._files, tables, strict=True)]
        for writer, table in zip(self._writers, tables, strict=True):
            writer.write_table(table)
        mark = ratings.fingerprint(tables[0]["id"].to_pylist())
        self._mark = Fingerprint(self._mark.count + mark.count, self._mark.checksum + mark.checksum)


def _files(part: Mapping) -> list[str]:
    return [name for files in part["forms"].values() for name, _ in files]


def _manifest(folder: Path) -> dict:
    """{} where there is none, or it is damaged."""
    try:
        sha256, content = (folder / MANIFEST).read_text().split("\n", 1)
    except (OSError, ValueError):
        return {}
    return json.loads(content) if hashlib.sha256(content.encode()).hexdigest() == sha256 else {}


def _write_manifest(folder: Path, manifest: Mapping) -> None:
    content = json.dumps(manifest, sort_keys=True)
    path = folder / f"{MANIFEST}.new"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{hashlib.sha256(content.encode()).hexdigest()}\n{content}")
        file.flush()
        os.fsync(file.fileno())
    path.replace(folder / MANIFEST)

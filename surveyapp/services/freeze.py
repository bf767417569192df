"""Freezing: a campaign's sealed answers as column files in the data folder, brought up to date before they are scored.

A sealed response never changes, so only responses that no file holds are read from the database. They become a layer of files
beside those of before; a layer with responses that the database no longer has is written again without them. Layers are
trusted when together they hold exactly the ids that the database has now, and their files have the hashes that the manifest
says. The files are a cache: deleting them loses nothing. docs/decisions/0007-frozen-snapshot.md tells why.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from flask import current_app

from questionnaires.model import Questionnaire
from surveyapp.queries import ratings
from surveyapp.queries.frozen import Frozen, FrozenPart
from surveyapp.services import layers
from surveyapp.services.layers import Layer

#: what the files look like; another number means that files of before are not read
LAYOUT = 2
#: new responses are picked one by one by their ids up to this share of all; beyond it all are read in the database's own order
PICKED = 0.25
MANIFEST, LOCK, FORGET = "manifest.json", "lock", ".forget"


@contextmanager
def frozen(campaign_id: int, forms: Mapping[str, Questionnaire]) -> Iterator[Frozen]:
    """The campaign's answers as of now. Two that freeze the same campaign wait for each other."""
    folder = _folder(campaign_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _locked(folder):
            _forget_marked(folder)
            try:
                yield _up_to_date(folder, campaign_id, forms)
            finally:
                _forget_marked(folder)
                _sweep(folder, _manifest(folder).layers)
    finally:
        _forget_if_free(folder)  # what was withdrawn after the look for marks and before the lock was given back


def forget(campaign_id: int, response_id: str) -> None:
    """Takes a response that was withdrawn out of the files; at once, or as soon as they are no longer being read."""
    folder = _folder(campaign_id)
    if not folder.exists():
        return
    mark = folder / f"{hashlib.sha256(response_id.encode()).hexdigest()}{FORGET}"
    unfinished = mark.with_suffix(".new")
    unfinished.write_text(response_id)
    unfinished.replace(mark)
    _forget_if_free(folder)


@dataclass(frozen=True)
class _Manifest:
    """What the files hold. `reads`: how answers become columns; `ids_sha256`: over the sorted ids of the responses."""

    reads: str = ""
    ids_sha256: str = ""
    dataset_sha256: str = ""
    layers: Sequence[Layer] = ()


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


def _forget_if_free(folder: Path) -> None:
    """Whoever has the lock forgets in our place."""
    if any(folder.glob(f"*{FORGET}")):
        with suppress(BlockingIOError), _locked(folder, wait=False):
            _forget_marked(folder)


def _forget_marked(folder: Path) -> None:
    marks = list(folder.glob(f"*{FORGET}"))
    if not marks:
        return
    gone, before = np.array([mark.read_text() for mark in marks], dtype=ratings.ID), _manifest(folder)
    kept = _without(folder, [layer for layer in before.layers if layer.is_whole(folder)], gone)
    _sweep(folder, kept)  # before anything that could fail
    if kept != before.layers:
        _write_manifest(folder, _Manifest(before.reads, layers=kept))
    for mark in marks:
        mark.unlink()


def _without(folder: Path, before: Iterable[Layer], gone: np.ndarray) -> list[Layer]:
    """The layers without these responses; one that cannot be written again is left out, and read from the database later."""
    kept = []
    for layer in before:
        with suppress(OSError, pa.ArrowException):
            kept.append(layers.without(folder, layer, gone))
    return [layer for layer in kept if layer is not None]


def _up_to_date(folder: Path, campaign_id: int, forms: Mapping[str, Questionnaire]) -> Frozen:
    answers, several, timed = ratings.answers_of(forms), ratings.several_of(forms), ratings.timed_of(forms)
    # files of campaigns that keep no times are what they were before times were looked at
    columns = [LAYOUT, answers, several, *([timed] if timed else [])]
    reads = hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()
    manifest = _manifest(folder)
    whole = [layer for layer in manifest.layers if layer.is_whole(folder)] if manifest.reads == reads else []
    now = ratings.ids(campaign_id)
    if manifest.reads != reads or whole != manifest.layers or _sha256(now) != manifest.ids_sha256:
        renewed = _renewed(folder, campaign_id, forms, whole, now)
        now = _ids(folder, renewed)  # of what was read: an answer may have been withdrawn in between
        manifest = _Manifest(reads, _sha256(now), _name_of_set(_parts(folder, renewed), len(now)), renewed)
        _write_manifest(folder, manifest)
    return Frozen(len(now), manifest.dataset_sha256, tuple(_parts(folder, manifest.layers)), answers, several, timed)


def _renewed(folder: Path, campaign_id: int, forms: Mapping[str, Questionnaire], whole: Sequence[Layer],
             now: np.ndarray) -> list[Layer]:
    """Layers of the responses `now`; `whole` hold some of them, and perhaps others."""
    have = _ids(folder, whole)
    stays = _among(have, now)
    if not stays.all():
        whole = _without(folder, whole, have[~stays])
        have = _ids(folder, whole)
    timed = ratings.timed_of(forms)
    new = now[~_among(now, have)]
    if len(new) > PICKED * len(now) or (have[1:] == have[:-1]).any():
        return layers.merged(folder, layers.build(folder, forms, ratings.sealed(campaign_id, None, timed)))
    picked = ratings.sealed(campaign_id, new.astype(str).tolist(), timed) if len(new) else ()
    built = layers.build(folder, forms, picked)
    return layers.merged(folder, [*whole, *built])


def _parts(folder: Path, of: Iterable[Layer]) -> list[FrozenPart]:
    return [part for layer in of for part in layer.parts(folder)]


def _ids(folder: Path, of: Sequence[Layer]) -> np.ndarray:
    """Sorted."""
    found = np.concatenate([np.zeros(0, dtype=ratings.ID), *(layer.ids(folder) for layer in of)])
    found.sort()
    return found


def _among(some: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Which of these sorted ids are among the others, sorted too. (As numpy.isin, without sorting both once more.)"""
    return of[np.minimum(np.searchsorted(of, some), len(of) - 1)] == some if len(of) else np.zeros(len(some), dtype=bool)


def _name_of_set(parts: Iterable[FrozenPart], responses: int) -> str:
    """SHA-256 over the sorted digests of the responses: it names the set of answers, whatever database or layer holds it."""
    digests, end = np.zeros(responses, dtype="S32"), 0
    for part in parts:
        some = part.digests()
        digests[end : end + len(some)] = some
        end += len(some)
    digests.sort()
    return _sha256(digests)


def _sha256(sorted_: np.ndarray) -> str:
    return hashlib.sha256(sorted_).hexdigest()


def _sweep(folder: Path, listed: Iterable[Layer]) -> None:
    """No file stays that no layer lists: what was withdrawn must not live on in one that was left behind."""
    names = {name for layer in listed for name, _ in layer.files}
    for file in folder.glob("*.parquet*"):
        if file.name not in names:
            file.unlink()


def _manifest(folder: Path) -> _Manifest:
    """Empty where there is none, or it is damaged or of another layout."""
    try:
        sha256, content = (folder / MANIFEST).read_text().split("\n", 1)
        if hashlib.sha256(content.encode()).hexdigest() != sha256:
            return _Manifest()
        found = json.loads(content)
        return _Manifest(found["reads"], found["ids_sha256"], found["dataset_sha256"],
                         [Layer(**layer) for layer in found["layers"]])
    except (OSError, ValueError, KeyError):
        return _Manifest()


def _write_manifest(folder: Path, manifest: _Manifest) -> None:
    content = json.dumps({"reads": manifest.reads, "ids_sha256": manifest.ids_sha256, "dataset_sha256": manifest.dataset_sha256,
                          "layers": [layer.as_json() for layer in manifest.layers]}, sort_keys=True)
    path = folder / f"{MANIFEST}.new"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{hashlib.sha256(content.encode()).hexdigest()}\n{content}")
        file.flush()
        os.fsync(file.fileno())
    path.replace(folder / MANIFEST)

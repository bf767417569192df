"""One thing found wrong in a questionnaire, at a path of it; whoever has the document turns the path into a place."""

from dataclasses import dataclass

from documents.yaml_reader import Path


@dataclass(frozen=True)
class Finding:
    path: Path
    reason: str
    mend: str


@dataclass(frozen=True)
class Advice:
    """Something worth a second look; it never stops anybody from using the questionnaire."""

    path: Path
    reason: str
    mend: str
    #: which rule says so, for lists and counts
    kind: str

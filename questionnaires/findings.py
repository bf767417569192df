"""One thing found wrong in a questionnaire, at a path of it; whoever has the document turns the path into a place."""

from dataclasses import dataclass

from documents.yaml_reader import Path


@dataclass(frozen=True)
class Finding:
    path: Path
    reason: str
    mend: str

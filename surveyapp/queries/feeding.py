"""Which points a question feeds: the criteria of the frameworks that count its answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from analysis.index.framework import Framework, Leaf
from surveyapp.models import Campaign, FrameworkDocument
from surveyapp.queries import designed, frameworks


@dataclass(frozen=True)
class Feed:
    """One respondent group's answers to a question count towards this leaf of this framework."""

    document: FrameworkDocument
    framework: Framework
    leaf: Leaf
    group: str
    share: Fraction


def feeds(form_id: str, documents: Iterable[FrameworkDocument]) -> Mapping[str, list[Feed]]:
    """Question -> where its answers become points, over all the frameworks given."""
    found: dict[str, list[Feed]] = defaultdict(list)
    for document in documents:
        framework = frameworks.parsed(document)
        for leaf in framework.survey_leaves:
            for source in leaf.rule.sources if leaf.rule else ():
                if source.questionnaire == form_id:
                    found[source.question].append(Feed(document, framework, leaf, source.group, source.share))
    return found


def newest_revisions() -> list[FrameworkDocument]:
    """Of every year and unit group."""
    newest: dict[tuple[int, str], FrameworkDocument] = {}
    for document in designed.framework_documents():
        newest.setdefault((document.year, document.unit_group), document)
    return list(newest.values())


def of_campaign(campaign: Campaign) -> list[FrameworkDocument]:
    return list(frameworks.of_campaign(campaign.id).values())

"""What a campaign asked and scored by, in words: names of areas and units' groups, labels of questions and answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.index.framework import Framework, Leaf
from questionnaires.model import Questionnaire
from surveyapp.queries import frameworks, questionnaires


@dataclass(frozen=True)
class Asked:
    """The campaign's questionnaires by form and frameworks by unit group, parsed; both are fixed before it opens."""

    questionnaires: Mapping[str, Questionnaire]
    frameworks: Mapping[str, Framework]
    #: hash of each framework document as imported
    framework_hashes: Mapping[str, str]

    def version(self, form_id: str) -> str:
        form = self.questionnaires.get(form_id)
        return form.version if form else ""

    def form_title(self, form_id: str) -> str:
        form = self.questionnaires.get(form_id)
        return form.title.in_language("vi") if form else form_id

    def question_label(self, form_id: str, name: str) -> str:
        question = self._question(form_id, name)
        return (question.label.in_language("vi") if question else "") or name

    def answer_label(self, form_id: str, name: str, answer: str) -> str:
        question = self._question(form_id, name)
        for choice in question.choices if question and question.choices else ():
            if choice.name == answer:
                return choice.label.in_language("vi") or answer
        return answer

    def factor(self, form_id: str, name: str) -> str:
        question = self._question(form_id, name)
        return question.factor if question else ""

    def question_order(self, form_id: str, name: str) -> int:
        form = self.questionnaires.get(form_id)
        names = [question.name for question in form.questions] if form else []
        return names.index(name) if name in names else len(names)

    def area_name(self, unit_group: str, area_code: str) -> str:
        framework = self.frameworks.get(unit_group)
        areas = framework.areas if framework else ()
        return next((area.name for area in areas if area.code == area_code), area_code)

    def area_lead(self, unit_group: str, area_code: str) -> str:
        framework = self.frameworks.get(unit_group)
        areas = framework.areas if framework else ()
        return next((area.lead for area in areas if area.code == area_code), "")

    def leaf(self, unit_group: str, leaf_code: str) -> Leaf | None:
        framework = self.frameworks.get(unit_group)
        return next((leaf for leaf in framework.leaves if leaf.code == leaf_code), None) if framework else None

    def _question(self, form_id: str, name: str):
        form = self.questionnaires.get(form_id)
        return form.question(name) if form else None


def of_campaign(campaign_id: int) -> Asked:
    documents = frameworks.of_campaign(campaign_id)
    return Asked(
        questionnaires={form_id: questionnaires.parsed(version)
                        for form_id, version in questionnaires.of_campaign(campaign_id).items()},
        frameworks={group: frameworks.parsed(document) for group, document in documents.items()},
        framework_hashes={group: document.sha256 for group, document in documents.items()},
    )

"""Surveys of LimeSurvey (`.lss`) as draft questionnaires."""

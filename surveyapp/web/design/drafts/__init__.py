"""Questionnaires made in the browser: an overview, a page for each thing to fill in, trying out, review.

Every page that changes something posts the revision it was made from. `saving.py` is the only way from a page to the service.
"""

from surveyapp.web.design.drafts import bank, begin, conditions, forms, many, overview, review, trying

__all__ = ["bank", "begin", "conditions", "forms", "many", "overview", "review", "trying"]

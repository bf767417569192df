"""LimeSurvey's survey structure (.lss) -> model: `reader.read` gives a draft and says what of the survey did not come along."""

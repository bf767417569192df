"""Before the fieldwork: how many people to ask."""

"""What can go wrong in the shell, named in the domain's words, and the one table that maps each to a page."""


class NotFound(LookupError):
    """No such campaign, unit, run ...; the text says which, in Vietnamese."""


class Refused(Exception):
    """A rule of the house forbids this; the text says which and what to do, in Vietnamese."""


class DocumentChanged(Refused):
    """A stored document no longer has its hash: somebody changed it behind the program's back."""


class CampaignNotOpen(Refused):
    """Answers are taken only while the campaign is open."""


class FormIncomplete(Refused):
    """A required answer is missing or an answer breaks a rule, so the form cannot be handed in."""


class AlreadyHandedIn(Refused):
    """This form was sealed before; it stays as it was."""


class NoLongerThere(AlreadyHandedIn):
    """No draft belongs to this code any more: it was handed in, or erased unfinished after its campaign."""


class LinkUnknown(NotFound):
    """No draft and no invitation belongs to this link or code."""


class LoginThrottled(Refused):
    """Too many failed logins under this name; nothing was checked."""

"""What counts as a sign of a doubtful form: declared thresholds, kept in the policy of every run and shown on its method page.

The defaults are strict: on the demonstration's honest answers each of the signs that leave a form out of the second calculation
marks at most some 3 % of the forms. A sign proves nothing; the official score always counts every form.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Self

from surveyapp.errors import Refused

STRAIGHT_LINING, LOW_VARIABILITY, LONG_RUN = "straight_lining", "low_variability", "long_run"
DISTANCE, DUPLICATE, NEAR_CLONE = "distance", "duplicate", "near_clone"
SPEED = "speed"
BURST, EVEN_ODD, PLACE = "burst", "even_odd", "place"
#: at least one of the signs that leave a form out
ANY = "any"
#: signs of one form: a form that has one is left out of the second calculation
OF_FORMS = (SPEED, STRAIGHT_LINING, LOW_VARIABILITY, LONG_RUN, DISTANCE, DUPLICATE, NEAR_CLONE)
#: signs of how a unit's forms came in or hang together; they say nothing about a single form and leave none out
OF_UNITS = (BURST, EVEN_ODD, PLACE)
SIGNS = (*OF_FORMS, ANY, *OF_UNITS)


def position(sign: str) -> int:
    """Where a sign stands among the others. Straight-lining is number 0, as in runs made before there was a sign of speed: the
    numbers are part of what their hashes name."""
    return SIGNS.index(sign) - SIGNS.index(STRAIGHT_LINING)


@dataclass(frozen=True)
class QualityRules:
    """Thresholds. The battery of a form is the largest set of its rating questions on one scale, in the order asked."""

    #: a form with fewer answers in its battery is not looked at
    minimum_answers: int = 5
    #: a form is too fast where its seconds per answer are at most this share of its questionnaire's median; 0: not looked at
    speed_share: float = 0.3
    #: ... of which a page that was left open counts at most as so many times the median of that page
    speed_page: float = 2.0
    #: medians need as many forms with times
    speed_forms: int = 30
    #: a form is straight-lined where this share of its answers is the same one
    same_share: float = 1.0
    #: a form varies little where the standard deviation of its answers, in scale points, is at most this
    deviation: float = 0.25
    #: ... repeats where so many answers in a row are the same; "don't know" between them is skipped
    run: int = 12
    #: ... is unlike the others where the chi-square chance of its distance from the mean is at most this
    distance_chance: float = 0.0001
    #: distances need as many forms
    distance_forms: int = 50
    #: two forms of one unit are near-clones where this share of the answers that both gave is equal (1: duplicates)
    clone_share: float = 0.9
    #: ... of at least so many answers
    clone_answers: int = 10
    #: ... and where so much likeness has at most this chance, judged by the likeness to other units' forms; a unit's forms are
    #: judged only where the others are so many that the chance can be reached: about (forms of the unit) / clone_chance
    clone_chance: float = 0.05
    #: ... of which there must be as many
    clone_elsewhere: int = 200
    #: a day is a burst of a unit's forms where the chance of so many, corrected for all units and days, is at most this
    burst_chance: float = 0.001
    #: ... and so many forms came in
    burst_forms: int = 10
    #: consistency of halves needs as many factors of two or more questions
    minimum_factors: int = 3
    #: units are looked at in sheets of about so many forms; likeness elsewhere and distances are judged within a sheet
    together: int = 50_000

    def __post_init__(self) -> None:
        shares = ("speed_share", "same_share", "distance_chance", "clone_share", "clone_chance", "burst_chance")
        faults = [name for name in shares if not 0 <= getattr(self, name) <= 1]
        least = {"minimum_answers": 2, "run": 2, "clone_answers": 2, "burst_forms": 2, "minimum_factors": 3,
                 "distance_forms": 2, "clone_elsewhere": 1, "together": 100, "deviation": 0,
                 "speed_page": 1, "speed_forms": 2}
        faults += [name for name, low in least.items() if not getattr(self, name) >= low]
        if faults:
            raise Refused(f"Ngưỡng chất lượng phiếu ngoài khoảng cho phép: {', '.join(faults)}. Tỷ lệ và xác suất từ 0 đến 1; "
                          "số đếm từ 2 trở lên (số yếu tố từ 3); speed_page từ 1 trở lên.")

    def changed(self, given: Iterable[str]) -> Self:
        """With `name=value` instead of the defaults. Raises Refused for an unknown name or a value that is no number."""
        kinds = {field.name: type(field.default) for field in fields(self)}
        values = {}
        for each in given:
            name, _, value = each.partition("=")
            if name not in kinds:
                raise Refused(f"Không có ngưỡng chất lượng phiếu “{name}”. Các ngưỡng: {', '.join(kinds)}.")
            try:
                values[name] = kinds[name](value)
            except ValueError:
                raise Refused(f"Ngưỡng chất lượng phiếu {name}: “{value}” không phải là số phù hợp.") from None
        return replace(self, **values)

    def as_json(self) -> dict:
        return asdict(self)

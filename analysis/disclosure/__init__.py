"""Disclosure control: what is hidden in published tables of counts so that no person's answer can be read or worked out.

Words. A *cell* is a count of respondents; a *total* is a cell too. A cell is *primary* when the rule says that it must not be
seen, *complementary* when it is hidden only because a primary one could be worked out from it.

The attacker who is assumed knows every published number, that counts are whole and not negative, which sums hold, and that a
zero is not hidden for being small (so a hidden cell is at least 1, unless `zeros_sensitive` or its whole table is hidden). The
attacker does not know which hidden cells are primary: **`reason` and `rule` are for the office; what goes out is `published()`,
with one sign for every hidden cell.** A percentage beside its n is the count itself, and so is a weighted count where all
weights are the same: hide them with the count.

Sources: Hundepool et al. (2012) Statistical Disclosure Control, ch. 4-5; Cox (1980) JASA 75 (complementary suppression);
Fischetti and Salazar (2001) Management Science 47 (exact model); Kelly, Golden and Assad (1992) Networks 22 (cell by cell).
"""

from analysis.disclosure.attack import bounds_of_unknowns
from analysis.disclosure.differencing import DifferencingRisk, differencing_risk
from analysis.disclosure.figures import Figure, FiguresBeside, dominated, figures_beside
from analysis.disclosure.protection import protect
from analysis.disclosure.tables import TOTAL, Audit, DisclosureRule, LinkedTables, Suppression, tabulate

__all__ = [
    "Audit",
    "DifferencingRisk",
    "DisclosureRule",
    "Figure",
    "FiguresBeside",
    "LinkedTables",
    "Suppression",
    "TOTAL",
    "bounds_of_unknowns",
    "differencing_risk",
    "dominated",
    "figures_beside",
    "protect",
    "tabulate",
]

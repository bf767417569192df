"""The index: frameworks, survey points, totals, bands, ranks and targets. See README.md for the order of reading."""

# Seconds of svyby() for one item by unit. Arguments: the file of doubles (columns one after the other), rows, columns.
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(TRUE); n <- as.integer(arguments[2])
values <- matrix(readBin(arguments[1], "double", n * 5L), ncol = 5)
data <- as.data.frame(values); names(data) <- c("unit", "stratum", "psu", "weight", "item")
seconds <- system.time({
  design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = data)
  result <- svyby(~item, ~unit, design, svymean)
})[["elapsed"]]
cat(seconds, "\n")
write.csv(data.frame(estimate = coef(result), se = SE(result)), arguments[3], row.names = FALSE)

# Reference values for tests/analysis/test_design_reliability.py, made with R's survey package.
# Run from this folder: Rscript make_design_reliability_reference.R   (Debian: r-base-core, r-cran-survey; made with survey 4.1.1, R 4.2.2)
# Alpha of four scores of schools: svycralpha, and its error by withReplicates on the jackknife: case, estimate, se.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
data(api)
number <- function(x) formatC(as.numeric(x), digits = 17, format = "g")
items <- c("api00", "api99", "enroll", "acs.k3")
alpha_of <- function(x, w) {
  v <- function(y) sum(w * (y - sum(w * y) / sum(w))^2) / sum(w)
  ncol(x) / (ncol(x) - 1) * (1 - sum(apply(x, 2, v)) / v(rowSums(x)))
}
strat <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
clus <- svydesign(ids = ~dnum, weights = ~pw, data = apiclus1)
rows <- list()
for (name in c("strat", "clus")) for (case in c("three", "gaps")) for (mse in c(FALSE, TRUE)) {
  d <- get(name)
  these <- if (case == "three") items[1:3] else items
  f <- as.formula(paste("~", paste(these, collapse = "+")))
  data <- d$variables
  kept <- complete.cases(data[, these])
  x <- as.matrix(data[, these])
  r <- withReplicates(as.svrepdesign(d, type = if (name == "clus") "JK1" else "JKn", mse = mse), function(w, data) alpha_of(x[kept, ], w[kept]))
  stopifnot(abs(coef(r) - svycralpha(f, d[kept, ])) < 1e-12)
  rows[[length(rows) + 1]] <- data.frame(case = paste(name, case, mse, sep = "/"), estimate = number(svycralpha(f, d[kept, ])), se = number(SE(r)))
}
write.csv(do.call(rbind, rows), "design_reliability.csv", row.names = FALSE, quote = FALSE)

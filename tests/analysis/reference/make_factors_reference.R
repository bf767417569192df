# Expected values of tests/analysis/test_factors.py and of omega. Run in this folder: Rscript make_factors_reference.R
# R 4.2, psych 2.2.9, GPArotation 2022.10. psych's searches stop early; finished() and rotated() of the referee carry them on.
suppressPackageStartupMessages({library(psych); library(GPArotation)})
frame <- function(columns) as.data.frame(columns)
source("../../referee/reliability.R")
options(warn = -1)
set.seed(20221126)
n <- 250
z <- matrix(rnorm(n * 3), n) %*% chol(matrix(0.4, 3, 3) + diag(0.6, 3))
l <- matrix(0, 10, 3)
l[cbind(1:10, c(1, 1, 1, 1, 2, 2, 2, 3, 3, 3))] <- c(0.8, 0.7, 0.65, 0.6, 0.75, 0.7, 0.55, 0.8, 0.6, 0.7)
x <- pmin(pmax(round(3.4 + 1.1 * (z %*% t(l) + sapply(sqrt(1 - rowSums(l^2)), function(s) s * rnorm(n)))), 1), 5)
x[sample(length(x), 100)] <- NA
x <- as.data.frame(x)
names(x) <- paste0("q", 1:10)
precise <- function(v) formatC(v, digits = 17, format = "g")
write.csv(x, "factors_data.csv", row.names = FALSE, quote = FALSE)

columns <- as.list(x)
out <- NULL
add <- function(case, name, value) {
  out <<- rbind(out, data.frame(case = case, name = name, at = seq_along(unlist(value)), value = precise(as.numeric(unlist(value)))))
}
for (m in 1:3) for (rotation in c("none", "varimax", "oblimin")) {
  if (m == 1 && rotation != "none") next
  f <- factors_of(columns, m, rotation)
  case <- paste0(rotation, "/", m)
  stopifnot(f$converged)
  add(case, "loadings", t(f$loadings))
  add(case, "correlations", t(f$phi))
  add(case, "communalities", f$communality)
  add(case, "objective", f$finished)
  add(case, "psych_objective", f$objective)
  add(case, "fit", f$fit)
  add(case, "psych_loadings", t(f$psych_loadings))
}
a <- adequacy(columns)
add("adequacy", "kmo", c(a$kmo, a$each))
add("adequacy", "bartlett", a$bartlett)
add("adequacy", "eigenvalues", a$pc)
add("adequacy", "psych_common_eigenvalues", a$fa)
for (m in c(1, 3)) {
  o <- omega_of(columns, m)
  case <- paste0("omega/", m)
  add(case, "total", o$total)
  add(case, "psych", o$psych)
  if (m > 2) {
    add(case, "hierarchical", o$hierarchical)
    add(case, "explained_common", o$ecv)
    add(case, "general", o$general)
  }
}
write.csv(out, "factors_expected.csv", row.names = FALSE, quote = FALSE)

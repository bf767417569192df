# Reference values for tests/analysis/test_regression.py and test_drivers.py, made with R's survey package.
# Run from this folder: Rscript make_regression_reference.R   (survey 4.1.1, R 4.2.2; functions of tests/referee)
# Writes regression_data.csv; regression_coefficients.csv: case, coefficient, estimate, se, t, p, low, high, df, r2;
# regression_wald.csv: case, f, df, ddf, p; regression_importance.csv: case, measure, factor, estimate, se (jackknife).
suppressPackageStartupMessages(library(survey))
options(digits = 17)
frame <- identity
source("../../referee/designs.R")
source("../../referee/regression.R")
number <- function(x) ifelse(is.na(as.numeric(x)), "", formatC(as.numeric(x), digits = 17, format = "g"))

# Four strata of several PSUs and a fifth with one; correlated factors on 0-100; a domain that misses PSUs; gaps.
set.seed(20261125)
factors <- c("access", "procedures", "staff", "result", "feedback")
psus <- c(6, 5, 8, 4, 1)
people <- do.call(rbind, lapply(seq_along(psus), function(h) do.call(rbind, lapply(seq_len(psus[h]), function(i) {
  n <- sample(6:14, 1)
  common <- rnorm(n, 0, 9) + rnorm(1, 0, 4)
  x <- sapply(c(6, 9, 5, 8, 12), function(own) round(pmin(100, pmax(0, 68 + common + rnorm(n, 0, own))), 1))
  colnames(x) <- factors
  data.frame(stratum = h, psu = 10 * h + i, size = c(60, 45, 90, 40, 12)[h], weight = round(runif(n, 1, 6), 3),
             unit = sample(c("north", "south"), n, TRUE), age = sample(c("18-34", "35-59", "60+"), n, TRUE), x)
}))))
n <- nrow(people)
people$overall <- round(with(people, 5 + .1 * access + .35 * procedures + .2 * staff + .25 * result + .02 * feedback) +
                        3 * (people$age == "60+") + rnorm(n, 0, 6), 1)
people$satisfied <- as.integer(people$overall + rnorm(n, 0, 8) > 68)
people$inside <- as.integer(people$unit == "north" & people$psu %% 10 != 2)
people$gap <- ifelse(runif(n) < .15, NA, people$staff)
write.csv(people, "regression_data.csv", row.names = FALSE, na = "")

coefficients <- wald <- importances <- list()
fit <- function(case, data, spec, family, predictors, terms, subset = NULL) {
  outcome <- if (family == "linear") "overall" else "satisfied"
  r <- regression(data, spec, paste(outcome, "~", paste(predictors, collapse = "+")), family, terms, subset)
  case <- paste(family, case, sep = "/")
  coefficients[[length(coefficients) + 1]] <<- data.frame(case, coefficient = unclass(r$names), estimate = number(r$estimate),
    se = number(r$se), t = number(r$t), p = number(r$p), low = number(r$low), high = number(r$high), df = r$df, r2 = number(r$r2))
  wald[[length(wald) + 1]] <<- data.frame(case, f = number(r$wald), df = r$wald_df, ddf = r$wald_ddf, p = number(r$wald_p))
}
decomposed <- function(case, data, spec, names, subset = NULL) {
  r <- importance(data, spec, "overall", names, subset)
  measures <- c(rep(c("importance", "share", "first", "last", "standardised"), each = length(names)), "r_squared")
  importances[[length(importances) + 1]] <<- data.frame(case, measure = measures, factor = c(rep(names, 5), ""),
                                                        estimate = number(r$estimate), se = number(r$se))
}
several <- people[people$stratum < 5, ]
stratified <- list(weights = "weight", strata = "stratum", psu = "psu")
specs <- list(stratified = stratified, fpc = c(stratified, fpc = "size"), clustered = list(weights = "weight", psu = "psu"))
for (name in names(specs)) {
  for (family in c("linear", "logistic")) {
    fit(name, several, specs[[name]], family, c("access", "staff", "age"), c("staff", "age"))
    fit(paste0(name, "-domain"), several, specs[[name]], family, c("access", "staff", "age"), c("staff", "age"), "inside")
    fit(paste0(name, "-gap"), several, specs[[name]], family, c("access", "gap", "age"), c("gap", "age"))
  }
  decomposed(name, several, specs[[name]], factors)
  decomposed(paste0(name, "-domain"), several, specs[[name]], factors, "inside")
}
decomposed("stratified-two", several, stratified, c("staff", "feedback"))
for (policy in c("remove", "certainty", "adjust", "average"))
  fit(paste0("lonely-", policy), people, c(specs$fpc, lonely_psu = policy), "linear", c("access", "staff", "age"), c("staff", "age"))
for (policy in c("remove", "certainty")) decomposed(paste0("lonely-", policy), people, c(specs$fpc, lonely_psu = policy), factors)
write.csv(do.call(rbind, coefficients), "regression_coefficients.csv", row.names = FALSE)
write.csv(do.call(rbind, wald), "regression_wald.csv", row.names = FALSE)
write.csv(do.call(rbind, importances), "regression_importance.csv", row.names = FALSE)

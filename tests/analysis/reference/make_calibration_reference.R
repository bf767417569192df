# Reference values for tests/analysis/test_calibration.py, made with R's survey package on its api data (apiclus1_data.csv).
# Run from this folder: Rscript make_calibration_reference.R   (made with survey 4.1.1, R 4.2.2)
# Writes calibration_expected.csv (case, statistic, item, domain, estimate, se), calibration_weights.csv (cds, a column per case)
# and calibration_totals.csv (variable, level, total).
suppressPackageStartupMessages(library(survey))
options(digits = 17, warn = -1)
data(api)
number <- function(x) formatC(as.numeric(x), digits = 17, format = "g")
d <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
one <- function(name) { t <- as.data.frame(table(apipop[[name]])); names(t) <- c(name, "Freq"); t }
crossed <- as.data.frame(table(stype = apipop$stype, sch.wide = apipop$sch.wide))
linear <- colSums(model.matrix(~stype + api99, apipop))
tight <- list(maxit = 1000, epsilon = 1e-14)
cal <- function(...) calibrate(d, ~stype + api99, linear, epsilon = 1e-12, maxit = 200, ...)
designs <- list(
  post = postStratify(d, ~stype, one("stype")),
  crossed = postStratify(d, ~stype + sch.wide, crossed),
  rake = rake(d, list(~stype, ~sch.wide), list(one("stype"), one("sch.wide")), control = tight),
  linear = cal(calfun = "linear"),
  bounded = cal(calfun = "linear", bounds = c(0.7, 1.8)),
  raking = cal(calfun = "raking"),
  raking_bounded = cal(calfun = "raking", bounds = c(0.7, 1.8)),
  logit = cal(calfun = "logit", bounds = c(0.6, 2)),
  variance = calibrate(d, ~api99 + enroll, c(nrow(apipop), sum(apipop$api99), 3420000), variance = apiclus1$api99),
  trimmed = trimWeights(postStratify(d, ~stype, one("stype")), lower = 20, upper = 35),
  trimmed_strict = trimWeights(postStratify(d, ~stype, one("stype")), lower = 20, upper = 35, strict = TRUE)
)
rows <- list(); weight <- data.frame(cds = apiclus1$cds)
add <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)
for (case in names(designs)) {
  one_design <- designs[[case]]
  weight[[case]] <- number(weights(one_design))
  for (what in c("mean", "total")) {
    f <- if (what == "mean") svymean else svytotal
    whole <- f(~api00 + enroll, one_design)
    add(case = case, statistic = what, item = c("api00", "enroll"), domain = "", estimate = number(coef(whole)),
        se = number(SE(whole)))
    parts <- svyby(~api00, ~sch.wide, one_design, f)
    add(case = case, statistic = what, item = "api00", domain = as.character(parts$sch.wide), estimate = number(coef(parts)),
        se = number(SE(parts)))
  }
  ratio <- svyratio(~api.stu, ~enroll, one_design)
  add(case = case, statistic = "ratio", item = "api.stu/enroll", domain = "", estimate = number(coef(ratio)),
      se = number(SE(ratio)))
}
write.csv(do.call(rbind, rows), "calibration_expected.csv", row.names = FALSE, quote = c(1, 2, 3, 4))
write.csv(weight, "calibration_weights.csv", row.names = FALSE, quote = 1)
totals <- rbind(data.frame(variable = "stype", level = names(table(apipop$stype)), total = as.numeric(table(apipop$stype))),
                data.frame(variable = "sch.wide", level = names(table(apipop$sch.wide)),
                           total = as.numeric(table(apipop$sch.wide))),
                data.frame(variable = "stype x sch.wide", level = paste(crossed$stype, crossed$sch.wide), total = crossed$Freq),
                data.frame(variable = c("api99", "enroll", "(population)"), level = "",
                           total = c(sum(apipop$api99), 3420000, nrow(apipop))))
totals$total <- number(totals$total)
write.csv(totals, "calibration_totals.csv", row.names = FALSE, quote = c(1, 2))

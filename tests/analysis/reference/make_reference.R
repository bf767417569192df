# Reference values for tests/analysis/test_design_reference.py, made with R's survey package.
# Run from this folder: Rscript make_reference.R   (Debian: r-base-core, r-cran-survey; made with survey 4.1.1, R 4.2.2)
# Writes the data (*_data.csv) and estimates.csv: case, item, domain, estimate, se, deff; covariances.csv; intervals.csv.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
data(api)
number <- function(x) ifelse(is.na(as.numeric(x)), "", formatC(as.numeric(x), digits = 17, format = "g"))
keep <- c("cds", "stype", "dnum", "snum", "api00", "api99", "enroll", "api.stu", "sch.wide", "acs.k3", "pw", "fpc")
write.csv(apisrs[, keep], "apisrs_data.csv", row.names = FALSE, na = "")
write.csv(apistrat[, keep], "apistrat_data.csv", row.names = FALSE, na = "")
write.csv(apiclus1[, keep], "apiclus1_data.csv", row.names = FALSE, na = "")

# Synthetic: 7 strata, nested PSU numbers, stratum 6 with one PSU, stratum 7 wholly taken with one PSU;
# domains that miss whole PSUs and strata; one item with gaps.
set.seed(20261124)
psus <- c(4, 3, 5, 2, 6, 1, 1)
lonely <- do.call(rbind, lapply(seq_along(psus), function(h) do.call(rbind, lapply(seq_len(psus[h]), function(i) {
  n <- sample(3:9, 1)
  data.frame(stratum = h, psu = i, weight = round(runif(n, 1, 6), 3), size = c(40, 30, 25, 12, 60, 9, 1)[h],
             unit = sample(c("a", "b", "c"), n, TRUE, c(.5, .3, .2)), q1 = sample(1:5, n, TRUE), q2 = sample(0:4, n, TRUE))
}))))
lonely$unit[lonely$stratum == 2 & lonely$unit == "c"] <- "a"
lonely$q1 <- lonely$q1 + round(rnorm(27)[lonely$psu + 4 * (lonely$stratum %% 5)], 2)
lonely$q3 <- ifelse(runif(nrow(lonely)) < .2, NA, lonely$q2 + lonely$q1)
lonely$good <- as.integer(lonely$q2 >= 3)
write.csv(lonely, "lonely_data.csv", row.names = FALSE, na = "")

rows <- list()
add <- function(case, item, domain, estimate, se, deff = NA)
  rows[[length(rows) + 1]] <<- data.frame(case, item, domain, estimate = number(estimate), se = number(se), deff = number(deff))
level <- function(case, fun, items, design, ...) for (item in items) {
  r <- fun(as.formula(paste("~", item)), design, deff = TRUE, ...)
  add(case, item, "", coef(r), SE(r), deff(r))
}
domains <- function(case, fun, items, by, design, ...) for (item in items) {
  r <- svyby(as.formula(paste("~", item)), as.formula(paste("~", by)), design, fun, deff = TRUE, ...)
  add(case, item, as.character(r[[by]]), coef(r), SE(r), r[["DEff"]] %||% r[[paste0("DEff.", item)]] %||% r[[ncol(r)]])
}
`%||%` <- function(a, b) if (is.null(a)) b else a

srs <- svydesign(ids = ~1, fpc = ~fpc, data = apisrs)
strat <- svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = apistrat)
clus <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = apiclus1)
wr <- svydesign(ids = ~dnum, weights = ~pw, data = apiclus1)
items <- c("api00", "api99", "enroll")
for (name in c("srs", "strat", "clus", "wr")) {
  d <- get(name)
  level(paste0(name, "/mean"), svymean, items, d)
  level(paste0(name, "/total"), svytotal, items, d)
  domains(paste0(name, "/mean/stype"), svymean, items, "stype", d)
  domains(paste0(name, "/mean/sch.wide"), svymean, items, "sch.wide", d)
  domains(paste0(name, "/total/sch.wide"), svytotal, items, "sch.wide", d)
  level(paste0(name, "/mean/exclude"), svymean, "acs.k3", d, na.rm = TRUE)
  level(paste0(name, "/total/exclude"), svytotal, "acs.k3", d, na.rm = TRUE)
  domains(paste0(name, "/mean/stype/exclude"), svymean, "acs.k3", "sch.wide", d, na.rm = TRUE)
  r <- svyratio(~api.stu, ~enroll, d, deff = TRUE)
  add(paste0(name, "/ratio"), "api.stu/enroll", "", coef(r), SE(r), deff(r))
  r <- svymean(~stype, d, deff = TRUE)
  add(paste0(name, "/proportion"), sub("stype", "", names(coef(r))), "", coef(r), SE(r), deff(r))
  add(paste0(name, "/degf"), "", "", degf(d), NA)
}
r <- svymean(~api00 + api99, clus, deff = "replace")
add("clus/mean/replace", c("api00", "api99"), "", coef(r), SE(r), deff(r))

fail <- "fail"
for (policy in c("remove", "adjust", "average", "certainty")) {
  options(survey.lonely.psu = policy)
  for (how in c("wr", "fpc")) {
    d <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, nest = TRUE, data = lonely,
                   fpc = if (how == "fpc") ~size else NULL)
    name <- paste("lonely", policy, how, sep = "-")
    level(paste0(name, "/mean"), svymean, c("q1", "q2"), d)
    level(paste0(name, "/total"), svytotal, c("q1", "q2"), d)
    level(paste0(name, "/mean/exclude"), svymean, "q3", d, na.rm = TRUE)
    domains(paste0(name, "/mean/unit"), svymean, c("q1", "q2"), "unit", d)
    domains(paste0(name, "/total/unit"), svytotal, c("q1", "q2"), "unit", d)
    domains(paste0(name, "/mean/unit/exclude"), svymean, "q3", "unit", d, na.rm = TRUE)
    r <- svyratio(~q1, ~q2, d, deff = TRUE)
    add(paste0(name, "/ratio"), "q1/q2", "", coef(r), SE(r), deff(r))
    r <- svyby(~q1, ~unit, denominator = ~q2, d, svyratio)
    add(paste0(name, "/ratio/unit"), "q1/q2", as.character(r$unit), coef(r), SE(r), NA)
  }
}
write.csv(do.call(rbind, rows), "estimates.csv", row.names = FALSE, quote = TRUE, na = "")

# Joint covariances over items and over domains. svyby treats domains as independent for linearisation in 4.1.1, so the
# joint one is asked for as a ratio of indicators, whose scores are the same.
options(survey.lonely.psu = "adjust")
covs <- list()
matrix_out <- function(case, v) for (i in seq_len(nrow(v))) for (j in seq_len(ncol(v)))
  covs[[length(covs) + 1]] <<- data.frame(case, row = i - 1, column = j - 1, covariance = number(v[i, j]))
matrix_out("clus/mean", vcov(svymean(~api00 + api99 + enroll, clus)))
matrix_out("strat/mean", vcov(svymean(~api00 + api99 + enroll, strat)))
joint <- function(case, data, by, item, make) {
  parts <- lapply(sort(unique(as.character(data[[by]]))), function(g) {
    inside <- as.numeric(as.character(data[[by]]) == g)
    mean <- sum(data$w_ * inside * data[[item]]) / sum(data$w_ * inside)
    inside * (data[[item]] - mean) / sum(data$w_ * inside)
  })
  scores <- do.call(cbind, parts)
  matrix_out(case, vcov(svytotal(scores, make(data))))
}
apiclus1$w_ <- apiclus1$pw; apistrat$w_ <- apistrat$pw; lonely$w_ <- lonely$weight
joint("clus/mean/stype", apiclus1, "stype", "api00", function(d) svydesign(ids = ~dnum, weights = ~w_, fpc = ~fpc, data = d))
joint("strat/mean/sch.wide", apistrat, "sch.wide", "api00",
      function(d) svydesign(ids = ~1, strata = ~stype, weights = ~w_, fpc = ~fpc, data = d))
joint("lonely-adjust-fpc/mean/unit", lonely, "unit", "q1",
      function(d) svydesign(ids = ~psu, strata = ~stratum, weights = ~w_, fpc = ~size, nest = TRUE, data = d))
write.csv(do.call(rbind, covs), "covariances.csv", row.names = FALSE)

ints <- list()
for (name in c("srs", "strat", "clus")) {
  d <- get(name)
  for (method in c("logit", "beta", "asin", "mean")) {
    ci <- attr(svyciprop(~I(sch.wide == "Yes"), d, method = method), "ci")
    ints[[length(ints) + 1]] <- data.frame(case = name, method, low = number(ci[1]), high = number(ci[2]))
  }
  ci <- confint(svymean(~api00, d), df = degf(d))
  ints[[length(ints) + 1]] <- data.frame(case = name, method = "t", low = number(ci[1]), high = number(ci[2]))
}
write.csv(do.call(rbind, ints), "intervals.csv", row.names = FALSE)

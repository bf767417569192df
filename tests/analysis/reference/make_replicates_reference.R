# Reference values for tests/analysis/test_replicates.py, made with R's survey package.
# Run from this folder: Rscript make_replicates_reference.R   (made with survey 4.1.1, R 4.2.2)
# Data: apiclus1_data.csv, apistrat_data.csv, and replicates_pairs.csv (R's scd: 3 strata of 2 PSUs, with R's replicate weights).
# Writes replicates_expected.csv: case, statistic, item, domain, estimate, se, df.
suppressPackageStartupMessages(library(survey))
options(digits = 17, warn = -1)
data(api); data(scd)
number <- function(x) formatC(as.numeric(x), digits = 17, format = "g")
scd$weight <- c(12, 14, 9.5, 11, 20, 18)
pairs <- svydesign(id = ~ambulance, strata = ~ESA, weights = ~weight, data = scd, nest = TRUE)
stored <- list(brr = as.svrepdesign(pairs, type = "BRR"), fay = as.svrepdesign(pairs, type = "Fay", fay.rho = 0.3))
set.seed(3)
stored$boot <- as.svrepdesign(pairs, type = "subbootstrap", replicates = 12)
for (name in names(stored)) {
  w <- weights(stored[[name]], "analysis")
  for (r in seq_len(ncol(w))) scd[[paste0(name, r)]] <- w[, r]
}
write.csv(format(scd, digits = 17), "replicates_pairs.csv", row.names = FALSE, quote = FALSE)
clus <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
strat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
one <- as.data.frame(table(stype = apipop$stype))
linear <- colSums(model.matrix(~stype + api99, apipop))
jk1 <- as.svrepdesign(clus, type = "JK1")
designs <- list(
  jk1 = jk1, jk1_mse = as.svrepdesign(clus, type = "JK1", mse = TRUE), jkn = as.svrepdesign(strat, type = "JKn"),
  jk1_post = postStratify(jk1, ~stype, one), jk1_linear = calibrate(jk1, ~stype + api99, linear),
  jk1_raking = calibrate(jk1, ~stype + api99, linear, calfun = "raking", epsilon = 1e-12))
rows <- list()
add <- function(...) rows[[length(rows) + 1]] <<- data.frame(...)
collect <- function(case, design, items, top, bottom, by) {
  f <- as.formula(paste("~", paste(items, collapse = "+")))
  for (what in c("mean", "total")) {
    g <- if (what == "mean") svymean else svytotal
    whole <- g(f, design)
    add(case = case, statistic = what, item = items, domain = "", estimate = number(coef(whole)), se = number(SE(whole)),
        df = degf(design))
    if (!is.null(by)) {
      parts <- svyby(as.formula(paste("~", items[1])), as.formula(paste("~", by)), design, g)
      add(case = case, statistic = what, item = items[1], domain = as.character(parts[[by]]), estimate = number(coef(parts)),
          se = number(SE(parts)), df = NA)
    }
  }
  ratio <- svyratio(as.formula(paste("~", top)), as.formula(paste("~", bottom)), design)
  add(case = case, statistic = "ratio", item = paste(top, bottom, sep = "/"), domain = "", estimate = number(coef(ratio)),
      se = number(SE(ratio)), df = degf(design))
}
for (case in names(designs)) collect(case, designs[[case]], c("api00", "enroll"), "api.stu", "enroll", "sch.wide")
for (case in names(stored)) collect(paste0("stored_", case), stored[[case]], c("arrests", "alive"), "alive", "arrests", NULL)
write.csv(do.call(rbind, rows), "replicates_expected.csv", row.names = FALSE, quote = c(1, 2, 3, 4))

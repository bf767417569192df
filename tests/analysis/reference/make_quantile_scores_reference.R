# Reference values for tests/analysis/test_quantile_scores.py, made with R's survey package.
# Run from this folder: Rscript make_quantile_scores_reference.R   (Debian: r-base-core, r-cran-survey; made with survey 4.1.1, R 4.2.2)
# Intervals by the score test: case, domain, probability, estimate, low, high, se. Weights are 1 or whole numbers' halves, so that a
# share equal to a probability is that on both sides.
# equal/*: svyquantile as it is. strat/*: the weights differ, and svyquantile looks its root up by the unweighted share of rows; so here
# the test is R's (svymean, SE, uniroot as in ffullerCI), and the root's weighted share is looked up.
# No rule with a case of its own where a share is reached exactly (school, hf2, hf3): in R rounding decides whether it is.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
data(api)
number <- function(x) formatC(as.numeric(x), digits = 17, format = "g")
p <- c(.1, .25, .5, .75, .9)
rows <- list()
quarters <- p[2:4]
add <- function(case, domain, q, p) rows[[length(rows) + 1]] <<- data.frame(case, domain, probability = p, estimate = number(q[, 1]),
  low = number(q[, 2]), high = number(q[, 3]), se = number(q[, 4]))
apisrs$one <- 1
apiclus1$one <- 1
apistrat$half <- round(2 * apistrat$pw) / 2
designs <- list(srs = svydesign(ids = ~1, weights = ~one, data = apisrs), clus = svydesign(ids = ~dnum, weights = ~one, fpc = ~fpc, data = apiclus1))
for (name in names(designs)) for (item in c("api00", "enroll")) for (rule in c("hf1", "hf4", "hf8"))
  add(paste("equal", name, item, rule, sep = "/"), "",
      svyquantile(as.formula(paste("~", item)), designs[[name]], p, qrule = rule, interval.type = "score")[[1]], p)
for (label in levels(apiclus1$sch.wide)) {
  part <- subset(designs$clus, sch.wide == label)
  add("equal/clus by sch.wide/api00/hf1", label, svyquantile(~api00, part, quarters, qrule = "hf1", interval.type = "score")[[1]], quarters)
}
strat <- svydesign(ids = ~1, strata = ~stype, weights = ~half, fpc = ~fpc, data = apistrat)
weighted <- function(item, design, rule, p) {
  x <- model.frame(design)[[item]]; w <- weights(design)
  lookup <- get(paste0("qrule_", rule), envir = asNamespace("survey"))
  limit <- qt(.975, degf(design)); margin <- IQR(x) / 100
  t(sapply(p, function(at) {
    test <- function(v, l) { m <- svymean(as.numeric(x > v) - (1 - at), design); as.numeric(m / SE(m)) - l }
    ends <- sapply(c(limit, -limit), function(l) {
      root <- uniroot(test, c(min(x) + margin, max(x) - margin), l = l, tol = 1e-9)$root
      lookup(x, w, sum(w[x <= root]) / sum(w))
    })
    c(lookup(x, w, at), ends, diff(ends) / (2 * limit))
  }))
}
for (item in c("api00", "enroll")) for (rule in c("hf1", "hf4", "hf8")) add(paste("strat", "strat", item, rule, sep = "/"), "",
  weighted(item, strat, rule, p), p)
for (label in levels(apistrat$sch.wide)) add("strat/strat by sch.wide/enroll/hf1", label, 
  weighted("enroll", subset(strat, sch.wide == label), "hf1", quarters), quarters)
# jackknife/*: Woodruff's intervals of a replicate design. svyquantile gives that of "mean" whatever is asked, so its function is asked.
jackknife <- as.svrepdesign(designs$clus, type = "JK1", mse = TRUE)
for (interval in c("mean", "beta", "xlogit", "asin")) {
  q <- t(sapply(quarters, function(at) {
    x <- apiclus1$enroll; middle <- survey:::qrule_hf1(x, weights(jackknife, "sampling"), at); df <- degf(jackknife)
    ends <- survey:::woodruffCI(x, middle, at, jackknife, survey:::qrule_hf1, 0.05, df, method = interval)
    c(middle, ends, diff(ends) / (2 * qt(.975, df)))
  }))
  add(paste0("jackknife/clus/enroll/", interval), "", q, quarters)
}
write.csv(do.call(rbind, rows), "quantile_scores.csv", row.names = FALSE, quote = FALSE)

# Reference values for tests/analysis/test_stages_reference.py, made with R's survey package.
# Run from this folder: Rscript make_stages_reference.R   (Debian: r-base-core, r-cran-survey; made with survey 4.1.1, R 4.2.2)
# Two-stage sample of schools in districts, with the sizes of both populations: means, totals, ratio, variance, quantiles, shares.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
data(api)
number <- function(x) formatC(as.numeric(x), digits = 17, format = "g")
keep <- c("dnum", "snum", "stype", "api00", "api99", "enroll", "api.stu", "sch.wide", "fpc1", "fpc2", "pw")
write.csv(apiclus2[, keep], "apiclus2_data.csv", row.names = FALSE, na = "")
rows <- list()
add <- function(case, item, estimate, se, low = NA, high = NA)
  rows[[length(rows) + 1]] <<- data.frame(case, item, estimate = number(estimate), se = number(se), low = number(low), high = number(high))
both <- svydesign(ids = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)                # weights from the fpc
first <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc1, data = apiclus2)
for (name in c("both", "first")) {
  d <- get(name)
  for (item in c("api00", "api99")) {
    f <- as.formula(paste("~", item))
    m <- svymean(f, d); add(paste0(name, "/mean"), item, coef(m), SE(m))
    t <- svytotal(f, d); add(paste0(name, "/total"), item, coef(t), SE(t))
    v <- svyvar(f, d); add(paste0(name, "/variance"), item, v[1], sqrt(vcov(v)))
    b <- svyby(f, ~stype, d, svymean); add(paste0(name, "/mean by stype"), item, coef(b), SE(b))
  }
  r <- svyratio(~api.stu, ~enroll, d, na.rm = TRUE); add(paste0(name, "/ratio"), "api.stu/enroll", coef(r), SE(r))
  for (method in c("xlogit", "beta", "asin", "mean")) {
    p <- svyciprop(~I(sch.wide == "Yes"), d, method = method)
    add(paste0(name, "/share ", method), "sch.wide", coef(p), sqrt(vcov(p)), confint(p)[1], confint(p)[2])
  }
}
for (rule in c("math", "school", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"))
  for (interval in c("mean", "beta", "xlogit", "asin")) {
    q <- svyquantile(~api00, both, c(.25, .5, .75), qrule = rule, interval.type = interval)[[1]]
    add(paste0("quantile ", rule, " ", interval), "api00", q[, 1], q[, 4], q[, 2], q[, 3])
  }
write.csv(do.call(rbind, rows), "stages.csv", row.names = FALSE, quote = FALSE)

# Reference values for tests/analysis/test_compare_reference.py, made with R's survey package.
# Run from this folder: Rscript make_compare_reference.R   (made with survey 4.1.1, R 4.2.2)
# Data: apistrat_data.csv and apiclus1_data.csv (make_reference.R). Writes compare_expected.csv: case, figure, value.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
rows <- list()
add <- function(case, ...) {
  figures <- c(...)
  rows[[length(rows) + 1]] <<- data.frame(case, figure = names(figures), value = formatC(as.numeric(figures), digits = 17, format = "g"))
}
strata <- read.csv("apistrat_data.csv"); clusters <- read.csv("apiclus1_data.csv")
# R's ranks of equal values depend on the order of the rows when their weights differ: here there are none.
strata$size <- strata$enroll + seq_len(nrow(strata)) / 1000; clusters$size <- clusters$enroll + seq_len(nrow(clusters)) / 1000
designs <- list(strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strata),
                clus = svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = clusters),
                wr = svydesign(ids = ~dnum, weights = ~pw, data = clusters))
designs$gaps <- subset(designs$clus, !is.na(acs.k3))           # acs.k3 is missing in middle and high schools
designs$small <- subset(designs$strat, enroll < 800)           # a domain that cuts across the strata
item <- c(strat = "api00", clus = "api00", wr = "api00", gaps = "acs.k3", small = "api00")
for (name in names(designs)) {
  d <- designs[[name]]; y <- item[[name]]
  formula <- function(right) as.formula(paste(y, "~", right))
  figures <- function(r) c(estimate = unname(r$estimate), t = unname(r$statistic), df = unname(r$parameter), p_value = unname(r$p.value),
                           ci_low = r$conf.int[1], ci_high = r$conf.int[2])
  add(paste0(name, "/t one"), figures(svyttest(formula("0"), d)))
  add(paste0(name, "/t two"), figures(svyttest(formula("sch.wide"), d)))
  add(paste0(name, "/t paired"), figures(svyttest(I(api00 - api99) ~ 0, d)))
  for (test in c("wilcoxon", "vanderWaerden", "median", "KruskalWallis")) {
    r <- svyranktest(size ~ sch.wide, d, test = test)
    add(paste0(name, "/rank two ", test), c(statistic = unname(r$statistic), df2 = unname(r$parameter), p_value = unname(r$p.value)))
    if (name == "gaps") next
    r <- svyranktest(size ~ stype, d, test = test)
    add(paste0(name, "/rank three ", test), c(statistic = unname(r$parameter), df2 = unname(r$ddf), p_value = unname(r$p.value)))
  }
  if (name == "gaps") next
  for (test in c("Chisq", "F", "Wald", "adjWald")) {
    r <- svychisq(~sch.wide + stype, d, statistic = test)
    add(paste0(name, "/chisq ", test), c(statistic = as.numeric(r$statistic), df1 = as.numeric(r$parameter[1]),
      df2 = if (test == "Chisq") Inf else as.numeric(r$parameter[2]), p_value = as.numeric(r$p.value)))
  }
  r <- svygofchisq(~stype, p = c(E = .7, H = .15, M = .15), d)
  add(paste0(name, "/gof"), c(statistic = unname(r$statistic / r$parameter["scale"]), df1 = unname(r$parameter["df"]), p_value = unname(r$p.value)))
  m <- svymean(~api00 + api99 + enroll, d)
  r <- svycontrast(m, c(1, -1, .5)); add(paste0(name, "/linear"), c(estimate = unname(coef(r)), standard_error = as.numeric(SE(r))))
  one <- function(r) c(estimate = unname(coef(r)), standard_error = sqrt(as.numeric(attr(r, "var"))))
  add(paste0(name, "/ratio"), one(svycontrast(m, quote((api00 - api99) / enroll))))
  add(paste0(name, "/smooth"), one(svycontrast(m, quote(log(api00) * sqrt(enroll) / api99))))
}
# Independent samples: variances added, degrees of freedom after Satterthwaite.
a <- svymean(~api00, designs$strat); b <- svymean(~api00, designs$clus)
va <- as.numeric(vcov(a)); vb <- as.numeric(vcov(b)); df <- (va + vb)^2 / (va^2 / degf(designs$strat) + vb^2 / degf(designs$clus))
add("change", c(estimate = unname(coef(b) - coef(a)), standard_error = sqrt(va + vb), df = df, p_value = unname(2 * pt(-abs((coef(b) - coef(a)) / sqrt(va + vb)), df))))
# A panel: both years of every school, PSUs shared.
long <- rbind(transform(clusters, year = 1999, y = api99), transform(clusters, year = 2000, y = api00))
p <- svydesign(ids = ~dnum, weights = ~pw, fpc = ~fpc, data = transform(long, d1 = as.numeric(year == 1999), d2 = as.numeric(year == 2000)))
r <- svycontrast(svytotal(~I(y * d1) + d1 + I(y * d2) + d2, p), quote(`I(y * d2)` / d2 - `I(y * d1)` / d1))
add("panel", c(estimate = unname(coef(r)), standard_error = sqrt(as.numeric(attr(r, "var")))))
# Trends: generalised and weighted least squares of yearly figures, one with a step.
years <- c(2016, 2017, 2018, 2019, 2021, 2022, 2023); y <- c(71.2, 72.9, 73.1, 75.4, 79.8, 80.1, 82.7)
v <- diag(c(.8, .9, .7, 1.1, .6, .5, .9)) + .2
x <- years - mean(years); s <- as.numeric(years >= 2021); w <- 1 / diag(v)
m <- lm(y ~ x, weights = w); add("trend independent", c(slope = unname(coef(m)[2]), standard_error = sqrt(summary(m)$cov.unscaled[2, 2]),
  linearity = sum(w * resid(m)^2) / 5, p_value = pchisq(sum(w * resid(m)^2), 5, lower.tail = FALSE)))
m <- lm(y ~ x + s, weights = w); add("trend step", c(slope = unname(coef(m)[2]), step = unname(coef(m)[3]),
  standard_error = sqrt(summary(m)$cov.unscaled[2, 2]), step_error = sqrt(summary(m)$cov.unscaled[3, 3])))
root <- t(chol(v)); m <- lm(solve(root, y) ~ solve(root, cbind(1, x)) - 1)
add("trend joint", c(slope = unname(coef(m)[2]), standard_error = sqrt(summary(m)$cov.unscaled[2, 2]), linearity = sum(resid(m)^2) / 5))
pvalues <- c(.001, .04, .02, NA, .02, .3, .0004, .9, .049)
for (method in c("bonferroni", "holm", "hochberg", "BH", "BY")) {
  adjusted <- p.adjust(pvalues, method); names(adjusted) <- seq_along(adjusted)
  add(paste("adjust", method), adjusted[!is.na(adjusted)])
}
write.csv(do.call(rbind, rows), "compare_expected.csv", row.names = FALSE, quote = FALSE)

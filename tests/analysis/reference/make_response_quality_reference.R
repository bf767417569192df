# Expected values for tests/analysis/test_response_quality.py, in base R (4.2.2) and R's survey package (4.1-1).
# Run from this folder: Rscript make_response_quality_reference.R
# Debian has no package `careless`: its definitions (run lengths, intra-individual variability, even-odd consistency) are
# written out here in base R. The data are synthetic: 120 questionnaires of 12 items, five levels, by interviewers in two sites.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
set.seed(20261125)
n <- 120; k <- 12
items <- paste0("q", 1:k)
level <- rnorm(n, 3.4, .7)
scale_effect <- matrix(rnorm(n * 4, 0, .6), n)[, rep(1:4, each = 3)]
x <- matrix(pmin(5, pmax(1, round(level + scale_effect + matrix(rnorm(n * k, 0, .8), n)))), n)
x[1, ] <- 4; x[2, ] <- c(rep(5, 11), 4); x[3, ] <- x[10, ]
gaps <- matrix(runif(n * k) < .06, n); gaps[1:12, ] <- FALSE
x[gaps] <- NA
x[20, 1:10] <- NA
colnames(x) <- items
site <- rep(c("A", "B"), each = n / 2)
interviewer <- c(sample(c("i1", "i2", "i3"), n / 2, TRUE, c(.5, .3, .2)), sample(c("i4", "i5", "i6", "i7"), n / 2, TRUE))
people <- data.frame(respondent = 1:n, site, interviewer, x, stratum = site,
                     psu = paste0(site, sample(1:8, n, TRUE)), weight = round(runif(n, .5, 3), 3))
people$y <- round(50 + 6 * (site == "B") + c(i1 = 0, i2 = 4, i3 = -3, i4 = 0, i5 = 8, i6 = 1, i7 = -2)[interviewer] + rnorm(n, 0, 10), 3)
people$z <- round(rnorm(n, 20, 3), 3)
write.csv(people, "response_quality_data.csv", row.names = FALSE, na = "")

# One value per respondent and flag. At least 6 answers.
enough <- rowSums(!is.na(x)) >= 6
per <- function(f) sapply(1:n, function(i) if (enough[i]) f(x[i, ]) else NA)
runs_broken <- function(v) { v[is.na(v)] <- -seq_along(v)[is.na(v)]; r <- rle(v); r$lengths[r$values > 0] }
runs_skipped <- function(v) rle(v[!is.na(v)])$lengths
even_odd <- function(v) {
  halves <- sapply(split(v, rep(1:4, each = 3)), function(s) c(mean(s[c(1, 3)], na.rm = TRUE), mean(s[2], na.rm = TRUE)))
  if (sum(!is.na(colSums(halves))) < 3) return(NA)
  r <- suppressWarnings(cor(halves[1, ], halves[2, ], use = "complete.obs"))
  max(2 * r / (1 + r), -1)
}
complete <- complete.cases(x)
distance <- rep(NA, n)
distance[complete] <- mahalanobis(x[complete, ], colMeans(x[complete, ]), cov(x[complete, ]))
# Over the items answered, from pairwise covariances shrunk by a tenth towards their diagonal; usable rows only.
s <- cov(x[enough, ], use = "pairwise"); s <- .9 * s + .1 * diag(diag(s)); m <- colMeans(x[enough, ], na.rm = TRUE)
distance_gaps <- per(function(v) { o <- !is.na(v); mahalanobis(v[o], m[o], s[o, o]) })
chance_gaps <- pchisq(distance_gaps, rowSums(!is.na(x)), lower.tail = FALSE)
nearest <- function(i) {
  shares <- sapply(setdiff(which(enough & site == site[i]), i), function(j) {
    both <- !is.na(x[i, ]) & !is.na(x[j, ])
    if (sum(both) < 6) NA else mean(x[i, both] == x[j, both])
  })
  max(shares, na.rm = TRUE)
}
values <- data.frame(respondent = 1:n,
  straight = per(function(v) max(table(v)) / sum(!is.na(v))), variability = per(function(v) sd(v, na.rm = TRUE)),
  longest_breaks = per(function(v) max(runs_broken(v))), longest_skipped = per(function(v) max(runs_skipped(v))),
  average_breaks = per(function(v) mean(runs_broken(v))), average_skipped = per(function(v) mean(runs_skipped(v))),
  even_odd = apply(x, 1, even_odd), distance, distance_gaps, chance_gaps,
  nearest = sapply(1:n, function(i) if (enough[i]) nearest(i) else NA))
write.csv(format(values, digits = 17), "response_quality_values.csv", row.names = FALSE, quote = FALSE)

# Interviewers, by aov: all together, and within sites. n0 from group sizes; interval from quantiles of F.
effects <- do.call(rbind, lapply(c("y", "z"), function(item) do.call(rbind, lapply(c("all", "within"), function(how) {
  f <- if (how == "all") reformulate("interviewer", item) else reformulate(c("site", "site:interviewer"), item)
  a <- summary(aov(f, people))[[1]]
  last <- nrow(a); msb <- a[last - 1, "Mean Sq"]; msw <- a[last, "Mean Sq"]
  d1 <- a[last - 1, "Df"]; d2 <- a[last, "Df"]
  size <- table(interviewer); over <- if (how == "all") n else n / 2
  n0 <- (n - sum(size^2 / over)) / d1
  v <- msb / msw; up <- qf(.975, d1, d2); low <- qf(.025, d1, d2)
  icc <- (msb - msw) / (msb + (n0 - 1) * msw)
  data.frame(item, how, icc, ci_low = (v / up - 1) / (v / up + n0 - 1), ci_high = (v / low - 1) / (v / low + n0 - 1),
             f = v, df_between = d1, df_within = d2, p = a[last - 1, "Pr(>F)"], group_size = n0,
             design_effect = 1 + (sum(size^2) / n - 1) * icc)
}))))
write.csv(format(effects, digits = 17), "response_quality_effects.csv", row.names = FALSE, quote = FALSE)
# Deviations from the others of the site, as a contrast of cell means in lm(y ~ 0 + interviewer).
deviations <- do.call(rbind, lapply(c("y", "z"), function(item) {
  fit <- lm(reformulate(c("0", "interviewer"), item), people)
  do.call(rbind, lapply(sort(unique(interviewer)), function(g) {
    others <- setdiff(unique(interviewer[site == site[match(g, interviewer)]]), g)
    contrast <- setNames(rep(0, length(coef(fit))), names(coef(fit)))
    contrast[paste0("interviewer", g)] <- 1
    size <- table(interviewer)[others]
    contrast[paste0("interviewer", others)] <- -size / sum(size)
    d <- sum(contrast * coef(fit)); se <- sqrt(c(contrast %*% vcov(fit) %*% contrast))
    data.frame(item, interviewer = g, deviation = d, standard_error = se, p = 2 * pt(-abs(d / se), df.residual(fit)))
  }))
}))
for (method in c("holm", "bonferroni", "BH")) deviations[[method]] <- p.adjust(deviations$p, method)
write.csv(format(deviations, digits = 17), "response_quality_deviations.csv", row.names = FALSE, quote = FALSE)

# With and without: the kept are a domain of the full design; the difference by the joint covariance of the two means.
people$kept <- as.numeric(!(enough & per(function(v) max(runs_skipped(v))) >= 4) | !enough)
report <- do.call(rbind, lapply(c("y", "z"), function(item) do.call(rbind, lapply(c("A", "B", "all"), function(where) {
  inside <- if (where == "all") rep(1, n) else as.numeric(people$site == where)
  people$ya <- people[[item]] * inside; people$a <- inside
  people$yw <- people[[item]] * inside * people$kept; people$w <- inside * people$kept
  d <- svydesign(~psu, strata = ~stratum, weights = ~weight, data = people, nest = TRUE)
  both <- svytotal(~ya + a + yw + w, d)
  means <- svycontrast(both, list(everyone = quote(ya / a), without = quote(yw / w), difference = quote(yw / w - ya / a)))
  data.frame(item, site = where, t(setNames(coef(means), c("everyone", "without", "difference"))),
             t(setNames(SE(means), c("se_everyone", "se_without", "se_difference"))),
             n_all = sum(inside), n_without = sum(inside * people$kept))
}))))
write.csv(format(report, digits = 17), "response_quality_report.csv", row.names = FALSE, quote = FALSE)

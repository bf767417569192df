# Expected values of tests/analysis/test_reliability.py. Run in this folder: Rscript make_reliability_reference.R
# R 4.2, psych 2.2.9. Data: five-point answers of 120 people to six items of one scale, q6 worded the other way round, with gaps.
suppressPackageStartupMessages({library(psych); library(GPArotation)})
set.seed(20221125)
n <- 120
g <- rnorm(n)
x <- sapply(c(0.8, 0.7, 0.6, 0.75, 0.65, -0.5), function(l) pmin(pmax(round(3.4 + 1.1 * (l * g + sqrt(1 - l^2) * rnorm(n))), 1), 5))
x[sample(length(x), 40)] <- NA
x <- as.data.frame(x)
names(x) <- paste0("q", 1:6)
x$weight <- round(runif(n, 0.5, 4), 2)
items <- paste0("q", 1:6)
precise <- function(v) formatC(v, digits = 17, format = "g")
write.csv(x, "reliability_data.csv", row.names = FALSE, quote = FALSE)

long <- function(case, name, item, value) data.frame(case = case, name = name, item = item, value = precise(unlist(value)))
of_alpha <- function(case, d) {
  a <- suppressWarnings(psych::alpha(d, warnings = FALSE))
  total <- c(raw = "raw_alpha", standardised = "std.alpha", guttman_6 = "G6(smc)", mean_r = "average_r",
             signal_to_noise = "S/N", ase = "ase", mean = "mean", sd = "sd", median_r = "median_r")
  stat <- c(answers = "n", raw_r = "raw.r", std_r = "std.r", r_cor = "r.cor", r_drop = "r.drop", item_mean = "mean", item_sd = "sd")
  drop <- c(dropped_raw = "raw_alpha", dropped_standardised = "std.alpha", dropped_guttman_6 = "G6(smc)",
            dropped_mean_r = "average_r", dropped_ase = "alpha se")
  out <- list(long(case, names(total), "", a$total[total]), long(case, "feldt_low", "", a$feldt$lower.ci),
              long(case, "feldt_high", "", a$feldt$upper.ci))
  for (one in names(stat)) out <- c(out, list(long(case, one, names(d), a$item.stats[[stat[one]]])))
  for (one in names(drop)) out <- c(out, list(long(case, one, names(d), a$alpha.drop[[drop[one]]])))
  do.call(rbind, c(out, list(long(case, "skew", names(d), psych::describe(d)$skew))))
}
forward <- items[1:5]
complete <- na.omit(x)
# Weighted: the covariance matrix of stats::cov.wt with n / (n - 1), given to psych as a matrix; n is Kish's.
w <- complete$weight / sum(complete$weight)
v <- cov.wt(complete[forward], w, method = "ML")$cov * nrow(complete) / (nrow(complete) - 1)
kish <- 1 / sum(w^2)
a <- suppressWarnings(psych::alpha(v, n.obs = kish, warnings = FALSE))
weighted <- rbind(long("weighted", c("raw", "standardised", "guttman_6", "mean_r", "ase", "median_r"), "",
                       a$total[c("raw_alpha", "std.alpha", "G6(smc)", "average_r", "ase", "median_r")]),
                  long("weighted", "r_drop", forward, a$item.stats$r.drop), long("weighted", "r_cor", forward, a$item.stats$r.cor),
                  long("weighted", "dropped_raw", forward, a$alpha.drop$raw_alpha))
alphas <- rbind(of_alpha("pairwise", x[forward]), of_alpha("rows", na.omit(x[forward])), of_alpha("with the turned item", x[items]),
                weighted)
write.csv(alphas, "reliability_alpha.csv", row.names = FALSE, quote = FALSE)

# Raters: 12 units by 8 raters, one row each; then with gaps by aov.
unit <- rep(1:12, each = 8)
y <- pmin(pmax(round(3.4 + rnorm(12, 0, 0.7)[unit] + rnorm(96, 0, 0.8)), 1), 5)
i <- psych::ICC(matrix(y, 12, 8, byrow = TRUE), lmer = FALSE)$results
i <- i[i$type %in% c("ICC1", "ICC1k"), ]
balanced <- c(icc_1 = i$ICC[1], icc_1_low = i[["lower bound"]][1], icc_1_high = i[["upper bound"]][1], icc_k = i$ICC[2],
              icc_k_low = i[["lower bound"]][2], icc_k_high = i[["upper bound"]][2], f = i$F[1], df_between = i$df1[1],
              df_within = i$df2[1], p_value = i$p[1])
gaps <- sort(sample(96, 25))
s <- summary(aov(y[-gaps] ~ factor(unit[-gaps])))[[1]]
counts <- table(unit[-gaps])
k <- (sum(counts) - sum(counts^2) / sum(counts)) / (length(counts) - 1)
b <- s[["Mean Sq"]][1]
within <- s[["Mean Sq"]][2]
unequal <- c(icc_1 = (b - within) / (b + (k - 1) * within), icc_k = (b - within) / b, f = s[["F value"]][1],
             p_value = s[["Pr(>F)"]][1], ms_between = b, ms_within = within, raters_per_unit = k)
write.csv(data.frame(unit = unit, rating = y, kept = !(seq_along(y) %in% gaps)), "reliability_ratings.csv", row.names = FALSE,
          quote = FALSE)
write.csv(rbind(data.frame(case = "balanced", name = names(balanced), value = precise(balanced)),
                data.frame(case = "unequal", name = names(unequal), value = precise(unequal))),
          "reliability_icc.csv", row.names = FALSE, quote = FALSE)

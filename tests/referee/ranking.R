# Step-down max-t tests, Holm's p-values and random-effects models, for test_ranking.py. Needs r-cran-multcomp and r-cran-metafor.


# All ordered pairs (or those with `unit`, counted from 1): adjusted p-value of "other is above one" in the step-down max-t test.
rank_stepdown <- function(estimates, covariance, unit = NULL) {
  k <- length(estimates)
  pairs <- subset(expand.grid(one = 1:k, other = 1:k), one != other)
  if (!is.null(unit)) pairs <- subset(pairs, one == unit | other == unit)
  contrasts <- t(apply(pairs, 1, function(pair) { row <- numeric(k); row[pair["other"]] <- 1; row[pair["one"]] <- -1; row }))
  rownames(contrasts) <- paste(pairs$one, pairs$other)
  names(estimates) <- paste0("u", 1:k)
  dimnames(covariance) <- list(names(estimates), names(estimates))
  set.seed(1)
  tests <- multcomp::glht(multcomp::parm(estimates, covariance), linfct = contrasts, alternative = "greater")
  result <- summary(tests, test = multcomp::adjusted("free", maxpts = 50000, abseps = 5e-4))
  list(one = pairs$one, other = pairs$other, p = as.numeric(result$test$pvalues))
}

# Probability that no |t| over all differences is larger than `critical`, by numerical integration.
rank_probability <- function(covariance, critical) {
  k <- nrow(covariance)
  if (k == 2) return(1 - 2 * pnorm(-critical))
  pairs <- combn(k, 2)
  contrasts <- matrix(0, ncol(pairs), k)
  contrasts[cbind(seq_len(ncol(pairs)), pairs[1, ])] <- 1
  contrasts[cbind(seq_len(ncol(pairs)), pairs[2, ])] <- -1
  set.seed(1)
  limit <- rep(critical, ncol(pairs))
  as.numeric(mvtnorm::pmvnorm(-limit, limit, corr = cov2cor(contrasts %*% covariance %*% t(contrasts)),
                              algorithm = mvtnorm::GenzBretz(maxpts = 100000, abseps = 2e-4)))
}

holm <- function(difference, error, df) {
  p <- if (is.null(df)) 2 * pnorm(-difference / error) else 2 * pt(-difference / error, df)
  list(p = p, holm = p.adjust(p, "holm"))
}

# The Fay-Herriot model is a random-effects meta-regression: tau^2, coefficients and BLUPs from metafor.
area_model <- function(direct, variance, covariates, method) {
  columns <- if (is.null(covariates)) matrix(1, length(direct), 1) else cbind(1, covariates)
  fit <- metafor::rma(yi = direct, vi = variance, mods = columns, intercept = FALSE, method = method,
                      control = list(threshold = 1e-13, maxiter = 10000, tol = 1e-13))
  list(model_variance = fit$tau2, coefficients = as.numeric(fit$beta), covariance = vcov(fit), estimate = metafor::blup(fit)$pred)
}

# Two-sided step-down max-t of all pairs (one above other: 1-based), df 0: normal.
stepdown_pairs <- function(estimates, covariance, minuend, subtrahend, df) {
  contrasts <- matrix(0, length(minuend), length(estimates))
  contrasts[cbind(seq_along(minuend), minuend)] <- 1
  contrasts[cbind(seq_along(minuend), subtrahend)] <- -1
  rownames(contrasts) <- paste(minuend, subtrahend)
  names(estimates) <- paste0("u", seq_along(estimates))
  dimnames(covariance) <- list(names(estimates), names(estimates))
  set.seed(1)
  tests <- multcomp::glht(multcomp::parm(estimates, covariance, df = df), linfct = contrasts)
  p <- function(type) as.numeric(summary(tests, test = multcomp::adjusted(type, maxpts = 50000, abseps = 2e-4))$test$pvalues)
  list(free = p("free"), single = p("single-step"))
}

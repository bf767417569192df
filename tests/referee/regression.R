# Regression on the data and designs of designs.R, and the decomposition of R2 by lm() over all subsets.
model_of <- function(data, spec, formula, family, subset = NULL) {
  d <- design_of(data, spec)
  if (!is.null(subset)) d <- d[which(d$variables[[subset]] == 1), ]
  d$variables <- droplevels(as.data.frame(unclass(d$variables), stringsAsFactors = TRUE))
  if (family == "linear") return(svyglm(as.formula(formula), d))
  # glm() keeps the weights of the step before the last for the covariance; a second fit from the first one's end has its own.
  first <- svyglm(as.formula(formula), d, family = quasibinomial(), control = glm.control(epsilon = 1e-14, maxit = 100))
  eval(bquote(svyglm(.(as.formula(formula)), d, family = quasibinomial(), start = .(unname(coef(first))))))
}
regression <- function(data, spec, formula, family, terms, subset = NULL) {
  fit <- model_of(data, spec, formula, family, subset)
  table <- coef(summary(fit))
  half <- qt(0.975, fit$df.residual) * as.numeric(table[, 2])  # confint() goes through pnorm(), which is NaN at 1 df
  test <- regTermTest(fit, as.formula(paste("~", paste(terms, collapse = "+"))))
  expected <- predict(fit, newdata = fit$survey.design$variables, type = "response", se.fit = TRUE)
  w <- weights(fit$survey.design, "sampling")
  y <- fit$y
  share <- if (family == "linear") 1 - sum(w * (y - fitted(fit))^2) / sum(w * (y - weighted.mean(y, w))^2)
           else psrsq(fit, "Nagelkerke")
  list(names = I(names(coef(fit))), estimate = as.numeric(table[, 1]), se = as.numeric(table[, 2]), t = as.numeric(table[, 3]),
       p = as.numeric(table[, 4]), low = as.numeric(table[, 1]) - half, high = as.numeric(table[, 1]) + half, covariance = unname(vcov(fit)),
       df = fit$df.residual, r2 = as.numeric(share), wald = as.numeric(test$Ftest), wald_df = test$df, wald_ddf = test$ddf,
       wald_p = as.numeric(test$p), fitted = as.numeric(expected), fitted_se = as.numeric(SE(expected)))
}
# R2 of the weighted lm() on each subset of factors, written out; then Lindeman, Merenda and Gold's average over orders.
decompose <- function(w, data, outcome, factors) {
  k <- length(factors)
  use <- w > 0
  y <- data[[outcome]][use]
  data <- data[use, , drop = FALSE]
  w <- w[use]
  r2 <- numeric(2^k)
  for (s in seq_len(2^k - 1)) {
    x <- as.matrix(cbind(1, data[, factors[bitwAnd(s, 2^(seq_len(k) - 1)) > 0], drop = FALSE]))
    r2[s + 1] <- 1 - sum(w * lm.wfit(x, y, w)$residuals^2) / sum(w * (y - weighted.mean(y, w))^2)
  }
  size <- sapply(0:(2^k - 1), function(s) sum(bitwAnd(s, 2^(seq_len(k) - 1)) > 0))
  lmg <- sapply(seq_len(k), function(j) {
    without <- which(bitwAnd(0:(2^k - 1), 2^(j - 1)) == 0)
    sum(factorial(size[without]) * factorial(k - size[without] - 1) / factorial(k) * (r2[without + 2^(j - 1)] - r2[without]))
  })
  x <- as.matrix(data[, factors, drop = FALSE])
  b <- lm.wfit(cbind(1, x), y, w)$coefficients[-1]
  spread <- function(v) sqrt(cov.wt(cbind(v), w)$cov[1])
  c(lmg, lmg / r2[2^k], r2[2^(seq_len(k) - 1) + 1], r2[2^k] - r2[2^k - 2^(seq_len(k) - 1)],
    b * apply(x, 2, spread) / spread(y), r2[2^k])
}
importance <- function(data, spec, outcome, factors, subset = NULL) {
  d <- design_of(data, spec)
  replicates <- as.svrepdesign(d, type = if (is.null(spec$strata)) "JK1" else "JKn", mse = TRUE, compress = FALSE)
  if (!is.null(subset)) replicates <- replicates[which(d$variables[[subset]] == 1), ]
  found <- withReplicates(replicates, function(w, data) decompose(w, data, outcome, factors))
  list(estimate = as.numeric(coef(found)), se = as.numeric(SE(found)))
}

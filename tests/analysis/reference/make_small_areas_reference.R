# Expected values for tests/analysis/test_small_areas.py. Run from this folder: Rscript make_small_areas_reference.R
# Base R only, written from the formulas with whole matrices (no code of ours, no package): Rao and Molina (2015), Small Area
# Estimation, ch. 6; Datta and Lahiri (2000); Datta, Rao and Smith (2005).
#
# small_areas_milk.csv is not made here: expenditure on fresh milk of 43 areas (Arora and Lahiri 1997; You and Chapman 2006; data
# set `milk` of R's sae) with the EBLUPs and mean squared errors of sae::mseFH(yi ~ as.factor(MajorArea), SD^2) as published in
# the tests of the Python package samplics (tests/sae/test_eblup_area_model.py).
options(digits = 17)
set.seed(20261124)

restricted <- function(a, y, d, x, also) {
  v <- diag(a + d); i <- solve(v); info <- t(x) %*% i %*% x
  b <- solve(info, t(x) %*% i %*% y); r <- y - x %*% b
  -0.5 * (as.numeric(determinant(v)$modulus) + also * as.numeric(determinant(info)$modulus) + as.numeric(t(r) %*% i %*% r))
}
# The maximum to full precision: a coarse search, then the root of the score by matrices.
projection <- function(a, d, x) { i <- diag(1 / (a + d)); i - i %*% x %*% solve(t(x) %*% i %*% x) %*% t(x) %*% i }
likely <- function(y, d, x, also) {
  score <- function(a) {
    p <- projection(a, d, x)
    as.numeric(t(y) %*% p %*% p %*% y) - sum(diag(if (also) p else diag(1 / (a + d))))
  }
  top <- 20 * (var(y) + max(d))
  start <- optimize(restricted, c(0, top), y = y, d = d, x = x, also = also, maximum = TRUE, tol = 1e-10)$maximum
  if (score(0) < 0 && start < 1e-6 * top) return(0)
  uniroot(score, start * c(0.9, 1.1), tol = 1e-15 * top)$root
}
model_variance <- function(y, d, x, method) {
  m <- length(y); p <- ncol(x)
  if (method == "reml") return(likely(y, d, x, TRUE))
  if (method == "ml") return(likely(y, d, x, FALSE))
  if (method == "prasad_rao") {
    hat <- x %*% solve(t(x) %*% x) %*% t(x)
    return(max(0, (sum((y - hat %*% y)^2) - sum(d * (1 - diag(hat)))) / (m - p)))
  }
  moment <- function(a) as.numeric(t(y) %*% projection(a, d, x) %*% y) - (m - p)
  if (moment(0) <= 0) 0 else uniroot(moment, c(0, 50 * (var(y) + max(d))), tol = 1e-15)$root
}
eblup <- function(y, d, x, method) {
  a <- model_variance(y, d, x, method); m <- length(y)
  v <- diag(a + d); i <- solve(v); inverse <- solve(t(x) %*% i %*% x)
  b <- inverse %*% t(x) %*% i %*% y
  gamma <- a / (a + d); synthetic <- as.numeric(x %*% b)
  avar <- switch(method, prasad_rao = 2 * sum(diag(v %*% v)) / m^2, fay_herriot = 2 * m / sum(diag(i))^2, 2 / sum(diag(i %*% i)))
  bias <- switch(method, ml = -sum(diag(inverse %*% (t(x) %*% i %*% i %*% x))) / sum(diag(i %*% i)),
                 fay_herriot = 2 * (m * sum(diag(i)^2) - sum(diag(i))^2) / sum(diag(i))^3, 0)
  g2 <- (1 - gamma)^2 * diag(x %*% inverse %*% t(x))
  data.frame(method = method, unit = seq_along(y), direct = y, variance = d, model_variance = a,
             estimate = gamma * y + (1 - gamma) * synthetic, synthetic = synthetic, gamma = gamma,
             mse = gamma * d + g2 + 2 * d^2 / (a + d)^3 * avar - bias * (1 - gamma)^2)
}

cases <- list()
add <- function(case, m, a, spread, covariates) {
  d <- round(runif(m, 1, spread), 4); z <- matrix(round(rnorm(m * covariates), 4), m, covariates)
  x <- cbind(rep(1, m), z)
  slope <- if (covariates > 0) as.numeric(z %*% seq_len(covariates)) else 0
  y <- round(80 + slope + rnorm(m, 0, sqrt(a)) + rnorm(m, 0, sqrt(d)), 4)
  for (method in c("reml", "ml", "prasad_rao", "fay_herriot")) {
    result <- eblup(y, d, x, method)
    result <- cbind(case = case, result, x1 = if (covariates > 0) z[, 1] else NA, x2 = if (covariates > 1) z[, 2] else NA)
    cases[[length(cases) + 1]] <<- result
  }
}
add("constant", 20, 6, 12, 0)
add("one covariate", 25, 4, 9, 1)
add("two covariates", 15, 9, 30, 2)
add("nearly equal", 12, 0.02, 16, 0)
add("few", 4, 20, 3, 0)
write.csv(do.call(rbind, cases), "small_areas_expected.csv", row.names = FALSE, na = "")

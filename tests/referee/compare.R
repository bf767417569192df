# Contrasts and tests as R's survey package makes them; `keep`: the rows of the domain with an answer (subset, as R does it).
seen <- function(data, spec, keep) {
  d <- design_of(data, spec)
  if (is.null(keep)) d else d[keep, ]
}
contrast_figures <- function(data, spec, items, linear, top, bottom) {
  d <- design_of(data, spec)
  m <- svymean(as.formula(paste("~", paste(items, collapse = "+"))), d)
  l <- svycontrast(m, linear)
  q <- svycontrast(m, substitute(a / b, list(a = as.name(top), b = as.name(bottom))))
  g <- svycontrast(m, substitute(exp(a / 50) * log(b), list(a = as.name(top), b = as.name(bottom))))
  list(linear = c(coef(l), SE(l)), ratio = c(coef(q), sqrt(as.numeric(attr(q, "var")))),
       smooth = c(coef(g), sqrt(as.numeric(attr(g, "var")))))
}
t_tests <- function(data, spec, keep, item, other, group) {
  d <- seen(data, spec, keep)
  figures <- function(r) c(r$estimate, r$statistic, r$parameter, r$p.value, r$conf.int)
  list(one = figures(svyttest(as.formula(paste(item, "~ 0")), d)),
       two = figures(svyttest(as.formula(paste(item, "~ factor(", group, ")")), d)),
       paired = figures(svyttest(as.formula(paste0("I(", other, "-", item, ") ~ 0")), d)))
}
rank_tests <- function(data, spec, keep, item, group, test) {
  d <- seen(data, spec, keep)
  r <- svyranktest(as.formula(paste(item, "~", group)), d, test = test)
  if (is.null(r$ddf)) c(r$statistic, r$parameter, r$p.value) else c(r$parameter, r$ddf, r$p.value)
}
# The same test with tied answers at the middle of their weights, whatever the order of the rows: R's regression of our ranks.
tied_rank_tests <- function(data, spec, keep, item, group, test) {
  d <- seen(data, spec, keep)
  w <- weights(d, "sampling"); y <- d$variables[[item]]
  r <- sapply(y, function(v) sum(w[y < v]) + sum(w[y == v]) / 2); N <- sum(w)
  d$variables$score <- switch(test, vanderWaerden = qnorm(r / N), median = as.numeric(r > N / 2 * (1 + 1e-12)), r / N)
  d$variables$g <- factor(d$variables[[group]])
  m <- svyglm(score ~ g, d)
  k <- nlevels(d$variables$g)
  if (k == 2) {
    s <- coef(m)[2] / SE(m)[2]
    return(c(s, degf(d) - 1, 2 * pt(-abs(s), degf(d) - 1)))
  }
  b <- coef(m)[-1]
  x <- as.numeric(b %*% solve(vcov(m)[-1, -1], b))
  c(x, degf(d) - (k - 1), pf(x / (k - 1), k - 1, degf(d) - (k - 1), lower.tail = FALSE))
}
chi_squares <- function(data, spec, keep, rows, columns) {
  d <- seen(data, spec, keep)
  f <- as.formula(paste("~", rows, "+", columns))
  one <- function(statistic) tryCatch({
    r <- svychisq(f, d, statistic = statistic)
    c(as.numeric(r$statistic), as.numeric(r$parameter), as.numeric(r$p.value))
  }, error = function(e) NULL)
  list(Chisq = one("Chisq"), F = one("F"), Wald = one("Wald"), adjWald = one("adjWald"))
}
fits <- function(data, spec, keep, item, shares) {
  d <- seen(data, spec, keep)
  r <- svygofchisq(as.formula(paste0("~factor(", item, ")")), p = shares, d)
  c(r$statistic, r$parameter, r$p.value, sum(weights(d)))
}
stacked_changes <- function(data, spec, items, period) {
  d <- design_of(data, spec)
  d$variables$period <- factor(d$variables[[period]])
  y <- d$variables[[items]]
  ind <- sapply(levels(d$variables$period), function(p) as.numeric(d$variables$period == p))
  for (j in seq_len(ncol(ind))) d$variables[[paste0("d", j)]] <- ind[, j]
  for (j in seq_len(ncol(ind))) d$variables[[paste0("y", j)]] <- ind[, j] * y
  m <- svytotal(as.formula(paste("~", paste0(c("y", "d"), rep(seq_len(ncol(ind)), each = 2), collapse = "+"))), d)
  r <- svycontrast(m, quote(y2 / d2 - y1 / d1))
  c(coef(r), sqrt(as.numeric(attr(r, "var"))))
}
adjusted <- function(p, method) p.adjust(p, method)
trends <- function(years, y, v, step) {
  X <- cbind(1, years - mean(years), if (length(step)) as.numeric(years >= step))
  W <- solve(v); B <- solve(t(X) %*% W %*% X); b <- B %*% t(X) %*% W %*% y
  e <- y - X %*% b; q <- as.numeric(t(e) %*% W %*% e); r <- length(y) - ncol(X)
  m <- lm(y ~ X - 1, weights = 1 / diag(v))
  A <- summary(m)$cov.unscaled
  S <- A %*% t(X) %*% diag(1 / diag(v)) %*% v %*% diag(1 / diag(v)) %*% X %*% A
  list(gls = as.numeric(b), gls_se = sqrt(diag(B)), q = q / r, p = pchisq(q, r, lower.tail = FALSE),
       wls = as.numeric(coef(m)), wls_se = sqrt(diag(S)))
}

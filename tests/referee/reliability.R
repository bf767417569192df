# Alpha, factors, omega and intraclass correlations as R's psych makes them. psych speaks on stdout, so it is silenced.
suppressPackageStartupMessages(library(GPArotation))
quietly <- function(expression) {
  sink(tempfile())
  on.exit(sink())
  suppressWarnings(suppressMessages(expression))
}
item_alpha <- function(data) {
  x <- frame(data)
  a <- quietly(psych::alpha(x, warnings = FALSE, use = "pairwise"))
  d <- a$alpha.drop
  s <- a$item.stats
  first <- psych::principal(x, scores = FALSE)$loadings
  list(total = unlist(a$total[c("raw_alpha", "std.alpha", "G6(smc)", "average_r", "S/N", "ase", "mean", "sd", "median_r")]),
       feldt = c(a$feldt$lower.ci[[1]], a$feldt$upper.ci[[1]]),
       dropped = unname(as.list(d[c("raw_alpha", "std.alpha", "G6(smc)", "average_r", "alpha se")])),
       items = unname(as.list(s[c("n", "raw.r", "std.r", "r.cor", "r.drop", "mean", "sd")])),
       skew = psych::describe(x)$skew, against = I(which(first < 0)))
}
# Least squares factors of psych, and the same optimum when the search goes on from there until nothing changes.
unweighted <- function(psi, r, m) {
  e <- eigen(r - diag(psi), symmetric = TRUE)
  kept <- c(pmax(e$values[1:m], 0), rep(0, length(psi) - m))
  list(f = sum((e$values - kept)^2) / 2, l = e$vectors[, 1:m, drop = FALSE] %*% diag(sqrt(kept[1:m]), m))
}
finished <- function(psi, r, m, lowest = 0.005) {
  f <- function(p) unweighted(p, r, m)$f
  g <- function(p) rowSums(unweighted(p, r, m)$l^2) + p - 1
  psi <- nlminb(pmax(psi, lowest), f, g, lower = lowest, upper = 1, control = list(rel.tol = 1e-15, x.tol = 1e-15))$par
  # Then a root of the gradient, by Newton's method with differences, where the optimum is inside the bound.
  for (again in 1:10) {
    slope <- sapply(seq_along(psi), function(j) {
      h <- 1e-5 * (seq_along(psi) == j)
      (g(psi + h) - g(psi - h)) / 2e-5
    })
    step <- tryCatch(solve(slope, g(psi)), error = function(e) 0 * psi)
    if (min(psi - step) < lowest || max(abs(g(psi - step))) >= max(abs(g(psi)))) break
    psi <- psi - step
  }
  unweighted(psi, r, m)
}
# GPArotation's oblique rotation, and a root of its gradient (columns of T kept at length 1) from where it stopped.
rotated <- function(a) {
  one <- quietly(GPArotation::oblimin(a, maxit = 2000))
  m <- ncol(a)
  unit <- function(x) x %*% diag(1 / sqrt(colSums(x^2)))
  slope <- function(x) {
    t <- unit(x)
    l <- a %*% t(solve(t))
    g <- -t(t(l) %*% (l * (l^2 %*% (1 - diag(m)))) %*% solve(t))
    g - t %*% diag(colSums(t * g)) + x %*% diag(colSums(x^2) - 1)
  }
  x <- one$Th
  for (again in 1:10) {
    jacobian <- sapply(seq_along(x), function(j) {
      h <- 1e-5 * (seq_along(x) == j)
      c(slope(x + h) - slope(x - h)) / 2e-5
    })
    step <- tryCatch(solve(jacobian, c(slope(x))), error = function(e) 0 * c(x))
    if (max(abs(slope(x - step))) >= max(abs(slope(x)))) break
    x <- x - step
  }
  t <- unit(x)
  list(loadings = a %*% t(solve(t)), Phi = t(t) %*% t, convergence = one$convergence && max(abs(slope(t))) < 1e-9)
}
arranged <- function(l, phi = diag(ncol(l))) {
  l <- unclass(l)
  o <- order(diag(phi %*% t(l) %*% l), decreasing = TRUE)
  s <- sign(colSums(l[, o, drop = FALSE]))
  list(loadings = unname(l[, o, drop = FALSE] %*% diag(s, length(s))),
       phi = unname(diag(s, length(s)) %*% phi[o, o, drop = FALSE] %*% diag(s, length(s))))
}
factors_of <- function(data, m, rotation) {
  x <- frame(data)
  r <- cor(x, use = "pairwise")
  theirs <- quietly(psych::fa(r, m, n.obs = nrow(x), rotate = "none", fm = "minres"))
  stopped <- unweighted(pmax(theirs$uniquenesses, 0.005), r, m)
  end <- finished(theirs$uniquenesses, r, m)
  # The fit statistics of psych at the finished loadings: the same function that fa() calls.
  fit <- quietly(psych::fa.stats(r, end$l, n.obs = nrow(x), alpha = 0.1))
  turned <- if (m == 1 || rotation == "none") arranged(end$l)
    else if (rotation == "varimax") arranged(stats::varimax(end$l, eps = 1e-15)$loadings)
    else {
      one <- rotated(end$l)
      c(arranged(one$loadings, one$Phi), list(converged = one$convergence))
    }
  plain <- quietly(psych::fa(r, m, n.obs = nrow(x), rotate = rotation, fm = "minres"))
  list(objective = stopped$f, finished = end$f, communality = rowSums(end$l^2), loadings = turned$loadings, phi = turned$phi,
       converged = is.null(turned$converged) || turned$converged,
       psych_loadings = unname(unclass(plain$loadings)), psych_communality = unname(plain$communality),
       psych_phi = if (is.null(plain$Phi)) diag(m) else unname(plain$Phi),
       fit = c(fit$rms, fit$dof, fit$STATISTIC, fit$PVAL, fit$RMSEA[1:3], fit$TLI),
       e_values = plain$e.values, values = plain$values)
}
adequacy <- function(data) {
  x <- frame(data)
  r <- cor(x, use = "pairwise")
  k <- psych::KMO(r)
  b <- psych::cortest.bartlett(r, n = nrow(x))
  p <- quietly(psych::fa.parallel(x, n.iter = 2, plot = FALSE))
  list(kmo = k$MSA, each = unname(k$MSAi), bartlett = c(b$chisq, b$df, b$p.value), pc = p$pc.values, fa = p$fa.values)
}
omega_of <- function(data, m) {
  x <- frame(data)
  r <- cor(x, use = "pairwise")
  o <- quietly(psych::omega(r, nfactors = m, fm = "minres", flip = FALSE, plot = FALSE, n.obs = nrow(x)))
  # psych::omega's own steps, each carried to its optimum; the last one is psych::omega itself, on given loadings and Phi.
  start <- quietly(psych::fa(r, m, rotate = "none", fm = "minres"))
  end <- finished(start$uniquenesses, r, m)
  total <- 1 - sum(1 - rowSums(end$l^2)) / sum(r)
  answer <- list(psych = c(o$omega.tot, o$omega_h), total = total)
  if (m > 2) {
    two <- rotated(unclass(stats::varimax(end$l, eps = 1e-15)$loadings))
    phi <- two$Phi
    second <- finished(rep(0.5, m), phi, 1)$l
    second <- drop(second * sign(sum(second)))
    general <- drop(two$loadings %*% second)
    group <- two$loadings %*% diag(sqrt(pmax(1 - second^2, 0)))
    answer <- c(answer, list(hierarchical = sum(general)^2 / sum(r), ecv = sum(general^2) / (sum(general^2) + sum(group^2)),
                             general = abs(general), converged = two$convergence,
                             criterion = sum(two$loadings^2 * (two$loadings^2 %*% (1 - diag(m)))) / 4))
  }
  answer
}
# Ratings as one row per unit and one column per rater.
raters <- function(data) {
  i <- quietly(psych::ICC(frame(data), lmer = FALSE))
  r <- i$results[i$results$type %in% c("ICC1", "ICC1k"), ]
  list(icc = r$ICC, low = r[["lower bound"]], high = r[["upper bound"]], f = r$F[1], df = c(r$df1[1], r$df2[1]), p = r$p[1])
}
# Unequal numbers of raters: the mean squares of aov and the formulas of Donner (1986), Bliese (2000).
unequal_raters <- function(unit, y) {
  s <- summary(aov(y ~ factor(unit)))[[1]]
  b <- s[["Mean Sq"]][1]
  w <- s[["Mean Sq"]][2]
  n <- table(unit)
  k <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
  list(icc = c((b - w) / (b + (k - 1) * w), (b - w) / b), f = s[["F value"]][1], p = s[["Pr(>F)"]][1], k = k)
}

# Reference values for the tests of analysis/sampling, made with R's sampling package and base R.
# Run from this folder: Rscript make_sampling_reference.R   (Debian: r-base-core, r-cran-sampling; made with sampling 2.9, R 4.2.2)
# Writes sampling_chances.csv (case, unit, size, n, pi), sampling_joint.csv (case, method, first, second, pi),
# sampling_power.csv (what, solve, n, first, second, alpha, power, sides, value),
# sampling_allocation.csv (stratum, ..., n, total_cost).
suppressPackageStartupMessages(library(sampling))
number <- function(x) ifelse(is.na(x), "", trimws(formatC(x, digits = 17, format = "g")))

cases <- list(
  few = list(size = c(12, 7, 30, 5, 18, 9), n = 3),
  equal = list(size = rep(4, 7), n = 3),
  large = list(size = c(400, 20, 35, 41, 8, 17, 300, 26, 13, 55), n = 5),
  communes = list(size = c(8123, 11940, 7644, 9210, 15873, 6021, 10222, 8457, 12990, 9903, 7312, 14075), n = 6))
chances <- joints <- list()
for (name in names(cases)) {
  size <- cases[[name]]$size; n <- cases[[name]]$n
  pik <- inclusionprobabilities(size, n)
  chances[[name]] <- data.frame(case = name, unit = seq_along(size), size = size, n = n, pi = number(pik))
  open <- pik < 1
  for (method in c("tille", "sampford", "systematic")) {
    of <- switch(method, tille = UPtillepi2, sampford = UPsampfordpi2, systematic = UPsystematicpi2)
    joint <- outer(pik, pik); joint[open, open] <- of(pik[open]); diag(joint) <- pik
    joints[[paste(name, method)]] <- data.frame(case = name, method = method, first = rep(seq_along(size), length(size)),
                                                second = rep(seq_along(size), each = length(size)), pi = number(as.vector(joint)))
  }
}
write.csv(do.call(rbind, chances), "sampling_chances.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, joints), "sampling_joint.csv", row.names = FALSE, quote = FALSE)

rows <- list()
add <- function(what, solve, n, first, second, alpha, power, sides, value)
  rows[[length(rows) + 1]] <<- data.frame(what, solve, n = number(n), first = number(first), second = number(second),
                                          alpha = number(alpha), power = number(power), sides, value = number(value))
for (sides in 1:2) for (alpha in c(.01, .05)) {
  side <- c("one.sided", "two.sided")[sides]
  for (p in list(c(.5, .6), c(.84, .9), c(.2, .05), c(.95, .99))) {
    for (n in c(30, 200)) add("proportions", "power", n, p[1], p[2], alpha, NA, sides,
                              power.prop.test(n = n, p1 = p[1], p2 = p[2], sig.level = alpha, alternative = side)$power)
    add("proportions", "n", NA, p[1], p[2], alpha, .8, sides,
        power.prop.test(p1 = p[1], p2 = p[2], power = .8, sig.level = alpha, alternative = side, tol = 1e-12)$n)
  }
  for (n in c(30, 580)) add("proportions", "p2", n, .5, NA, alpha, .8, sides,
                            power.prop.test(n = n, p1 = .5, power = .8, sig.level = alpha, alternative = side, tol = 1e-14)$p2)
  for (d in c(3, 12)) {
    for (n in c(5, 30, 200)) add("means", "power", n, d, 25, alpha, NA, sides,
                                 power.t.test(n = n, delta = d, sd = 25, sig.level = alpha, alternative = side)$power)
    add("means", "n", NA, d, 25, alpha, .9, sides,
        power.t.test(delta = d, sd = 25, power = .9, sig.level = alpha, alternative = side, tol = 1e-12)$n)
  }
  for (n in c(30, 580)) add("means", "delta", n, NA, 25, alpha, .8, sides,
                            power.t.test(n = n, sd = 25, power = .8, sig.level = alpha, alternative = side, tol = 1e-14)$delta)
}
write.csv(do.call(rbind, rows), "sampling_power.csv", row.names = FALSE, quote = FALSE)

# Allocation for two items at once (Bethel).
strata <- data.frame(stratum = c("a", "b", "c", "d"), population = c(1200, 3400, 560, 90), cost = c(1, 1.5, 2, 4),
                     s1 = c(22, 25, 31, 18), s2 = c(9, 14, 6, 20), m1 = c(71, 64, 80, 75), m2 = c(30, 41, 22, 55))
target <- c(.012, .0112)
a <- sapply(1:2, function(k) {
  s <- strata[[paste0("s", k)]]; total <- sum(strata$population * strata[[paste0("m", k)]])
  strata$population^2 * s^2 / ((total * target[k])^2 + sum(strata$population * s^2))
})
# the concave dual of the convex program, by base R's quasi-Newton: only two unknowns
sizes <- function(lambda) pmin(pmax(sqrt(as.vector(a %*% lambda) / strata$cost), 2), strata$population)
dual <- function(lambda) { n <- sizes(lambda); -(sum(strata$cost * n) + sum(lambda * (colSums(a / n) - 1))) }
slope <- function(lambda) -(colSums(a / sizes(lambda)) - 1)
lambda <- c(1000, 1000)
for (again in 1:20) lambda <- nlminb(lambda, dual, slope, lower = 0, control = list(rel.tol = 1e-15, x.tol = 1e-15,
                                                                                eval.max = 5000, iter.max = 5000))$par
best <- sizes(lambda)
write.csv(cbind(strata, target1 = target[1], target2 = target[2], n = number(best), total_cost = number(sum(strata$cost * best))),
          "sampling_allocation.csv", row.names = FALSE, quote = FALSE)

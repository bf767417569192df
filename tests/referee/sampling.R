# Chances of being drawn as R's sampling package (Debian r-cran-sampling) has them, and power as base R has it.
chances <- function(size, n) {
  pik <- sampling::inclusionprobabilities(size, n)
  open <- pik < 1 - 1e-9
  joint <- function(of) {
    result <- outer(pik, pik)
    if (any(open)) result[open, open] <- of(pik[open])
    diag(result) <- pik
    unname(result)
  }
  list(pik = pik, tille = joint(sampling::UPtillepi2),
       systematic = joint(sampling::UPsystematicpi2),
       # their formula for Sampford alternates in sign (it may give up) and needs at least two draws
       sampford = if (sum(pik[open]) > 1.5) tryCatch(joint(sampling::UPsampfordpi2), error = function(e) NULL))
}
power_of <- function(what, n, first, second, alpha, sides) {
  side <- if (sides == 2) "two.sided" else "one.sided"
  if (what == "proportions") power.prop.test(n = n, p1 = first, p2 = second, sig.level = alpha, alternative = side)$power
  else power.t.test(n = n, delta = first, sd = second, sig.level = alpha, alternative = side)$power
}
size_for <- function(what, power, first, second, alpha, sides) {
  side <- if (sides == 2) "two.sided" else "one.sided"
  if (what == "proportions") power.prop.test(power = power, p1 = first, p2 = second, sig.level = alpha, alternative = side,
                                             tol = 1e-12)$n
  else power.t.test(power = power, delta = first, sd = second, sig.level = alpha, alternative = side, tol = 1e-12)$n
}
detectable <- function(what, n, first, power, alpha, sides) {
  side <- if (sides == 2) "two.sided" else "one.sided"
  if (what == "proportions") power.prop.test(n = n, p1 = first, power = power, sig.level = alpha, alternative = side,
                                             tol = 1e-14)$p2
  else power.t.test(n = n, sd = first, power = power, sig.level = alpha, alternative = side, tol = 1e-14)$delta
}

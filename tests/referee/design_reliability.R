# Alpha of a population: svycralpha; its error by the delta method on joint means of the answers and their squares, and by replicates.
alpha_of <- function(x, w) {
  v <- function(y) sum(w * (y - sum(w * y) / sum(w))^2) / sum(w)
  k <- ncol(x)
  k / (k - 1) * (1 - sum(apply(x, 2, v)) / v(rowSums(x)))
}
population_alpha <- function(data, spec, items, by = NULL, calibrate = NULL) {
  d <- design_of(data, spec)
  if (!is.null(calibrate)) d <- postStratify(d, one_sided(calibrate$strata), frame(calibrate$totals))
  parts <- if (is.null(by)) list(d) else lapply(sort(unique(frame(data)[[by]])), function(label) subset(d, frame(data)[[by]] == label))
  k <- length(items)
  found <- lapply(parts, function(part) {
    part <- part[complete.cases(model.frame(part)[, items]), ]
    x <- sapply(items, function(i) model.frame(part)[[i]])
    x[is.na(x)] <- 0                                    # rows of weight 0 that a calibrated subset keeps
    # about the means, so that squares do not cancel: variances, and so alpha and its error, stay what they are
    w <- weights(part)
    x <- sweep(x, 2, colSums(w * x) / sum(w))
    s <- rowSums(x)
    m <- svymean(cbind(x, s, x^2, s^2), part)
    b <- as.numeric(coef(m))
    one <- b[1:k]; sum1 <- b[k + 1]; two <- b[k + 1 + 1:k]; sum2 <- b[2 * k + 2]
    a <- sum(two - one^2); v <- sum2 - sum1^2
    g <- -k / (k - 1) * c(-2 * one / v, 2 * sum1 * a / v^2, rep(1 / v, k), -a / v^2)
    list(estimate = as.numeric(svycralpha(one_sided(items), part, na.rm = TRUE)), se = sqrt(drop(t(g) %*% vcov(m) %*% g)), df = degf(part))
  })
  lapply(c(estimate = "estimate", se = "se", df = "df"), function(what) sapply(found, `[[`, what))
}
replicated_alpha <- function(data, spec, items, type, mse) {
  d <- suppressWarnings(as.svrepdesign(design_of(data, spec), type = type, mse = mse))
  x <- as.matrix(frame(data)[, items])
  kept <- complete.cases(x)
  r <- withReplicates(d, function(w, data) alpha_of(x[kept, ], w[kept]))
  list(estimate = as.numeric(coef(r)), se = as.numeric(SE(r)))
}

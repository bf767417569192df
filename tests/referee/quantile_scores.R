# Intervals of quantiles by the score test: R's own, and the same test with R's means and standard errors at every value.
score_intervals <- function(data, spec, item, probabilities, by = NULL, calibrate = NULL) {
  d <- design_of(data, spec)
  if (!is.null(calibrate)) d <- postStratify(d, one_sided(calibrate$strata), frame(calibrate$totals))
  parts <- if (is.null(by)) list(d) else lapply(sort(unique(frame(data)[[by]])), function(label) subset(d, frame(data)[[by]] == label))
  rows <- lapply(parts, function(part) {
    inside <- weights(part) > 0
    x <- model.frame(part)[[item]]
    v <- sort(unique(x[inside]))
    below <- lapply(v, function(at) svymean(as.numeric(x <= at), part))
    share <- sapply(below, function(m) as.numeric(coef(m)))
    se <- sapply(below, function(m) as.numeric(SE(m)))
    limit <- qt(.975, degf(part))
    do.call(rbind, lapply(probabilities, function(p) {
      # Noise of a standard error that is 0: the test then knows, and at the share itself there is nothing to test.
      score <- ifelse(se < 1e-12 & abs(p - share) < 1e-12, 0, ifelse(se < 1e-12, Inf * sign(p - share), (p - share) / se))
      ends <- sapply(c(limit, -limit), function(l) {
        over <- which(head(score, -1) >= l & tail(score, -1) < l)          # the steps over which the test crosses its limit
        if (l < 0) over <- which(head(score, -1) > l & tail(score, -1) <= l)
        if (length(over) == 0) return(c(NA, 0))
        k <- if (l > 0) over[1] else over[length(over)]
        if (score[1] < limit && l > 0 || score[length(v) - 1] > -limit && l < 0) return(c(NA, length(over)))
        c(v[if (abs(score[k + 1] - l) <= abs(score[k] - l)) k + 1 else k], length(over))
      })
      own <- tryCatch(svyquantile(one_sided(item), part, p, qrule = "hf1", interval.type = "score")[[1]][1, ],
                      error = function(e) rep(NA, 4))
      c(ends[1, ], max(ends[2, ]), own[2:4], diff(ends[1, ]) / (2 * limit))
    }))
  })
  column <- function(k) as.numeric(t(sapply(rows, function(r) r[, k])))    # probabilities slowest, domains fastest
  list(low = column(1), high = column(2), crossings = column(3), own_low = column(4), own_high = column(5), own_se = column(6),
       se = column(7))
}

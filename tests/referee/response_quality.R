# Response quality in base R, survey and psych; a gap arrives as NA.
matrix_of <- function(data) sapply(data, as.numeric)
quality_patterns <- function(data, scales) {
  x <- matrix_of(data)
  per <- function(f) unname(apply(x, 1, f))
  even_odd <- function(v) {
    halves <- sapply(split(v, rep(seq_along(scales), scales)), function(s) {
      odd <- seq_along(s) %% 2 == 1
      c(mean(s[odd], na.rm = TRUE), mean(s[!odd], na.rm = TRUE))
    })
    if (sum(!is.na(colSums(halves))) < 3) return(NA)
    r <- suppressWarnings(cor(halves[1, ], halves[2, ], use = "complete.obs"))
    max(2 * r / (1 + r), -1)
  }
  list(straight = per(function(v) max(table(v)) / sum(!is.na(v))), variability = per(function(v) sd(v, na.rm = TRUE)),
       longest = per(function(v) max(rle(v[!is.na(v)])$lengths)), average = per(function(v) mean(rle(v[!is.na(v)])$lengths)),
       even_odd = per(even_odd), copies = sapply(1:nrow(x), function(i) sum(apply(x, 1, identical, x[i, ]))))
}
quality_distance <- function(data) {
  x <- matrix_of(data); x <- x[complete.cases(x), ]
  d <- unname(mahalanobis(x, colMeans(x), cov(x)))
  list(distance = d, chance = pchisq(d, ncol(x), lower.tail = FALSE), psych = as.numeric(psych::outlier(x, plot = FALSE)))
}
quality_distance_gaps <- function(data, shrinkage) {
  x <- matrix_of(data)
  s <- cov(x, use = "pairwise"); s <- (1 - shrinkage) * s + shrinkage * diag(diag(s)); m <- colMeans(x, na.rm = TRUE)
  sapply(1:nrow(x), function(i) { o <- !is.na(x[i, ]); mahalanobis(x[i, o], m[o], s[o, o, drop = FALSE]) })
}
quality_effects <- function(y, group, site) {
  cell <- paste(site, group)
  a <- if (length(unique(site)) > 1) summary(aov(y ~ site + site:group))[[1]] else summary(aov(y ~ group))[[1]]
  last <- nrow(a); msb <- a[last - 1, "Mean Sq"]; msw <- a[last, "Mean Sq"]; d1 <- a[last - 1, "Df"]; d2 <- a[last, "Df"]
  size <- tapply(y, cell, length); in_site <- tapply(y, site, length)[sub(" .*", "", names(size))]
  n0 <- (length(y) - sum(size^2 / in_site)) / d1
  list(icc = (msb - msw) / (msb + (n0 - 1) * msw), f = msb / msw, p = a[last - 1, "Pr(>F)"], df = c(d1, d2))
}
quality_icc <- function(scores) {
  x <- matrix_of(scores)
  r <- psych::ICC(x, lmer = FALSE)$results
  unlist(r[1, c("ICC", "F", "p", "lower bound", "upper bound")], use.names = FALSE)
}
quality_adjust <- function(p, method) p.adjust(p, method)
quality_report <- function(data, spec, by) {
  d <- design_of(data, spec)
  d$variables$kept <- as.numeric(d$variables$kept)
  labels <- sort(unique(d$variables[[by]]))
  rows <- lapply(labels, function(label) {
    inside <- as.numeric(d$variables[[by]] == label)
    d <- update(d, .a = inside, .ya = y * inside, .w = inside * kept, .yw = y * inside * kept)
    total <- svytotal(~.ya + .a + .yw + .w, d)
    m <- svycontrast(total, list(everyone = quote(.ya / .a), without = quote(.yw / .w), difference = quote(.yw / .w - .ya / .a)))
    c(unname(coef(m)), unname(SE(m)))
  })
  do.call(rbind, rows)
}

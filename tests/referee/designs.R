# Designs and estimates as R's survey package makes them.
one_sided <- function(names) if (is.null(names)) NULL else as.formula(paste("~", paste(names, collapse = "+")))
design_of <- function(data, spec) {
  options(survey.lonely.psu = if (is.null(spec$lonely_psu)) "fail" else spec$lonely_psu)
  ids <- if (is.null(spec$psu)) ~1 else one_sided(spec$psu)
  suppressWarnings(svydesign(ids = ids, strata = one_sided(spec$strata), weights = one_sided(spec$weights),
                             fpc = one_sided(spec$fpc), data = frame(data), nest = isTRUE(spec$nest)))
}
degrees <- function(d) degf(d)

# what: mean, total, ratio (items: numerator, denominator), variance; by: a column or NULL; deff: TRUE or "replace".
estimates <- function(data, spec, what, items, by = NULL, deff = TRUE, na_rm = FALSE) {
  d <- design_of(data, spec)
  f <- one_sided(items)
  one <- function(d) switch(what, mean = svymean(f, d, deff = deff, na.rm = na_rm),
    total = svytotal(f, d, deff = deff, na.rm = na_rm), variance = svyvar(f, d, na.rm = na_rm),
    ratio = svyratio(one_sided(items[1]), one_sided(items[2]), d, deff = deff, na.rm = na_rm))
  flat <- function(r) list(estimate = as.numeric(coef(r)), se = as.numeric(if (what == "variance") sqrt(diag(as.matrix(vcov(r)))) else SE(r)),
                           deff = if (what == "variance") NA else as.numeric(deff(r)),
                           covariance = unname(as.matrix(vcov(r))))
  if (is.null(by)) return(c(flat(one(d)), df = degf(d)))
  labels <- sort(unique(frame(data)[[by]]))
  parts <- lapply(labels, function(label) {
    part <- subset(d, frame(data)[[by]] == label)
    c(flat(one(part)), df = degf(part))
  })
  list(estimate = unlist(lapply(parts, `[[`, "estimate")), se = unlist(lapply(parts, `[[`, "se")),
       deff = unlist(lapply(parts, `[[`, "deff")), df = unlist(lapply(parts, `[[`, "df")))
}

proportion <- function(data, spec, item, method) {
  d <- design_of(data, spec)
  r <- svyciprop(one_sided(item), d, method = method)
  list(estimate = as.numeric(coef(r)), se = sqrt(as.numeric(vcov(r))), interval = as.numeric(confint(r)))
}

# The likelihood interval solved to the end: R's own profile is a spline through a few points. The deviance is that of the
# binomial model (dispersion 1) with weights of mean 1.
likelihood <- function(data, spec, item) {
  d <- design_of(data, spec)
  w <- weights(d) / mean(weights(d)); y <- model.frame(d)[[item]]
  m <- svyglm(as.formula(paste(item, "~ 1")), d, family = quasibinomial, control = glm.control(1e-15, 100))
  lambda <- as.numeric(vcov(m)) / as.numeric(m$naive.cov); p <- plogis(coef(m))
  distance <- function(q) -2 * sum(w * (y * log(q / p) + (1 - y) * log((1 - q) / (1 - p)))) - qt(.975, degf(d))^2 * lambda
  tiny <- 1e-12
  as.numeric(c(uniroot(distance, c(tiny, p), tol = 1e-15, maxiter = 5000)$root,
               uniroot(distance, c(p, 1 - tiny), tol = 1e-15, maxiter = 5000)$root))
}

quantiles <- function(data, spec, item, probabilities, rule, interval, by = NULL) {
  d <- design_of(data, spec)
  parts <- if (is.null(by)) list(d) else lapply(sort(unique(frame(data)[[by]])), function(label) subset(d, frame(data)[[by]] == label))
  rows <- lapply(parts, function(part) svyquantile(one_sided(item), part, probabilities, qrule = rule, interval.type = interval)[[1]])
  # probabilities slowest, domains fastest
  column <- function(k) as.numeric(t(sapply(rows, function(r) r[, k])))
  list(estimate = column(1), low = column(2), high = column(3), se = column(4))
}

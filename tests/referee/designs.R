# Designs and estimates as R's survey package makes them.
design_of <- function(data, spec) {
  one <- function(name) if (is.null(name)) NULL else as.formula(paste("~", paste(name, collapse = "+")))
  options(survey.lonely.psu = if (is.null(spec$lonely_psu)) "fail" else spec$lonely_psu)
  ids <- if (is.null(spec$psu)) ~1 else one(spec$psu)
  svydesign(ids = ids, strata = one(spec$strata), weights = one(spec$weights), fpc = one(spec$fpc), data = frame(data),
            nest = isTRUE(spec$nest))
}
estimates <- function(data, spec, what, items) {
  d <- design_of(data, spec)
  f <- as.formula(paste("~", paste(items, collapse = "+")))
  r <- switch(what, mean = svymean(f, d, deff = TRUE), total = svytotal(f, d, deff = TRUE))
  list(estimate = as.numeric(coef(r)), se = as.numeric(SE(r)), deff = as.numeric(deff(r)),
       covariance = unname(vcov(r)), df = degf(d))
}

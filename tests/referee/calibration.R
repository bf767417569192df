# Post-stratified, raked, calibrated and trimmed designs: weights, and errors of means, totals and domain means.
one_sided <- function(names) as.formula(paste("~", paste(names, collapse = "+")))
table_of <- function(by, totals) { t <- frame(totals); names(t) <- c(by, "Freq"); t }
adjusted_design <- function(d, step) {
  if (step$what == "post") return(postStratify(d, one_sided(step$by), table_of(step$by, step$totals)))
  if (step$what == "rake") {
    return(rake(d, lapply(step$by, one_sided), Map(table_of, step$by, step$totals),
                control = list(maxit = step$maxit, epsilon = step$epsilon)))
  }
  if (step$what == "trim") return(trimWeights(d, lower = step$lower, upper = step$upper, strict = step$strict))
  bounds <- if (is.null(step$bounds)) c(-Inf, Inf) else unlist(step$bounds)
  calibrate(d, one_sided(step$by), unlist(step$totals), calfun = step$calfun, bounds = bounds, epsilon = 1e-12, maxit = 500,
            variance = if (is.null(step$variance)) NULL else d$variables[[step$variance]])
}
adjusted_estimates <- function(data, spec, steps, items, by) {
  data <- frame(data)
  for (name in names(data)) if (is.character(data[[name]])) data[[name]] <- factor(data[[name]])
  d <- design_of(data, spec)
  for (step in steps) d <- adjusted_design(d, step)
  f <- one_sided(items)
  mean <- svymean(f, d); total <- svytotal(f, d)
  domain <- svyby(f, one_sided(by), d, svymean)
  ratio <- svyratio(one_sided(items[1]), one_sided(items[2]), d)
  list(weights = as.numeric(weights(d)), mean = as.numeric(coef(mean)), mean_covariance = unname(vcov(mean)),
       total = as.numeric(coef(total)), total_covariance = unname(vcov(total)), ratio_se = as.numeric(SE(ratio)),
       domain = as.numeric(coef(domain)), domain_se = as.numeric(unlist(SE(domain))))
}

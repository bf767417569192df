# Replicate designs: made from a design, or with the replicate weights handed over as columns.
replicate_design <- function(data, spec, type, mse, ...) as.svrepdesign(design_of(data, spec), type = type, mse = mse, ...)
replicate_statistics <- function(d, items, by) {
  f <- one_sided(items)
  mean <- svymean(f, d); total <- svytotal(f, d)
  ratio <- svyratio(one_sided(items[1]), one_sided(items[2]), d, covmat = TRUE)
  share <- svymean(one_sided("level"), d)
  out <- list(weights = as.numeric(weights(d, "sampling")), mean = as.numeric(coef(mean)), mean_covariance = unname(vcov(mean)),
              total = as.numeric(coef(total)), total_covariance = unname(vcov(total)), ratio = as.numeric(coef(ratio)),
              ratio_se = as.numeric(SE(ratio)), share = as.numeric(coef(share)), share_covariance = unname(vcov(share)),
              df = degf(d), scale = d$scale, rscales = as.numeric(d$rscales))
  domain <- svyby(f, one_sided(by), d, svymean, covmat = TRUE)
  total <- svyby(f, one_sided(by), d, svytotal)
  out$domain <- as.numeric(coef(domain)); out$domain_covariance <- unname(vcov(domain))
  out$domain_total_se <- as.numeric(unlist(SE(total)))
  out$domain_df <- sapply(sort(unique(d$variables[[by]])), function(one) degf(d[d$variables[[by]] == one, ]))
  out
}
levels_of <- function(d) { d$variables$level <- factor(d$variables$level); d }
from_design <- function(data, spec, type, mse, items, by, rho = 0, steps = NULL) {
  d <- if (type == "Fay") replicate_design(data, spec, type, mse, fay.rho = rho) else replicate_design(data, spec, type, mse)
  d <- levels_of(d)
  for (name in names(d$variables)) if (is.character(d$variables[[name]]) && name != by) d$variables[[name]] <- factor(d$variables[[name]])
  for (step in steps) d <- adjusted_design(d, step)
  out <- replicate_statistics(d, items, by)
  out$replicates <- unname(weights(d, "analysis"))
  out
}
from_columns <- function(data, replicates, type, combined, mse, items, by, rho = NULL, scale = NULL, rscales = NULL, p = NULL) {
  data <- frame(data)
  d <- svrepdesign(data = data, weights = ~weight, repweights = data[, replicates], type = type, combined.weights = combined,
                   rho = rho, scale = scale, rscales = rscales, mse = mse)
  out <- replicate_statistics(levels_of(d), items, by)
  q <- svyquantile(one_sided(items[1]), d, p, interval.type = "quantile", qrule = "hf1")[[1]]
  out$woodruff_own <- as.numeric(svyquantile(one_sided(items[1]), d, p, interval.type = "mean", qrule = "hf1")[[1]][1, ])
  # svyquantile of replicate designs does not hand interval.type on: its function is asked by name.
  for (interval in c("mean", "beta", "xlogit", "asin")) {
    ends <- survey:::woodruffCI(data[[items[1]]], out$woodruff_own[1], p, d, survey:::qrule_hf1, 0.05, degf(d), method = interval)
    out[[paste0("woodruff_", interval)]] <- c(out$woodruff_own[1], ends, diff(ends) / (2 * qt(.975, degf(d))))
  }
  out$quantile <- as.numeric(q[, 1]); out$quantile_se <- as.numeric(q[, 4])
  out
}
made_weights <- function(data, spec, type, replicates, rho = 0) {
  set.seed(1)
  d <- design_of(data, spec)
  w <- if (type == "Fay") as.svrepdesign(d, type = type, fay.rho = rho)
       else if (type %in% c("BRR")) as.svrepdesign(d, type = type)
       else as.svrepdesign(d, type = type, replicates = replicates)
  list(weights = unname(weights(w, "analysis")), factors = unname(weights(w, "replication")), scale = w$scale,
       rscales = as.numeric(w$rscales))
}

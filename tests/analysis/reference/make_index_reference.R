# Expected values for tests/analysis/test_index_points_reference.py, made with R's survey package (4.1.1, R 4.2.2).
# Run from this folder: Rscript make_index_reference.R
# A clustered sample of citizens and officials who rate two units (officials both). Two leaves: 3 points (citizens 0.6 question
# qa, officials 0.4 question qc) and 2 points (citizens, qb). Each unit's composite is a linear combination of ratios
# (svyratio per source over one design, then svycontrast over their joint covariance); the two units likewise.
suppressPackageStartupMessages(library(survey))
options(digits = 17)
set.seed(20261124)
n <- 160
people <- data.frame(respondent = 1:n, group = rep(c("citizens", "officials"), c(100, 60)))
people$stratum <- ifelse(people$group == "citizens", sample(c("s1", "s2", "s3"), n, TRUE), sample(c("s1", "s2"), n, TRUE))
people$psu <- paste0("p", sample(1:6, n, TRUE))
people$weight_millionths <- round(runif(n, 0.4, 3.5), 6) * 1e6
five <- c(0, .25, .5, .75, 1); four <- c(0, .2, .6, 1)
rows <- do.call(rbind, lapply(1:n, function(i) {
  units <- if (people$group[i] == "citizens") sample(c("u1", "u2"), 1) else c("u1", "u2")
  data.frame(respondent = i, unit = units)
}))
citizen <- people$group[rows$respondent] == "citizens"
lift <- as.integer(factor(people$psu[rows$respondent])) %% 3
draw <- function(top) pmin(top, pmax(1, sample(1:top, nrow(rows), TRUE) + lift - 1))
gaps <- function(x) ifelse(runif(length(x)) < .12, NA, x)
rows$qa <- ifelse(citizen, gaps(draw(5)), NA)
rows$qb <- ifelse(citizen, gaps(draw(5)), NA)
rows$qc <- ifelse(citizen, NA, gaps(draw(4)))
write.csv(people, "index_people.csv", row.names = FALSE)
write.csv(rows, "index_ratings.csv", row.names = FALSE, na = "")

wide <- people
for (u in c("u1", "u2")) for (q in c("qa", "qb", "qc")) {
  mine <- rows[rows$unit == u, ]
  answer <- mine[[q]][match(people$respondent, mine$respondent)]
  wide[[paste0("x", u, q)]] <- as.numeric(!is.na(answer))
  wide[[paste0("y", u, q)]] <- ifelse(is.na(answer), 0, (if (q == "qc") four else five)[answer])
}
wide$h <- paste(wide$group, wide$stratum)
wide$weight <- wide$weight_millionths / 1e6
design <- svydesign(ids = ~psu, strata = ~h, weights = ~weight, data = wide, nest = TRUE)
terms <- expand.grid(q = c("qa", "qb", "qc"), u = c("u1", "u2"), stringsAsFactors = FALSE)
name <- paste0(terms$u, terms$q)
ys <- as.formula(paste("~", paste(paste0("y", name), collapse = "+")))
xs <- as.formula(paste("~", paste(paste0("x", name), collapse = "+")))
totals <- svytotal(as.formula(paste("~", paste(c(paste0("y", name), paste0("x", name)), collapse = "+"))), design)
points <- c(qa = 3 * .6, qb = 2, qc = 3 * .4)
part <- function(u, qs) paste(sprintf("%.17g * yu%s / xu%s", points[qs], paste0(sub("u", "", u), qs), paste0(sub("u", "", u), qs)),
                              collapse = " + ")
quantities <- list(u1 = part("u1", names(points)), u2 = part("u2", names(points)), u1_leaf1 = part("u1", c("qa", "qc")),
                   u1_leaf2 = part("u1", "qb"))
quantities$difference <- paste(quantities$u1, "- (", quantities$u2, ")")
out <- do.call(rbind, lapply(names(quantities), function(k) {
  r <- svycontrast(totals, parse(text = quantities[[k]])[[1]])
  data.frame(quantity = k, estimate = sprintf("%.17g", coef(r)), se = sprintf("%.17g", SE(r)))
}))
degrees <- sapply(c("u1", "u2"), function(u) degf(subset(design, get(paste0("x", u, "qa")) + get(paste0("x", u, "qb")) +
                                                         get(paste0("x", u, "qc")) > 0)))
out <- rbind(out, data.frame(quantity = paste0("df_", names(degrees)), estimate = sprintf("%d", as.integer(degrees)), se = ""))
# design effect of one ratio alone, against simple random sampling with replacement within the raters
raters <- subset(design, xu1qb > 0)
r <- svymean(~yu1qb, raters, deff = "replace")
out <- rbind(out, data.frame(quantity = "deff_u1_leaf2", estimate = sprintf("%.17g", deff(r)), se = sprintf("%.17g", SE(r))))
write.csv(out, "index_expected.csv", row.names = FALSE, quote = FALSE)

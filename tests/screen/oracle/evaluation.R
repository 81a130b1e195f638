# Reference results for the evaluation of screening, printed as JSON to the standard output.
#
# R 4.2.2, survival, jsonlite. Run: Rscript evaluation.R aSAH.RData dca.csv > evaluation.json   (seconds)
#
#   aSAH.RData   from the package pROC: 113 patients with subarachnoid haemorrhage, Turck et al. 2010, Intensive
#                Care Medicine 36:107 (poor outcome; two markers)
#   dca.csv      from the package dcurves: 750 simulated patients of the tutorial of decision curve analysis
#                by Vickers (cancer, years to it, predicted risk)
suppressMessages({library(survival); library(jsonlite)})
given <- commandArgs(trailingOnly = TRUE)
load(given[1])
dca <- read.csv(given[2])

# DeLong's variance from its definition: every case against every other patient.
delong <- function(score, case) {
  x <- score[case]; z <- score[!case]
  psi <- outer(x, z, function(a, b) (a > b) + (a == b) / 2)
  v10 <- rowMeans(psi); v01 <- colMeans(psi)
  list(area = mean(psi), standard_error = sqrt(var(v10) / length(x) + var(v01) / length(z)),
       wilcoxon = unname(suppressWarnings(wilcox.test(x, z)$statistic)) / (length(x) * length(z)))
}
poor <- aSAH$outcome == "Poor"
auc <- lapply(c("s100b", "ndka", "age"), function(m)
  c(list(marker = m, score = aSAH[[m]], case = as.integer(poor)), delong(aSAH[[m]], poor)))

wilson <- lapply(list(c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(7, 7), c(3, 100000)), function(x) {
  ci <- suppressWarnings(prop.test(x[1], x[2], correct = FALSE))$conf.int
  list(hits = x[1], n = x[2], low = ci[1], high = ci[2])
})
poisson <- lapply(list(c(0, 1.5), c(1, 2.2), c(11, 6.57), c(240, 300)), function(x) {
  ci <- poisson.test(x[1], x[2])$conf.int
  list(observed = x[1], expected = x[2], low = ci[1], high = ci[2])
})

# Logistic recalibration of risks made too extreme, unweighted and with weights and the sandwich variance written out.
tight <- glm.control(epsilon = 1e-15, maxit = 200)
y <- dca$cancer; p <- pmin(pmax(dca$cancerpredmarker, 1e-6), 1 - 1e-6); lp <- 1.6 * qlogis(p) + 0.5
w <- 1 + (seq_along(y) %% 7) / 5
sandwich <- function(fit, w) {
  X <- model.matrix(fit); mu <- fitted(fit)
  bread <- solve(crossprod(X * sqrt(w * mu * (1 - mu))))
  sqrt(diag(bread %*% crossprod(X * (w * (y - mu))) %*% bread))
}
plain <- glm(y ~ lp, family = binomial, control = tight)
large <- glm(y ~ 1 + offset(lp), family = binomial, control = tight)
heavy <- suppressWarnings(glm(y ~ lp, family = binomial, weights = w, control = tight))
heavy_large <- suppressWarnings(glm(y ~ 1 + offset(lp), family = binomial, weights = w, control = tight))
logistic <- list(
  plain = list(coefficients = unname(coef(plain)), errors = unname(sqrt(diag(vcov(plain))))),
  large = list(coefficients = unname(coef(large)), errors = unname(sqrt(diag(vcov(large))))),
  heavy = list(coefficients = unname(coef(heavy)), errors = unname(sandwich(heavy, w))),
  heavy_large = list(coefficients = unname(coef(heavy_large)), errors = unname(sandwich(heavy_large, w)))
)

# Net benefit from its definition, at every threshold.
thresholds <- c(0.001, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)
net <- sapply(thresholds, function(t) {
  above <- dca$cancerpredmarker >= t
  mean(above & y == 1) - mean(above & y == 0) * t / (1 - t)
})
brier <- list(score = mean((dca$cancerpredmarker - y)^2),
              scaled = 1 - mean((dca$cancerpredmarker - y)^2) / (mean(y) * (1 - mean(y))))

# Incidence at one year with death as a competing event and loss to follow-up (Aalen and Johansen), of patients
# with a high and with a low predicted risk; every third of those without cancer dies.
status <- ifelse(dca$cancer == 1, 1, ifelse(dca$patientid %% 3 == 0, 2, 0))
dca$state <- factor(status, 0:2, c("censored", "cancer", "dead"))
incidence <- lapply(c("high", "low", "all"), function(which) {
  high <- dca$cancerpredmarker >= 0.25
  here <- switch(which, high = high, low = !high, all = rep(TRUE, nrow(dca)))
  s <- summary(survfit(Surv(ttcancer, state) ~ 1, data = dca[here, ]), times = 1)
  list(who = which, n = sum(here), incidence = s$pstate[1, 2], standard_error = s$std.err[1, 2])
})
cat(toJSON(list(auc = auc, wilson = wilson, poisson = poisson, logistic = logistic,
  dca = list(cancer = dca$cancer, years = dca$ttcancer, risk = dca$cancerpredmarker, status = status),
  thresholds = thresholds, net_benefit = net, brier = brier, incidence = incidence),
  digits = NA, auto_unbox = TRUE), "\n")

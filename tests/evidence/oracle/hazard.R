# Reference results for the hazard regression of untreated hips, printed as JSON to the standard output.
#
# R 4.2.2, lme4 1.1-31, jsonlite 1.8.4.
# Run: Rscript hazard.R > hazard.json   (seconds)
#
# Published counts of collapse of untreated hips (events of hips in years); evidence/studies/ has the sources:
#   lai-2005 (PMID 16203877, control arm)    19 of 25 in 2
#   lee-2015 (PMID 26178889, control arm)    22 of 55 in 2
#   min-2008 (PMID 18327630, asymptomatic)   26 of 81 in 8.3
#   nishii-2002 (PMID 11853079, both groups of size together)   33 of 65 in 2
#   anterior-boundary (Kubo et al. 2018, asymptomatic)   61 of 113 in 4.7
#   moon-2024 (Sci Rep 2024, control arm)    48 of 126 in 1
#   preserved-angle-2022 (PMID 35389905)     89 of 180 in 2
#
# "glm" is complementary log-log regression of single rows, "glmer" the same with a normal effect of each cohort,
# integrated by adaptive Gauss-Hermite quadrature with 25 nodes.
suppressMessages({library(lme4); library(jsonlite)})

d <- data.frame(
  study = c("lai", "lee", "min", "nishii", "anterior", "moon", "preserved"),
  events = c(19, 22, 26, 33, 61, 48, 89),
  n = c(25, 55, 81, 65, 113, 126, 180),
  years = c(2, 2, 8.3, 2, 4.7, 1, 2),
  asymptomatic = c(0, 0, 1, 0, 1, 0, 0)
)
tight <- glm.control(epsilon = 1e-14, maxit = 200)
one <- glm(cbind(events, n - events) ~ asymptomatic, family = binomial(link = "cloglog"), offset = log(years),
           data = d, control = tight)
two <- glmer(cbind(events, n - events) ~ asymptomatic + (1 | study), family = binomial(link = "cloglog"),
             offset = log(years), data = d, nAGQ = 25,
             control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13,
                                    optCtrl = list(rhobeg = 0.1, rhoend = 1e-9, maxfun = 1e5)))
cat(toJSON(list(
  data = as.list(d),
  glm = list(coefficients = unname(coef(one)), standard_errors = unname(sqrt(diag(vcov(one)))),
             log_likelihood = c(logLik(one))),
  glmer = list(coefficients = unname(fixef(two)), tau = sqrt(unlist(VarCorr(two))[[1]]))
), digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")

# Reference results of pairwise meta-analysis, printed as JSON to the standard output.
#
# R 4.2.2, metafor 3.8-1, metadat 1.2-0, jsonlite 1.8.4. Run: Rscript pairwise.R > pairwise.json
#
# Published data, all from metadat (each data set's help page gives the table it was taken from):
#   dat.bcg              Colditz et al. 1994, JAMA 271:698 (BCG vaccine against tuberculosis)
#   dat.hackshaw1998     Hackshaw 1998, Statistical Methods in Medical Research 7:119 (passive smoking)
#   dat.raudenbush1985   Raudenbush & Bryk 1985, Journal of Educational Statistics 10:75
#   dat.konstantopoulos2011  Konstantopoulos 2011, Research Synthesis Methods 2:61
#   dat.normand1999      Normand 1999, Statistics in Medicine 18:321 (length of hospital stay)
#   dat.molloy2014       Molloy et al. 2014, Annals of Behavioral Medicine 47:53 (correlations, Fisher's z)
#   dat.li2007           Li et al. 2007, Clinical Cardiology 30:109 (magnesium in myocardial infarction)
#   dat.yusuf1985        Yusuf et al. 1985, Progress in Cardiovascular Diseases 27:335 (table 6)
#   dat.hart1999         Hart et al. 1999, Annals of Internal Medicine 131:492 (warfarin, rates)
#   dat.hine1989         Hine et al. 1989, Archives of Internal Medicine 149:2694 (lidocaine; risk differences)
#   dat.pritz1997        Zhou et al. 1999, Communications in Statistics 28:2063 (proportions)
#   dat.nielweise2007    Niel-Weise et al. 2007, Journal of Antimicrobial Chemotherapy 60:776 (zero cells)
suppressMessages({library(metafor); library(jsonlite)})

# Fisher scoring stops at an absolute change of tau2: what is asked for follows the scale of the data.
tight <- function(yi, vi)
  list(threshold = 1e-14 * max(1, max(vi) + diff(range(yi))^2), maxiter = 100000, tol = 1e-15)
# The interval of tau2 is looked for below tau2.max, and uniroot stops at an absolute width: both are set to fit.
fit <- function(yi, vi, method, test) {
  scale <- max(vi) + diff(range(yi))^2
  res <- rma(yi, vi, method = method, test = test, control = c(tight(yi, vi), tau2.max = 100 * scale))
  shown <- list(method = method, test = test, estimate = c(res$beta), standard_error = res$se,
    low = res$ci.lb, high = res$ci.ub, p_value = res$pval, tau_squared = res$tau2, q = res$QE,
    q_p_value = res$QEp, i_squared = res$I2 / 100, h_squared = res$H2,
    weights = unname(weights(res)) / 100)
  if (method != "FE") {
    ci <- confint(res, control = list(tol = 1e-15, maxiter = 100000, tau2.min = 0, tau2.max = 1e4 * scale))
    p <- predict(res); riley <- predict(res, pi.type = "riley")
    shown$tau_squared_interval <- unname(ci$random["tau^2", c("ci.lb", "ci.ub")])
    shown$prediction <- c(p$pi.lb, p$pi.ub)
    shown$prediction_k2 <- c(riley$pi.lb, riley$pi.ub)
  }
  shown
}
study <- function(name, es) {
  es <- es[!is.na(es$yi), ]
  yi <- as.numeric(es$yi); vi <- as.numeric(es$vi)
  fits <- list()
  for (method in c("REML", "PM", "DL", "ML", "FE")) for (test in c("z", "knha"))
    fits[[length(fits) + 1]] <- fit(yi, vi, method, test)
  left <- leave1out(rma(yi, vi, method = "REML", control = tight(yi, vi)))
  list(name = name, yi = yi, vi = vi, fits = fits,
       leave_one_out = list(estimate = left$estimate, tau_squared = left$tau2))
}
pooled <- list(
  study("bcg", escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  study("hackshaw1998", dat.hackshaw1998), study("raudenbush1985", dat.raudenbush1985),
  study("konstantopoulos2011", dat.konstantopoulos2011),
  study("normand1999", escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                              data = dat.normand1999)),
  study("molloy2014", escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014)),
  study("li2007", escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)),
  study("yusuf1985", escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i,
                            data = subset(dat.yusuf1985, table == "6"))),
  study("hart1999", escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = dat.hart1999)),
  study("hine1989", escalc("RD", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989)),
  study("pritz1997", escalc("PLO", xi = xi, ni = ni, data = dat.pritz1997)))

arms <- function(name, d, a, n1, c, n2) {
  d <- d[!is.na(d[[a]]) & !is.na(d[[c]]), ]
  out <- list(name = name, events_1 = d[[a]], n_1 = d[[n1]], events_0 = d[[c]], n_0 = d[[n2]])
  for (m in c("RR", "OR", "RD")) {
    for (add in c(0, 1/2)) {
      es <- suppressWarnings(escalc(m, ai = d[[a]], n1i = d[[n1]], ci = d[[c]], n2i = d[[n2]], add = add, to = "only0"))
      out[[paste0(m, if (add > 0) "_added" else "")]] <- list(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
    }
  }
  for (add in c(0, 1/2)) {
    es <- suppressWarnings(escalc("PLO", xi = d[[a]], ni = d[[n1]], add = add, to = "only0"))
    out[[paste0("PLO", if (add > 0) "_added" else "")]] <- list(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
    es <- suppressWarnings(escalc("IRLN", xi = d[[a]], ti = d[[n1]], add = add, to = "only0"))
    out[[paste0("IRLN", if (add > 0) "_added" else "")]] <- list(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
  }
  out
}
bcg <- transform(dat.bcg, n1 = tpos + tneg, n2 = cpos + cneg)
effects <- list(arms("bcg", bcg, "tpos", "n1", "cpos", "n2"),
                arms("li2007", dat.li2007, "ai", "n1i", "ci", "n2i"),
                arms("nielweise2007", dat.nielweise2007, "ai", "n1i", "ci", "n2i"))
d <- dat.normand1999
means <- list(mean_1 = d$m1i, sd_1 = d$sd1i, n_1 = d$n1i, mean_0 = d$m2i, sd_0 = d$sd2i, n_0 = d$n2i)
for (m in c("MD", "SMD")) {
  es <- escalc(m, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = d)
  means[[m]] <- list(yi = as.numeric(es$yi), vi = as.numeric(es$vi))
}
cat(toJSON(list(pooled = pooled, effects = effects, means = means), digits = NA, auto_unbox = TRUE, na = "null"), "\n")

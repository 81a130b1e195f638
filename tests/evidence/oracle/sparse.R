# Reference results for sparse events, printed as JSON to the standard output.
#
# R 4.2.2, metafor 3.8-1, metadat 1.2-0, lme4 1.1-31, BiasedUrn 2.0.9, numDeriv 2016.8-1.1, jsonlite 1.8.4.
# Run: Rscript sparse.R > sparse.json   (about two minutes)
#
# Published data, all from metadat:
#   dat.pritz1997       Zhou et al. 1999, Communications in Statistics 28:2063 (proportions)
#   dat.debruin2009     De Bruin et al. 2009, Archives of Internal Medicine 169:240 (proportions)
#   dat.nielweise2007   Niel-Weise et al. 2007, Journal of Antimicrobial Chemotherapy 60:776 (events, zero cells)
#   dat.nielweise2008   Niel-Weise et al. 2008, Critical Care 12:R44 (rates; tables of the treated arm)
#   dat.hart1999        Hart et al. 1999, Annals of Internal Medicine 131:492 (rates)
#   dat.hine1989        Hine et al. 1989, Archives of Internal Medicine 149:2694
#   dat.yusuf1985       Yusuf et al. 1985, Progress in Cardiovascular Diseases 27:335 (table 6)
#
# Two kinds of reference. "glmm" is rma.glmm (lme4 with 50 nodes for proportions and rates; the exact conditional
# model with its own integrals for odds ratios) and is as exact as those optimisers are. "exact" maximises the same
# likelihood in (mu, sigma), every study integrated by the trapezoidal rule on 2801 points, with Newton steps
# on derivatives by Richardson extrapolation (numDeriv).
suppressMessages({library(metafor); library(jsonlite); library(lme4); library(numDeriv)})

# dens: for each study a function of the true value. The trapezoidal rule is exact to rounding for an analytic
# integrand that vanishes at both ends, if its peak is some steps wide: the narrowest here are 5 steps.
step <- 0.01
z <- seq(-14, 14, by = step)
phi <- dnorm(z)
loglik <- function(par, dens) {
  mu <- par[1]; sigma <- abs(par[2])
  if (sigma < 1e-8) return(sum(sapply(dens, function(f) log(f(mu)))))
  sum(sapply(dens, function(f) log(step * sum(f(mu + sigma * z) * phi))))
}
exact <- function(dens, start) {
  f <- function(par) -loglik(par, dens)
  par <- optim(c(start, 0.5), f, control = list(reltol = 1e-12, maxit = 2000))$par
  boundary <- abs(par[2]) < 1e-3
  if (boundary) {
    one <- function(mu) f(c(mu, 0))
    mu <- optimize(one, start + c(-3, 3), tol = 1e-10)$minimum
    for (i in 1:3) mu <- mu - grad(one, mu) / c(hessian(one, mu))
    return(list(estimate = mu, tau_squared = 0, standard_error = sqrt(1 / c(hessian(one, mu))), log_likelihood = -one(mu)))
  }
  for (i in 1:3) par <- par - solve(hessian(f, par), grad(f, par))
  list(estimate = par[1], tau_squared = par[2]^2, standard_error = sqrt(solve(hessian(f, par))[1, 1]),
       log_likelihood = -f(par))
}
profile_mean <- function(dens, best) {
  drop <- best$log_likelihood - qchisq(0.95, 1) / 2
  at <- function(mu) optimize(function(s) loglik(c(mu, s), dens), c(0, 5), maximum = TRUE, tol = 1e-7)$objective - drop
  step <- 5 * best$standard_error
  c(uniroot(at, c(best$estimate - step, best$estimate), tol = 1e-9)$root,
    uniroot(at, c(best$estimate, best$estimate + step), tol = 1e-9)$root)
}
glmm <- function(res) {
  p <- predict(res)
  list(estimate = c(res$beta), standard_error = res$se, low = res$ci.lb, high = res$ci.ub,
       tau_squared = res$tau2, q = res$QE.LRT, q_p_value = res$QEp.LRT, prediction = c(p$pi.lb, p$pi.ub))
}
lme <- list(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-10, maxfun = 100000))

proportion <- function(name, x, n, profile = FALSE) {
  logit <- lapply(seq_along(x), function(i) function(e) dbinom(x[i], n[i], plogis(e)))
  # 1 - exp(-exp(e)) written so that neither tail is lost
  cloglog <- lapply(seq_along(x), function(i) function(e)
    exp(lchoose(n[i], x[i]) + (if (x[i] > 0) x[i] * log(-expm1(-exp(e))) else 0) - (if (n[i] > x[i]) (n[i] - x[i]) * exp(e) else 0)))
  p <- sum(x) / sum(n)
  out <- list(name = name, events = x, n = n,
    glmm = glmm(rma.glmm(measure = "PLO", xi = x, ni = n, nAGQ = 50, control = list(glmerCtrl = lme, glmCtrl = list(epsilon = 1e-15, maxit = 100)))),
    fixed = glmm(rma.glmm(measure = "PLO", xi = x, ni = n, method = "EE", control = list(glmCtrl = list(epsilon = 1e-15, maxit = 100))))[1:4],
    logit = exact(logit, qlogis(p)), cloglog = exact(cloglog, log(-log(1 - p))))
  study <- factor(seq_along(x))
  m <- glmer(cbind(x, n - x) ~ 1 + (1 | study), family = binomial("cloglog"), nAGQ = 50, control = do.call(glmerControl, lme))
  out$glmer_cloglog <- list(estimate = unname(fixef(m)), tau_squared = c(VarCorr(m)$study), standard_error = sqrt(vcov(m)[1, 1]))
  if (profile) out$profile <- profile_mean(logit, out$logit)
  out
}
rate <- function(name, x, t) {
  dens <- lapply(seq_along(x), function(i) function(e) dpois(x[i], t[i] * exp(e)))
  list(name = name, events = x, person_time = t,
    glmm = glmm(rma.glmm(measure = "IRLN", xi = x, ti = t, nAGQ = 50, control = list(glmerCtrl = lme, glmCtrl = list(epsilon = 1e-15, maxit = 100)))),
    fixed = glmm(rma.glmm(measure = "IRLN", xi = x, ti = t, method = "EE", control = list(glmCtrl = list(epsilon = 1e-15, maxit = 100))))[1:4],
    exact = exact(dens, log(sum(x) / sum(t))))
}
odds <- function(name, a, n1, c, n2, profile = FALSE) {
  informative <- which(a + c > 0 & a + c < n1 + n2)
  dens <- lapply(informative, function(i) {
    s <- max(0, a[i] + c[i] - n2[i]):min(n1[i], a[i] + c[i])
    w <- lchoose(n1[i], s) + lchoose(n2[i], a[i] + c[i] - s)
    w <- w - w[s == a[i]]
    function(e) sapply(e, function(one) { l <- w + one * (s - a[i]); exp(-max(l) - log(sum(exp(l - max(l))))) })
  })
  fit <- function(method) suppressWarnings(rma.glmm(measure = "OR", ai = a, n1i = n1, ci = c, n2i = n2, model = "CM.EL",
    method = method, control = list(dnchgcalc = "dnoncenhypergeom")))
  out <- list(name = name, events_1 = a, n_1 = n1, events_0 = c, n_0 = n2, n_informative = length(informative),
    fixed = glmm(fit("EE"))[1:4], exact = exact(dens, 0))
  # metafor lets log(tau2) run to minus infinity on the boundary, where its standard error is not of use
  if (out$exact$tau_squared > 0) out$glmm <- glmm(fit("ML"))[c(1, 2, 3, 4, 5, 8)]
  if (profile) out$profile <- profile_mean(dens, out$exact)
  out
}
h <- subset(dat.yusuf1985, table == "6" & !is.na(ai))
nw8 <- dat.nielweise2008
result <- list(
  proportions = list(proportion("pritz1997", dat.pritz1997$xi, dat.pritz1997$ni, TRUE),
                     proportion("debruin2009", dat.debruin2009$xi, dat.debruin2009$ni),
                     proportion("nielweise2007 control", dat.nielweise2007$ci, dat.nielweise2007$n2i),
                     proportion("nielweise2007 treated", dat.nielweise2007$ai, dat.nielweise2007$n1i)),
  rates = list(rate("nielweise2008 treated", nw8$x1i, nw8$t1i), rate("nielweise2008 control", nw8$x2i, nw8$t2i),
               rate("hart1999 control", dat.hart1999$x2i, dat.hart1999$t2i)),
  odds = list(odds("nielweise2007", dat.nielweise2007$ai, dat.nielweise2007$n1i, dat.nielweise2007$ci, dat.nielweise2007$n2i, TRUE),
              odds("hine1989", dat.hine1989$ai, dat.hine1989$n1i, dat.hine1989$ci, dat.hine1989$n2i),
              odds("yusuf1985", h$ai, h$n1i, h$ci, h$n2i)),
  exact_intervals = lapply(list(c(0, 10), c(1, 10), c(7, 50), c(50, 50), c(3, 4000)), function(z) {
    b <- binom.test(z[1], z[2])$conf.int; p <- poisson.test(z[1], z[2])$conf.int
    list(events = z[1], n = z[2], binomial = c(b), poisson = c(p)) }))
cat(toJSON(result, digits = NA, auto_unbox = TRUE, na = "null"), "\n")

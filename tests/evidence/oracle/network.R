# Reference results of network meta-analysis, printed as JSON to the standard output.
#
# R 4.2.2, metafor 3.8-1, metadat 1.2-0, jsonlite 1.8.4; netmeta 1.2-0 with meta 4.9-9 (source of the tags of
# github.com/guido-s). meta was installed without CompQuadForm: hetcalc() got `if (method.tau.ci == "J")
# method.tau.ci <- ""` as its first line, which leaves out an interval of tau2 that is not read here.
# Run: Rscript network.R > network.json
#
# Published data, all from metadat (the help page of each gives the table it was taken from):
#   dat.senn2013        Senn et al. 2013, Statistical Methods in Medical Research 22:169 (glucose lowering; means)
#   dat.hasselblad1998  Hasselblad 1998, Medical Decision Making 18:37 (smoking cessation)
#   dat.pagliaro1992    Pagliaro et al. 1992, Annals of Internal Medicine 117:59 (first bleeding in cirrhosis)
#   dat.dogliotti2014   Dogliotti et al. 2014, Heart 100:396 (stroke in atrial fibrillation)
#   dat.baker2009       Baker et al. 2009, Pharmacotherapy 29:891 (exacerbations of COPD)
#   dat.dong2013        Dong et al. 2013, Thorax 68:48 (mortality of inhaled treatments of COPD)
#   dat.gurusamy2011    Gurusamy et al. 2011, Cochrane Database CD009052 (blood loss in liver transplantation)
#   dat.woods2010       Woods et al. 2010, BMC Medical Research Methodology 10:54 (mortality in COPD)
#   dat.franchini2012   Dias et al. 2013, Medical Decision Making 33:607 (Parkinson's disease; means)
#   dat.stowe2010       Stowe et al. 2010, Cochrane Database CD007166 (Parkinson's disease; means)
#   dat.linde2015       Linde et al. 2015, Annals of Family Medicine 13:69 (depression in primary care; response)
#   dat.linde2016       Linde et al. 2016, Journal of Clinical Epidemiology 71:86 (with psychotherapy; contrasts as printed)
# Counts become log odds with 1/2 added to both cells of every arm: some arms have no event.
suppressMessages({library(metafor); library(metadat); library(netmeta); library(jsonlite)})

arms <- function(study, treatment, y, v) {
  d <- data.frame(study = as.character(study), treatment = as.character(treatment), y = y, v = v)
  d <- d[!is.na(d$y) & d$treatment != "", ]
  d <- d[d$study %in% names(which(table(d$study) > 1)), ]
  d[order(match(d$study, unique(d$study))), ]
}
odds <- function(study, treatment, x, n) {
  es <- escalc(measure = "PLO", xi = x, ni = n, add = 1/2, to = "all")
  arms(study, treatment, c(es$yi), c(es$vi))
}
wide <- function(d, f) do.call(rbind, lapply(1:3, function(i) f(d, i)))
means3 <- function(d, id, t) wide(d, function(d, i) arms2(d[[id]], d[[paste0(t, i)]], d[[paste0("y", i)]],
  d[[paste0("sd", i)]]^2 / d[[paste0("n", i)]]))
arms2 <- function(study, treatment, y, v) data.frame(study = as.character(study), treatment = as.character(treatment), y, v)
tidy <- function(d) arms(d$study, d$treatment, d$y, d$v)

# Contrasts against the first arm of each study, with the variance of that arm as covariance.
contrasts_of <- function(d) {
  parts <- lapply(split(d, factor(d$study, unique(d$study))), function(s) {
    k <- nrow(s)
    list(rows = data.frame(study = s$study[1], base = s$treatment[1], comp = s$treatment[-1], y = s$y[-1] - s$y[1]),
         V = matrix(s$v[1], k - 1, k - 1) + diag(s$v[-1], k - 1))
  })
  list(rows = do.call(rbind, lapply(parts, `[[`, "rows")), V = as.matrix(bldiag(lapply(parts, `[[`, "V"))))
}
design_of <- function(rows, treatments, reference) {
  others <- setdiff(treatments, reference)
  X <- sapply(others, function(t) (rows$comp == t) - (rows$base == t))
  X <- matrix(X, nrow(rows)); colnames(X) <- others; X
}
fit <- function(rows, V, X, method, btt = NULL) {
  rows$comp <- factor(rows$comp); rows$study <- factor(rows$study)
  if (method == "FE") return(rma.mv(rows$y, V, mods = X, intercept = FALSE, method = "FE", btt = btt))
  run <- function(start, tol) rma.mv(y, V, mods = X, intercept = FALSE, random = ~ comp | study, rho = 1/2,
    data = rows, method = method, btt = btt, control = list(optimizer = "nlminb", rel.tol = tol, x.tol = tol,
      eval.max = 5000, iter.max = 5000, REMLf = FALSE, tau2.init = start))
  # Too tight a tolerance ends in "false convergence", which is an error: the tightest that works is taken.
  tightest <- function(start) {
    for (tol in 10^-(15:8)) {
      res <- tryCatch(run(start, tol), error = function(e) NULL)
      if (!is.null(res)) return(res)
    }
  }
  fits <- lapply(c(0.001, 0.05, 1, 10), tightest)
  fits <- Filter(Negate(is.null), fits)
  fits[[which.max(sapply(fits, function(f) c(logLik(f))))]]
}
shown <- function(res) list(estimates = c(res$beta), covariance = unname(as.matrix(vcov(res))),
  tau_squared = if (res$method == "FE") 0 else res$tau2, log_likelihood = c(logLik(res)),
  q = res$QE, df = res$k - res$p,
  predictions = if (res$method == "FE") NULL else { p <- predict(res, newmods = diag(res$p)); unname(cbind(p$pi.lb, p$pi.ub)) })

connected <- function(rows, a, b) {
  seen <- a
  repeat {
    more <- unique(c(seen, rows$comp[rows$base %in% seen], rows$base[rows$comp %in% seen]))
    for (s in unique(rows$study[rows$comp %in% more | rows$base %in% more]))
      more <- unique(c(more, rows$comp[rows$study == s], rows$base[rows$study == s]))
    if (setequal(more, seen)) return(b %in% seen)
    seen <- more
  }
}
# Side-splitting with the inconsistency shared by both arms (White 2015, symmetric method).
split_nodes <- function(rows, V, X, treatments, reference) {
  has <- function(t) tapply(rows$comp == t | rows$base == t, rows$study, any)
  out <- list()
  for (i in seq_along(treatments)) for (j in seq_along(treatments)) if (i < j) {
    a <- treatments[i]; b <- treatments[j]
    both <- names(which(has(a) & has(b)))
    if (!length(both)) next
    if (!connected(rows[!(rows$study %in% both), ], a, b)) next
    z <- function(t) ((t == b) - (t == a)) / 2
    x <- ifelse(rows$study %in% both, z(rows$comp) - z(rows$base), 0)
    if (nrow(X) - ncol(X) - 1 < 1) next
    res <- fit(rows, V, cbind(X, split = x), "REML")
    names_ <- c(setdiff(treatments, reference), "split")
    w <- (names_ == b) - (names_ == a)
    out[[length(out) + 1]] <- list(treatment = b, versus = a, tau_squared = res$tau2,
      indirect = sum(w * res$beta), indirect_error = c(sqrt(t(w) %*% vcov(res) %*% w)),
      difference = tail(c(res$beta), 1), difference_error = tail(res$se, 1))
  }
  out
}
# Design-by-treatment interaction: the columns of the single designs that the consistency model does not span.
interaction_of <- function(rows, V, X, method) {
  design <- tapply(c(rows$base, rows$comp), rep(rows$study, 2), function(t) paste(sort(unique(t)), collapse = ":"))
  rows$design <- design[rows$study]
  full <- do.call(cbind, lapply(unique(rows$design), function(d) {
    ts <- sort(unique(c(rows$base[rows$design == d], rows$comp[rows$design == d])))
    sapply(ts[-1], function(t) ifelse(rows$design == d, (rows$comp == t) - (rows$base == t), 0))
  }))
  F <- X
  for (j in seq_len(ncol(full))) if (qr(cbind(F, full[, j]))$rank > ncol(F)) F <- cbind(F, full[, j])
  if (ncol(F) == ncol(X) || nrow(F) == ncol(F)) return(NULL)
  colnames(F) <- paste0("x", seq_len(ncol(F)))
  res <- fit(rows, V, F, method, btt = (ncol(X) + 1):ncol(F))
  list(tau_squared = if (method == "FE") 0 else res$tau2, statistic = res$QM, df = ncol(F) - ncol(X),
       p_value = res$QMp, q_within = res$QE, df_within = nrow(F) - ncol(F))
}
netmeta_of <- function(pairs, reference) {
  n <- suppressWarnings(netmeta(pairs$TE, pairs$se, pairs$t1, pairs$t2, pairs$study, sm = "MD", comb.fixed = FALSE,
    reference.group = reference, prediction = TRUE, tol.multiarm = 0.01, tol.multiarm.se = 0.1))
  m <- function(x) unname(as.matrix(x))
  rank <- netrank(n, small.values = "good")$Pscore.random
  d <- tryCatch(suppressWarnings(decomp.design(n)), error = function(e) NULL)
  list(treatments = n$trts, tau_squared = n$tau^2, q = n$Q, i_squared = n$I2, df = n$df.Q,
       q_within = n$Q.heterogeneity, df_within = n$df.Q.heterogeneity, q_between = n$Q.inconsistency,
       df_between = n$df.Q.inconsistency, estimates = m(n$TE.random), errors = m(n$seTE.random),
       low = m(n$lower.random), high = m(n$upper.random),
       predict_low = m(n$lower.predict), predict_high = m(n$upper.predict), p_scores = unname(rank[n$trts]),
       direct = m(n$TE.direct.random), direct_errors = m(n$seTE.direct.random), share = m(n$P.random),
       indirect = m(n$TE.indirect.random), indirect_errors = m(n$seTE.indirect.random),
       interaction = if (is.null(d)) NULL else list(q = d$Q.inc.random$Q, df = d$Q.inc.random$df,
         tau_squared = d$Q.inc.random$tau.within^2))
}
pairs_of <- function(d) do.call(rbind, lapply(split(d, factor(d$study, unique(d$study))), function(s) {
  ij <- combn(nrow(s), 2)
  data.frame(study = s$study[1], t1 = s$treatment[ij[1, ]], t2 = s$treatment[ij[2, ]],
             TE = s$y[ij[1, ]] - s$y[ij[2, ]], se = sqrt(s$v[ij[1, ]] + s$v[ij[2, ]]))
}))
analysis <- function(rows, V, pairs) {
  treatments <- sort(unique(c(rows$base, rows$comp)), method = "radix"); reference <- treatments[1]
  X <- design_of(rows, treatments, reference)
  list(treatments = treatments, reference = reference,
    REML = shown(fit(rows, V, X, "REML")), ML = shown(fit(rows, V, X, "ML")), fixed = shown(fit(rows, V, X, "FE")),
    interaction_REML = interaction_of(rows, V, X, "REML"), interaction_fixed = interaction_of(rows, V, X, "FE"),
    splits = split_nodes(rows, V, X, treatments, reference), netmeta = netmeta_of(pairs, reference))
}
of_arms <- function(d) { c_ <- contrasts_of(d); c(list(arms = d), analysis(c_$rows, c_$V, pairs_of(d))) }

# Reported contrasts: studies of more than two arms give all pairs; cov(b - a, c - a) = (v_ab + v_ac - v_bc) / 2.
of_pairs <- function(d) {
  d$study <- as.character(d$id); d <- d[order(match(d$study, unique(d$study))), ]
  parts <- unname(lapply(split(d, factor(d$study, unique(d$study))), function(s) {
    base <- s$treat2[1]
    at <- s$treat1 == base | s$treat2 == base
    comp <- ifelse(s$treat1 == base, s$treat2, s$treat1)[at]
    y <- (ifelse(s$treat1 == base, -1, 1) * s$lnOR)[at]
    v <- function(t, u) if (t == u) 0 else s$selnOR[(s$treat1 == t & s$treat2 == u) | (s$treat1 == u & s$treat2 == t)]^2
    V <- outer(seq_along(comp), seq_along(comp), Vectorize(function(i, j)
      (v(base, comp[i]) + v(base, comp[j]) - v(comp[i], comp[j])) / 2))
    list(study = s$study[1], base = base, comp = comp, y = y, V = V)
  }))
  rows <- do.call(rbind, lapply(parts, function(p) data.frame(p[c("study", "base", "comp", "y")])))
  pairs <- data.frame(study = d$study, t1 = d$treat1, t2 = d$treat2, TE = d$lnOR, se = d$selnOR)
  blocks <- lapply(parts, function(p) list(study = p$study, base = p$base, comp = I(p$comp), y = I(p$y), V = p$V))
  c(list(contrasts = blocks), analysis(rows, as.matrix(bldiag(lapply(parts, `[[`, "V"))), pairs))
}

l15 <- dat.linde2015
networks <- list(
  senn2013 = of_arms(with(dat.senn2013, arms(study, treatment, mi, sdi^2 / ni))),
  hasselblad1998 = of_arms(with(dat.hasselblad1998, odds(study, trt, xi, ni))),
  pagliaro1992 = of_arms(with(dat.pagliaro1992, odds(study, trt, xi, ni))),
  dogliotti2014 = of_arms(with(dat.dogliotti2014, odds(id, treatment, stroke, total))),
  baker2009 = of_arms(with(dat.baker2009, odds(id, treatment, exac, total))),
  dong2013 = of_arms(with(dat.dong2013, odds(id, treatment, death, randomized))),
  gurusamy2011 = of_arms(with(dat.gurusamy2011, odds(study, treatment, death, n))),
  woods2010 = of_arms(with(dat.woods2010, odds(author, treatment, r, N))),
  franchini2012 = of_arms(tidy(means3(dat.franchini2012, "Study", "Treatment"))),
  stowe2010 = of_arms(tidy(means3(dat.stowe2010, "id", "t"))),
  linde2015 = of_arms(do.call(rbind, lapply(1:3, function(i)
    data.frame(study = l15$id, treatment = l15[[paste0("treatment", i)]], x = l15[[paste0("resp", i)]], n = l15[[paste0("n", i)]]))) |>
    (\(d) d[!is.na(d$x), ])() |> (\(d) odds(d$study, d$treatment, d$x, d$n))()),
  linde2016 = of_pairs(dat.linde2016)
)
# A pair of arms alone: the same network as a pairwise meta-analysis by metafor.
pair <- subset(networks$senn2013$arms, study %in% with(networks$senn2013$arms, names(which(tapply(treatment, study, function(t)
  length(t) == 2 && setequal(t, c("placebo", "rosiglitazone")))))))
cat(toJSON(list(networks = networks, pair = of_arms(pair)), digits = NA, auto_unbox = TRUE, na = "null", null = "null", pretty = FALSE), "\n")

# Reference values for tests/evidence/test_survival.py.
# Made with R 4.2.2, survival 3.5-3, cmprsk 2.2-11, jsonlite 1.8.4.
# Run in this folder: Rscript survival.R > survival.json
#
# Data, all printed in the R package survival (Therneau and Grambsch, Modeling Survival Data, 2000):
#   lung      Loprinzi 1994 (advanced lung cancer)       veteran  Kalbfleisch and Prentice 1980
#   ovarian   Edmunson 1979                              colon    Moertel 1990 (deaths)
#   pbc       Fleming and Harrington 1991 (transplant and death compete)
#   mgus2     Kyle 2002 (plasma cell malignancy and death compete; ages as times with entry)
#   heart     Crowley and Hu 1977 (start, stop)          aml      Miller 1981
# tied: made up, heavily tied, with decimal times that differ by rounding.
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})

se_of <- function(fit) { s <- fit$surv * fit$std.err; if (isFALSE(fit$logse)) s <- fit$std.err; s }

# Long results are printed at about 60 of their rows; "rows" says which (from 0). The inputs are always whole.
thin <- function(out, names) {
  rows <- unique(round(seq(1, length(out$times), length.out = min(60, length(out$times)))))
  out$rows <- rows - 1
  for (name in c("times", "at_risk", "survival", "standard_error", "low_log", "high_log", "low_log-log",
                 "high_log-log", "low_plain", "high_plain", names))
    out[[name]] <- if (is.matrix(out[[name]])) out[[name]][rows, , drop = FALSE] else out[[name]][rows]
  out
}

km <- function(time, event, weights = NULL, entry = NULL, robust = FALSE, horizon = NULL) {
  w <- if (is.null(weights)) rep(1, length(time)) else weights
  y <- if (is.null(entry)) Surv(time, event) else Surv(entry, time, event)
  id <- seq_along(time)
  out <- list(time = time, event = event, weights = weights, entry = entry, robust = robust)
  for (type in c("log", "log-log", "plain")) {
    fit <- if (robust) survfit(y ~ 1, weights = w, conf.type = type, robust = TRUE, id = id)
           else survfit(y ~ 1, weights = w, conf.type = type, robust = FALSE)
    out[[paste0("low_", type)]] <- fit$lower
    out[[paste0("high_", type)]] <- fit$upper
    if (type == "log") {
      out$times <- fit$time; out$at_risk <- fit$n.risk; out$events <- fit$n.event
      out$censored <- fit$n.censor; out$survival <- fit$surv; out$standard_error <- se_of(fit)
      out$hazard <- fit$cumhaz; out$hazard_error <- fit$std.chaz
      q <- quantile(fit, c(0.25, 0.5, 0.75))
      out$quantiles <- unname(rbind(q$quantile, q$lower, q$upper))
      if (!is.null(horizon) && !robust) {
        m <- survival:::survmean(fit, rmean = horizon)$matrix
        out$horizon <- horizon; out$mean <- unname(m[c("rmean", "se(rmean)")])
        out$median <- unname(m[c("median", "0.95LCL", "0.95UCL")])
      }
    }
  }
  thin(out, c("events", "censored", "hazard", "hazard_error"))
}

cif <- function(time, cause, weights = NULL, entry = NULL) {
  w <- if (is.null(weights)) rep(1, length(time)) else weights
  status <- factor(cause, levels = 0:max(cause))
  y <- if (is.null(entry)) Surv(time, status) else Surv(entry, time, status)
  id <- seq_along(time)
  out <- list(time = time, cause = cause, weights = weights, entry = entry)
  for (type in c("log", "log-log", "plain")) {
    fit <- survfit(y ~ 1, weights = w, id = id, conf.type = type)
    out[[paste0("low_", type)]] <- fit$lower[, -1, drop = FALSE]
    out[[paste0("high_", type)]] <- fit$upper[, -1, drop = FALSE]
    if (type == "log") {
      out$times <- fit$time
      out$at_risk <- fit$n.risk[, 1]  # persons: survfit ignores the weights here, for multi-state data
      out$incidence <- fit$pstate[, -1, drop = FALSE]; out$survival <- fit$pstate[, 1]
      out$standard_error <- fit$std.err[, -1, drop = FALSE]
    }
  }
  if (is.null(weights) && is.null(entry)) {
    # cmprsk does not merge times that differ by rounding, so they are rounded for it.
    g <- timepoints(cuminc(round(time, 9), cause), unname(quantile(time, c(.25, .5, .75))))
    out$gray_times <- unname(quantile(time, c(.25, .5, .75)))
    out$gray_incidence <- unname(t(g$est)); out$gray_variance <- unname(t(g$var))
  }
  thin(out, "incidence")
}

lr <- function(time, event, group) {
  fit <- survdiff(Surv(time, event) ~ group)
  list(time = time, event = event, group = as.character(group),
       groups = trimws(sub("group=", "", names(fit$n))), observed = fit$obs, expected = fit$exp,
       covariance = fit$var, chi_squared = fit$chisq,
       p_value = pchisq(fit$chisq, length(fit$n) - 1, lower.tail = FALSE))
}

tied_time <- c(0.1 + 0.2, 0.3, 0.3, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 0.7 + 0.1, 0.8, 5, 5, 5)
tied_event <- c(1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1)
tied_cause <- c(1, 2, 0, 1, 2, 0, 0, 3, 0, 0, 0, 2, 2, 1, 0, 3, 0, 1, 2, 1)
tied_count <- rep(c(1, 2, 3, 1), 5)
tied_share <- rep(c(0.35, 1.7, 0.9, 2.25, 1.1), 4)
tied_entry <- c(0, .1, 0, .5, 0, .3, .8, 0, 1, .3, 1.5, 1, 2, 0, 2, .3, 0, 3, 2, 1)

lung2 <- lung[, c("time", "status", "sex", "ph.ecog")]
deaths <- subset(colon, etype == 2)
mg <- mgus2
mg$cause <- with(mg, ifelse(pstat == 1, 1, ifelse(death == 1, 2, 0)))
mg$years <- with(mg, ifelse(pstat == 1, ptime, futime)) / 12
mg <- subset(mg, years > 0)
ages <- data.frame(entry = mg$age, exit = mg$age + mg$years, cause = mg$cause)
lung_group <- subset(lung2, !is.na(ph.ecog))

json <- list(
  kaplan_meier = list(
    lung = km(lung$time, lung$status - 1, horizon = 700),
    veteran = km(veteran$time, veteran$status, horizon = 500),
    ovarian = km(ovarian$futime, ovarian$fustat, horizon = 1000),
    colon = km(deaths$time, deaths$status, horizon = 3000),
    aml = km(aml$time, aml$status, horizon = 100),
    pbc_counts = km(pbc$time, as.numeric(pbc$status == 2), weights = pbc$edema * 2 + 1, horizon = 4000),
    lung_robust = km(lung$time, lung$status - 1, weights = lung$age / 60, robust = TRUE),
    veteran_robust = km(veteran$time, veteran$status, robust = TRUE),
    heart_entry = km(heart$stop, heart$event, entry = heart$start, horizon = 1000),
    mgus2_ages = km(ages$exit, as.numeric(ages$cause == 2), entry = ages$entry),
    tied = km(tied_time, tied_event, horizon = 4),
    tied_counts = km(tied_time, tied_event, weights = tied_count, horizon = 4),
    tied_robust = km(tied_time, tied_event, weights = tied_share, robust = TRUE),
    tied_entry = km(tied_time, tied_event, entry = tied_entry, horizon = 4)
  ),
  incidence = list(
    pbc = cif(pbc$time, pbc$status),
    pbc_weights = cif(pbc$time, pbc$status, weights = pbc$age / 50),
    mgus2 = cif(mg$years, mg$cause),
    mgus2_ages = cif(ages$exit, ages$cause, entry = ages$entry),
    tied = cif(tied_time, tied_cause),
    tied_weights = cif(tied_time, tied_cause, weights = tied_share),
    tied_entry = cif(tied_time, tied_cause, weights = tied_share, entry = tied_entry)
  ),
  log_rank = list(
    lung_sex = lr(lung$time, lung$status - 1, lung$sex),
    lung_ecog = lr(lung_group$time, lung_group$status - 1, lung_group$ph.ecog),
    veteran_cell = lr(veteran$time, veteran$status, veteran$celltype),
    colon_rx = lr(deaths$time, deaths$status, deaths$rx),
    ovarian_rx = lr(ovarian$futime, ovarian$fustat, ovarian$rx),
    tied = lr(tied_time, tied_event, rep(c("a", "b", "c", "a"), 5))
  )
)
cat(toJSON(json, digits = I(17), na = "null", null = "null", auto_unbox = TRUE, matrix = "rowmajor"), "\n")

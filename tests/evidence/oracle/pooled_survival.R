# Reference values for tests/evidence/test_pooled_survival.py.
# Made with R 4.2.2, mvtnorm 1.1-3, jsonlite 1.8.4 and metaSurvival 0.1.0 (MIT; github shubhrampandey/metaSurvival,
# the method of Combescure, Foucher and Jackson 2014; its source is read from a copy, not installed).
# Run in this folder: Rscript pooled_survival.R <folder of metaSurvival> > pooled_survival.json
#
# Data: exampleData of that package, 27 untreated arms of Cabibbo and others (Hepatology 2010;51:1274), survival of
# hepatocellular carcinoma read from the published curves, months, number at risk at the start of each stretch.
suppressMessages({library(mvtnorm); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
load(file.path(folder, "data", "exampleData.rda"))
source(file.path(folder, "R", "msurv.R"))
d <- exampleData[order(exampleData$Study, exampleData$Time), ]
set.seed(1)
by_draws <- with(d, msurv(Study, Time, NbRisk, Survival, confidence = "MonteCarlo"))
uncorrected <- with(d, msurv(Study, Time, NbRisk, Survival, confidence = "MonteCarlo", correctionFlag = FALSE))
json <- list(
  study = d$Study, time = d$Time, survival = d$Survival, at_risk = d$NbRisk,
  horizons = unname(by_draws$summary.fixed[, 1]),
  fixed = unname(by_draws$summary.fixed[, 2:4]), random = unname(by_draws$summary.random[, 2:4]),
  fixed_uncorrected = unname(uncorrected$summary.fixed[, 2])
)
cat(toJSON(json, digits = I(17), matrix = "rowmajor"), "\n")

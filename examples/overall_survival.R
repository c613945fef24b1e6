# Overall survival under pembrolizumab, as labels print it: the forest plot of overall_survival.ipynb, in R without packages.
#
#   immunofacts export --to facts
#   Rscript examples/overall_survival.R facts forest.png
#
# Figures are as printed, each with its source. Nothing is pooled. Not medical advice.

arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments) > 0) arguments[1] else "facts"
target <- if (length(arguments) > 1) arguments[2] else "forest.png"

read <- function(table) {
  read.csv(file.path(folder, "data", paste0(table, ".csv")), na.strings = "", fileEncoding = "UTF-8")
}

outcomes <- read("outcomes")
found <- subset(
  outcomes,
  therapy_id == "pembrolizumab" & endpoint_id == "overall-survival" & measure == "hazard_ratio" &
    analysed == "intention_to_treat" & evidence_level == "regulatory_label" & !is.na(interval_low)
)
trials <- read("trials")
cohorts <- read("cohorts")
found$trial <- trials$name[match(found$trial_id, trials$id)]
found$arm <- sub(".*: ", "", cohorts$label[match(found$cohort_id, cohorts$id)])
found$said <- paste0(found$trial, ": ", found$arm, ifelse(is.na(found$analysis), "", paste0(" (", found$analysis, ")")))
found <- found[order(found$trial, found$cohort_id), ]
print(found[, c("trial", "arm", "value", "interval_low", "interval_high", "evidence_locator")], row.names = FALSE)

rows <- rev(seq_len(nrow(found)))
png(target, width = 1200, height = 120 + 28 * nrow(found))
par(mar = c(5, 44, 3, 1))
plot(found$value, rows,
  pch = 15, log = "x", yaxt = "n", ylab = "", xlim = range(found$interval_low, found$interval_high, 1),
  xlab = "Hazard ratio of death and its confidence interval, as printed",
  main = "Overall survival in trials of pembrolizumab (US label; not pooled)"
)
segments(found$interval_low, rows, found$interval_high, rows)
abline(v = 1, lty = 2, col = "grey")
axis(2, at = rows, labels = found$said, las = 1, cex.axis = 0.8)
invisible(dev.off())

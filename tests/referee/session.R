# The other side of tests/referee/conftest.py: reads one JSON request per line, answers with one JSON line.
# Request {"do": name, "with": {...}}: the function `name` of this folder's R files is called with the arguments in "with".
suppressPackageStartupMessages({library(survey); library(jsonlite)})
options(warn = -1, survey.lonely.psu = "fail")
frame <- function(columns) as.data.frame(lapply(columns, unlist), stringsAsFactors = FALSE)
folder <- commandArgs(trailingOnly = TRUE)[1]
for (file in list.files(folder, pattern = "\\.R$", full.names = TRUE)) if (basename(file) != "session.R") source(file)
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  request <- fromJSON(line, simplifyVector = TRUE)
  answer <- tryCatch(list(ok = do.call(request$do, request$with)), error = function(e) list(error = conditionMessage(e)))
  cat(toJSON(answer, digits = I(17), na = "null", null = "null", auto_unbox = TRUE), "\n", sep = "")
  flush(stdout())
}

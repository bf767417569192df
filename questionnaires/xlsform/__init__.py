"""XLSForm workbook <-> model. `reader.read` gives a draft and what did not come along; `writer.write` what reads as the same."""

"""From the study table to the parameters the forecast reads: which rows, which models, which draws."""

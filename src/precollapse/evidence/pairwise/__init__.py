"""Two arms: effects of single studies, pooled by inverse variance or by the likelihood of their counts."""

"""From what was recorded to one answer per concept and hip: the latest, or ever, or the extreme.

Several statements about one thing become one fact, or an unknown with its reason. Nothing clinical is
decided here: how a concept resolves and how long an answer stays valid stands in the knowledge.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import polars as pl

from precollapse.knowledge.bundle import Knowledge, KnowledgeKey

IMAGING = "imaging"  # the group of the concepts that are results of an image
HIPS = ("left", "right", "unspecified")

# Why a fact is unknown, in the order in which the reasons are believed when several apply.
WHY = ("conflicting", "unreadable", "provisional", "stale", "asked, not known", "side not said")


def resolve(statements: pl.DataFrame, knowledge: Knowledge, as_of: date) -> pl.DataFrame:
    """Resolve statements to facts.

    Parameters
    ----------
    statements
        The chart's ``statements`` table.
    knowledge
        For level, type, resolution and validity of each concept.
    as_of
        The day of the assessment; statements dated later are left out.

    Returns
    -------
    DataFrame
        One row per (person, hip, concept) that is recorded at all: ``hip`` is null for facts of the
        patient; ``truth``, ``number``, ``low``, ``high``, ``choice``, ``since``, ``date``, ``origin``,
        ``note``; ``why_unknown`` is null when the fact is known.
    """
    rows = _prepare(statements.lazy(), knowledge, as_of)
    chosen = _choose(_spread_over_hips(rows))
    return _conclude(_aggregate(chosen)).collect(optimizations=pl.QueryOptFlags.none())


def _prepare(statements: pl.LazyFrame, knowledge: Knowledge, as_of: date) -> pl.LazyFrame:
    """Join what the knowledge says of each concept, drop the future, mark what is stale."""
    concepts = _concept_table(KnowledgeKey(knowledge))
    today = pl.lit(as_of, dtype=pl.Date)
    # The smallest of "no end" and today would be today: an end counts only where one was written.
    ended = pl.when(pl.col("end").is_not_null()).then(pl.min_horizontal("end", today))
    written = pl.max_horizontal("start", "recorded", ended)
    last_heard = pl.when("event").then(pl.coalesce("start", "recorded")).otherwise(written)
    # A medicine or condition without an end that is still present is as fresh as the record itself.
    heard = pl.when(pl.col("medicine") & pl.col("end").is_null()).then(today).otherwise(last_heard)
    return (
        statements.filter(~dated_after(as_of))
        .join(concepts, on="concept", how="inner", maintain_order="left")
        .with_columns(heard.alias("heard"))
        .with_columns(
            ((today - pl.col("heard")).dt.total_days() > pl.col("valid_days"))
            .fill_null(False)
            .alias("stale"),
            pl.when((pl.col("end") < today) & (pl.col("status") == "present"))
            .then(pl.lit("past"))
            .otherwise("status")
            .alias("status"),
        )
    )


def dated_after(as_of: date) -> pl.Expr:
    """Return whether a statement is dated after the assessment."""
    return (pl.max_horizontal("start", "recorded") > as_of).fill_null(False)


@lru_cache(maxsize=4)
def _concept_table(key: KnowledgeKey) -> pl.LazyFrame:
    """Return what resolution needs to know of every concept, as a table to join."""
    concepts = key.knowledge.concepts.values()
    return pl.DataFrame(
        {
            "concept": [c.id for c in concepts],
            "level": [c.level for c in concepts],
            "type": [c.type for c in concepts],
            "resolve": [c.resolve for c in concepts],
            "valid_days": [c.valid_days for c in concepts],
            "medicine": [c.medicine for c in concepts],
            "event": [c.event for c in concepts],
            "image": [c.group == IMAGING for c in concepts],
        },
        schema_overrides={"valid_days": pl.Int64},
    ).lazy()


def _spread_over_hips(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Give each hip its rows: "both" counts for left and right, an absence without a side as well.

    A presence without a side is kept for a third row, "unspecified", and leaves left and right unknown. So is
    what an image does not show: nobody knows of which hip it was taken.
    """
    of_patient = rows.filter(pl.col("level") == "patient").with_columns(pl.lit(None, pl.String).alias("hip"))
    of_hip = rows.filter(pl.col("level") == "hip")
    denied = (pl.col("status") == "absent") & ~pl.col("image")
    hips = (
        pl.when(pl.col("side") == "both")
        .then(pl.lit(["left", "right"]))
        .when(pl.col("side").is_not_null())
        .then(pl.concat_list("side"))
        .otherwise(pl.lit(["left", "right", "unspecified"]))
    )
    spread = of_hip.with_columns(hips.alias("hip")).explode("hip")
    sideless = pl.col("side").is_null() & ~denied & (pl.col("hip") != "unspecified")
    spread = spread.with_columns(
        pl.when(sideless).then(pl.lit("side not said")).otherwise("status").alias("status")
    )
    return pl.concat([of_patient, spread])


def _choose(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the rows that decide: definite before indefinite, then the latest where the latest counts."""
    key = ["person", "hip", "concept"]
    definite = pl.col("status").is_in(["present", "absent", "past"])
    fresh = definite & ~pl.col("stale")
    tier = pl.when(fresh).then(0).when(definite).then(1).otherwise(2)
    # A denial that is older than a suspicion no longer rules it out.
    suspected = pl.col("heard").filter(pl.col("status") == "provisional").max().over(key)
    overtaken = ((pl.col("status") == "absent") & (suspected > pl.col("heard"))).fill_null(False)
    tier = pl.when((pl.col("status") == "side not said") | overtaken).then(3).otherwise(tier)
    rows = rows.with_columns(tier.alias("tier"))
    best = rows.filter(pl.col("tier") == pl.col("tier").min().over(key))
    latest = (pl.col("heard") == pl.col("heard").max().over(key)) | pl.col("heard").max().over(key).is_null()
    return best.filter((pl.col("resolve") != "latest") | latest.fill_null(False))


def _aggregate(rows: pl.LazyFrame) -> pl.LazyFrame:
    present = pl.col("status") == "present"
    past = pl.col("status") == "past"
    absent = pl.col("status") == "absent"
    value = pl.col("value")
    return rows.group_by("person", "hip", "concept", maintain_order=True).agg(
        pl.col("type").first(),
        pl.col("resolve").first(),
        present.any().alias("any_present"),
        past.any().alias("any_past"),
        absent.any().alias("any_absent"),
        pl.col("heard").filter(absent).max().alias("last_absent"),
        pl.col("heard").filter(present | past).max().alias("last_present"),
        pl.col("stale").all().alias("all_stale"),
        *(
            (pl.col("status") == status).any().alias(status)
            for status in ("provisional", "unreadable", "asked_unknown", "side not said")
        ),
        value.n_unique().alias("values"),
        value.null_count().alias("valueless"),
        value.max().alias("value_max"),
        value.min().alias("value_min"),
        pl.col("low").min().alias("low_min"),
        pl.col("low").max().alias("low_max"),
        pl.col("high").max().alias("high_max"),
        pl.col("high").min().alias("high_min"),
        pl.col("choice").drop_nulls().n_unique().alias("choices"),
        pl.col("choice").drop_nulls().first().alias("choice"),
        pl.col("start").min().alias("since"),
        pl.col("heard").max().alias("date"),
        pl.col("origin").unique(maintain_order=True).str.join(" | ").alias("origin"),
        pl.col("note").drop_nulls().unique(maintain_order=True).str.join("; ").alias("note"),
    )


def _conclude(groups: pl.LazyFrame) -> pl.LazyFrame:
    """Turn each group into a value or a reason why there is none."""
    yes_no, number, choice = (pl.col("type") == kind for kind in ("yes_no", "number", "choice"))
    ever = pl.col("resolve") == "ever"
    definite = pl.col("any_present") | pl.col("any_past") | pl.col("any_absent")
    yes = pl.col("any_present") | (pl.col("any_past") & ever)
    denied_later = (pl.col("last_absent") >= pl.col("last_present")).fill_null(True)
    contradiction = yes & pl.col("any_absent") & denied_later
    several_numbers = (pl.col("resolve") == "latest") & (pl.col("values") > 1)
    conflicting = (yes_no & contradiction) | (number & several_numbers) | (choice & (pl.col("choices") > 1))
    nothing_said = (number & pl.col("low_min").is_null()) | (choice & pl.col("choice").is_null())
    why = (
        pl.when(conflicting)
        .then(pl.lit("conflicting"))
        .when(definite & ~pl.col("all_stale") & ~nothing_said)
        .then(None)
        .when(pl.col("unreadable"))
        .then(pl.lit("unreadable"))
        .when(pl.col("provisional"))
        .then(pl.lit("provisional"))
        .when(definite & pl.col("all_stale"))
        .then(pl.lit("stale"))
        .when(pl.col("asked_unknown"))
        .then(pl.lit("asked, not known"))
        .when(pl.col("side not said"))
        .then(pl.lit("side not said"))
        .otherwise(pl.lit("unreadable"))
    )
    usable = number & ~pl.col("all_stale") & (pl.col("any_present") | pl.col("any_past"))
    maximum, minimum = pl.col("resolve") == "maximum", pl.col("resolve") == "minimum"
    low = pl.when(maximum).then("low_max").otherwise("low_min")
    high = pl.when(minimum).then("high_min").otherwise("high_max")
    single = pl.when(maximum).then("value_max").otherwise("value_min")
    return groups.with_columns(why.alias("why_unknown")).select(
        "person",
        "hip",
        "concept",
        "type",
        pl.when(yes_no & pl.col("why_unknown").is_null()).then(yes).alias("truth"),
        pl.when(usable & pl.col("why_unknown").is_null()).then(single).alias("number"),
        pl.when(usable).then(low).alias("low"),
        pl.when(usable).then(high).alias("high"),
        pl.when(choice & pl.col("why_unknown").is_null()).then("choice").alias("choice"),
        "since",
        "date",
        "origin",
        pl.when(pl.col("note") == "").then(None).otherwise("note").alias("note"),
        "why_unknown",
    )

"""The second wall: rows that the transaction has not said it may see are not there.

Every organisation-owned table has FORCE ROW LEVEL SECURITY and one policy without OR,
whose setting is read once a query. What several departments own is seen through
`objective_party`; feedback and rater identities have no policy at all, so that no
machine's transaction ever sees them. Who sees everyone's rows does so by a role of its
own, whose policies the migration runner adds.
"""

VISIBLE = (
    "(SELECT string_to_array(current_setting('joinedup.organisations', true), ','))"
    "::text[]"
)
OWNED = (
    "organisation_name", "organisation_domain", "person_details", "person_identifier",
    "hr_record", "post", "posting", "reporting_line", "role_grant",
    "cycle_organisation", "appraisal_record", "objective_party", "score",
    "oauth_client_organisation",
)  # fmt: skip
SHARED = {
    "shared_objective": "id",
    "contribution": "objective",
    "objective_agreement": "objective",
}
HIDDEN = (
    "feedback_nomination", "feedback_draw", "feedback_request", "feedback_answer",
    "feedback_rater",
)  # fmt: skip
WRITTEN = ("audit_entry", "disclosure")
ALL = (*OWNED, *SHARED, "data_sharing", *HIDDEN, *WRITTEN)


def _closed(table: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    )


def _open_to(table: str, condition: str) -> str:
    return f"CREATE POLICY own ON {table} USING ({condition}) WITH CHECK ({condition});"


UP = "\n".join(
    [
        *map(_closed, ALL),
        *(_open_to(t, f"organisation::text = ANY ({VISIBLE})") for t in OWNED),
        *(
            _open_to(
                table,
                "EXISTS (SELECT FROM objective_party p"
                f" WHERE p.objective = {table}.{key})",
            )
            for table, key in SHARED.items()
        ),
        _open_to(
            "data_sharing",
            f"ARRAY[organisation::text, partner::text] && {VISIBLE}",
        ),
        *(f"CREATE POLICY own ON {t} FOR INSERT WITH CHECK (true);" for t in WRITTEN),
    ]
)

DOWN = "\n".join(
    f"DROP POLICY IF EXISTS own ON {table}; DROP POLICY IF EXISTS everyone ON {table};"
    f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
    f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    for table in ALL
)

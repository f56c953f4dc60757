"""What is stored after a step, held against what has to be true and against the model.

The law: the sums, the digests and the numbering are worked out here, from the rows.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.objectives.stages import (
    ContributionState,
    ContributionStep,
    Stage,
    Step,
)
from tests.objectives.machine.model import WHOLE_IN, Model, Objective
from tests.objectives.machine.saying import Key, read, stated

STORED: Final = """
SELECT o.id, jsonb_build_object(
    'row', to_jsonb(o),
    'parts', (SELECT jsonb_agg(to_jsonb(c)) FROM contribution c
        WHERE c.objective = o.id),
    'owners', (SELECT jsonb_agg(to_jsonb(w)) FROM objective_owner w
        WHERE w.objective = o.id),
    'parties', (SELECT jsonb_agg(p.organisation) FROM objective_party p
        WHERE p.objective = o.id),
    'versions', (SELECT jsonb_agg(to_jsonb(v) ORDER BY v.version)
        FROM objective_version v WHERE v.objective = o.id),
    'agreements', (SELECT coalesce(jsonb_agg(to_jsonb(a)), '[]')
        FROM objective_agreement a WHERE a.objective = o.id),
    'disputes', (SELECT coalesce(jsonb_agg(to_jsonb(d)), '[]')
        FROM objective_dispute d WHERE d.objective = o.id),
    'steps', (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.revision), '[]')
        FROM objective_step s WHERE s.objective = o.id AND s.contribution IS NULL),
    'feed', (SELECT jsonb_agg(jsonb_build_array(l.organisation, l.version, l.op)
            ORDER BY l.id) FROM change_log l WHERE l.entity = o.id)
) AS stored FROM shared_objective o
"""
COMMITTING: Final = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
"""Has PostgreSQL check what it otherwise checks at commit."""

EDGES: Final = (
    "SELECT DISTINCT was, step, contribution IS NULL AS whole FROM objective_step"
)

Row = Mapping[str, Any]
Edge = tuple[Stage | ContributionState, Step | ContributionStep]
"""A step, and from where it was taken."""


async def edges() -> set[Edge]:
    """Return every step that was taken of an objective or a contribution."""
    async with transaction() as connection:
        rows = await connection.fetch(EDGES)
    return {
        (Stage(row["was"]), Step(row["step"]))
        if row["whole"]
        else (ContributionState(row["was"]), ContributionStep(row["step"]))
        for row in rows
    }


async def check_stored(model: Model, *, changed: bool) -> None:
    """Check all that is stored; take up the ids that the service gave."""
    async with transaction() as connection:
        if changed:
            await connection.execute(COMMITTING)
        rows = await connection.fetch(STORED)
    found = {row["id"]: json.loads(row["stored"]) for row in rows}
    assert found.keys() == model.objectives.keys(), "nothing else was written"
    for id_, one in model.objectives.items():
        _check_whole(found[id_])
        _check_versions(found[id_])
        _check_agreements(found[id_])
        _check_steps(found[id_])
        _check_as_foretold(found[id_], one)


def _check_whole(stored: Row) -> None:
    """Put to others, it is one whole of one owner; agreed, it is by every manager."""
    if stored["row"]["stage"] not in WHOLE_IN:
        return
    live = [p for p in stored["parts"] if p["state"] not in {"declined", "left"}]
    assert sum(part["share"] for part in live) == 100
    owners = {owner["number"] for owner in stored["owners"]}
    collective = stored["row"]["ownership_model"] == "collective_accountability"
    assert len(owners) > 1 if collective else len(owners) == 1
    assert len({part["organisation"] for part in live}) > 1
    if stored["row"]["stage"] in {"agreed", "assessed", "closed"}:
        assert {part["state"] for part in live} == {"accepted"}


def _check_versions(stored: Row) -> None:
    """Every version is there, and its digest is that of what it says."""
    versions = stored["versions"]
    last = stored["row"]["version"]
    assert [v["version"] for v in versions] == [*range(1, last + 1)]
    assert 1 <= stored["row"]["terms"] <= last
    for version in versions:
        assert version["digest"] == digest_of(version["content"])


def digest_of(says: object) -> str:
    text = json.dumps(says, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check_agreements(stored: Row) -> None:
    """Whoever agreed, agreed to a version that there is, as it said."""
    digests = {v["version"]: v["digest"] for v in stored["versions"]}
    for given in stored["agreements"]:
        assert given["digest"] == digests[given["objective_version"]], "as agreed"


def _check_steps(stored: Row) -> None:
    """The steps lead from the draft to where it stands, each from the one before."""
    at = "draft"
    for step in stored["steps"]:
        assert step["was"] == at
        at = step["became"]
    assert at == stored["row"]["stage"]


def _check_as_foretold(stored: Row, one: Objective) -> None:
    row = stored["row"]
    assert row["stage"] == one.stage
    assert (row["version"], row["terms"]) == (one.version, one.terms)
    assert row["revision"] == one.revision
    assert (row["shared_at"] is not None) == one.shared
    keys = {_key(part): part for part in stored["parts"]}
    assert {key: part["state"] for key, part in keys.items()} == one.states
    one.ids = {key: UUID(part["id"]) for key, part in keys.items()}
    shares = {part.key: part.share for part in one.says.parts}
    assert {key: keys[key]["share"] for key in one.live} == shares
    assert [read(v["content"]) for v in stored["versions"]] == [
        stated(said) for said in one.history
    ]
    told: dict[str, list[tuple[int, str]]] = {}
    for organisation, version, op in stored["feed"]:
        told.setdefault(organisation, []).append((version, op))
    assert told == one.feed
    _check_disputes(stored, one, {str(id_): key for key, id_ in one.ids.items()})


def _key(part: Row) -> Key:
    return part["organisation"], UUID(part["person"])


def _check_disputes(stored: Row, one: Objective, keys: Mapping[str, Key]) -> None:
    """Every dispute stands with what came of it; take up the id of the newest."""
    known = {dispute.id for dispute in one.disputes}
    fresh = [UUID(d["id"]) for d in stored["disputes"] if UUID(d["id"]) not in known]
    for dispute in one.disputes:
        if dispute.id is None:
            (dispute.id,) = fresh
    found = {UUID(d["id"]): d for d in stored["disputes"]}
    assert found.keys() == {dispute.id for dispute in one.disputes}
    for dispute in one.disputes:
        assert dispute.id is not None
        row = found[dispute.id]
        capacity, key = row["capacity"], keys.get(row["contribution"])
        assert (capacity, key) == dispute.part
        assert (row["version"], row["outcome"]) == (dispute.version, dispute.outcome)

"""The version: its parameters can be read, and its digest is of all it depends on."""

import json
from dataclasses import asdict, replace

from service.scores.composing.method import COMPOSITE, PARAMETERS, _method


def test_its_parameters_are_data() -> None:
    assert json.loads(json.dumps(dict(COMPOSITE.parameters))) == {
        "attainment": {
            "not_met": 0.0,
            "partly_met": 0.5,
            "met": 1.0,
            "exceeded": 1.1,
            "far_exceeded": 1.2,
        },
        "role": {"lead": 1.0, "major": 0.7, "supporting": 0.3},
        "owner_without_contribution": 1.0,
        "assumed_ratio": 2.0,
        "level": 0.9,
        "middle": 50.0,
        "per_deviation": 10.0,
        "fewest_people": 10,
    }
    assert (COMPOSITE.name, COMPOSITE.version) == ("composite", 1)


def test_another_parameter_is_another_digest() -> None:
    same = _method("composite", 1, asdict(PARAMETERS))
    other = _method("composite", 1, asdict(replace(PARAMETERS, assumed_ratio=3.0)))
    assert same.digest == COMPOSITE.digest
    assert other.digest != COMPOSITE.digest
    assert len(COMPOSITE.digest) == 64

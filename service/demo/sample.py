"""Writes a sample in the formats that departments publish and HR systems export.

The law: the same seed and size give the same bytes, quirks of real files included.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from service.demo.names import DEPARTMENTS, FAMILY, GIVEN, WORK

PEOPLE_A_DEPARTMENT: Final = 60
FEWEST_DEPARTMENTS: Final = 4
ORGANISATIONS: Final = (
    "code", "name", "also_known_as", "parent_department", "hr_system", "email_domain",
)  # fmt: skip
PEOPLE: Final = (
    "employee_number", "first_name", "last_name", "work_email", "organisation",
    "grade", "post_reference", "job_title", "unit", "line_manager_employee_number",
    "start_date", "fte", "hr_system", "person_id", "appraisal_record_id",
)  # fmt: skip
ORGANOGRAM: Final = (
    "Post Unique Reference", "Name", "Grade (or equivalent)", "Job Title",
    "Job/Team Function", "Parent Department", "Organisation", "Unit", "Contact Phone",
    "Contact E-mail", "Reports to Senior Post", "Salary Cost of Reports (£)", "FTE",
    "Actual Pay Floor (£)", "Actual Pay Ceiling (£)", "",
    "Professional/Occupational Group", "Notes", "Valid?",
)  # fmt: skip
SPAN: Final = 7
"""Reports of one manager."""
TITLES: Final = {
    "SCS4": "Permanent Secretary",
    "SCS3": "Director General",
    "SCS2": "Director",
    "SCS1": "Deputy Director",
}


@dataclass(frozen=True, slots=True)
class Department:
    """One department of the sample, and how many people it has."""

    code: str
    name: str
    hr_system: str
    people: int


@dataclass(frozen=True, slots=True)
class Post:
    """One post with its holder; `manager` is the place of another in the list."""

    reference: str
    given: str
    family: str
    grade: str
    title: str
    unit: str
    manager: int | None


def write(folder: Path, *, people: int, seed: int, today: date) -> None:
    """Write `people` people in invented departments below `folder`."""
    for part in ("hr", "organogram"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    departments = _departments(people)
    _write(
        folder / "hr" / "organisations.csv",
        ORGANISATIONS,
        (
            (d.code, d.name, "", d.name, d.hr_system, f"{d.code}.example")
            for d in departments
        ),
    )
    for department in departments:
        chance = random.Random(f"{seed} {department.code}")  # noqa: S311 - a sample
        posts = _posts(department, chance)
        _write(
            folder / "organogram" / f"{department.code}-senior.csv",
            ORGANOGRAM,
            _organogram(department, posts, chance),
            encoding="utf-8-sig" if chance.random() < 0.5 else "utf-8",  # noqa: PLR2004 - as published: BOM or not
        )
        _write(
            folder / "hr" / f"{department.code}.csv",
            PEOPLE,
            _people(department, posts, chance, today),
        )


def _departments(people: int) -> list[Department]:
    count = min(
        len(DEPARTMENTS), max(FEWEST_DEPARTMENTS, people // PEOPLE_A_DEPARTMENT)
    )
    share, rest = divmod(people, count)
    return [
        Department(code, name, system, share + (place < rest))
        for place, (code, name, system) in enumerate(DEPARTMENTS[:count])
    ]


def _posts(department: Department, chance: random.Random) -> list[Post]:
    posts = []
    used: set[tuple[str, str]] = set()
    for place in range(department.people):
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        while (given, family) in used:
            given = f"{given}-{chance.choice(GIVEN)}"
        used.add((given, family))
        manager = None if place == 0 else (place - 1) // SPAN
        depth = 0 if manager is None else 1 + (manager > 0) + (manager > SPAN)
        grade = ("SCS4", "SCS3", "SCS2", "SCS1")[depth]
        unit = chance.choice(WORK)
        posts.append(
            Post(
                reference=f"{department.code[:4].upper()}{place + 1:04d}",
                given=given,
                family=family,
                grade=grade,
                title=f"{TITLES[grade]}, {unit}" if place else TITLES[grade],
                unit=unit,
                manager=manager,
            )
        )
    return posts


def _organogram(
    department: Department, posts: Sequence[Post], chance: random.Random
) -> Iterable[Sequence[str]]:
    """Give the posts as published, with the placeholders that real files have."""
    for post in posts:
        name = f"{post.given} {post.family}"
        shown = chance.choice((name, name, "N/D", "n/d")) if post.manager else name
        above = "XX" if post.manager is None else posts[post.manager].reference
        yield _published(department, post, shown, above)
    for place in range(max(1, department.people // 40)):
        gone = Post(
            f"{department.code[:4].upper()}9{place:03d}",
            "", "", "SCS1", "Deputy Director", chance.choice(WORK), 0,
        )  # fmt: skip
        state = chance.choice(("Vacant", "Eliminated", "ELIMINATED", "Eliminated'"))
        yield _published(department, gone, state, posts[0].reference)


def _published(
    department: Department, post: Post, name: str, above: str
) -> tuple[str, ...]:
    return (
        post.reference, name, post.grade, post.title, "", department.name,
        department.name, post.unit, "N/D", "N/D", above, "", "1.0", "", "", "",
        "Policy", "", "1",
    )  # fmt: skip


def _people(
    department: Department,
    posts: Sequence[Post],
    chance: random.Random,
    today: date,
) -> Iterable[Sequence[str]]:
    for place, post in enumerate(posts):
        number = f"{department.code[:3].upper()}{place + 1:06d}"
        above = "" if post.manager is None else post.manager + 1
        manager = f"{department.code[:3].upper()}{above:06d}" if above else ""
        started = today - timedelta(days=chance.randrange(3000))
        yield (
            number,
            post.given,
            post.family,
            f"{post.given}.{post.family}@{department.code}.example".lower(),
            department.code,
            post.grade,
            post.reference,
            post.title,
            post.unit,
            manager,
            started.isoformat(),
            chance.choice(("1.0", "1.0", "1.0", "1.0", "0.8", "0.6")),
            department.hr_system,
            _person_id(department, place, chance),
            _record_id(department, place, chance),
        )


def _person_id(department: Department, place: int, chance: random.Random) -> str:
    if department.hr_system == "oracle":
        return str(300_000_000_000_000 + chance.randrange(10**12) * 100 + place % 100)
    if department.hr_system == "sap":
        return f"{department.code[:3].upper()}{10_000 + place}"
    return f"{chance.getrandbits(128):032x}"


def _record_id(department: Department, place: int, chance: random.Random) -> str:
    if department.hr_system == "oracle":
        return f"PerfDoc-{chance.randrange(10**6):06d}{place:04d}"
    if department.hr_system == "sap":
        return f"FORM-{100_000 + place}"
    return f"{chance.getrandbits(128):032x}"


def _write(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    encoding: str = "utf-8",
) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)

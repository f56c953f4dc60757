"""A page leads nowhere but to this service."""

import pytest

from service.web.addresses import HOME, LONGEST, local


@pytest.mark.parametrize("path", ["/", "/records/1?x=y#z", "/a/b-c_d~e", "/p?to=/q"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "records",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "/a\nLocation: //elsewhere.example",
        "/a\tb",
        "/a b",
        "/%0a\r",
        "/" + "x" * LONGEST,
    ],
)
def test_anything_else_leads_home(path: str | None) -> None:
    assert local(path) == HOME

"""The reference of the API, drawn from its OpenAPI document as plain HTML.

The law: whatever the document says is shown as text, and nothing else is shown.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final

Node = Mapping[str, Any]
VERBS: Final = ("get", "put", "post", "patch", "delete")
PARAMETER: Final = ("Name", "In", "Type", "Meaning")
FIELD: Final = ("Name", "Type", "Meaning")
ANSWER: Final = ("Status", "Body", "Meaning")
LIMITS: Final[Mapping[str, str]] = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "pattern": "as {}",
    "default": "if left out, {}",
}
YOURS: Final = "your webhook's address"
CALLED: Final = "You serve it, and this service calls it."
CODE: Final = re.compile(r"`([^`]+)`")
PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference - {title}</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the reference</a>
<header>
<h1>{title}: API reference, version {version}</h1>
{introduction}
<p>The same for programs: <a href="/openapi.json">openapi.json</a>. Ask this service
from a page: <a href="/docs/try">try the API</a> (needs scripts).</p>
</header>
<nav aria-label="Operations and schemas">
{contents}
</nav>
<main id="main">
{operations}
<h2 id="schemas">Schemas</h2>
{schemas}
</main>
</body>
</html>
"""


def reference(document: bytes) -> str:
    """Return the reference of an OpenAPI document."""
    told = json.loads(document)
    tags = {tag["name"]: tag.get("description", "") for tag in told["tags"]}
    found = {tag: [*_tagged(told, tag)] for tag in tags}
    responses = told["components"]["responses"]
    return PAGE.format(
        title=escape(told["info"]["title"]),
        version=escape(told["info"]["version"]),
        introduction=_paragraphs(told["info"]["description"]),
        contents=_contents(found, told["components"]["schemas"]),
        operations="\n".join(
            f'<h2 id="tag-{escape(tag)}">{escape(tag)}</h2>\n{_paragraphs(tags[tag])}\n'
            + "\n".join(_operation(*each, responses) for each in operations)
            for tag, operations in found.items()
            if operations
        ),
        schemas="\n".join(
            _schema(name, schema)
            for name, schema in sorted(told["components"]["schemas"].items())
        ),
    )


def _tagged(told: Node, tag: str) -> Iterator[tuple[str, str, Node]]:
    """Give the operations of a tag: verb, path and what the document says."""
    for path, item in sorted(told["paths"].items()):
        for verb in VERBS:
            if verb in item and tag in item[verb].get("tags", []):
                yield verb.upper(), path, item[verb]
    for item in told.get("webhooks", {}).values():
        for verb, each in item.items():
            if tag in each["tags"]:
                yield verb.upper(), YOURS, each


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.split("\n\n"))
    return "\n".join(f"<p>{_words(part)}</p>" for part in parts if part)


def _words(text: str) -> str:
    """Return words as HTML; what stands between backticks is code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def _contents(
    found: Mapping[str, list[tuple[str, str, Node]]], schemas: Iterable[str]
) -> str:
    lists = [
        f'<h2><a href="#tag-{escape(tag)}">{escape(tag)}</a></h2>\n<ul>'
        + "".join(
            f'<li><a href="#{escape(each["operationId"])}">{escape(each["summary"])}'
            "</a></li>"
            for _, _, each in operations
        )
        + "</ul>"
        for tag, operations in found.items()
        if operations
    ]
    names = "".join(f"<li>{_link(name)}</li>" for name in sorted(schemas))
    return "\n".join(
        [*lists, f'<h2><a href="#schemas">Schemas</a></h2>\n<ul>{names}</ul>']
    )


def _link(name: str) -> str:
    return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'


def _operation(verb: str, path: str, told: Node, responses: Node) -> str:
    parts = [
        f'<h3 id="{escape(told["operationId"])}">{escape(told["summary"])}</h3>',
        f"<p><code>{verb} {escape(path)}</code></p>",
        _paragraphs(told.get("description", "")),
        f"<p>{_access(told) if path != YOURS else CALLED}</p>",
    ]
    if told.get("parameters"):
        rows = [_parameter(each) for each in told["parameters"]]
        parts.append(_table("Parameters", PARAMETER, rows))
    if "requestBody" in told:
        parts.append(f"<p>Send {_content(told['requestBody'])}.</p>")
    answers = [
        (status, _content(answer), _words(answer.get("description", "")))
        for status, given in sorted(told["responses"].items())
        for answer in [_found(given, responses)]
    ]
    parts.append(_table("Answers", ANSWER, answers))
    return "\n".join(part for part in parts if part)


def _access(told: Node) -> str:
    """Say who may use it."""
    if not told["security"]:
        return "Open to anyone."
    served = []
    for each in told["security"]:
        ((scheme, scopes),) = each.items()
        named = scopes if scheme == "oauth2" else told.get("x-roles", [])
        codes = ", ".join(f"<code>{escape(name)}</code>" for name in named)
        kind = "a machine" if scheme == "oauth2" else "a person"
        needs = "with" if scheme == "oauth2" else "who is"
        served.append(
            f"{kind} {needs} {codes}" if codes else f"{kind} who is signed in"
        )
    return f"Serves {' or '.join(served)}."


def _table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; its cells are HTML already, and the first of a row heads it."""
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td>{cell}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _parameter(told: Node) -> tuple[str, str, str, str]:
    return (
        f"<code>{escape(told['name'])}</code>",
        escape(told["in"]) + (", required" if told.get("required") else ""),
        _type(told["schema"]),
        _meaning({**told["schema"], **told}),
    )


def _meaning(told: Node) -> str:
    """Return what it means, and its limits."""
    limits = [
        says.format(_plain(told[word])) for word, says in LIMITS.items() if word in told
    ]
    words = [_words(told.get("description", "")), escape("; ".join(limits))]
    return " ".join(each for each in words if each)


def _plain(value: object) -> str:
    """Return a limit as people write it: 5000, not 5000.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value)


def _type(schema: Node) -> str:
    """Return what a value may be, in words and links."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    either = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    if either or len(schema.get("allOf", [])) == 1:
        return " or ".join(_type(each) for each in either or schema["allOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return "one of " + ", ".join(
            f"<code>{escape(_plain(v))}</code>" for v in values
        )
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kinds = schema.get("type", "anything")
    words = escape(kinds if isinstance(kinds, str) else " or ".join(kinds))
    return f"{words} ({escape(schema['format'])})" if "format" in schema else words


def _content(told: Node) -> str:
    return " or ".join(
        f"<code>{escape(kind)}</code>: {_type(each.get('schema', {}))}"
        for kind, each in told.get("content", {}).items()
    )


def _found(given: Node, responses: Node) -> Node:
    """Follow a reference to an answer that many operations give."""
    if "$ref" not in given:
        return given
    found: Node = responses[given["$ref"].rpartition("/")[2]]
    return found


def _schema(name: str, schema: Node) -> str:
    head = f'<h3 id="schema-{escape(name)}">{escape(name)}</h3>'
    words = _paragraphs(schema.get("description", ""))
    fields = schema.get("properties", {})
    if not fields:
        return f"{head}\n{words}\n<p>{_type(schema)}</p>"
    needed = schema.get("required", [])
    rows = [
        (
            f"<code>{escape(each)}</code>",
            _type(told) + ("" if each in needed else ", optional"),
            _meaning(told),
        )
        for each, told in fields.items()
    ]
    return f"{head}\n{words}\n{_table(f'Fields of {name}', FIELD, rows)}"

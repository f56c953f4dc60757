"""What in a newer OpenAPI document would break a client of the older one.

A request may become freer, an answer may say more: never the other way round.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

VERBS = {"get", "put", "post", "patch", "delete"}
Schema = Mapping[str, Any]
LOWER = ("maxLength", "maxItems", "maximum")
"""Limits of which a lower one takes less."""
HIGHER = ("minLength", "minItems", "minimum")
EXACT = ("format", "pattern", "const")


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """List what a client of the old document would run into, place by place."""
    found = _Comparison(old, new)
    return sorted({*found.paths(), *found.webhooks()})


@dataclass
class _Comparison:
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    seen: set[tuple[str, str, bool]] = field(default_factory=set)
    """Pairs of named schemas that were compared, as sent or as answered."""

    def paths(self) -> Iterator[str]:
        for path, item in self.old["paths"].items():
            for verb in VERBS & item.keys():
                place = f"{verb.upper()} {path}"
                now = self.new["paths"].get(path, {}).get(verb)
                if now is None:
                    yield f"{place} is gone"
                else:
                    yield from self.operation(place, item[verb], now)

    def webhooks(self) -> Iterator[str]:
        """What we send and clients answer: the other way round."""
        for name, item in self.old.get("webhooks", {}).items():
            place = f"webhook {name}"
            now = self.new.get("webhooks", {}).get(name)
            if now is None:
                yield f"{place} is gone"
                continue
            was, now = item["post"], now["post"]
            gone = _parameters(was).keys() - _parameters(now).keys()
            yield from (f"{place}: {kind} {each} is gone" for kind, each in gone)
            yield from self.content(
                f"{place} body", was["requestBody"], now["requestBody"], sent=False
            )
            for status, answer in was["responses"].items():
                if status not in now["responses"]:
                    yield f"{place}: {status} may not be answered"
                else:
                    then = now["responses"][status]
                    yield from self.content(
                        f"{place} {status}", answer, then, sent=True
                    )

    def operation(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{place}: its operationId changed, after which clients are named"
        yield from self.access(place, old, new)
        yield from self.parameters(place, old, new)
        yield from self.body(place, old, new)
        for status, answer in old["responses"].items():
            now = new["responses"].get(status)
            if now is None:
                if status.startswith("2"):
                    yield f"{place}: answer {status} is gone"
                continue
            yield from self.content(
                f"{place} {status}",
                _at(self.old, answer),
                _at(self.new, now),
                sent=False,
            )

    def access(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        for scheme in old["security"]:
            ((name, scopes),) = scheme.items()
            now = [each[name] for each in new["security"] if name in each]
            if (not now and new["security"]) or any(
                set(needs) - set(scopes) for needs in now
            ):
                yield f"{place}: it needs more than {name} {scopes}"
        if not old["security"] and new["security"]:
            yield f"{place}: it was open to anyone"

    def parameters(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        before, now = _parameters(old), _parameters(new)
        for key, parameter in before.items():
            where = f"{place} {key[0]} parameter {key[1]}"
            if key not in now:
                yield f"{where} is gone"
                continue
            if now[key].get("required") and not parameter.get("required"):
                yield f"{where} is required"
            yield from self.schema(
                where, parameter["schema"], now[key]["schema"], sent=True
            )
        for key in now.keys() - before.keys():
            if now[key].get("required"):
                yield f"{place}: new {key[0]} parameter {key[1]} is required"

    def body(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        before, now = old.get("requestBody"), new.get("requestBody")
        if now is None:
            if before is not None:
                yield f"{place}: it takes no body"
        elif before is None:
            if now.get("required"):
                yield f"{place}: it needs a body"
        else:
            yield from self.content(f"{place} body", before, now, sent=True)

    def content(
        self, place: str, old: Schema, new: Schema, *, sent: bool
    ) -> Iterator[str]:
        for kind, told in old.get("content", {}).items():
            now = new.get("content", {}).get(kind)
            if now is None:
                yield f"{place}: {kind} is gone"
            elif "schema" in told:
                yield from self.schema(
                    place, told["schema"], now.get("schema", {}), sent=sent
                )

    def schema(
        self, place: str, old: Schema, new: Schema, *, sent: bool
    ) -> Iterator[str]:
        key = (str(old.get("$ref", id(old))), str(new.get("$ref", id(new))), sent)
        if key in self.seen:
            return
        self.seen.add(key)
        was, now = self._options(self.old, old), self._options(self.new, new)
        for kind in was.keys() - now.keys() if sent else now.keys() - was.keys():
            yield f"{place}: it {'may not' if sent else 'may'} be {kind} now"
        for kind in was.keys() & now.keys():
            yield from self.one(place, was[kind], now[kind], sent=sent)

    def _options(self, document: Schema, schema: Schema) -> dict[str, Schema]:
        """Return what a value may be: by type, and for objects by what they hold."""
        found: dict[str, Schema] = {}
        schema = _at(document, schema)
        parts = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
        if not parts and len(schema.get("allOf", [])) == 1:
            parts = schema["allOf"]
        for part in parts:
            for kind, told in self._options(document, part).items():
                listed = [*found.get(kind, {}).get("enum", []), *told.get("enum", [])]
                found[kind] = {**told, "enum": listed} if listed else told
        if parts:
            return found
        types = schema.get("type", "anything")
        for kind in [types] if isinstance(types, str) else types:
            named = schema.get("title", "") if kind == "object" else ""
            found[f"{kind} {named}".strip()] = schema
        return found

    def one(self, place: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
        listed = old.get("enum", [])
        for value in set(listed) - set(new.get("enum", listed)):
            yield f"{place}: {value!r} is gone"
        if sent and "enum" in new and "enum" not in old:
            yield f"{place}: it must be one of a list"
        if sent:
            yield from self.limits(place, old, new)
        if "items" in old:
            yield from self.schema(
                f"{place}[]", old["items"], new.get("items", {}), sent=sent
            )
        yield from self.fields(place, old, new, sent=sent)

    def limits(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        for word in LOWER:
            if new.get(word, float("inf")) < old.get(word, float("inf")):
                yield f"{place}: {word} is lower"
        for word in HIGHER:
            if new.get(word, float("-inf")) > old.get(word, float("-inf")):
                yield f"{place}: {word} is higher"
        for word in EXACT:
            if word in new and new[word] != old.get(word):
                yield f"{place}: {word} is another"

    def fields(
        self, place: str, old: Schema, new: Schema, *, sent: bool
    ) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", [])), set(new.get("required", []))
        for name, told in before.items():
            if name not in now:
                yield f"{place}.{name} is gone"
            else:
                yield from self.schema(f"{place}.{name}", told, now[name], sent=sent)
        if sent:
            for name in needs - needed:
                yield f"{place}.{name} is required"
        else:
            for name in (needed & now.keys()) - needs:
                yield f"{place}.{name} may be missing"


def _at(document: Schema, value: Schema) -> Schema:
    """Follow a reference into the document."""
    while "$ref" in value:
        found: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def _parameters(operation: Schema) -> dict[tuple[str, str], Schema]:
    return {(p["in"], p["name"]): p for p in operation.get("parameters", [])}

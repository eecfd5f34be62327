"""What pydantic found wrong, in the user's words: one diagnostic a mistake, with its place."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from sim.errors import Diagnostic, shown
from sim.spec.document import Document
from sim.spec.places import Path, dotted
from sim.units import nearest


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the document, and the path to the value in it."""

    document: Document
    prefix: Path = ()

    def below(self, *path: str | int) -> Place:
        """Return the place of what is at `path` in this value."""
        return Place(self.document, self.prefix + path)

    def problem(
        self,
        code: str,
        message: str,
        path: Path = (),
        *,
        found: str | None = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> Diagnostic:
        """Return a diagnostic about what is at `path` in this value."""
        whole = self.prefix + path
        return Diagnostic(
            code=code,
            message=message,
            file=self.document.file,
            line=self.document.line_of(whole),
            path=dotted(whole) or None,
            found=found,
            expected=expected,
            nearest=nearest,
        )


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes for the kinds of mistakes of one sort of file."""

    unknown: str
    value: str
    special: dict[str, str]


def custom(
    kind: str,
    message: str,
    *,
    path: Path = (),
    found: str | None = None,
    expected: str | None = None,
    nearest: str | None = None,
) -> PydanticCustomError:
    """Return an error for a validator to raise; `explain` makes it a diagnostic with the code of its kind."""
    context: dict[str, Any] = {
        "path": path,
        "found": found,
        "expected": expected,
        "nearest": nearest,
        "message": message,
    }
    # The message is a template to pydantic, and braces in it would be filled in: it goes through the context.
    return PydanticCustomError(kind, "{message}", context)


def explain(error: ValidationError, model: type[BaseModel], place: Place, codes: Codes) -> list[Diagnostic]:
    """Turn every error of a failed validation of `model` into one diagnostic."""
    out: list[Diagnostic] = []
    for item in error.errors(include_url=False):
        loc: Path = tuple(item["loc"])
        kind = item["type"]
        if loc[-1:] == ("[key]",):  # pydantic's mark of what is wrong with a key and not with its value
            loc = loc[:-1]
        if kind == "extra_forbidden":
            known = keys_at(model, loc[:-1])
            name = str(loc[-1])
            out.append(
                place.problem(
                    codes.unknown,
                    "unknown key",
                    loc,
                    found=shown(name),
                    expected="one of " + ", ".join(known) if known else None,
                    nearest=nearest(name, known),
                )
            )
        elif "message" in (context := item.get("ctx") or {}):
            code = codes.special.get(kind, codes.value)
            found = context["found"] if context["found"] is not None else shown(item["input"])
            out.append(
                place.problem(
                    code,
                    context["message"],
                    loc + tuple(context["path"]),
                    found=found or None,
                    expected=context["expected"],
                    nearest=context["nearest"],
                )
            )
        elif kind == "missing":
            out.append(place.problem(codes.value, "this key is missing", loc))
        else:
            out.append(
                place.problem(
                    codes.value, _clause(kind), loc, found=shown(item["input"]), **_wanted(kind, item)
                )
            )
    return out


def keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the names of the keys that `model` allows at `path`."""
    at: Any = model
    for key in path:
        at = _below(at, key)
    found = _model_in(at)
    return [] if found is None else list(names_of(found))


def names_of(model: type[BaseModel]) -> Iterable[str]:
    """Yield the names of a model's keys as they are written in YAML."""
    for name, info in model.model_fields.items():
        if not info.exclude:
            yield info.alias or name


def _below(annotation: Any, key: str | int) -> Any:
    model = _model_in(annotation)
    if model is not None:
        for name, info in model.model_fields.items():
            if key in (name, info.alias):
                return info.annotation
        return None
    for part in _parts(annotation):
        arguments = get_args(part)
        if get_origin(part) is dict:
            return arguments[1]
        if get_origin(part) in (tuple, list) and arguments:
            return arguments[0]
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for part in _parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _parts(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [part for member in get_args(annotation) for part in _parts(member)]
    return [annotation]


_CLAUSES = {
    "bool_type": ("not a yes or no", "true or false"),
    "int_type": ("not a whole number", "a whole number"),
    "int_from_float": ("not a whole number", "a whole number"),
    "float_type": ("not a number", "a number"),
    "finite_number": ("not a finite number", "a number"),
    "string_type": ("not a text", "a text (quote it if it looks like a number)"),
    "string_too_short": ("an empty text", "a text"),
    "invalid_key": ("not a name", "a name that is text"),
    "dict_type": ("not a mapping", "a mapping of names to values"),
    "model_type": ("not a mapping", "a mapping of names to values"),
    "model_attributes_type": ("not a mapping", "a mapping of names to values"),
    "list_type": ("not a list", "a list"),
    "tuple_type": ("not a list", "a list"),
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "string_too_long": ("max_length", "a number of characters of at most"),
}


def _clause(kind: str) -> str:
    if kind in _BOUNDS:
        return "out of range"
    if kind == "literal_error":
        return "not one of the possible values"
    return _CLAUSES.get(kind, ("not a possible value", ""))[0]


def _wanted(kind: str, item: Any) -> dict[str, str | None]:
    context = item.get("ctx") or {}
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return {"expected": f"{words} {context[name]}"}
    if kind == "literal_error":
        choices = str(context["expected"])
        plain = choices.replace("'", "").replace(" or ", ", ").split(", ")
        return {"expected": choices, "nearest": nearest(str(item["input"]), plain)}
    return {"expected": _CLAUSES[kind][1] if kind in _CLAUSES else str(item["msg"])}

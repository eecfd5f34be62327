"""The keys of a scenario file, and what may stand in them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from sim.errors import shown, unprintable
from sim.spec.cluster import LONGEST_NAME
from sim.spec.expectations import OUTCOMES, checked_outcomes
from sim.spec.explain import Codes, custom
from sim.spec.steps import (
    DEFAULT_SEED,
    HORIZON_RANGE,
    LEAST_HORIZON_S,
    LONGEST_HORIZON_S,
    SEED_LIMIT,
    SEED_RANGE,
)
from sim.units import format_duration, parse_duration

CODES = Codes(unknown="E401", value="E402", special={})


def _duration(value: Any) -> float:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise custom("value", str(error), expected="seconds or a duration such as 30s, 1m30s, 2h") from None


def _optional_duration(value: Any) -> float | None:
    return None if value is None else _duration(value)


def _wait(value: Any) -> float | None:
    seconds = _optional_duration(value)
    if seconds is not None and seconds > LONGEST_HORIZON_S:
        raise custom(
            "value", "out of range", expected=f"at most {format_duration(LONGEST_HORIZON_S)} (30 days)"
        )
    return seconds


def _line(value: Any) -> str | list[str] | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    if isinstance(value, list) and value and all(isinstance(word, str | int | float) for word in value):
        return [str(word) for word in value]
    raise custom("value", "not a line to type", expected="a text such as rollout pause deployment testqc")


def _horizon(value: Any) -> float | None:
    if value is None:
        return None
    seconds = _duration(value)
    if not LEAST_HORIZON_S <= seconds <= LONGEST_HORIZON_S:
        raise custom("value", "out of range", expected=HORIZON_RANGE)
    return seconds


def _seed(value: Any) -> int:
    # What YAML reads as a float because it is so large is out of range, and not "not a whole number".
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value < SEED_LIMIT or not isinstance(value, int):
        raise custom("value", "not a seed", expected=SEED_RANGE)
    return value


def _printable(value: Any) -> str:
    if not isinstance(value, str):
        raise custom("value", "not a text", expected="a text (quote it if it looks like a number)")
    bad = unprintable(value)
    if bad is not None:
        raise custom("value", f"the character {bad} is not allowed here", expected="text that can be printed")
    return value


def _name(value: Any) -> str | None:
    if value is None:
        return None
    text = _printable(value)
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise custom("value", "not a name", expected=f"one line of 1 to {LONGEST_NAME} characters")
    return text


def _image(value: Any) -> str | dict[str, str]:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, dict) and value:
        for name, image in value.items():
            if not (isinstance(image, str) and image):
                raise custom(
                    "value",
                    "not an image",
                    path=(name,),
                    found=shown(image),
                    expected='a text like "repo:v2"',
                )
        return value
    raise custom(
        "value", "not an image", expected='a text like "repo:v2", or a mapping of containers to images'
    )


def _manifests(value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise custom("value", "the list is empty", expected="at least one file, folder or object")
    for i, item in enumerate(items):
        path = (i,) if isinstance(value, list) else ()
        if not isinstance(item, str | dict) or not item:
            raise custom(
                "value",
                "not a manifest",
                path=path,
                found=shown(item),
                expected="a file, a folder or an object",
            )
        if item == "-":
            expected = "a file, a folder or an object"
            raise custom(
                "value", "standard input is not for scenario files", path=path, found="-", expected=expected
            )
    return items


def _profile(value: Any) -> Any:
    if value is None or isinstance(value, str | dict):
        return value
    raise custom("value", "not a profile", expected="a name, a file, or a mapping")


_DURATION = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "minLength": 1}]}
_WAIT = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": LONGEST_HORIZON_S},
        {"type": "string", "minLength": 1},
        {"type": "null"},
    ]
}
_OPTIONAL_DURATION = {"anyOf": [*_DURATION["anyOf"], {"type": "null"}]}
_SEED_SCHEMA = {"type": "integer", "minimum": 0, "exclusiveMaximum": SEED_LIMIT}
_OUTCOME = {"enum": list(OUTCOMES)}
_EXPECT_SCHEMA = {
    "anyOf": [
        _OUTCOME,
        {"type": "object", "minProperties": 1, "additionalProperties": _OUTCOME},
        {"type": "null"},
    ]
}
_NAME_SCHEMA = {"anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}, {"type": "null"}]}
_OBJECT = {"type": "object", "required": ["apiVersion", "kind"]}
_ITEM = {"anyOf": [{"type": "string", "minLength": 1}, _OBJECT]}
_IMAGE_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "minLength": 1}},
    ]
}

Duration = Annotated[float, PlainValidator(_duration), WithJsonSchema(_DURATION)]
OptionalDuration = Annotated[
    float | None,
    PlainValidator(_optional_duration),
    WithJsonSchema(_OPTIONAL_DURATION),
]
Wait = Annotated[float | None, PlainValidator(_wait), WithJsonSchema(_WAIT)]
_TEXT = {"type": "string", "minLength": 1}
Line = Annotated[
    str | list[str] | None,
    PlainValidator(_line),
    WithJsonSchema(
        {"anyOf": [_TEXT, {"type": "array", "minItems": 1, "items": {"type": "string"}}, {"type": "null"}]}
    ),
]
Seed = Annotated[int, PlainValidator(_seed), WithJsonSchema(_SEED_SCHEMA)]
Name = Annotated[str | None, PlainValidator(_name), WithJsonSchema(_NAME_SCHEMA)]
Text = Annotated[str, PlainValidator(_printable), WithJsonSchema({"type": "string"})]
Horizon = Annotated[float | None, PlainValidator(_horizon), WithJsonSchema(_OPTIONAL_DURATION)]
Image = Annotated[Any, PlainValidator(_image), WithJsonSchema(_IMAGE_SCHEMA)]
Sources = Annotated[
    Any,
    PlainValidator(_manifests),
    WithJsonSchema({"anyOf": [*_ITEM["anyOf"], {"type": "array", "minItems": 1, "items": _ITEM}]}),
]
Expect = Annotated[Any, PlainValidator(checked_outcomes), WithJsonSchema(_EXPECT_SCHEMA)]
ProfileChoice = Annotated[Any, PlainValidator(_profile), WithJsonSchema({"x-mark": "profile"})]


class _Keys(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class StepKeys(_Keys):
    """At a moment, a line is typed, a Service is asked, or the pod template of a Deployment changes."""

    at: OptionalDuration = Field(
        default=None,
        description="When: seconds, or a duration such as 30s. Default: 0, after a kubectl step at once.",
    )
    when: str | None = Field(
        default=None,
        description="Not before this holds: updated == 1, available >= 8, progressing == False.",
    )
    limit: Wait = Field(
        default=None, description="How long to wait for `when`; the step is left out if it does not hold."
    )
    settle: Wait = Field(
        default=None,
        description="Not before everything has been complete (or paused and at rest) and quiet for so long.",
    )
    kubectl: Line = Field(default=None, description="What is typed: rollout pause deployment testqc.")
    input: Sources = Field(default=None, description="The objects that create -f - or apply -f - reads.")
    background: bool = Field(default=False, description="The next step does not wait for the line's end.")
    curl: str | None = Field(default=None, description="The Service that is asked.")
    requests: int = Field(default=1, ge=1, le=10_000, description="How often curl asks.")
    deployment: str | None = Field(default=None, description="Its name; may be left out when there is one.")
    image: Image = Field(default=None, description="The new image, or one for each container by name.")
    template: dict[str, Any] | None = Field(
        default=None, description="A strategic merge patch of the pod template, as kubectl patch has it."
    )
    annotations: dict[str, str] | None = Field(
        default=None, description="Annotations of the pod template; kubectl rollout restart sets one."
    )


class ScenarioKeys(_Keys):
    """One question to the simulator: manifests, a cluster, and what happens when."""

    name: Name = Field(default=None, description="Default: the file's name.")
    description: Text = ""
    manifests: Sources = Field(
        default=None,
        description="What runs at first: files or folders, relative to this file, or objects.",
    )
    profile: ProfileChoice = Field(default=None, description="A built-in name, a file, or a mapping.")
    seed: Seed = Field(default=DEFAULT_SEED, description="Of all chance.")
    horizon: Horizon = Field(
        default=None,
        description="When the simulation ends at the latest. Default: 1h, or more where that takes longer.",
    )
    expect: Expect = Field(
        default=None,
        description=(
            f"What must come of it: {', '.join(OUTCOMES[:-1])} or {OUTCOMES[-1]}; or a mapping of Deployments"
            " and versions (web, v3, shop:v3) to these. It changes no result."
        ),
    )
    steps: list[StepKeys] | None = Field(
        default=None,
        description="What happens when. Without this key the manifests are what is applied at 0 s.",
    )

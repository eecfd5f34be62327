"""Text to data with lines; whatever the text, reading ends soon, in documents or in diagnostics."""

from __future__ import annotations

import io
import math
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import Diagnostic, InputError
from sim.spec import builder
from sim.spec.document import Document, dotted, parse_documents, read_documents
from sim.spec.sources import FILE_LIMIT_BYTES, files_of, read_source


def read(text: str | bytes) -> Any:
    (document,) = parse_documents(text, "f.yaml")
    return document.data


def problems(text: str | bytes) -> list[tuple[str, int | None, str | None]]:
    return [(p.code, p.line, p.path) for p in read_documents(text, "f.yaml")[1]]


def refused(call: Any) -> Diagnostic:
    with pytest.raises(InputError) as caught:
        call()
    (problem,) = caught.value.diagnostics
    return problem


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("on", True),
        ("Yes", True),
        ("y", True),
        ("OFF", False),
        ("no", False),
        ("true", True),
        ("tRue", "tRue"),
        ("~", None),
        ("Null", None),
        ("", None),
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("010", 8),
        ("0o10", 8),
        ("0x1b", 27),
        ("0b11", 3),
        ("1_000", 1000),
        ("08", 8.0),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("3.", 3.0),
        ("9223372036854775807", 2**63 - 1),
        ("99999999999999999999", 1e20),
        ("7e1234567", "7e1234567"),
        ("8080:80", "8080:80"),
        ("2020-01-01", "2020-01-01"),
        ("1.2.3", "1.2.3"),
        ("25%", "25%"),
        ("0x", "0x"),
        ('"3"', "3"),
        ("'on'", "on"),
        ("!!str 3", "3"),
        ("! 3", "3"),
        ("!!int 3", 3),
        ("!!float 3", 3.0),
        ("<<", "<<"),
    ],
)
def test_scalars_have_the_types_that_kubectl_sees(scalar: str, value: object) -> None:
    (item,) = read(f"- {scalar}\n")
    assert item == value
    assert type(item) is type(value)


def test_numbers_never_end_as_infinite() -> None:
    assert problems("a: .inf\nb: [-.Inf, .nan]\n") == [
        ("E011", 1, "a"),
        ("E011", 2, "b[0]"),
        ("E011", 2, "b[1]"),
    ]
    assert math.isfinite(read("a: " + "9" * 300)["a"])


def test_every_value_has_its_line() -> None:
    text = "# comment\na: 1\nb:\n  - x: 1\n    z:\n      - 2\n  - 3\nc: |\n  text\n"
    (document,) = parse_documents(text, "f.yaml")
    expected = {
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 0, "z"): 5,
        ("b", 0, "z", 0): 6,
        ("b", 1): 7,
        ("c",): 8,
    }
    assert {path: document.line_of(path) for path in expected} == expected
    assert document.line_of(()) == 2


def test_the_line_of_what_is_not_there_is_its_parents() -> None:
    (document,) = parse_documents("a: 1\nb:\n  c: 2\n", "f.yaml")
    assert document.line_of(("b", "x", 3)) == 2
    assert document.line_of(("x",)) == 1
    assert Document({"a": 1}).line_of(("a",)) is None


def test_a_part_of_a_document_keeps_its_lines() -> None:
    (document,) = parse_documents("items:\n  - a: 1\n  - b: 2\n    c: 3\n", "f.yaml")
    part = document.under(("items", 1))
    assert (part.data, part.file, part.line_of(("c",))) == ({"b": 2, "c": 3}, "f.yaml", 4)
    with pytest.raises(KeyError):
        document.under(("nope",))


def test_several_documents_with_comments_and_empty_ones_between() -> None:
    text = "# Source: a.yaml\n---\n# nothing\n---\na: 1\n---\n---\nb: 2\n...\n"
    assert [(d.data, d.line_of(("b",))) for d in parse_documents(text, "f")] == [({"a": 1}, 5), ({"b": 2}, 8)]


def test_json_is_read_too_with_tabs() -> None:
    assert read('{\n\t"a": 1,\n\t"b": [true, null, "\\u00e9"]\n}\n') == {"a": 1, "b": [True, None, "é"]}


def test_a_byte_order_mark_of_utf8_is_ignored() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n") == {"a": 1}


def test_keys_are_text() -> None:
    assert read("1: a\ntrue: b\n1.5: c\nn: d\n") == {"1": "a", "true": "b", "1.5": "c", "false": "d"}


def test_anchors_and_merges() -> None:
    text = "base: &b {x: 1, w: {z: 2}}\nmine:\n  <<: *b\n  x: 3\nboth:\n  <<: [{x: 5}, *b]\nalias: *b\n"
    data = read(text)
    assert data["mine"] == {"x": 3, "w": {"z": 2}}
    assert data["both"] == {"x": 5, "w": {"z": 2}}
    assert data["alias"] == data["base"]
    data["alias"]["w"]["z"] = 9
    assert data["base"]["w"]["z"] == data["mine"]["w"]["z"] == 2
    (document,) = parse_documents(text, "f")
    assert document.line_of(("mine", "x")) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: 2\na: 3\n", [("E007", 3, "a")]),
        ("x:\n  - {k: 1, k: 2}\n", [("E007", 2, "x[0].k")]),
        ("1: a\n'1': b\n", [("E007", 2, '["1"]')]),
        ("? [x]\n: 3\n", [("E014", 1, None)]),
        ("~: 3\n", [("E014", 1, None)]),
        ("a: !foo x\n", [("E012", 1, "a")]),
        ("a: !!python/object:os.system x\n", [("E012", 1, "a")]),
        ("a: !!binary eA==\n", [("E012", 1, "a")]),
        ("a: !!int x\n", [("E012", 1, "a")]),
        ("a: !foo {b: 1}\n", [("E012", 1, "a")]),
        ("a: &a [*a]\n", [("E009", 1, None)]),
        ("a: &a {b: {c: *a}}\n", [("E009", 1, None)]),
        ("a: *nope\n", [("E009", 1, None)]),
        ("a: &x 1\n---\nb: *x\n", [("E009", 3, None)]),
        ("a:\n  <<: 3\n", [("E015", 2, "a")]),
        ("a:\n\t- b\n", [("E005", 2, None)]),
        ("a: b: c\n", [("E005", 1, None)]),
        ("a: 'x\n", [("E005", 2, None)]),
        ("a: [1\n", [("E005", 2, None)]),
        ("%YAML 9.9\n---\na: 1\n", [("E005", 1, None)]),
        ("a: {{ .Values.x }}\n", [("E006", 1, None)]),
        ("spec:\n{{- if .Values.x }}\n  a: 1\n{{- end }}\n", [("E006", 2, None)]),
        ("", [("E013", None, None)]),
        ("# only\n---\n...\n", [("E013", None, None)]),
        (b"\xff\xfea\0", [("E004", None, None)]),
        (b"\xff\xfe\0\0a\0\0\0", [("E004", None, None)]),
        (b"a: 1\nb: \xff\n", [("E004", 2, None)]),
        (b"\x7fELF\0", [("E004", None, None)]),
        ("a: 1\nb: \x07\n", [("E004", 2, None)]),
        ("a: \ud800", [("E004", 1, None)]),
        ("[" * 101, [("E010", 1, None)]),
        ("- " * 101 + "x", [("E010", 1, None)]),
    ],
)
def test_bad_text_is_refused_with_its_place(
    text: str | bytes, found: list[tuple[str, int | None, str | None]]
) -> None:
    assert problems(text) == found


def test_messages_say_what_to_do() -> None:
    def message(text: str | bytes) -> str:
        return str(read_documents(text, "f.yaml")[1][0])

    assert message("a: 1\na: 2\n") == "f.yaml:2: E007 a: the key is given twice, first in line 1; found a"
    assert (
        message(b"a: \xff") == "f.yaml:1: E004 the text is not UTF-8: byte 0xff at offset 3; expected UTF-8"
    )
    assert "UTF-16" in message(b"\xfe\xff\0a")
    assert "UTF-32" in message(b"\xff\xfe\0\0")
    assert "zero byte at offset 2" in message(b"ab\0")
    assert "helm template" in message("a: {{ .x }}\n")
    assert message("a: 1\n\tb: 2").count("\n") == 0


def test_a_hundred_levels_are_fine_and_aliases_cannot_add_more() -> None:
    assert problems("[" * 100 + "]" * 100) == []
    deep = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*a" + "]" * 60
    assert [code for code, _, _ in problems(deep)] == ["E010"]


def test_what_could_be_read_is_kept_beside_a_later_syntax_error() -> None:
    documents, found = read_documents("a: 1\n---\nb: [\n", "f")
    assert [d.data for d in documents] == [{"a": 1}]
    assert [p.code for p in found] == ["E005"]


def test_a_flood_of_problems_ends() -> None:
    found = read_documents("a: 1\n" * 10_000, "f")[1]
    assert len(found) == 100


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "E008"),
        (BOMB.replace("[", "{k: [").replace("]", "]}"), "E008"),
        ("s: &s " + "x" * 1_000_000 + "\nl: [" + ",".join(["*s"] * 10_000) + "]", "E008"),
        ("- \n" * 1_000_000, "E008"),
        ("[" * 4_000_000, "E010"),
        ("? " * 1_000_000, "E010"),
        ("a: " + "9" * 4_000_000, None),
        ("a: '" + "\\" * 4_000_000, "E005"),
    ],
    ids=[
        "aliases",
        "aliases in mappings",
        "long text",
        "many values",
        "brackets",
        "keys",
        "digits",
        "open quote",
    ],
)
def test_bombs_are_refused_within_a_second(text: str, code: str | None) -> None:
    began = time.process_time()
    found = problems(text)
    assert time.process_time() - began < 3  # 1 s on a quiet machine
    assert [c for c, _, _ in found] == ([code] if code else [])


def test_the_limit_on_values_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "NODE_LIMIT", 5)
    assert problems("[1, 2, 3, 4]") == []
    assert [c for c, _, _ in problems("[1, 2, 3, 4, 5]")] == ["E008"]
    assert [c for c, _, _ in problems("[&a [1], *a, 2]")] == ["E008"]


@pytest.mark.property
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_any_bytes_end_in_documents_or_diagnostics(text: bytes | str) -> None:
    documents, found = read_documents(text, "f")
    assert documents or found
    assert all(str(p).isprintable() and p.is_error for p in found)


@pytest.mark.property
@given(st.text(alphabet="ab1:-?[]{},&*!|>'\"%#\n\t <~.", max_size=80))
def test_text_that_looks_like_yaml_ends_in_documents_or_diagnostics(text: str) -> None:
    documents, found = read_documents(text, "f")
    assert documents or found
    for document in documents:
        assert_lines_match(document.data, document.lines)


def assert_lines_match(data: object, lines: Any) -> None:
    keys = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    assert set(lines.children) >= set(keys)
    for key in keys:
        assert_lines_match(data[key], lines.children[key])  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "containers", 0, "image"), "spec.containers[0].image"),
        (("metadata", "labels", "a.b/c"), 'metadata.labels["a.b/c"]'),
        ((), ""),
        ((0, "a"), "[0].a"),
    ],
)
def test_paths_are_written_as_kubernetes_does(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text


# Files


def test_files_are_read_up_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    file.write_bytes(b"#" * FILE_LIMIT_BYTES)
    assert len(read_source(str(file))) == FILE_LIMIT_BYTES
    file.write_bytes(b"#" * (FILE_LIMIT_BYTES + 1))
    assert refused(lambda: read_source(str(file))).code == "E003"


def test_ten_megabytes_are_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    with file.open("wb") as handle:
        handle.truncate(10_000_000)
    began = time.process_time()
    problem = refused(lambda: read_source(str(file)))
    assert time.process_time() - began < 0.5
    assert (problem.code, problem.expected) == ("E003", "at most 5 MB a file")
    stdin = io.BytesIO(b"x" * 10_000_000)
    assert refused(lambda: read_source("-", stdin=stdin)).file == "<stdin>"


def test_standard_input_may_be_text_or_bytes() -> None:
    assert read_source("-", stdin=io.StringIO("a: é")) == "a: é".encode()
    assert read_source("-", stdin=io.BytesIO(b"a")) == b"a"
    assert read_source("-", stdin=io.TextIOWrapper(io.BytesIO(b"\xff"))) == b"\xff"


def test_what_is_not_a_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, words in [
        (str(tmp_path / "pipe"), "pipe or device"),
        ("/dev/zero", "pipe or device"),
        (str(tmp_path / "dangling"), "points to nothing"),
        (str(tmp_path / "loop"), "leads back"),
        (str(tmp_path / "absent"), "no such file"),
        (str(tmp_path), "a folder"),
        ("a\0b", "not a possible"),
        ("x" * 5000, "cannot be read"),
    ]:
        problem = refused(lambda name=name: read_source(name))
        assert problem.code == "E001"
        assert words in problem.message
        assert str(problem).isprintable()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.yaml"
    file.write_text("a: 1")
    file.chmod(0)
    assert "permission" in refused(lambda: read_source(str(file))).message


def test_a_folder_gives_its_manifests_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.JSON", "notes.txt"):
        (tmp_path / name).write_text("a: 1")
    (tmp_path / "sub.yaml").mkdir()
    assert [os.path.basename(f) for f in files_of(str(tmp_path))] == ["a.yml", "b.yaml", "c.JSON"]
    assert files_of("-") == ["-"]


def test_folders_inside_a_folder_are_read_when_that_is_asked(tmp_path: Path) -> None:
    for name in ("b/c.yaml", "b/a/d.yml", "a.yaml", "c.json", "b/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a: 1")
    (tmp_path / "round").symlink_to(tmp_path)
    found = [os.path.relpath(file, tmp_path) for file in files_of(str(tmp_path), recursive=True)]
    assert found == ["a.yaml", os.path.join("b", "a", "d.yml"), os.path.join("b", "c.yaml"), "c.json"]


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    assert refused(lambda: files_of(str(tmp_path))).code == "E002"
    (tmp_path / "deeper").mkdir()
    assert "without -R" in refused(lambda: files_of(str(tmp_path))).message
    assert "-R" not in refused(lambda: files_of(str(tmp_path), recursive=True)).message

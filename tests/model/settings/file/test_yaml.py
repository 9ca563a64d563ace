"""What the Pulumi CLI reads (seen on 3.260), and what is refused by name instead of read otherwise."""

import pytest

from workshop.model.settings.file.yaml import YamlError, read_yaml, read_yaml_with_lines


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20", 20),
        ("-5", -5),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", 2**63),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2**64),
        ("100000000000000000000", 10**20),
        ("0.5", 0.5),
        ("-1.5", -1.5),
        ("1e+21", 1e21),
        ("1e-07", 1e-7),
        ("0755x", "0755x"),
        ('"010"', "010"),
        ("1e999", "1e999"),
        ("-1e999", "-1e999"),
        (".5_0", ".5_0"),
        ("_1", "_1"),
        ("5", 5),
        ("0", 0),
        ("a", "a"),
        ("1:30", "1:30"),
        ("yes", "yes"),
        ("on", "on"),
        *((text, True) for text in ("true", "True", "TRUE")),
        *((text, False) for text in ("false", "False", "FALSE")),
        *((text, None) for text in ("~", "null", "Null", "NULL")),
        ("{'<<': 1}", {"<<": 1}),
        ("''", ""),
        ('"20"', "20"),
        ("1.44.0", "1.44.0"),
        ("-", [None]),
        ("", None),
        ("\ufeffa: 1", {"a": 1}),
        ("{a: [1, {b: c}]}", {"a": [1, {"b": "c"}]}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
    ],
)
def test_is_read_as_the_cli_does(text: str, value: object) -> None:
    assert read_yaml(text) == value
    assert type(read_yaml(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "line 2: the key a is given twice"),
        ("a: 2026-10-01", "line 1: 2026-10-01 is a timestamp, which the Pulumi CLI would rewrite; quote it"),
        (
            "a: 2026-10-01T09:00:00Z",
            "line 1: 2026-10-01T09:00:00Z is a timestamp, which the Pulumi CLI would rewrite; quote it",
        ),
        ("a: .inf", "line 1: .inf is not a finite number"),
        ("a: .nan", "line 1: .nan is not a finite number"),
        ("a: !!binary aGk=", "line 1: tag tag:yaml.org,2002:binary is not read; write the value without it"),
        (
            "a: !!python/object:os.system {}",
            "line 1: tag tag:yaml.org,2002:python/object:os.system is not read; write the value without it",
        ),
        ("a: &x {b: 1}\nc:\n  <<: *x", "line 3: merge keys are not read; write the keys out"),
        ("1: 2", "line 1: a key must be a string; quote it"),
        ("[a]: 2", "line 1: a key must be a string; quote it"),
        ("a: *x", "line 1: alias *x names no anchor before it"),
        ("a: &x [*x]", "line 1: alias *x names no anchor before it"),
        ("a: 1\n---\nb: 1", "line 2: a second document starts here; only one is read"),
        ("a: [1", "line 1, column 6: "),
        ("a: 'x", "line 1, column 6: found unexpected end of stream"),
        ("a: b: c", "line 1, column 5: mapping values are not allowed here"),
        ("a: \x00", "character 3 is 0x0000: special characters are not allowed"),
        ('a: "\\UFFFFFFFF"', "not YAML: "),
        ("[" * 42, "line 1: nested more than 40 deep"),
        ("a" * 200_001, "it has 200001 characters, at most 200000 are read"),
        ("[" + "1," * 20_001 + "]", "line 1: more than 20000 values, aliases counted in full"),
    ],
)
def test_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(YamlError) as refused:
        read_yaml(text)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("010", "8"),
        ("020", "16"),
        ("08", "8"),
        ("0o17", "15"),
        ("0O17", "15"),
        ("-017", "-15"),
        ("0x1F", "31"),
        ("-0b11", "-3"),
        ("+5", "5"),
        ("-0", "0"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        ("50.0", "50"),
        ("1.10", "1.1"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("5.", "5"),
        ("1_0.5", "10.5"),
        ("1E21", "1e+21"),
        ("+9223372036854775807", "9223372036854775807"),
        ("+9223372036854775808", "9223372036854775808"),
        ("-9223372036854775809", "-9223372036854775808"),
        ("99999999999999999999", "100000000000000000000"),
    ],
)
def test_a_number_that_is_not_read_as_it_is_written_is_refused(text: str, read: str) -> None:
    with pytest.raises(YamlError) as refused:
        read_yaml(f"- 1\n- {text}")
    assert str(refused.value) == f'line 2: {text} is read as {read}; write {read}, or "{text}" for the text'


def test_aliases_of_aliases_are_counted_in_full() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(YamlError, match="aliases counted in full"):
        read_yaml("\n".join(lines))


def test_the_most_that_is_read() -> None:
    assert read_yaml("a" * 200_000) == "a" * 200_000
    assert len(read_yaml("[" + "1," * 19_999 + "]")) == 19_999
    with pytest.raises(YamlError, match="more than 20000 values"):
        read_yaml("[" + "1," * 20_000 + "]")
    assert read_yaml("[" * 41 + "]" * 41)


def test_an_alias_counts_as_much_as_what_it_stands_for() -> None:
    def text(items: int) -> str:
        return f"a: &x [{'1,' * items}]\nb: *x"

    assert len(read_yaml(text(9_997))["b"]) == 9_997
    with pytest.raises(YamlError, match="aliases counted in full"):
        read_yaml(text(9_998))


def test_each_value_has_its_line() -> None:
    value, lines = read_yaml_with_lines("a: 1\nb:\n  - x\n  - c:\n      2\n")

    assert value == {"a": 1, "b": ["x", {"c": 2}]}
    assert lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "c"): 4}


def test_a_byte_order_mark_is_no_part_of_a_long_file_either() -> None:
    assert read_yaml_with_lines("\ufeffa: 1")[0] == {"a": 1}


def test_long_files_are_read_by_libyaml() -> None:
    with pytest.raises(YamlError, match="control characters are not allowed"):
        read_yaml_with_lines("a: \x00")

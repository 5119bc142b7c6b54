import tomllib
from string import ascii_lowercase

from hypothesis import given
from hypothesis import strategies as st

from crisiswatch.config import Config, config_hash, describe, load_config
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.runbook import packaged_runbook_texts, parse_runbook
from crisiswatch.reading.topic import Topic

KEYS = st.sampled_from(
    [
        "topics",
        "reading",
        "mapping",
        "detection",
        "recovery",
        "response",
        "name",
        "terms",
        "text",
        "dir",
        "zzz",
        "people",
        "rotas",
        "layers",
        "overrides",
        "start",
        "handover",
        "slack",
        "url",
    ]
)
LEAVES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.lists(st.integers() | st.text()),
)
TABLES = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=4),
    lambda inner: st.dictionaries(KEYS, inner | st.lists(inner, max_size=3), max_size=4),
    max_leaves=12,
)
WORDS = st.text(alphabet=ascii_lowercase, min_size=1, max_size=8)
TOPICS = st.builds(
    Topic,
    name=st.text(
        alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1
    ).filter(str.strip),
    terms=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    exclude=st.lists(WORDS, max_size=2).map(tuple),
    negative_threshold=st.floats(0, 1),
)


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def refusal(text: str) -> str:
    """Return why a configuration is refused, or "" where it loads."""
    try:
        load_config(text, "c.toml")
    except ConfigError as error:
        return str(error)
    return ""


@given(TABLES)
def test_any_toml_loads_or_is_refused_with_the_name_of_the_file(tables: dict[str, object]) -> None:
    text = "".join(f"{key} = {inline(value)}\n" for key, value in tables.items())
    tomllib.loads(text)
    refused = refusal(text)
    assert not refused or "c.toml:" in refused


@given(st.text())
def test_any_text_loads_or_is_refused_with_the_name_of_the_file(text: str) -> None:
    refused = refusal(text)
    assert not refused or "c.toml:" in refused


@given(st.lists(TOPICS, max_size=4, unique_by=lambda topic: topic.name.casefold()))
def test_what_describe_says_loads_back_as_equal_with_the_same_hash(topics: list[Topic]) -> None:
    config = Config(topics=tuple(topics))
    again = load_config(describe(config), "again.toml")
    assert again == config
    assert config_hash(again) == config_hash(config)


@given(
    name=st.sampled_from(sorted(packaged_runbook_texts())),
    start=st.floats(0, 1),
    length=st.integers(0, 200),
    put=st.text(max_size=20)
    | st.sampled_from(["+++", "\n## ", "{{", "}}", '"', "[", "\r\n", "```\n"]),
)
def test_a_runbook_that_was_damaged_is_read_or_refused_with_its_name(
    name: str, start: float, length: int, put: str
) -> None:
    text = packaged_runbook_texts()[name]
    at = int(start * len(text))
    try:
        named = f"{parse_runbook(text[:at] + put + text[at + length :], name).crisis_type}.md"
    except ConfigError as error:
        named = str(error)
    assert name in named

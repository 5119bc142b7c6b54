import dataclasses
import re
from pathlib import Path

import pytest

from crisiswatch.config import Config, FaultsError, config_hash, describe, load_config
from crisiswatch.detection.settings import WatchSettings
from crisiswatch.errors import ConfigError
from crisiswatch.reading.reader import Reader
from crisiswatch.reading.tally import Inspect
from crisiswatch.reading.topic import Topic

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "deploy" / "crisiswatch.toml"
AIRLINE = REPOSITORY / "deploy" / "examples" / "airline.toml"

FAULTY = {
    "not-toml": (
        "[reading\n",
        (
            "c.toml:1: not TOML: expected ']' at the end of a table declaration; "
            'write text in quotes, lists in square brackets: key = "text"'
        ),
    ),
    "unknown-table": ("[recovry]\n", "c.toml:1: recovry: unknown key; did you mean recovery?"),
    "unknown-key": (
        '[reading]\nformt = "auto"\n',
        "c.toml:2: reading.formt: unknown key; did you mean format?",
    ),
    "unknown-key-like-no-other": (
        "[recovery]\nzzz = 1\n",
        "c.toml:2: recovery.zzz: unknown key; known here: dir, interval_s, backup_every, backups, rebuild",
    ),
    "unknown-key-of-the-second-topic": (
        '[[topics]]\nname = "a"\nterms = ["a"]\n\n[[topics]]\nname = "b"\ntrems = ["b"]\nterms = ["b"]\n',
        "c.toml:7: topics[2].trems: unknown key; did you mean terms?",
    ),
    "unknown-key-in-a-table-of-secrets": (
        "[tokens]\nslack = 5\n",
        (
            "c.toml:1: tokens: unknown key; "
            "secrets never stand in this file: give them by environment variable or secret file"
        ),
    ),
    "a-secret": (
        '[response]\nslack_token = "xoxb-1"\n',
        (
            "c.toml:2: response.slack_token: unknown key; "
            "secrets never stand in this file: give them by environment variable or secret file"
        ),
    ),
    "text-for-a-list": (
        '[[topics]]\nname = "a"\nterms = "jet"\n',
        (
            "c.toml:3: topics[1].terms: expected a list, not 'jet'; "
            'write it in square brackets: ["jet"]'
        ),
    ),
    "number-in-a-list-of-words": (
        '[[topics]]\nname = "a"\nterms = [\n  "x", # one\n  5,\n]\n',
        "c.toml:3: topics[1].terms[2]: expected text, not 5; put it in quotes",
    ),
    "topic-without-name": (
        '[[topics]]\nterms = ["a"]\n',
        "c.toml:1: topics[1].name: missing; give name a value",
    ),
    "topic-without-terms": (
        '[[topics]]\nname = "flood"\n',
        (
            "c.toml:1: topics[1]: topic 'flood': no terms; "
            "give at least one of terms, phrases, handles, hashtags"
        ),
    ),
    "topic-with-a-line-break": (
        '[[topics]]\nname = "two\\nlines"\nterms = ["a"]\n',
        (
            "c.toml:1: topics[1]: topic 'two\\nlines': its name has a line break or another "
            "control character; write the name on one line: files and messages hold it"
        ),
    ),
    "threshold-out-of-range": (
        '[[topics]]\nname = "a"\nterms = ["a"]\nnegative_threshold = 1.5\n',
        (
            "c.toml:1: topics[1]: topic 'a': negative_threshold is 1.5; "
            "give a probability from 0 to 1"
        ),
    ),
    "threshold-that-is-no-number": (
        '[[topics]]\nname = "a"\nterms = ["a"]\nnegative_threshold = nan\n',
        (
            "c.toml:4: topics[1].negative_threshold: expected a finite number, not nan; "
            "write it as in 0.5"
        ),
    ),
    "handle-with-a-space": (
        '[[topics]]\nname = "a"\nhandles = ["@ok", "@not ok"]\n',
        (
            "c.toml:3: topics[1].handles[2]: topic 'a': handle '@not ok' is none; "
            "write it as @name, @name.bsky.social or @name@host"
        ),
    ),
    "empty-exclusion": (
        '[[topics]]\nname = "a"\nterms = ["a"]\nexclude = [" "]\n',
        (
            "c.toml:4: topics[1].exclude[1]: topic 'a': exclude entry ' ' is empty; "
            "correct or remove it"
        ),
    ),
    "two-topics-of-one-name": (
        '[[topics]]\nname = "Jet"\nterms = ["a"]\n[[topics]]\nname = "jet"\nterms = ["b"]\n',
        (
            "c.toml:5: topics[2].name: 'jet' is the name of topics[1] too; "
            "give each topic a name of its own; signals and incidents are known by it"
        ),
    ),
    "unknown-format": (
        '[reading]\nformat = "twitter"\n',
        "c.toml:1: reading: format 'twitter' is not known; use one of ",
    ),
    "mapping-format-without-mapping": (
        '[reading]\nformat = "mapping"\n',
        (
            "c.toml:1: reading: format 'mapping' has no mapping; "
            "add [reading.mapping] with at least text and posted_at"
        ),
    ),
    "mapping-with-empty-step": (
        '[reading.mapping]\ntext = "a..b"\nposted_at = "t"\n',
        (
            "c.toml:1: reading.mapping: mapping: text = 'a..b' has an empty step; "
            "write a field name or a dotted path like user.name"
        ),
    ),
    "unknown-choice": (
        '[reading]\ninspect = "all"\n',
        "c.toml:2: reading.inspect: 'all' is no choice; use one of 'candidates' or 'every-line'",
    ),
    "too-small": (
        "[reading]\nmax_line_bytes = 0\n",
        "c.toml:2: reading.max_line_bytes: 0 is too small; use at least 4096",
    ),
    "too-large": (
        "[recovery]\ninterval_s = 99999\n",
        "c.toml:2: recovery.interval_s: 99999 is too large; use at most 3600",
    ),
    "text-for-a-number": (
        '[recovery]\ninterval_s = "5"\n',
        (
            "c.toml:2: recovery.interval_s: expected a whole number, not '5'; "
            "write it without quotes, as in 60"
        ),
    ),
    "fraction-for-a-whole-number": (
        "[recovery]\ninterval_s = 2.5\n",
        (
            "c.toml:2: recovery.interval_s: expected a whole number, not 2.5; "
            "write it without quotes, as in 60"
        ),
    ),
    "list-for-true": (
        "[detection]\npolarity_known = [1]\n",
        "c.toml:2: detection.polarity_known: expected true or false, not a list; write it without quotes",
    ),
    "text-for-true": (
        '[detection]\npolarity_known = "yes"\n',
        "c.toml:2: detection.polarity_known: expected true or false, not 'yes'; write it without quotes",
    ),
    "number-for-a-table": (
        "reading = 5\n",
        "c.toml:1: reading: expected a table, not 5; write its keys under [reading]",
    ),
    "a-date": (
        "[response]\nbrand = 2015-02-22\n",
        "c.toml:2: response.brand: a date or time is not used here; put it in quotes",
    ),
    "no-languages": (
        "[response]\nlanguages = []\n",
        "c.toml:2: response.languages: empty; give at least one",
    ),
    "empty-text": ('[response]\nbrand = ""\n', "c.toml:2: response.brand: empty; fill it in"),
    "unknown-time-zone": (
        '[response]\ntime_zone = "Berlin"\n',
        (
            "c.toml:1: response: time_zone 'Berlin' is not known; "
            "write it as in Europe/Berlin or UTC"
        ),
    ),
    "bins-that-steps-do-not-fill": (
        "[detection]\nbin_s = 61\n",
        (
            "c.toml:1: detection: bin_s is 61 with steps of 60 s; "
            "give a whole number of steps, at most a day"
        ),
    ),
    "score-of-zero": (
        "[detection]\nopen_score = 0.0\n",
        "c.toml:1: detection: open_score is 0.0; give more than 0",
    ),
    "negative-hold": (
        "[detection]\nclose_hold_s = -1\n",
        "c.toml:1: detection: close_hold_s is -1; give at least 0",
    ),
}


@pytest.mark.parametrize(("text", "message"), FAULTY.values(), ids=FAULTY)
def test_a_fault_is_named_with_its_line_its_path_and_a_remedy(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(text, "c.toml")
    if message.endswith(" "):
        assert str(caught.value).startswith(message)
    else:
        assert str(caught.value) == message


def test_all_faults_are_named_at_once_in_the_order_of_the_file() -> None:
    text = """
[[topics]]
name = "a"
terms = "x"

[[topics]]
name = "flood"

[[topics]]
tems = ["c"]

[recovery]
interval_s = 0
"""
    with pytest.raises(FaultsError) as caught:
        load_config(text, "c.toml")
    assert [(finding.line, finding.path) for finding in caught.value.findings] == [
        (4, "topics[1].terms"),
        (6, "topics[2]"),
        (9, "topics[3].name"),
        (10, "topics[3].tems"),
        (13, "recovery.interval_s"),
    ]
    assert str(caught.value).startswith("5 faults:\n  c.toml:4: topics[1].terms: ")


def test_no_value_of_a_secret_is_ever_shown() -> None:
    text = '[[topics]]\nname = "a"\nterms = ["a"]\n[topics.api_key]\nvalue = "hunter2"\n'
    with pytest.raises(ConfigError) as caught:
        load_config(text, "c.toml")
    assert "hunter2" not in str(caught.value)


def test_an_empty_file_means_the_defaults() -> None:
    assert load_config("", "c.toml") == Config()


def test_a_byte_order_mark_is_no_fault() -> None:
    assert load_config('\ufeff[response]\nbrand = "a"\n', "c.toml").response.brand == "a"
    with pytest.raises(ConfigError, match=r"^c\.toml:1: reding: unknown key"):
        load_config("\ufeff[reding]\n", "c.toml")


def test_the_reference_says_every_default() -> None:
    assert load_config(REFERENCE.read_text(), "crisiswatch.toml") == Config()


def test_the_reference_holds_every_key() -> None:
    text = re.sub(r"(?m)^#: ", "", REFERENCE.read_text())
    config = load_config(text, "crisiswatch.toml")
    assert config.reading.mapping is not None
    assert None not in dataclasses.asdict(config.reading.mapping).values()
    for part in (
        config.topics[0],
        config.reading,
        config.reading.mapping,
        config.detection,
        config.recovery,
        config.kafka,
        config.files,
        config.response,
        config.people[0],
        config.rotas[0].layers[0],
        config.rotas[0].overrides[0],
        config.escalation[0],
        config.escalation[0].steps[0],
        config.approval,
        config.reserve,
        config.channels[0],
        config.publish[0],
        config.silences[0],
        config.slack,
        config.ingest,
        config.ingest.bluesky,
        config.ingest.mastodon,
        config.ingest.x,
        config,
    ):
        for field in dataclasses.fields(part):
            name = rf"(?m)^(\[\[?|\[.*\.|steps = .*)?{field.name}\b"
            assert re.search(name, text), f"{type(part).__name__}.{field.name} is not explained"
            assert getattr(part, field.name) is not None


def test_the_reference_holds_every_key_of_rotas_and_the_store_of_which_some_exclude_others() -> (
    None
):
    text = REFERENCE.read_text()
    for key in ("name", "time_zone", "always", "layers", "overrides", "ical", "url", "dir"):
        assert re.search(rf"(?m)^#:? (\[\[rotas\.)?{key}\b", text), key


def test_the_airline_example_watches_six_airlines_with_a_mapping() -> None:
    config = load_config(AIRLINE.read_text(), "airline.toml")
    assert [topic.name for topic in config.topics] == [
        "United",
        "US Airways",
        "Southwest",
        "JetBlue",
        "American",
        "Virgin America",
    ]
    assert config.reading.mapping is not None
    line = (
        b'{"tweet_id": "5", "created_at": "2015-02-17T07:36:05.621Z", "user": "nesi",'
        b' "text": "late again", "retweet_count": 2, "location": null, "timezone": null}'
    )
    reader = Reader(format=config.reading.format, mapping=config.reading.mapping.paths())
    post = reader.read(line)
    assert (post.id, post.author, post.reach) == ("5", "nesi", 2)  # type: ignore[union-attr]


def test_the_airline_example_reads_the_real_posts(shared_data: Path) -> None:
    config = load_config(AIRLINE.read_text(), "airline.toml")
    assert config.reading.mapping is not None
    reader = Reader(format=config.reading.format, mapping=config.reading.mapping.paths())
    lines = (shared_data / "airline" / "posts.jsonl").read_bytes().splitlines()[:500]
    assert all(hasattr(reader.read(line), "posted_at_ms") for line in lines)


def test_what_describe_says_loads_back_as_the_same_configuration() -> None:
    config = load_config(AIRLINE.read_text(), "airline.toml")
    assert load_config(describe(config), "again.toml") == config
    odd = Topic(name='quote " back \\', terms=("straße ✈\ufe0f",), exclude=("x",))
    response = dataclasses.replace(config.response, brand="tab \t del \x7f")
    config = dataclasses.replace(config, topics=(odd,), response=response)
    assert load_config(describe(config), "again.toml") == config


def test_the_hash_is_twelve_hex_digits_and_the_same_in_every_process() -> None:
    assert re.fullmatch("[0-9a-f]{12}", config_hash(Config()))
    topic = Topic(name="a", terms=("b",))
    assert config_hash(Config(topics=(topic,))) == config_hash(Config(topics=(topic,)))


@pytest.mark.parametrize(
    "text",
    [
        '[[topics]]\nname = "a"\nterms = ["b"]\n',
        '[reading.mapping]\ntext = "t"\nposted_at = "p"\n',
        "[detection]\nlateness_s = 61\n",
        "[detection]\nopen_score = 1.1\n",
    ],
)
def test_the_hash_changes_with_what_decides_a_verdict(text: str) -> None:
    assert config_hash(load_config(text, "c.toml")) != config_hash(Config())


@pytest.mark.parametrize(
    "text",
    [
        '[recovery]\ndir = "elsewhere"\n',
        '[response]\nbrand = "Other"\n',
        '[reading]\ninspect = "candidates"\n',
    ],
)
def test_the_hash_stays_when_only_folders_and_wording_change(text: str) -> None:
    assert config_hash(load_config(text, "c.toml")) == config_hash(Config())


def test_detection_settings_are_what_the_watch_takes() -> None:
    config = load_config("[detection]\nstep_s = 30\n", "c.toml")
    assert isinstance(config.detection, WatchSettings)
    assert config.detection.step_s == 30
    assert {"candidates", "every-line"} == {inspect.value for inspect in Inspect}

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crisiswatch.check import EVERYDAY_WORDS, check_config
from crisiswatch.config import Config, load_config
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.runbook import Runbook, packaged_runbook_texts, parse_runbooks
from crisiswatch.starter import starter_files


def read(files: dict[str, str]) -> tuple[Config, dict[str, Runbook]]:
    config = load_config(files["crisiswatch.toml"], "crisiswatch.toml")
    folder = f"{config.response.runbooks}/"
    return config, parse_runbooks({k: v for k, v in files.items() if k.startswith(folder)})


def test_the_starter_passes_check() -> None:
    (finding,) = check_config(*read(starter_files()))
    assert (finding.level, finding.path) == ("warning", "people")


def test_the_people_of_the_starter_work_once_their_marks_are_taken_away() -> None:
    text = re.sub(
        r"(?m)^# (\[\[?(?:people|rotas|slack)|[a-z_]+ = )",
        r"\1",
        starter_files()["crisiswatch.toml"],
    )
    part = text[text.index("[[people]]") : text.index("# --- Continue")]
    config = load_config(part, "crisiswatch.toml")
    assert [person.id for person in config.people] == ["ada", "bo"]
    assert [rota.name for rota in config.rotas] == ["pr-on-call", "crisis-lead"]
    assert config.slack.agents_channel == "C024BE7LS"


def test_the_starter_watches_the_brand_by_name_handle_and_hashtag() -> None:
    config, _ = read(starter_files("Müller & Söhne"))
    assert config.topics[0].phrases == ("Müller & Söhne",)
    assert config.topics[0].handles == ()
    config, _ = read(starter_files("  Blue\nYonder "))
    assert config.topics[0].handles == ("@BlueYonder",)
    assert config.response.brand == "Blue Yonder"
    config, _ = read(starter_files("Acme"))
    assert config.topics[0].terms == ("Acme",)


def test_the_starter_holds_every_runbook_word_for_word() -> None:
    files = starter_files()
    for name, text in packaged_runbook_texts().items():
        assert files[f"runbooks/{name}"] == text
        assert f"`{name}`" in files["README.md"]
    assert set(files) == {"crisiswatch.toml", "README.md"} | {
        f"runbooks/{name}" for name in packaged_runbook_texts()
    }


@pytest.mark.parametrize("brand", ["", "  ", "&&", "a\x00b", "\u1a170"])
def test_a_brand_that_is_no_name_is_refused(brand: str) -> None:
    with pytest.raises(ConfigError, match="is no name; give the name that people write"):
        starter_files(brand)


def test_a_brand_that_is_an_everyday_word_is_watched_by_its_signs_only() -> None:
    config, _ = read(starter_files("Who"))
    (topic,) = config.topics
    assert (topic.terms, topic.handles, topic.hashtags) == ((), ("@Who",), ("#Who",))
    config, _ = read(starter_files("Für"))
    (topic,) = config.topics
    assert (topic.terms, topic.handles, topic.hashtags) == ((), (), ("#Für",))


@given(st.text(max_size=40) | st.sampled_from(sorted(EVERYDAY_WORDS)) | st.characters())
@example("Who")
@example("die")
@example("X")
@example("Q")
@example("É")
def test_any_brand_gives_a_configuration_that_passes_check_or_is_refused(brand: str) -> None:
    try:
        files = starter_files(brand)
    except ConfigError:
        return
    config, runbooks = read(files)
    assert config.topics[0].name == " ".join(brand.split())
    found = check_config(config, runbooks)
    assert [finding.message for finding in found if finding.level == "error"] == []

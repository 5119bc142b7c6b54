from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crisiswatch.config import (
    Config,
    FaultsError,
    Person,
    Role,
    SilenceSettings,
    config_hash,
    describe,
    load_config,
)
from crisiswatch.errors import ConfigError

ADA = '[[people]]\nid = "ada"\nname = "Ada"\n'
ROTA = '[[rotas]]\nname = "r"\n'
LAYER = ROTA + '[[rotas.layers]]\npeople = ["ada"]\n'
SILENCE = '[[silences]]\ntopics = ["a"]\nowner = "o"\nreason = "r"\n'

FULL = """
[[people]]
id = "ada"
name = "Ada \\" Lindt"
slack = "U024BE7LH"
roles = ["approver", "lead"]
contact = ["slack-dm", "sms"]
addresses = { sms = "+49", "odd key" = "x" }
time_zone = "Europe/Berlin"
hours = "22:00-06:00"

[[rotas]]
name = "pr-on-call"
time_zone = "Europe/Berlin"

[[rotas.layers]]
people = ["ada"]
start = 2015-01-05
handover = "09:30"
every = "2w"
from_time = 07:00:00
until_time = "19:00"
weekdays = ["mon", "sun"]

[[rotas.overrides]]
person = "ada"
start = 2015-02-16T09:00:00
end = 2015-02-17T09:00:00+01:00

[[escalation]]
duty = "pr-on-call"
steps = [{ notify = ["pr-on-call"], after = "10m" }, { notify = ["role:lead"] }]
again_after = "1h30m"

[[silences]]
topics = ["a"]
owner = "ada"
reason = "r"
start = 2015-02-16T09:00:00
end = 2015-02-17T09:00:00

[[channels]]
name = "sms"
kind = "apprise"
url_env = "SMS_URL"

[response]
related = [["a", "b"]]
ack_expires = "45m"

[slack]
group_roles = { S024BE7LT = ["approver"], "odd key" = [] }

[store]
url = "rediss://redis:6380/0"
"""

FAULTY = {
    "id-with-capitals": (
        '[[people]]\nid = "Ada"\nname = "Ada"\n',
        (
            "c.toml:1: people[1]: id 'Ada' is none; "
            "use lower-case letters, digits, '.', '-' and '_', as in ada or ada.l"
        ),
    ),
    "slack-name-for-an-id": (
        ADA + 'slack = "@ada"\n',
        (
            "c.toml:1: people[1]: person 'ada': slack '@ada' is no member id; "
            "copy the member id from the person's Slack profile, as in U024BE7LH"
        ),
    ),
    "unknown-role": (
        ADA + 'roles = ["boss"]\n',
        (
            "c.toml:4: people[1].roles[1]: 'boss' is no choice; "
            "use one of 'viewer', 'agent', 'approver', 'lead' or 'admin'"
        ),
    ),
    "hours-without-end": (
        ADA + 'hours = "08:00"\n',
        (
            "c.toml:1: people[1]: person 'ada': hours '08:00' are none; "
            "write them as in 08:00-18:00, or leave them out for any hour"
        ),
    ),
    "unknown-zone": (
        ADA + 'time_zone = "Berlin"\n',
        (
            "c.toml:1: people[1]: person 'ada': time_zone 'Berlin' is not known; "
            "write it as in Europe/Berlin or UTC"
        ),
    ),
    "two-of-one-id": (
        ADA + ADA,
        "c.toml:5: people[2].id: 'ada' is the id of people[1] too; give each its own id",
    ),
    "rota-of-nobody": (
        ROTA,
        "c.toml:1: rotas[1]: rota 'r' names nobody; give one of always, [[rotas.layers]] or ical",
    ),
    "always-and-layers": (
        ROTA + 'always = ["ada"]\n' + LAYER.removeprefix(ROTA) + "start = 2015-01-05\n",
        (
            "c.toml:1: rotas[1]: rota 'r' has both always and layers; "
            "keep one of the two; more people can be in a layer of their own"
        ),
    ),
    "date-in-quotes": (
        LAYER + 'start = "2015-01-05"\n',
        (
            "c.toml:5: rotas[1].layers[1].start: '2015-01-05' is no date; "
            "write it without quotes, as in 2015-01-05"
        ),
    ),
    "year-that-is-a-slip": (
        LAYER + "start = 0215-01-05\n",
        (
            "c.toml:5: rotas[1].layers[1].start: 0215-01-05 is no date; "
            "write it without quotes, as in 2015-01-05"
        ),
    ),
    "handover-that-is-no-time": (
        LAYER + 'start = 2015-01-05\nhandover = "25:00"\n',
        (
            "c.toml:6: rotas[1].layers[1].handover: '25:00' is no time of day; "
            'write it as in "09:00"'
        ),
    ),
    "every-hour": (
        LAYER + 'start = 2015-01-05\nevery = "12h"\n',
        (
            "c.toml:6: rotas[1].layers[1].every: '12h' is no number of days; "
            "write it as in 1d, 7d or 2w"
        ),
    ),
    "hours-with-one-end": (
        LAYER + 'start = 2015-01-05\nfrom_time = "09:00"\n',
        (
            "c.toml:3: rotas[1].layers[1]: of from_time and until_time only one is given; "
            'give both, as in from_time = "09:00" and until_time = "21:00"'
        ),
    ),
    "override-backwards": (
        ROTA
        + 'always = ["a"]\n[[rotas.overrides]]\nperson = "b"\n'
        + "start = 2015-01-05T09:00:00\nend = 2015-01-05T08:00:00\n",
        (
            "c.toml:1: rotas[1]: rota 'r': the override of 'b' that starts at 2015-01-05T09:00:00 "
            "ends before; give an end after its start"
        ),
    ),
    "override-of-whole-days": (
        ROTA
        + 'always = ["a"]\n[[rotas.overrides]]\nperson = "b"\n'
        + "start = 2015-01-05\nend = 2015-01-06T08:00:00\n",
        (
            "c.toml:6: rotas[1].overrides[1].start: 2015-01-05 is no date with a time; "
            "write it as in 2015-01-05T09:00:00"
        ),
    ),
    "date-where-text-is-meant": (
        ADA + "time_zone = 2015-01-05\n",
        "c.toml:4: people[1].time_zone: a date or time is not used here; put it in quotes",
    ),
    "role-that-does-not-exist": (
        '[approval]\nask = ["role:boss"]\n',
        (
            "c.toml:1: approval: ask: 'role:boss' names no role; "
            "use one of role:viewer, role:agent, role:approver, role:lead, role:admin"
        ),
    ),
    "step-for-nobody": (
        '[[escalation]]\nduty = "d"\nsteps = [{ notify = ["person:"] }]\n',
        (
            "c.toml:3: escalation[1].steps[1]: notify: 'person:' names nobody; "
            "write a duty as in pr-on-call, person:ada, or role:approver"
        ),
    ),
    "minutes-as-a-number": (
        "[approval]\nwithin = 10\n",
        "c.toml:2: approval.within: expected text, not 10; put it in quotes",
    ),
    "no-steps": (
        '[[escalation]]\nduty = "d"\nsteps = []\n',
        (
            "c.toml:1: escalation[1]: the escalation of 'd' has no steps; "
            'give at least one, as in steps = [{ notify = ["pr-on-call"] }]'
        ),
    ),
    "silence-backwards": (
        SILENCE + "start = 2015-01-05T09:00:00\nend = 2015-01-05T09:00:00\n",
        (
            "c.toml:1: silences[1]: the silence of 'o' from 2015-01-05T09:00:00 ends before; "
            "give an end after its start"
        ),
    ),
    "silence-without-reason": (
        SILENCE.replace('"r"', '""') + "start = 2015-01-05T09:00:00\nend = 2015-01-05T10:00:00\n",
        "c.toml:4: silences[1].reason: empty; fill it in",
    ),
    "silence-of-a-blank-owner": (
        SILENCE.replace('"o"', '" "') + "start = 2015-01-05T09:00:00\nend = 2015-01-05T10:00:00\n",
        (
            "c.toml:1: silences[1]: the silence of ' ' from 2015-01-05T09:00:00 has no owner; "
            "give the id of whoever answers for it"
        ),
    ),
    "silence-of-a-blank-reason": (
        SILENCE.replace('"r"', '"\\t"')
        + "start = 2015-01-05T09:00:00\nend = 2015-01-05T10:00:00\n",
        (
            "c.toml:1: silences[1]: the silence of 'o' from 2015-01-05T09:00:00 has no reason; "
            "say why nobody shall be paged"
        ),
    ),
    "silence-longer-than-a-week": (
        SILENCE + "start = 2015-01-05T09:00:00\nend = 2015-01-12T09:00:01\n",
        (
            "c.toml:1: silences[1]: the silence of 'o' from 2015-01-05T09:00:00 ends at "
            "2015-01-12T09:00:01, after more than 7 days; "
            "end it within 7 days; it can be renewed by then"
        ),
    ),
    "two-stores": (
        '[store]\nurl = "redis://x"\ndir = "y"\n',
        (
            "c.toml:1: store: the store has both url and dir; "
            "keep url for a Redis that runs elsewhere, dir for one that crisiswatch runs"
        ),
    ),
    "store-of-another-kind": (
        '[store]\nurl = "postgres://x"\n',
        (
            "c.toml:1: store: url is no Redis address; "
            "write it as in redis://host:6379/0, rediss://host:6380/0 or unix:///run/r.sock"
        ),
    ),
    "slack-address-without-scheme": (
        '[slack]\napi_url = "slack.com"\n',
        (
            "c.toml:1: slack: api_url 'slack.com' is no web address; "
            "write it as in https://slack.com/api/"
        ),
    ),
    "slack-address-with-half-a-bracket": (
        '[slack]\napi_url = "http://[::1"\n',
        (
            "c.toml:1: slack: api_url 'http://[::1' is no web address; "
            "write it as in https://slack.com/api/"
        ),
    ),
    "store-with-half-a-bracket": (
        '[store]\nurl = "redis://[::1"\n',
        (
            "c.toml:1: store: url is no Redis address; "
            "write it as in redis://host:6379/0, rediss://host:6380/0 or unix:///run/r.sock"
        ),
    ),
    "instance-with-half-a-bracket": (
        '[ingest.mastodon]\ninstances = ["https://[::1"]\n',
        (
            "c.toml:1: ingest.mastodon: instances: 'https://[::1' is no address; "
            "write it as in https://example.com"
        ),
    ),
    "channel-prefix-with-capitals": (
        '[slack]\nchannel_prefix = "Crisis "\n',
        (
            "c.toml:1: slack: channel_prefix 'Crisis ' can begin no channel's name; "
            "use at most 20 lower-case letters, digits, '-' and '_'"
        ),
    ),
}


@pytest.mark.parametrize(("text", "message"), FAULTY.values(), ids=FAULTY)
def test_a_fault_about_people_is_named_with_its_line_and_a_remedy(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(text, "c.toml")
    assert str(caught.value) == message


SECRETS = {
    "bot-token": '[slack]\ncrisis_channel = "xoxb-123-hunter2"\n',
    "app-token": ADA + 'skills = ["xapp-1-hunter2"]\n',
    "password-in-a-store": '[store]\nurl = "redis://user:hunter2@redis:6379"\n',
    "password-without-user": '[store]\nurl = "redis://:hunter2@redis:6379"\n',
    "address-of-a-webhook": (
        '[[publish]]\nname = "n"\nkind = "webhook"\nurl_env = "https://x.example/hunter2"\n'
    ),
    "slack-webhook": ADA
    + 'addresses = { sms = "https://hooks.slack.com/services/T0/B0/hunter2" }\n',
    "token-for-a-choice": '[slack]\nmode = "xoxb-hunter2"\n',
    "token-for-a-number": '[slack]\nhttp_port = "xoxb-hunter2"\n',
    "apprise-address": ADA + 'addresses = { sms = "mailto://me:hunter2@mail.example" }\n',
}


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_the_file_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(FaultsError) as caught:
        load_config(text, "c.toml")
    assert "hunter2" not in str(caught.value)
    assert "not shown" in str(caught.value)


def test_a_text_that_only_mentions_a_token_is_no_secret() -> None:
    text = '[response]\nbrand = "Foxxapp-air, mail@example.com, https://example.com:8080/a"\n'
    assert load_config(text, "c.toml").response.brand is not None


def test_people_rotas_and_times_are_read_as_meant() -> None:
    config = load_config(FULL, "c.toml")
    ada = config.people[0]
    assert ada.roles == (Role.APPROVER, Role.LEAD)
    assert ada.ways == ("slack-dm", "sms")
    layer = config.rotas[0].layers[0]
    assert (layer.every, layer.handover.isoformat(), layer.start.isoformat()) == (
        14,
        "09:30:00",
        "2015-01-05",
    )
    assert config.escalation[0].steps[0].after == 600
    assert config.escalation[0].steps[1].after is None
    assert config.escalation[0].again_after == 5_400
    assert config.response.ack_expires == 2_700


def test_what_describe_says_of_people_and_rotas_loads_back_as_the_same() -> None:
    config = load_config(FULL, "c.toml")
    assert load_config(describe(config), "again.toml") == config


def test_the_hash_stays_when_only_people_change() -> None:
    assert config_hash(load_config(FULL, "c.toml")) == config_hash(Config())


HOURS = {
    "at-any-hour": (None, "03:00", True),
    "first-minute": ("08:00-18:00", "08:00", True),
    "last-minute-is-out": ("08:00-18:00", "18:00", False),
    "before-midnight": ("22:00-06:00", "23:00", True),
    "after-midnight": ("22:00-06:00", "05:59", True),
    "in-between": ("22:00-06:00", "12:00", False),
}


@pytest.mark.parametrize(("hours", "local", "works"), HOURS.values(), ids=HOURS)
def test_hours_are_those_of_the_person_where_they_live(
    hours: str | None, local: str, *, works: bool
) -> None:
    ada = Person(id="ada", name="Ada", time_zone="Asia/Kolkata", hours=hours)
    when = datetime.fromisoformat(f"2015-02-22T{local}+05:30").astimezone(UTC)
    assert ada.works_at(when) is works


WEEKS = {
    "in-utc": ("2026-03-02T09:00:00", "2026-03-09T09:00:00", "UTC"),
    "clocks-go-back-in-it": ("2026-10-20T09:00:00", "2026-10-27T09:00:00", "Europe/Berlin"),
    "begins-in-the-hour-that-comes-twice": (
        "2026-10-25T02:30:00",
        "2026-11-01T02:30:00",
        "Europe/Berlin",
    ),
    "written-with-offsets": ("2026-10-20T09:00:00+02:00", "2026-10-27T09:00:00+01:00", "UTC"),
    "written-in-two-ways": ("2026-03-02T09:00:00Z", "2026-03-09T10:00:00+01:00", "UTC"),
}


@pytest.mark.parametrize(("start", "end", "zone"), WEEKS.values(), ids=WEEKS)
def test_a_silence_of_a_week_is_read_and_one_a_second_longer_is_not(
    start: str, end: str, zone: str
) -> None:
    longer = (datetime.fromisoformat(end) + timedelta(seconds=1)).isoformat()
    a_week = f'{SILENCE}start = {start}\nend = {end}\ntime_zone = "{zone}"\n'

    assert load_config(a_week, "c.toml").silences[0].owner == "o"
    with pytest.raises(ConfigError, match="after more than 7 days"):
        load_config(a_week.replace(end, longer), "c.toml")


SPANS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "at-the-start": ({}, "2015-02-22T08:00:00+00:00", True),
    "at-the-end": ({}, "2015-02-22T20:00:00+00:00", False),
    "of-another-topic": ({"topics": ("b",)}, "2015-02-22T08:00:00+00:00", False),
    "local-time": ({"time_zone": "Asia/Kolkata"}, "2015-02-22T02:30:00+00:00", True),
}


@pytest.mark.parametrize(("change", "at", "covered"), SPANS.values(), ids=SPANS)
def test_a_silence_covers_its_topics_from_its_start_up_to_its_end(
    change: dict[str, Any], at: str, *, covered: bool
) -> None:
    given: dict[str, Any] = {
        "topics": ("a",),
        "owner": "ada",
        "reason": "r",
        "start": datetime(2015, 2, 22, 8),  # noqa: DTZ001 - local time is what people write
        "end": datetime(2015, 2, 22, 20),  # noqa: DTZ001 - local time is what people write
    }
    silence = SilenceSettings(**(given | change))
    assert silence.covers("a", datetime.fromisoformat(at)) is covered

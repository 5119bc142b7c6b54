"""What `crisiswatch init DIR` writes: a configuration to begin with, and the runbooks."""

import json
import re

from crisiswatch.check import too_common
from crisiswatch.errors import ConfigError
from crisiswatch.incidents.runbook import packaged_runbook_texts
from crisiswatch.reading.needle import fold, is_mark

_HANDLE = re.compile(r"[^A-Za-z0-9_]")

_CONFIG = """\
# crisiswatch reads this file once, when it starts. Lines that begin with # are notes.
# `crisiswatch check --config crisiswatch.toml` tells what is wrong or likely not meant.
# Every key with its default stands in deploy/crisiswatch.toml of the repository.

# --- What to watch: one [[topics]] for each brand, product or person -------------------------
#
# A post is about a topic when it holds any one of these, as whole words, in any case:
#   terms     single words            phrases   words in this order
#   handles   @names                  hashtags  #tags
# and none of `exclude`. Prefer handles and names that can mean nothing else: a brand called
# "United" that is watched by the word "united" is woken up by football.

[[topics]]
name = {brand}
{entries}
exclude = []   # for example ["giveaway", "we are hiring"]
languages = [] # for example ["en", "de"]; empty watches all

# --- How recorded or streamed posts are written ----------------------------------------------
#
# "auto" finds the shape by itself, line by line: X, Bluesky, Mastodon, Reddit, or crisiswatch's
# own. For anything else say which field holds what, and set format = "mapping".

[reading]
format = "auto"

# [reading.mapping]
# id = "tweet_id"
# posted_at = "created_at"
# author = "user.name" # a dot goes into nested objects
# text = "text"
# reach = "retweet_count"

# --- What happens when a crisis opens --------------------------------------------------------

[response]
runbooks = "runbooks"  # the folder beside this file: edit the Markdown, it is what will happen
brand = {brand}
languages = ["en"]     # of the holding messages; en, de, fr and es are written
time_zone = "UTC"      # of the times promised to the public, for example "Europe/Berlin"

# --- Who is called -----------------------------------------------------------------------------
#
# Runbooks call duties ("pr-on-call"); a rota of that name says who has the duty when. Take away
# the # below, correct the people, and `crisiswatch check` names every duty that is still missing.

# [[people]]
# id = "ada"
# name = "Ada Lindt"
# slack = "U024BE7LH"                  # the member id, from the profile in Slack
# roles = ["approver", "lead"]         # of viewer, agent, approver, lead, admin
# time_zone = "Europe/Berlin"

# [[people]]
# id = "bo"
# name = "Bo Berg"
# slack = "U024BE7LK"
# roles = ["approver"]

# [[rotas]]
# name = "pr-on-call"
# time_zone = "Europe/Berlin"

# [[rotas.layers]]
# people = ["ada", "bo"]               # they take turns
# start = 2026-01-05
# handover = "09:00"
# every = "7d"

# [[rotas]]
# name = "crisis-lead"
# always = ["ada"]

# [slack]                              # tokens never stand here: SLACK_BOT_TOKEN, SLACK_APP_TOKEN
# crisis_channel = "C024BE7LR"
# agents_channel = "C024BE7LS"

# --- Continue after a crash -------------------------------------------------------------------

[recovery]
# dir = "recovery"     # beside this file: snapshots; without it a live service has
#                       # `recovery` under --out, and a killed replay starts anew
interval_s = 5
"""

_README = """\
# crisiswatch for {brand}

`crisiswatch.toml` says what is watched, `runbooks/` says what happens in a crisis: who is called, by
when, and with which words. Both are yours to edit.

## Next steps

1. Open `crisiswatch.toml` and correct the words by which posts about {brand} are known.
2. Check it: `crisiswatch check --config crisiswatch.toml`
3. Try it on recorded posts, one JSON object a line:
   `crisiswatch replay posts.jsonl --config crisiswatch.toml --out out/`
   and open `out/index.html`: what was seen, what was expected, which incidents opened and why.
4. Only counts, no posts? `crisiswatch backtest series.csv` takes `timestamp,value` rows.
5. Read the runbooks with the people who would be called, and change what is not how you work.
   Begin with the holding messages: would you sign them tonight?
6. Say who is called: fill in people and rotas, and look at them with
   `crisiswatch rota show --config crisiswatch.toml`.

Runbooks: {runbooks}.
"""


def starter_files(brand: str = "Example Air") -> dict[str, str]:
    """Return {relative path: text} of a folder to begin with; it passes `check`.

    Raises ConfigError for a brand that is no name.
    """
    name = " ".join(brand.split())
    # A mark alters the character before it: at the beginning it is half of a character.
    is_whole = not is_mark(fold(name).lstrip()[:1] or " ")
    if not name.isprintable() or not any(char.isalnum() for char in name) or not is_whole:
        raise ConfigError(f"brand {brand!r} is no name", "give the name that people write")
    texts = packaged_runbook_texts()
    files = {f"runbooks/{file}": text for file, text in texts.items()}
    files["crisiswatch.toml"] = _CONFIG.format(brand=_quoted(name), entries=_entries(name))
    listed = ", ".join(f"`{file}`" for file in texts)
    files["README.md"] = _README.format(brand=name, runbooks=listed)
    return files


def _entries(name: str) -> str:
    """Return the topic's entries: the name as people write it, and as a handle if it can be one.

    A name that is an everyday word or a single letter is told from it only by its sign.
    """
    handle = _HANDLE.sub("", name)
    signed: list[str] = []
    if handle and name.isascii():
        signed = [f'handles = ["@{handle}"]', f'hashtags = ["#{handle}"]']
    finding = too_common(name)
    if finding is not None and finding.level == "error":
        return "\n".join(signed or [f"hashtags = [{_quoted(f'#{name}')}]"])
    field = "phrases" if " " in name else "terms"
    return "\n".join([f"{field} = [{_quoted(name)}]", *signed])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

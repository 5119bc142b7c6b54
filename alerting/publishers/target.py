"""What every vendor's adapter is made from."""

from dataclasses import dataclass, field

from alerting.delivery import UndeliveredError
from alerting.notices import PublishedNotice, Wording
from alerting.plain_text import public_wording
from alerting.typed_commands import TypedCommands
from crisiswatch.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One configured channel or publish target, by its `name`.

    `url` is the address, whose path may well be a password. `signing_key` is what requests are
    signed with, `language` the one wording that is published (None: the packet's first),
    `allow_http` permits an address without TLS on another machine.
    """

    name: str
    url: Secret
    signing_key: Secret | None = None
    language: str | None = None
    allow_http: bool = False
    commands: TypedCommands = field(default_factory=TypedCommands)

    def wording(self, notice: PublishedNotice) -> Wording:
        """Return the one text to publish: for the public, in the target's language.

        One publication is one text, and so one request: several could succeed in part, and
        nobody could say what is public. Another language is another target.

        Raises UndeliveredError, for good, where the packet has no such text.
        """
        wording = public_wording(notice, self.language)
        if wording is None:
            language = "any language" if self.language is None else self.language
            raise UndeliveredError(
                f"{self.name}: the packet has no public wording in {language}", retry_in_s=None
            )
        return wording

"""Whom a duty, a person or a role means at a time, and who is called after whom.

Pure. Unknown names resolve to nobody: `crisiswatch check` names them beforehand, and in
a crisis the next step is better than an error.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alerting.rota import Rota
from crisiswatch.config import Config
from crisiswatch.config.people import Person, Role
from crisiswatch.config.responding import PERSON, ROLE, EscalationSettings, EscalationStep

CRISIS_LEAD = "crisis-lead"
BACKUP_SUFFIX = "-backup"


class Directory:
    """All people, rotas and escalation policies of one configuration."""

    def __init__(
        self,
        people: Sequence[Person],
        rotas: Iterable[Rota] = (),
        escalation: Iterable[EscalationSettings] = (),
    ) -> None:
        self.people = tuple(people)
        self.rotas = {rota.name: rota for rota in rotas}
        self._escalation = {policy.duty: policy for policy in escalation}
        self._by_id = {person.id: person for person in self.people}
        self._by_slack = {person.slack: person for person in self.people if person.slack}

    @classmethod
    def of(cls, config: Config, rotas: Iterable[Rota]) -> "Directory":
        """Make the directory of a configuration, whose rotas were loaded with their calendars."""
        return cls(config.people, rotas, config.escalation)

    def person(self, person_id: str) -> Person | None:
        """Return the person of that id."""
        return self._by_id.get(person_id)

    def by_slack(self, member: str) -> Person | None:
        """Return the person of that Slack member id."""
        return self._by_slack.get(member)

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """Return everyone who has a role, in the order of the configuration."""
        return tuple(person for person in self.people if role in person.roles)

    def on_duty(self, duty: str, now: datetime) -> tuple[Person, ...]:
        """Return who has a duty; nobody where there is no such rota, or it has a gap."""
        rota = self.rotas.get(duty)
        ids = () if rota is None else rota.persons_at(now)
        return tuple(self._by_id[one] for one in ids if one in self._by_id)

    def resolve(self, target: str, now: datetime) -> tuple[Person, ...]:
        """Return whom a target means: a duty, `person:id` or `role:name`."""
        if target.startswith(PERSON):
            found = self.person(target.removeprefix(PERSON))
            return () if found is None else (found,)
        if target.startswith(ROLE):
            name = target.removeprefix(ROLE)
            return tuple(person for person in self.people if name in person.roles)
        return self.on_duty(target, now)

    def resolve_all(self, targets: Iterable[str], now: datetime) -> tuple[Person, ...]:
        """Return whom several targets mean, each person once, in order."""
        found = {person.id: person for target in targets for person in self.resolve(target, now)}
        return tuple(found.values())

    def escalation_of(self, duty: str) -> EscalationSettings:
        """Return who is called for a duty, with the last resort filled in.

        Without a policy of its own: the duty, its backup rota (`<duty>-backup`) if there
        is one, and then the crisis lead. Without a last resort: everyone with the role
        lead or, where there is none, everyone who can be reached.
        """
        policy = self._escalation.get(duty) or EscalationSettings(
            duty=duty, steps=tuple(EscalationStep(notify=(one,)) for one in self._steps(duty))
        )
        return EscalationSettings(
            duty=policy.duty,
            steps=policy.steps,
            repeat=policy.repeat,
            last_resort=policy.last_resort or self._anybody(),
            again_after=policy.again_after,
        )

    def _steps(self, duty: str) -> list[str]:
        backup = duty + BACKUP_SUFFIX
        return [
            duty,
            *([backup] if backup in self.rotas else []),
            *([CRISIS_LEAD] if duty != CRISIS_LEAD and CRISIS_LEAD in self.rotas else []),
        ]

    def _anybody(self) -> tuple[str, ...]:
        if any(person.ways for person in self.with_role(Role.LEAD)):
            return (ROLE + Role.LEAD,)
        return tuple(PERSON + person.id for person in self.people if person.ways)

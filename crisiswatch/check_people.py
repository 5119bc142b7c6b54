"""Whether people can be reached: what `check` says about rotas, approvers and channels."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from crisiswatch.config import Config, Finding
from crisiswatch.config.people import SLACK_DM, SLACK_MENTION, Person, Role
from crisiswatch.config.responding import PERSON, ROLE
from crisiswatch.incidents.runbook import Runbook

LEGAL = "legal"
LEADERSHIP = "leadership"

_Fault = tuple[str, str, str]
"""Path, message, remedy."""

_SLACK = (SLACK_DM, SLACK_MENTION)
_TOLD = 3


def check_people(
    config: Config, runbooks: Mapping[str, Runbook], *, source: str, now: datetime | None = None
) -> tuple[Finding, ...]:
    """Return what keeps people from being reached; `now` tells which silences are over.

    Who has which duty when, and whether that leaves gaps, `alerting.rota_check` tells.
    """
    errors = [*_topic_names(config)]
    warnings = [*_silences_over(config, now)]
    if config.people:
        errors += [
            *_people_in_rotas(config),
            *_duties_without_rota(config, runbooks),
            *_unreachable(config),
            *_targets(config),
            *_too_few_approvers(config, runbooks),
        ]
        warnings += [*_not_as_meant(config), *_languages_of_the_reserve(config)]
    else:
        message = "nobody can be paged: there are no [[people]]"
        warnings += [("people", message, "add people, and [[rotas]] that say who has which duty")]
        errors += [*_people_in_rotas(config)]
    return (
        *(_finding("error", source, fault) for fault in errors),
        *(_finding("warning", source, fault) for fault in warnings),
    )


def paged_duties(runbooks: Mapping[str, Runbook]) -> dict[str, tuple[str, ...]]:
    """Return the duties that any runbook calls, each with where it is called."""
    places: dict[str, list[str]] = defaultdict(list)
    for runbook in runbooks.values():
        for severity, level in runbook.levels:
            for duty in level.page:
                places[duty].append(f"{runbook.crisis_type} at {severity.label}")
        places[LEGAL].append(f"[legal] of {runbook.crisis_type}")
        places[LEADERSHIP].append(f"[leadership] of {runbook.crisis_type}")
    return {duty: tuple(where) for duty, where in places.items()}


def _finding(level: str, source: str, fault: _Fault) -> Finding:
    path, message, remedy = fault
    return Finding(
        level="error" if level == "error" else "warning",
        source=source,
        line=None,
        path=path,
        message=message,
        remedy=remedy,
    )


def _topic_names(config: Config) -> Iterator[_Fault]:
    known = {topic.name for topic in config.topics}
    groups = Counter(topic for group in config.response.related for topic in set(group))
    named = [
        *(("response.related", group) for group in config.response.related),
        *(
            (f"silences[{n}].topics", silence.topics)
            for n, silence in enumerate(config.silences, 1)
        ),
        *((f"publish[{n}].topics", target.topics) for n, target in enumerate(config.publish, 1)),
    ]
    for path, names in named:
        for name in names:
            if name not in known:
                yield path, f"{name!r} is no topic", "write the name as in [[topics]]"
    for name, times in groups.items():
        if times > 1:
            message = f"{name!r} stands in {times} groups"
            yield "response.related", message, "put all that belong together into one group"
    for number, target in enumerate(config.publish, 1):
        if target.language is not None and target.language not in config.response.languages:
            message = f"no holding message is drafted in {target.language!r}"
            yield f"publish[{number}].language", message, "add it to response.languages"


def _silences_over(config: Config, now: datetime | None) -> Iterator[_Fault]:
    known = {person.id for person in config.people}
    for number, silence in enumerate(config.silences, 1):
        if now is not None and silence.ends_at <= now:
            message = f"the silence of {silence.owner!r} is over since {silence.end.isoformat()}"
            yield f"silences[{number}]", message, "remove it, so that the ones that count are seen"
        if known and silence.owner not in known:
            message = f"the owner {silence.owner!r} is nobody in [[people]]"
            yield f"silences[{number}].owner", message, "give the id of whoever answers for it"


def _people_in_rotas(config: Config) -> Iterator[_Fault]:
    named: list[tuple[str, Iterable[str]]] = []
    for number, rota in enumerate(config.rotas, 1):
        named.append((f"rotas[{number}].always", rota.always))
        for place, layer in enumerate(rota.layers, 1):
            named.append((f"rotas[{number}].layers[{place}].people", layer.people))
        for place, override in enumerate(rota.overrides, 1):
            named.append((f"rotas[{number}].overrides[{place}].person", (override.person,)))
    named.append(("reserve.people", config.reserve.people))
    known = {person.id for person in config.people}
    for path, ids in named:
        for one in dict.fromkeys(ids):
            if one not in known:
                yield path, f"{one!r} is nobody in [[people]]", "correct the id, or add the person"


def _duties_without_rota(config: Config, runbooks: Mapping[str, Runbook]) -> Iterator[_Fault]:
    held = {rota.name for rota in config.rotas}
    for duty, places in paged_duties(runbooks).items():
        if duty not in held:
            told = ", ".join(places[:_TOLD]) + (" and others" if len(places) > _TOLD else "")
            message = f"runbooks call {duty!r} ({told}), and no rota has that name"
            yield "rotas", message, f'add [[rotas]] with name = "{duty}", or change the runbooks'


def _unreachable(config: Config) -> Iterator[_Fault]:
    channels = {channel.name for channel in config.channels}
    wanted = _wanted(config)
    for number, person in enumerate(config.people, 1):
        path = f"people[{number}]"
        for way in person.contact:
            if way not in _SLACK and way not in channels:
                message = f"{person.id!r} is contacted by {way!r}, and no channel has that name"
                remedy = f'add [[channels]] with name = "{way}", or use {" or ".join(_SLACK)}'
                yield f"{path}.contact", message, remedy
            elif way not in _SLACK and person.address(way) is None:
                message = f"{person.id!r} has no address for {way!r}"
                yield f"{path}.contact", message, f'add it: addresses = {{ {way} = "..." }}'
        usable = [way for way in person.ways if way in _SLACK or way in channels]
        if person.id in wanted and not usable:
            message = f"{person.id!r} ({person.name}) can not be reached at all"
            yield path, message, "give slack, the member id, or an address of a second channel"


def _wanted(config: Config) -> set[str]:
    """Return the ids of all who may be called."""
    ids = set(config.reserve.people)
    for rota in config.rotas:
        ids.update(rota.people)
    for _, targets in _all_targets(config):
        ids.update(target.removeprefix(PERSON) for target in targets if target.startswith(PERSON))
    called = {Role.APPROVER, Role.LEAD}
    return ids | {person.id for person in config.people if called.intersection(person.roles)}


def _all_targets(config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, policy in enumerate(config.escalation, 1):
        for place, step in enumerate(policy.steps, 1):
            yield f"escalation[{number}].steps[{place}]", step.notify
        yield f"escalation[{number}].last_resort", policy.last_resort
    yield "approval.ask", config.approval.ask
    yield "approval.backup", config.approval.backup


def _meant(config: Config, target: str) -> list[Person] | None:
    """Return everyone whom a target may ever mean; None if it names nothing that is known.

    Whom a calendar brings into a rota is not known here.
    """
    if target.startswith(ROLE):
        return [person for person in config.people if target.removeprefix(ROLE) in person.roles]
    if target.startswith(PERSON):
        ids: tuple[str, ...] = (target.removeprefix(PERSON),)
    else:
        rotas = [rota for rota in config.rotas if rota.name == target]
        if not rotas:
            return None
        ids = rotas[0].people
    found = [person for person in config.people if person.id in ids]
    return found if found or not target.startswith(PERSON) else None


def _targets(config: Config) -> Iterator[_Fault]:
    rotas = {rota.name for rota in config.rotas}
    for path, targets in _all_targets(config):
        for target in targets:
            if _meant(config, target) is None:
                message = f"{target!r} is neither a rota nor a person"
                yield path, message, "write a rota's name, person:<id>, or role:<role>"
    for number, policy in enumerate(config.escalation, 1):
        if policy.duty not in rotas:
            message = f"{policy.duty!r} is no rota"
            yield f"escalation[{number}].duty", message, "give the name of a rota"


def _too_few_approvers(config: Config, runbooks: Mapping[str, Runbook]) -> Iterator[_Fault]:
    if _granted_by_groups(config, Role.APPROVER):
        return
    approvers = sum(Role.APPROVER in person.roles for person in config.people)
    needed = sorted(
        {
            (level.approvals, severity)
            for book in runbooks.values()
            for severity, level in book.levels
        }
    )
    for people, severity in needed:
        if people > approvers:
            message = (
                f"nothing can be published at {severity.label}: runbooks want "
                f"{people} different approvers, and {approvers} have that role"
            )
            yield "people", message, 'give more people roles = ["approver"]'
            return


def _granted_by_groups(config: Config, role: Role) -> bool:
    """Tell whether members of some Slack group have the role: who they are is not known here."""
    return any(role in roles for roles in config.slack.group_roles.values())


def _not_as_meant(config: Config) -> Iterator[_Fault]:
    if not any(Role.LEAD in person.roles for person in config.people):
        message = "nobody has the role lead: the last resort of every escalation is everyone"
        yield "people", message, 'give at least one person roles = ["lead"]'
    by_group = _granted_by_groups(config, Role.APPROVER)
    for path, targets in (
        ("approval.ask", config.approval.ask),
        ("approval.backup", config.approval.backup),
    ):
        for target in targets:
            for person in _meant(config, target) or ():
                if Role.APPROVER not in person.roles and not by_group:
                    message = f"{target!r} asks {person.id!r}, who has not the role approver"
                    yield path, message, "give the role, or ask somebody else"
    channels = {channel.name for channel in config.channels}
    for number, person in enumerate(config.people, 1):
        for way in person.addresses:
            if way not in channels:
                message = f"{person.id!r} has an address for {way!r}, which is no channel"
                yield f"people[{number}].addresses", message, "correct the name, or remove it"
            elif way not in person.contact:
                message = f"{person.id!r} has an address for {way!r}, and is never contacted by it"
                yield f"people[{number}].addresses", message, f'add "{way}" to contact'


def _languages_of_the_reserve(config: Config) -> Iterator[_Fault]:
    pool = [person for person in config.people if person.id in config.reserve.people]
    spoken = {language for person in pool for language in person.languages}
    for language in config.response.languages:
        if pool and language not in spoken:
            message = (
                f"nobody in the reserve answers in {language!r}, which messages are drafted in"
            )
            yield "reserve.people", message, f'add people with languages = ["{language}"]'

"""Who may do what: one table of roles, asked at every click and command. Pure.

A stranger may do nothing. Approving, editing and rejecting a holding message needs the
role approver *and* being listed as an approver of this very message, whatever other roles a
person has; admins are no exception. Whoever was asked to come answers for themselves,
and for nobody else: being asked is the permission.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from alerting.commands import (
    Acknowledge,
    AddNote,
    AnswerOffer,
    Approve,
    Command,
    CorrectType,
    EditMessage,
    Reject,
    Resolve,
    SetSeverity,
    SettleDoubt,
)
from crisiswatch.config.people import Person, Role

ANYBODY = tuple(Role)
ON_DUTY = (Role.AGENT, Role.APPROVER, Role.LEAD, Role.ADMIN)
LEADING = (Role.LEAD, Role.ADMIN)
APPROVING = (Role.APPROVER,)

RULES: Mapping[type[Command], tuple[str, tuple[Role, ...]]] = {
    Acknowledge: ("acknowledge", ON_DUTY),
    AddNote: ("add a note", ON_DUTY),
    Resolve: ("resolve", LEADING),
    SetSeverity: ("set the severity", LEADING),
    CorrectType: ("correct the crisis type", LEADING),
    SettleDoubt: ("say whether it went out", (Role.APPROVER, *LEADING)),
    Approve: ("approve", APPROVING),
    EditMessage: ("edit the holding message", APPROVING),
    Reject: ("reject", APPROVING),
    AnswerOffer: ("answer the offer", ANYBODY),
}
"""What each command does, in words, and the roles that may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether it may be, and if not, why not, in words for the person who asked."""

    allowed: bool
    reason: str


def may(
    command: Command,
    person: Person | None,
    *,
    roles: Collection[Role],
    approvers: Collection[str],
) -> Decision:
    """Tell whether a person may do what they ask for.

    `person` is None for a stranger, `roles` what they have by name and by group (see
    `roles_of`), `approvers` the ids of those listed for this message.
    """
    what, permitted = RULES[type(command)]
    if person is None:
        why = f"{command.origin.by} is nobody known here; ask an admin to be listed in [[people]]"
        return Decision(allowed=False, reason=f"{why} before you {what}")
    if not set(permitted) & set(roles):
        needs = " or ".join(role.value for role in permitted)
        return _refused(person, what, f"needs the role {needs}")
    if permitted == APPROVING and person.id not in approvers:
        return _refused(person, what, "is not listed as an approver of this message")
    if isinstance(command, AnswerOffer) and command.person != person.id:
        return _refused(person, what, f"the offer is to {command.person}, who answers themselves")
    return Decision(allowed=True, reason="")


def roles_of(
    person: Person | None,
    member_groups: Collection[str],
    group_roles: Mapping[str, Collection[Role]],
) -> frozenset[Role]:
    """Return a person's roles: their own, and those of the Slack groups that they are in.

    A stranger has none, in whatever groups they are: an approval must name a person.
    """
    if person is None:
        return frozenset()
    granted = (role for group in member_groups for role in group_roles.get(group, ()))
    return frozenset((*person.roles, *granted))


def _refused(person: Person, what: str, why: str) -> Decision:
    return Decision(allowed=False, reason=f"{person.name} may not {what}: {why}")

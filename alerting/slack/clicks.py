"""Buttons, dialogs and `/crisis`: acknowledged at once, carried out by workers of their own.

Slack waits three seconds for an acknowledgement and delivers again without one. So each
listener acknowledges and hands the rest over; a store that is slow or away delays
answers, never acknowledgements. Whoever asked is told what became of it, and nobody else.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Protocol

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from alerting.commands import Command, Origin
from alerting.notices import Press
from alerting.slack.buttons import Carried
from alerting.slack.commanding import (
    WITH_DIALOG,
    carried,
    from_press,
    from_slash,
    from_view,
    press_id,
    slash_id,
    view_id,
)
from alerting.slack.connection import bolt_log, slack_log
from alerting.slack.desk import Desk
from alerting.slack.failures import FAILURES, name_of
from alerting.slack.markup import cut, spoken_lines
from alerting.slack.slash import ListCases, Show, Unclear, Where, Who, parse
from alerting.slack.views import Kept, View, edit_view, filled, reason_view

WORKERS = 8
_ANSWER_LIMIT = 3_000
_ANSWER_TIMEOUT_S = 5
_DEFECT = "That did not work, and it is not your fault. Try again; if it stays so, use `crisiswatch incidents` in a terminal."
_EXPIRED = "The dialog came too late: Slack allows three seconds. Please press again."
_TOO_LONG = "These texts are too long for a dialog of Slack's. Reject them and say what to change."
_CHANGED = "This text has been changed meanwhile. Please use the buttons below the newest version."
_NO_CASE = (
    "That belongs to no incident that is known here. `/crisis list` names those that are open."
)


class Ack(Protocol):
    """Bolt's acknowledgement."""

    def __call__(self, text: str = "") -> Any:
        """Acknowledge."""
        ...


class Clicks:
    """Listens to presses; `app` takes them in, over Socket Mode or HTTP.

    `who` names the person of a member id (`slack:U123` where nobody is known), `now` is
    the clock of the incidents. An empty `signing_secret` is for Socket Mode only.
    """

    def __init__(
        self,
        client: WebClient,
        desk: Desk,
        *,
        who: Callable[[str], str],
        now: Callable[[], datetime],
        signing_secret: str = "",
    ) -> None:
        self._client = client
        self._desk = desk
        self._who = who
        self._now = now
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="slack-click")
        self.app = App(
            name="crisiswatch",
            client=client,
            signing_secret=signing_secret,
            # Bolt would ask Slack who we are before the first press is acknowledged.
            authorize=_authorized_by(client),
            token_verification_enabled=False,
            logger=bolt_log(),
        )
        for press in Press:
            self.app.action(press.value)(self._pressed)
        for press in WITH_DIALOG:
            self.app.view(press.value)(self._filled_in)
        self.app.command("/crisis")(self._typed)

    def close(self) -> None:
        """Let what has been acknowledged be carried out, and stop."""
        self._workers.shutdown(wait=True)

    def _pressed(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._workers.submit(self._press, body)

    def _filled_in(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._workers.submit(self._fill_in, body)

    def _typed(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._workers.submit(self._type, body)

    def _press(self, body: dict[str, Any]) -> None:
        tell = self._teller(body, _room(body))
        with _Spoken(tell):
            action = body["actions"][0]
            if Press(action["action_id"]) in WITH_DIALOG:
                self._open_dialog(body, carried(action), tell)
            else:
                origin = self._origin(press_id(body), body["user"]["id"])
                tell(spoken_lines(self._desk.take(from_press(action, origin)).text))

    def _open_dialog(
        self, body: dict[str, Any], pressed: Carried, tell: Callable[[str], None]
    ) -> None:
        kept = Kept(carried=pressed, room=_room(body))
        if pressed.press is Press.EDIT:
            view = self._edit_view(kept, body["user"]["id"], tell)
        else:
            view = reason_view(kept)
        if view is None:
            if pressed.press is not Press.EDIT:
                tell(_TOO_LONG)
            return
        try:
            self._client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            expired = name_of(error) in {"expired_trigger_id", "trigger_expired"}
            tell(_EXPIRED if expired else f"Slack did not open the dialog: {name_of(error)}.")

    def _edit_view(self, kept: Kept, member: str, tell: Callable[[str], None]) -> View | None:
        pressed = kept.carried
        packet = self._desk.packet(pressed.case, pressed.message, by=self._who(member))
        if packet is None:
            tell(_NO_CASE)
            return None
        if packet.sha256 != pressed.sha256:
            tell(_CHANGED)
            return None
        view = edit_view(kept, packet)
        if view is None:
            tell(_TOO_LONG)
        return view

    def _fill_in(self, body: dict[str, Any]) -> None:
        try:
            found = filled(body["view"])
        except ValueError as error:
            slack_log().warning("a dialog was not understood: %s", error)
            return
        tell = self._teller(body, found.kept.room)
        with _Spoken(tell):
            origin = self._origin(view_id(body), body["user"]["id"])
            tell(spoken_lines(self._desk.take(from_view(found, origin)).text))

    def _type(self, body: dict[str, Any]) -> None:
        room = str(body.get("channel_id", ""))
        tell = self._teller(body, room)
        with _Spoken(tell):
            tell(self._answer(body, room))

    def _answer(self, body: Mapping[str, Any], room: str) -> str:
        """Return what to say, as mrkdwn."""
        by = self._who(str(body["user_id"]))
        implied = self._desk.case_of_room(room)
        asked = parse(str(body.get("text") or ""), in_room=implied is not None)
        match asked:
            case Unclear():
                return asked.text
            case ListCases():
                return spoken_lines(self._desk.open_cases(by=by))
            case Who():
                return spoken_lines(self._desk.who(asked.duty, by=by))
            case _:
                case_id = self._case(asked.where, implied)
        if case_id is None:
            return _NO_CASE
        if isinstance(asked, Show):
            return spoken_lines(self._desk.describe(case_id, by=by))
        origin = self._origin(slash_id(body), str(body["user_id"]))
        command: Command = from_slash(asked, case_id, origin)
        return spoken_lines(self._desk.take(command).text)

    def _case(self, where: Where, implied: str | None) -> str | None:
        if where.room is not None:
            return self._desk.case_of_room(where.room)
        return implied if where.case_id is None else where.case_id

    def _origin(self, press: str, member: str) -> Origin:
        return Origin(id=press, by=self._who(member), at=self._now(), via="slack")

    def _teller(self, body: Mapping[str, Any], room: str) -> Callable[[str], None]:
        """Return what says something to whoever pressed, as well as it can be said."""
        url = str(body.get("response_url") or "")
        member = str(body.get("user_id") or (body.get("user") or {}).get("id") or "")

        def tell(text: str) -> None:
            text = cut(text, _ANSWER_LIMIT)
            try:
                if url:
                    WebhookClient(
                        url, timeout=_ANSWER_TIMEOUT_S, retry_handlers=[], logger=slack_log()
                    ).send(text=text, response_type="ephemeral", replace_original=False)
                elif room and member:
                    self._client.chat_postEphemeral(channel=room, user=member, text=text)
            except FAILURES as error:
                slack_log().warning("an answer did not arrive: %s", type(error).__name__)

        return tell


class _Spoken:
    """Say that something went wrong, and log it: nothing else would see a worker's error."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if not isinstance(error, Exception):
            return False
        slack_log().error("a press was not carried out", exc_info=error)
        self._tell(_DEFECT)
        return True


def _authorized_by(client: WebClient) -> Callable[[], AuthorizeResult]:
    def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    return authorize


def _room(body: Mapping[str, Any]) -> str:
    container = body.get("container") or {}
    return str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")

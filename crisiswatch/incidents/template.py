"""Wording with slots: `{{ brand }}`. Only slots, so that a template can reach nothing else.

Two walls: a template that holds anything but text and slots is refused when it is read
(no attribute, call, loop, filter or sum ever runs), and what is left is rendered by
Jinja's sandbox, without globals and filters, with undefined names as errors.
"""

import re
from collections.abc import Iterator, Mapping

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from crisiswatch.errors import ConfigError

_PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
_IN_WORDS = {
    "Getattr": "an attribute (a dot)",
    "Getitem": "square brackets",
    "Call": "a call",
    "Filter": "a filter (|)",
    "Test": "a test (is)",
    "For": "a loop",
    "If": "a condition",
    "CondExpr": "a condition",
    "Const": "a value",
    "Assign": "an assignment",
}
_BREAKING_SPACE = re.compile(r"[^\S\u00a0\u202f]+")
"""All white space but the two no-break spaces: French needs them before `:` and within times."""


def sandbox() -> ImmutableSandboxedEnvironment:
    """Return the second wall: a sandbox with no globals, filters or tests."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment


_ENVIRONMENT = sandbox()


def slots_of(template: str) -> dict[str, int]:
    """Return the slots that `template` names and the first line of each, from 1.

    Raises TemplateError for anything in it that is neither text nor a slot.
    """
    try:
        tree = _ENVIRONMENT.parse(template)
    except TemplateSyntaxError as error:
        raise TemplateError(
            f"the template can not be read: {error.message}", error.lineno
        ) from None
    except RecursionError:
        raise TemplateError("the template is nested without end", 1) from None
    slots: dict[str, int] = {}
    for node in _walk(tree):
        if not isinstance(node, _PLAIN):
            kind = type(node).__name__
            raise TemplateError(
                f"the template holds {_IN_WORDS.get(kind, f'more than slots ({kind})')}",
                node.lineno,
            )
        if isinstance(node, nodes.Name):
            slots.setdefault(node.name, node.lineno)
    return slots


class TemplateError(ConfigError):
    """A template that can not be used; `line` counts from 1 within the template."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem, "write only text and slots such as {{ brand }}")
        self.line = line


def render(template: str, slots: Mapping[str, str]) -> str:
    """Fill the slots in and return paragraphs: each one line, a blank line between them.

    Lines of a paragraph are joined, so that people may wrap their Markdown as they like;
    no-break spaces stay.
    Raises ConfigError that names a slot which `slots` lacks or leaves empty.
    """
    for name in slots_of(template):
        if name not in slots:
            raise ConfigError(f"slot {name!r} has no value", f"give {name} a value")
        if not slots[name].strip():
            raise ConfigError(f"slot {name!r} is empty", f"give {name} a value")
    one_line = {name: _in_one_line(value) for name, value in slots.items()}
    filled = _ENVIRONMENT.from_string(template).render(one_line)
    paragraphs = (_in_one_line(part) for part in re.split(r"\n\s*\n", filled))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _in_one_line(text: str) -> str:
    return _BREAKING_SPACE.sub(" ", text).strip()


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)

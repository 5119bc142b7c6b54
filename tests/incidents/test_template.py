import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from crisiswatch.errors import ConfigError
from crisiswatch.incidents.template import TemplateError, render, sandbox, slots_of

ESCAPES = {
    "class-of-a-string": "{{ ''.__class__ }}",
    "init-of-a-slot": "{{ brand.__init__ }}",
    "globals-of-a-method": "{{ brand.__init__.__globals__ }}",
    "subscript": "{{ brand['__class__'] }}",
    "attribute-filter": "{{ brand|attr('__class__') }}",
    "call": "{{ brand() }}",
    "method": "{{ brand.upper() }}",
    "format": "{{ '{0.__class__}'.format(brand) }}",
    "loop-of-a-billion": "{% for i in range(1000000000) %}x{% endfor %}",
    "string-of-a-billion": "{{ 'x' * 1000000000 }}",
    "tower": "{{ 9 ** 9 ** 9 }}",
    "condition": "{% if brand %}x{% endif %}",
    "assignment": "{% set brand = 'x' %}{{ brand }}",
    "import": "{% import 'os' as os %}",
    "include": "{% include '/etc/passwd' %}",
    "extends": "{% extends 'x' %}",
    "macro": "{% macro x() %}{% endmacro %}",
    "block": "{% block x %}{% endblock %}",
    "test": "{{ brand is defined }}",
    "filter-that-forgives": "{{ brand|default('x') }}",
    "sum": "{{ brand ~ brand }}",
    "list": "{{ [brand] }}",
}


@pytest.mark.parametrize("text", ESCAPES.values(), ids=ESCAPES)
def test_anything_but_text_and_slots_is_refused_before_it_runs(text: str) -> None:
    with pytest.raises(TemplateError):
        render(text, {"brand": "Example Air"})


@pytest.mark.parametrize(
    "text", ["{{ ''.__class__ }}", "{{ brand.__init__ }}", "{{ brand.mro() }}"]
)
def test_the_sandbox_behind_it_reaches_no_internals_either(text: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        sandbox().from_string(text).render(brand="x")


@pytest.mark.parametrize("name", ["range", "dict", "lipsum", "cycler", "namespace", "self"])
def test_no_global_of_jinja_is_within_reach(name: str) -> None:
    with pytest.raises(ConfigError, match=f"slot '{name}' has no value"):
        render(f"{{{{ {name} }}}}", {"brand": "x"})


def test_slots_are_named_with_their_first_line() -> None:
    assert slots_of("a {{ x }}\nb {{ y }} {{ x }}{# {{ z }} #}") == {"x": 1, "y": 2}


def test_lines_are_joined_and_paragraphs_kept() -> None:
    text = "\n\nOne {{ x }}\n  line.\n\n\nTwo\nlines.\n"
    assert render(text, {"x": "long\nlong"}) == "One long long line.\n\nTwo lines."


def test_no_break_spaces_stay_where_any_other_space_is_joined() -> None:
    text = "à\u2003{{ x }}\u00a0:\n\u00a0 oui\u202f!"
    assert render(text, {"x": "14\u00a0h\u2028"}) == "à 14\u00a0h\u00a0: \u00a0 oui\u202f!"


def test_signs_of_markup_in_a_slot_stay_as_they_are() -> None:
    assert render("{{ x }}", {"x": "<b> & {{ y }}"}) == "<b> & {{ y }}"


def test_a_template_nested_without_end_is_refused() -> None:
    with pytest.raises(TemplateError, match="without end"):
        slots_of("{{ " + "(" * 100_000 + " }}")


@given(st.text(), st.text(min_size=1).filter(str.strip))
def test_any_text_renders_or_is_refused_with_a_line(text: str, value: str) -> None:
    try:
        rendered = render(text, dict.fromkeys(slots_of(text), value))
    except TemplateError as error:
        rendered = ""
        line = error.line
    else:
        line = 1
    assert 1 <= line <= text.count("\n") + 1
    assert rendered == rendered.strip()

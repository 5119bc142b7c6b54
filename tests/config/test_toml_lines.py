from crisiswatch.config.toml_lines import key_lines, line_of

TEXT = '''\
top = 1
[a]
x = """
not_a_key = 1
[no.table]
"""
y = [
  "]", # ]
  { z = 1 },
]
"quoted key".b = 'it''s'
[[list]]
n = 1
[list.sub]
m = 2
[[list]]
n = 3
[[list.inner]]
k = "a # b = c"
'''


def test_every_key_is_found_where_it_stands() -> None:
    lines = key_lines(TEXT.replace("'it''s'", "'it s'"))
    assert lines == {
        ("top",): 1,
        ("a",): 2,
        ("a", "x"): 3,
        ("a", "y"): 7,
        ("a", "quoted key", "b"): 11,
        ("list", 0): 12,
        ("list", 0, "n"): 13,
        ("list", 0, "sub"): 14,
        ("list", 0, "sub", "m"): 15,
        ("list", 1): 16,
        ("list", 1, "n"): 17,
        ("list", 1, "inner", 0): 18,
        ("list", 1, "inner", 0, "k"): 19,
    }


def test_what_has_no_line_takes_that_of_what_holds_it() -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, ("a", "y", 1, "z")) == 7
    assert line_of(lines, ("list", 1, "missing")) == 16
    assert line_of(lines, ("missing",)) is None


def test_a_triple_quote_that_closes_on_its_own_line_swallows_nothing() -> None:
    assert key_lines('a = """x"""\nb = \'\'\'y\'\'\'\nc = ""\nd = 1\n') == {
        ("a",): 1,
        ("b",): 2,
        ("c",): 3,
        ("d",): 4,
    }

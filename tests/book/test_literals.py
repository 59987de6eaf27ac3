"""Words in code are put into another language, and nothing else in it is touched."""

import sys

import pytest
from bookext.language.literals import javascript, python, quoted, replaced


def marked(message, line):
    return f"<{message}|{line}>"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('x = "掩码"\n', 'x = "<掩码|1>"\n'),
        ("x = '掩码'\n", "x = '<掩码|1>'\n"),
        ('x = rb"mask"\n', 'x = rb"mask"\n'),
        ('x = """掩\n码"""\n', 'x = """<掩\n码|1>"""\n'),
        ("x = 1  # 掩码\n", "x = 1  # <掩码|1>\n"),
        ("# mask\n# 掩码\n", "# mask\n# <掩码|2>\n"),
        ('f"{n} 个"\n', 'f"<{n} 个|1>"\n'),
        ("f\"{a['键']} 个\"\n", "f\"<{a['键']} 个|1>\"\n"),
        ('print("a", "b")\n', 'print("a", "b")\n'),
        ('f(\n    "一",\n    "二",\n)\n', 'f(\n    "<一|2>",\n    "<二|3>",\n)\n'),
    ],
)
def test_strings_and_comments_with_words_are_messages(code, expected):
    assert python(code, marked) == expected


def test_what_runs_has_the_other_words():
    code = 'found = [f"{n} 个{w}" for n, w in ((1, "高"), (2, "低"))]\n'
    english = {"{n} 个{w}": "{w}: {n}", "高": "high", "低": 'the "low"'}
    names = {}
    exec(python(code, lambda message, line: english[message]), names)  # noqa: S102
    assert names["found"] == ["high: 1", 'the "low": 2']


def test_docstrings_are_left_out_if_told():
    code = '"""说明"""\n\n\ndef f():\n    """说明"""\n    return "话"\n'
    assert python(code, marked, docstrings=False) == code.replace("话", "<话|6>")
    assert python(code, marked).count("<说明") == 2


def test_names_are_kept():
    code = 'glue("低了多少", told)\nprint("低了多少：", told)\n'
    changed = python(code, marked, kept=frozenset({"低了多少"}))
    assert changed == 'glue("低了多少", told)\nprint("<低了多少：|2>", told)\n'


def test_code_that_is_no_python_is_refused():
    with pytest.raises(SyntaxError):
        python('x = "掩码\n', marked)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="older ones allow no such quotes")
def test_quotes_within_an_expression_do_not_end_a_string():
    assert python('f"{a["键"]} 个"\n', marked) == 'f"<{a["键"]} 个|1>"\n'


@pytest.mark.parametrize(
    ("words", "quote", "expected"),
    [
        ('a "b"', '"', r"a \"b\""),
        (r"a \"b\"", '"', r"a \"b\""),
        ("it's", "'", r"it\'s"),
        ("{a['b']} it's", "'", r"{a['b']} it\'s"),
    ],
)
def test_quotes_are_escaped_but_in_braces(words, quote, expected):
    assert quoted(words, quote) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('x = "掩码";\n', 'x = "<掩码|1>";\n'),
        ("// 掩码 'a\nx = '一';\n", "// 掩码 'a\nx = '<一|2>';\n"),
        ("/* 掩码\n'*/ x = '一';\n", "/* 掩码\n'*/ x = '<一|2>';\n"),
        ("x = `${n} 个`;\n", "x = `<${n} 个|1>`;\n"),
        ('x = `${a ? "一" : `${b}`}` + "二";\n', 'x = `<${a ? "一" : `${b}`}|1>` + "<二|1>";\n'),
        ("x = y.replace(/[\"'`]/g, '一');\n", "x = y.replace(/[\"'`]/g, '<一|1>');\n"),
        ("x = a / b; y = '一' / 2;\n", "x = a / b; y = '<一|1>' / 2;\n"),
        ('x = "\\"一\\"";\n', 'x = "<\\"一\\"|1>";\n'),
        ("f({ a: { b: `${c({ d: 1 })}一` } });\n", "f({ a: { b: `<${c({ d: 1 })}一|1>` } });\n"),
    ],
)
def test_strings_of_javascript_are_messages(code, expected):
    assert javascript(code, marked) == expected


def test_pieces_are_replaced_in_any_order():
    assert replaced("abc", [(2, 3, "z"), (0, 1, "x")]) == "xbz"

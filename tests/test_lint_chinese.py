"""The check of the Chinese text finds what it is for and leaves MyST's markup alone."""

import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "lint_chinese.py"))


def lint(folder: Path, text: str, *arguments: str) -> tuple[int, str]:
    """The exit code, and the text after the run."""
    file = folder / "chapter.md"
    file.write_text(text, encoding="utf-8")
    return TOOL["main"]([*arguments, str(file)]), file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "用NumPy写。",
        "一共10个。",
        "用`Dropout`写。",
        "见{numref}`fig-a`。",
        "公式$x_1$很短。",
        "先写,再读。",
        "他说:好。",
        "第一步;第二步。",
        "层(没有参数)。",
        '叫做"掩码"。',
        "用 numpy 写。",
        "像素的阀值。",
        "**注意：**正文",
        "# 丢弃层Dropout",
        "| 表a | b |\n| --- | --- |\n",
        "```{admonition} 标题a\n正文\n```",
        "```{admonition} 标题\n正文a\n```",
        "````{exercise}\n```{code-cell}\nx = 1\n```\n题目a\n````",
        ":::{figure} a.svg\n:alt: 图a\n:::",
        "```python\nx = 1\n```\n后面a",
        "```{code-cell} ipython3\ndraw(x='轮次', y='准确率a')\n```",
        "```{code-cell} ipython3\n---\nmystnb:\n  figure:\n    caption: 图a\n---\nx\n```",
        "```python\nprint(f'一共{n}个a')\n```",
        "```python\nx = 1  # 备注a\n```",
    ],
)
def test_a_slip_is_found(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, after = lint(tmp_path, text)
    assert code == 1
    assert after == text
    assert "chapter.md:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "用 NumPy 写 10 个 `Dropout`，很短：见 {ref}`第一章<a>`和{term}`丢弃层`。",
        "准确率 {glue:text}`accuracy`，公式 $x好y$，（见 [图 1](图a.svg)）。",
        "先说。**再说**，**三说**：正文 (in brackets) and so on, comma; fine.",
        "---\ntitle: 标题a\n---\n\n(标题a)=\n% 备注a\n",
        "```{code-cell} ipython3\n值a = 值b['a,b']  # a, b\n```",
        "```python\nprint(f'准确率是{准确率a:.2%}', (f(x['a,b']), '值'))\n```",
        "```{math}\nx好y\n```",
        "````{exercise}\n```{code-cell}\nx值 = 1\n```\n````",
        "<span title='值a'>好</span> https://example.org/a",
        "[链接](a.md)之后，[链接](a.md#b) 与 <https://example.org/a> 和 **粗体**的 *斜体*。",
        "$$x好y$$",
        "{cite:p}`hinton2012` 与 [文字]{.red}",
    ],
)
def test_good_text_and_markup_pass(tmp_path: Path, text: str) -> None:
    assert lint(tmp_path, text) == (0, text)


def test_fix_corrects_the_prose_alone(tmp_path: Path) -> None:
    text = "用NumPy写`a,b`，公式$x好y$。\n\n```python\nx值('值a', '值b') + 值a\n```\n"
    code, after = lint(tmp_path, text, "--fix")
    assert (
        after == "用 NumPy 写 `a,b`，公式 $x好y$。\n\n```python\nx值('值 a', '值 b') + 值a\n```\n"
    )
    assert (code, after) == lint(tmp_path, after)
    assert code == 0

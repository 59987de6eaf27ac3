"""A site of three pages, of which the whole book is made in a moment."""

from datetime import UTC, datetime
from pathlib import Path

from bookext.whole.edition import Edition

MADE = Edition(
    "书 & 名", "people", "1.2", datetime(2026, 1, 2, tzinfo=UTC), "0123456789abcdef", "zh-CN"
)
CONTENTS = """<div class="sidebar-tree">
<p class="caption"><span>第一部分</span></p>
<ul><li><a class="reference internal" href="one.html">一</a></li></ul>
<p class="caption"><span>第二部分</span></p>
<ul><li><a class="reference internal" href="tasks.html">题</a></li></ul></div>"""
COVER = '<section id="c"><h1>书</h1><div class="toctree-wrapper">目录</div></section>'
ONE = """<section id="一"><h1>一<a class="headerlink" href="#一">#</a></h1>
<p>见<a href="tasks.html#fig">图</a>、<a href="tasks.html">题</a>、<a href="#%E4%B8%80">这里</a>、
<a href="build.json">记录</a>、<a href="https://example.org/">别处</a>。<button>复制</button></p>
<details class="hide"><summary>显示代码</summary><pre tabindex="0">x = 1 &lt; 2</pre></details>
<div class="widget" data-settings="{}"><svg viewBox="0 0 1 1" role="img" aria-label="图">
<clipPath id="p"><rect/></clipPath><path clip-path="url(#p)"/><use xlink:href="#p"/></svg>
<details class="numbers" data-pagefind-ignore><summary>图中的数</summary>
<table><tr><td>1&nbsp;%</td></tr></table></details></div>
<math><mi>x</mi></math><script>alert(1)</script><noscript>要脚本</noscript></section>"""
TASKS = """<section id="题"><h1>题</h1><figure id="fig"></figure>
<div class="exercise admonition" id="ex-a"><p>第一题</p></div>
<details class="solution dropdown" id="book/tasks-solution-1"><summary>解答 练习 1</summary>
<section><p>答案见<a href="#fig">图</a></p></section></details>
<p>后面的话</p></section>"""


def page(article: str, around: str = "") -> str:
    """An article as it stands on a page, with what is around it."""
    return (
        f'<html><body>{around}<article role="main" id="main">{article}</article><footer>脚</footer>'
    )


def write(folder: Path) -> Path:
    """Write the pages into a folder."""
    cover = page(COVER, CONTENTS)
    for name, text in {"index": cover, "one": page(ONE), "tasks": page(TASKS)}.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder

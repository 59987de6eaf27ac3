"""Tables that cells print are tables like those of Markdown: numbered, named, linked to."""

import json
import re

from project import FRONT

OTHER = f"""{FRONT}
# 表

见{{numref}}`tab-printed` 和{{numref}}`tab-typed`。

```{{code-cell}} python3
---
mystnb:
  figure:
    name: tab-printed
    caption: 打印的 *表*
---
from nnbook.lab.tables import Table

Table(["甲", "乙"], [["丙", "丁"]])
```

```{{table}} 写下的表
:name: tab-typed

| 甲 | 乙 |
| --- | --- |
| 丙 | 丁 |
```

```{{code-cell}} python3
---
mystnb:
  figure:
    name: fig-printed
    caption: 一张图
---
Table(["戊"], [["己"]])
```
"""


def test_a_table_has_a_number_a_name_and_a_link(project):
    project.write("other", OTHER)
    code, output = project.build()
    assert code == 0, output
    page = project.page("other")
    for name, caption in (("tab-printed", "打印的 <em>表</em>"), ("tab-typed", "写下的表")):
        (table,) = re.findall(rf'<table[^>]* id="{name}">(.*?)</table>', page, re.DOTALL)
        assert page.count(f'id="{name}"') == 1  # not of the box around it, too
        assert f'<span class="caption-text">{caption}</span>' in table
        link = (
            f'<a class="headerlink" href="#{name}" aria-label="这张表的链接" title="这张表的链接">'
        )
        assert link in table
        words = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", table))
        assert re.search("甲 乙 丙 丁", words)
    assert re.findall(r'<span class="std std-numref">(.*?)</span>', page) == ["表 1", "表 2"]
    assert page.count("<table") == 3
    assert '<figure class="align-default" id="fig-printed">' in page  # a figure stays one

    text = (project.site / "notebooks/other.md").read_text("utf-8")
    assert "**表 1**　打印的 *表*" in text
    assert "**表 2**　写下的表\n\n| 甲 | 乙 |" in text
    cells = json.loads((project.site / "notebooks/other.ipynb").read_text("utf-8"))["cells"]
    given = [output for cell in cells for output in cell.get("outputs", [])]
    assert "".join(given[0]["data"]["text/html"]).count("<table") == 1  # with its frame

"""The W3C's validator reads every page, and sees a fault where there is one."""

from pathlib import Path

import pytest
import validate

pytestmark = pytest.mark.site

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>一页</title></head>
<body>{}</body></html>
"""


def test_every_page_is_valid(site: Path) -> None:
    assert validate.faults(site) == []


FAULTS = {
    "not allowed as child": "<details><summary><p>显示</p></summary></details>",
    "Duplicate ID": '<p id="a">甲</p><p id="a">乙</p>',
    "alt": '<img src="a.png">',
    "role": '<p aria-label="甲">乙</p><i role="nothing">丙</i>',
    "Unclosed": "<div><span></div>",
}


def test_what_is_not_valid_is_named_with_its_place(tmp_path: Path) -> None:
    for number, body in enumerate(FAULTS.values()):
        Path(tmp_path, f"{number}.html").write_text(PAGE.format(body), encoding="utf-8")
    found = validate.faults(tmp_path)
    for number, fault in enumerate(FAULTS):
        assert any(line.startswith(f"{number}.html:3: ") and fault in line for line in found), found


def test_without_java_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    assert validate.main() == 2
    assert "apt-get install default-jre-headless" in capsys.readouterr().err


def test_without_a_network_it_is_said_that_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = validate.Wanted("vnu.jar", "0" * 64, "file:///nowhere", "npm:nothing@0", "vnu.jar")
    monkeypatch.setattr(validate, "VALIDATOR", nowhere)
    monkeypatch.setattr(validate, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(Path(validate.java()).parent))
    assert validate.main() == 2
    assert "needs a network" in capsys.readouterr().err

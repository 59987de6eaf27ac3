"""What a chapter reads is watched: nothing has to name it, and nothing else is executed again.

The book about dice gets a chapter that reads in a dozen ways from places that no setting
knows. Each place is changed behind the clock, one after the other, and each time that chapter
alone is executed.
"""

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import why
from test_another import copy, words

CHAPTER = """---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---
# Watched

```{code-cell}
import importlib
import json
import os
import runpy
import sqlite3
import time
from pathlib import Path

import numpy as np
import yaml

import beside
from dice import late

Path("src/dice").mkdir(exist_ok=True)
read = {
    "module": beside.VALUE,
    "imported-by-name": importlib.import_module("far.away.module").VALUE,
    "imported-in-a-function": late.value(),
    "json": json.loads(Path("src/dice/table.json").read_text())["value"],
    "fromfile": int(np.fromfile("raw.bin", dtype=np.int64)[0]),
    "memmap": int(np.load("array.npy", mmap_mode="r")[0]),
    "folder": sum(1 for _ in Path("notes").glob("*.txt")),
    "script": runpy.run_path("script.py")["VALUE"],
    "executed": eval(Path("expression.txt").read_text()),
    "link": Path("link.txt").read_text().strip(),
    "low": os.read(os.open("low.txt", os.O_RDONLY), 9).decode().strip(),
    "database": sqlite3.connect("numbers.db").execute("select value from t").fetchone()[0],
    "open-to-write": open("both.txt", "r+").read(),
    "variable": os.environ.get("WHO_KNOWS"),
    "zone": time.tzname[0],
    "asserts": __debug__,
    "hidden": getattr(yaml, "VALUE", "no"),
}
os.chdir("elsewhere")
read["elsewhere"] = Path("low.txt").read_text()
for name, value in read.items():
    print(f"{name}={value};")
```
"""


def module(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"VALUE = {value}\n", encoding="ascii")


def late(path, value):
    path.write_text(f"def value():\n    return {value}\n", encoding="ascii")


def database(path, value):
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("create table t (value integer)")
        connection.execute("insert into t values (?)", [value])
    connection.close()


# The name of each value, the file that it comes from, and how that is written.
PLACES = {
    "module": ("beside.py", module),
    "imported-by-name": ("far/away/module.py", module),
    "imported-in-a-function": ("src/dice/late.py", late),
    "json": ("src/dice/table.json", lambda path, value: path.write_text(f'{{"value": {value}}}')),
    "fromfile": ("raw.bin", lambda path, value: np.array([value]).tofile(path)),
    "memmap": ("array.npy", lambda path, value: np.save(path, np.array([value]))),
    "script": ("script.py", module),
    "executed": ("expression.txt", lambda path, value: path.write_text(str(value))),
    "link": ("elsewhere/target.txt", lambda path, value: path.write_text(str(value))),
    "low": ("low.txt", lambda path, value: path.write_text(str(value))),
    "elsewhere": ("elsewhere/low.txt", lambda path, value: path.write_text(str(value))),
    "database": ("numbers.db", database),
    "open-to-write": ("both.txt", lambda path, value: path.write_text(str(value))),
}


@pytest.fixture(scope="module")
def dice(tmp_path_factory):
    """The book about dice with that chapter, built once."""
    made = copy(tmp_path_factory.mktemp("watched") / "dice")
    (made.root / "elsewhere").mkdir()
    (made.root / "notes").mkdir()
    (made.root / "link.txt").symlink_to("elsewhere/target.txt")
    for name, write in PLACES.values():
        write(made.root / name, 100)
    (made.root / "watched.md").write_text(CHAPTER, encoding="utf-8")
    config = made.root / "_config.yml"
    shows = "  config:\n    nb_execution_show_tb: true\n"
    config.write_text(config.read_text(encoding="utf-8") + shows, encoding="utf-8")
    toc = made.root / "_toc.yml"
    toc.write_text(toc.read_text(encoding="utf-8") + "  - file: watched\n", encoding="utf-8")
    build(made)
    return made


def build(dice, **environment):
    """The names of the chapters that were executed."""
    code, output = dice.build(PYTHONPATH="", **environment)
    assert code == 0, output
    lines = [line for line in output.splitlines() if "Executing notebook using" in line]
    return [Path(line.partition(":")[0]).stem for line in lines]


def shown(dice):
    text = words(dice.page("watched"))
    pairs = [each.split("=") for each in text.split(";") if "=" in each]
    return {pair[0].split()[-1]: pair[-1] for pair in pairs}


@pytest.mark.parametrize("name", PLACES)
def test_what_was_read_and_changed_is_read_again(dice, name):
    place, write = PLACES[name]
    said = "link.txt" if name == "link" else place
    path = dice.root / place
    times = path.stat()
    value = 101 + int(shown(dice)[name])  # as many bytes
    write(path, value)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    code, output = dice.build(PYTHONPATH="")
    assert code == 0, output
    assert f"watched: executed again, since {said} changed" in output
    assert output.count("Executing notebook using") == 1
    assert shown(dice)[name] == str(value)


def test_a_link_that_leads_elsewhere_is_followed(dice):
    (dice.root / "elsewhere/other.txt").write_text("7", encoding="ascii")
    (dice.root / "link.txt").unlink()
    (dice.root / "link.txt").symlink_to("elsewhere/other.txt")
    assert build(dice) == ["watched"]
    assert shown(dice)["link"] == "7"


def test_what_comes_to_a_folder_that_was_looked_through_is_seen(dice):
    (dice.root / "notes" / "one.txt").touch()
    assert build(dice) == ["watched"]
    assert shown(dice)["folder"] == "1"


def test_a_module_that_hides_another_is_imported(dice):
    module(dice.root / "yaml.py", 7)
    assert "watched" in build(dice)
    assert shown(dice)["hidden"] == "7"


def test_the_shell_of_whoever_builds_does_not_reach_a_chapter(dice):
    (dice.root / "beside.py").write_text("VALUE = 5\n", encoding="ascii")
    shell = {"WHO_KNOWS": "me", "TZ": "Asia/Shanghai", "PYTHONOPTIMIZE": "1"}
    assert build(dice, **shell) == ["watched"]
    found = shown(dice)
    assert (found["variable"], found["zone"], found["asserts"]) == ("None", "UTC", "True")


def test_what_nobody_read_changes_nothing(dice):
    build(dice)
    (dice.root / "src/dice/nobody.txt").write_text("nothing")
    (dice.root / "notes" / ".swap").touch()
    code, output = dice.build(PYTHONPATH="")
    assert code == 0, output
    assert "Executing" not in output


def test_one_can_ask_why(dice):
    build(dice)
    assert list(why.lines(dice.root)) == ["sums: fresh", "watched: fresh"]
    (dice.root / "raw.bin").write_bytes(bytes(8))
    assert list(why.lines(dice.root)) == ["sums: fresh", "watched: raw.bin"]
    asked = list(why.lines(dice.root, "watched", "nobody"))
    assert "  file     src/dice/table.json" in asked
    assert "  folder   notes" in asked
    assert asked[-1] == "nobody: no build has executed a chapter of this name"


# What must not be published, and what is said of it.
REFUSED = {
    "import sys; sys.exit(0)": "did not run to its end",
    "import os; os._exit(0)": "Kernel died",
    "import subprocess; subprocess.run(['date'])": "starts another program (subprocess.Popen)",
    "import os; os.system('date')": "starts another program (os.system)",
    "!date": "starts another program",
    "import multiprocessing; multiprocessing.get_context('spawn').Process(target=print).start()": (
        "starts another program"
    ),
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')": "asks the network for",
    "import socket; socket.create_connection(('127.0.0.1', 9))": "asks the network for 127.0.0.1",
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_does_not_run_to_its_end_or_leaves_the_process_is_not_published(dice, code):
    text = CHAPTER + f"\n```{{code-cell}}\n{code}\n```\n\n```{{code-cell}}\nprint('after')\n```\n"
    before = dice.page("watched")
    (dice.root / "watched.md").write_text(text, encoding="utf-8")
    try:
        ended, output = dice.build(PYTHONPATH="")
    finally:
        (dice.root / "watched.md").write_text(CHAPTER, encoding="utf-8")
    assert ended, output
    assert REFUSED[code] in output, output
    assert dice.page("watched") == before


def test_errors_that_front_matter_lets_pass_are_not_published(dice):
    front = CHAPTER.replace(
        "---\n# Watched", "mystnb: {execution_allow_errors: true}\n---\n# Watched"
    )
    (dice.root / "watched.md").write_text(
        front + "\n```{code-cell}\n1 / 0\n```\n", encoding="utf-8"
    )
    try:
        ended, output = dice.build(PYTHONPATH="")
    finally:
        (dice.root / "watched.md").write_text(CHAPTER, encoding="utf-8")
    assert ended, output
    assert "code cell 2 of 2 did not run to its end" in output


def test_a_build_reads_what_no_setting_names(dice):
    build(dice)
    (dice.root / "docutils.conf").write_text("[general]\nsource_link: yes\n", encoding="ascii")
    code, output = dice.build(PYTHONPATH="")
    (dice.root / "docutils.conf").unlink()
    assert code == 0, output
    assert "Executing" not in output
    assert "[new config]" in output or "added" in output

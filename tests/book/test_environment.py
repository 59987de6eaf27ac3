"""The environment is what is installed, and it is compared with the lock."""

from bookext.state import environment

LOCK = """\
# a comment
numpy==2.0 \\
    --hash=sha256:00
pywin32==306 ; sys_platform == "never" \\
    --hash=sha256:00
jupyter_book==1.0.4.post1
--only-binary :all:
"""


def test_the_locked_packages_are_no_difference_however_they_are_spelled():
    assert environment.differences(LOCK, {"numpy": "2.0", "jupyter-book": "1.0.4.post1"}) == []


def test_a_missing_and_another_version_are_told():
    assert environment.differences(LOCK, {"numpy": "2.0rc1"}) == [
        "numpy is 2.0rc1, the lock has ==2.0",
        "jupyter_book is missing, the lock has ==1.0.4.post1",
    ]


def test_what_is_installed_is_read_from_the_folders_that_python_searches(tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first / "Some_Package-1.0.dist-info", second / "some.package-2.0.dist-info"):
        folder.mkdir(parents=True)
    monkeypatch.setattr("sys.path", [str(first), str(second)])
    assert environment.installed() == {"some-package": "1.0"}  # the one that is imported
    before = environment.described()
    (second / "tools-3.dist-info").mkdir()
    assert environment.described() == before + "\ntools==3"

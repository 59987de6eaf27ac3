"""Files of others are taken along with their digests, and in no other state."""

import hashlib
import io
import subprocess
import tarfile
import zipfile

import pytest
from bookext.site import fetching
from bookext.site.fetching import Wanted, fetch, kept

TEXT = b"a file of others"


def wanted(address="https://nowhere.invalid/a.js", package="pypi:carrier==1.0", text=TEXT):
    sha256 = hashlib.sha256(text).hexdigest()
    return Wanted("runtime/a.js", sha256, address, package, "folder/a.js")


@pytest.fixture
def registries(monkeypatch):
    """Stands in for pip and npm: both give one archive; gives what they were asked for."""
    asked = []

    def run(command, **_):
        asked.append(command[-1])
        if "pip" in command:
            folder = command[command.index("--dest") + 1]
            with zipfile.ZipFile(f"{folder}/carrier.whl", "w") as archive:
                archive.writestr("folder/a.js", TEXT)
        else:
            folder = command[command.index("--pack-destination") + 1]
            with tarfile.open(f"{folder}/carrier.tgz", "w:gz") as archive:
                member = tarfile.TarInfo("package/folder/a.js")
                member.size = len(TEXT)
                archive.addfile(member, io.BytesIO(TEXT))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(fetching.subprocess, "run", run)
    monkeypatch.setattr(fetching.shutil, "which", lambda name: f"/bin/{name}")
    return asked


def no_network(monkeypatch):
    def urlopen(address, timeout):
        raise OSError(f"{address}: no network")

    monkeypatch.setattr(fetching.urllib.request, "urlopen", urlopen)


def test_a_file_comes_from_its_makers_and_only_once(tmp_path, registries):
    (tmp_path / "a.js").write_bytes(TEXT)
    file = wanted((tmp_path / "a.js").as_uri())
    said = []
    assert fetch([file], tmp_path / "cache", said.append) == []
    assert kept(file, tmp_path / "cache").read_bytes() == TEXT
    assert said == ["fetching runtime/a.js"]
    (tmp_path / "a.js").unlink()
    assert fetch([file], tmp_path / "cache", said.append) == []
    assert len(said) == 1
    assert registries == []


@pytest.mark.parametrize(
    ("package", "asked"),
    [("pypi:carrier==1.0", "carrier==1.0"), ("npm:@carrier/a@1.0", "@carrier/a@1.0")],
)
def test_without_them_it_comes_out_of_a_package(tmp_path, monkeypatch, registries, package, asked):
    no_network(monkeypatch)
    file = wanted(package=package)
    assert fetch([file], tmp_path) == []
    assert kept(file, tmp_path).read_bytes() == TEXT
    assert registries == [asked]


def test_another_file_of_that_name_is_never_kept(tmp_path, registries):
    (tmp_path / "a.js").write_bytes(b"something else")
    file = wanted((tmp_path / "a.js").as_uri(), text=b"what was locked")
    reasons = fetch([file], tmp_path / "cache")
    assert len(reasons) == 2
    assert all(reason.startswith("runtime/a.js has the sha256") for reason in reasons)
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_missing_everywhere_is_said_with_both_reasons(tmp_path, monkeypatch, registries):
    no_network(monkeypatch)

    def run(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "looking\nERROR: no such package\n")

    monkeypatch.setattr(fetching.subprocess, "run", run)
    network, registry = fetch([wanted()], tmp_path)
    assert network.endswith("no network")
    assert registry.endswith("carrier==1.0: ERROR: no such package")


def test_without_npm_it_says_so(tmp_path, monkeypatch, registries):
    no_network(monkeypatch)
    monkeypatch.setattr(fetching.shutil, "which", lambda name: None)
    assert "npm is not installed here" in fetch([wanted(package="npm:a@1")], tmp_path)[1]


def test_a_package_without_the_file_is_a_reason(tmp_path, monkeypatch, registries):
    no_network(monkeypatch)
    for package in ("pypi:carrier==1.0", "npm:carrier@1.0"):
        file = Wanted("a", "0" * 64, "https://nowhere.invalid/a", package, "another.js")
        assert "another.js" in fetch([file], tmp_path)[1]


def test_only_safe_addresses_are_asked(tmp_path, registries):
    assert "not an address that is safe" in fetch([wanted("http://a.b/c", text=b"")], tmp_path)[0]

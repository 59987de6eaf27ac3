"""What a process reads, watched while it reads: no list has to name it.

Python tells a hook of every file that is opened and every folder that is listed, however a
module was imported or a file was asked for. So a chapter's kernel leaves a record: the digest of
each as it was when it was read. The chapter is fresh if and only if all of that is what it was.
What stands in Python's environment is told by size and time, which is quicker to ask for.

Run as a script, this starts a kernel that is watched from before its first import. It neither
asks the network nor runs another program, since nobody can watch those.
"""

import hashlib
import json
import os
import socket
import sys
from collections.abc import Callable, Iterable
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from importlib.util import cache_from_source, source_from_cache
from pathlib import Path
from types import CodeType
from typing import Any

Told = tuple[str, str, str]  # what kind of thing was read, where it lies, what it was
FILE, FOLDER, MODULES, ENVIRONMENT, CELL = "file", "folder", "modules", "environment", "cell"
COMPILED = ("__pycache__", ".mo")  # made anew from what they were made of
IMPORTED = (".py", ".pyc", ".dist-info", ".egg-info", *EXTENSION_SUFFIXES)
METADATA = f"{os.sep}importlib{os.sep}metadata{os.sep}"
BY_CONTENTS = b"\x03\x00\x00\x00"  # the flags of a .pyc, see PEP 552
SYSTEM = ("/dev/", "/proc/", "/sys/")
PLACES = tuple(os.path.realpath(each) + os.sep for each in (sys.prefix, sys.base_prefix))
STARTERS = ("os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen")
CALLERS = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg")
KERNEL = "ipykernel_launcher"


class Reads:
    """The files and folders that this process reads, each as it was at that moment.

    Args:
        root: of the project: what lies in it is told by its path from there.
        but_not: folders that are the process's own affair.
        unlisted: folders whose files count, and not which files there are: caches.
        tell: is called with each that is new.
    """

    def __init__(
        self,
        root: Path,
        but_not: Iterable[Path] = (),
        unlisted: Iterable[Path] = (),
        tell: Callable[[Told], None] | None = None,
    ) -> None:
        self.seen: dict[tuple[str, str], str] = {}
        self._root = os.path.realpath(root) + os.sep
        self._but_not = tuple(os.path.realpath(path) + os.sep for path in but_not)
        self._unlisted = tuple(os.path.realpath(path) + os.sep for path in unlisted)
        self._tell = tell
        self._asked: set[tuple[str, str]] = set()
        self._written: set[str] = set()  # by this process, before it read them
        self._looking = False

    def watch(self) -> None:
        """Begin. Python knows no way to stop it."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._looking:
            return
        if event == "open":
            self._opened(*arguments)
        elif event in ("os.listdir", "os.scandir"):
            # Whoever looks for modules sees nothing else.
            asks = sys._getframe(1).f_code.co_filename
            looks = asks.startswith("<frozen importlib") or METADATA in asks
            kind = MODULES if looks else FOLDER
            self._note("." if arguments[0] is None else arguments[0], kind)
        elif event == "sqlite3.connect":
            self._note(arguments[0], FILE)
        elif event == "os.mkdir":
            made = os.path.realpath(os.fsdecode(arguments[0])) + os.sep
            if not made.startswith(self._but_not) and not os.path.exists(made):
                self._but_not += (made,)  # a temporary folder, and whoever fills it

    def _opened(self, name: Any, mode: str | None, flags: int) -> None:
        if name is None or isinstance(name, int):
            return
        if mode:
            writes, begins = bool(set(mode) & set("wxa+")), bool(set(mode) & set("wxa"))
        else:
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
            begins = bool(flags & (os.O_WRONLY | os.O_TRUNC | os.O_EXCL))
        path = os.path.abspath(os.fsdecode(name))
        # What is there, and is opened to read and to write, has been read as well.
        if not writes or (not begins and os.path.exists(path)):
            self._note(name, FILE)
        else:
            self._written.add(os.path.realpath(path))
            self.seen.pop((FILE, self._place(path)), None)

    def _note(self, name: Any, kind: str) -> None:
        if name is None or isinstance(name, int):  # what is open was told when it was opened
            return
        # As it was asked for: a link may lead elsewhere tomorrow.
        asked = os.path.abspath(os.fsdecode(name)), kind
        if asked in self._asked:
            return
        self._looking = True
        try:
            self._asked.add(asked)
            self.note(*asked)
        finally:
            self._looking = False

    def note(self, name: str, kind: str = FILE) -> None:
        """Put a file or a folder on the record, as it is now."""
        path = os.path.abspath(name)
        if path.endswith(".pyc"):  # Python has asked for the source, which people change
            try:
                source = source_from_cache(path)
            except ValueError:
                source = path
            path = source if os.path.exists(source) else path
        real = os.path.realpath(path)
        inside = real + os.sep
        if inside.startswith(SYSTEM + self._but_not) or real in self._written:
            return
        if kind != FILE and (inside.startswith(self._unlisted) or path.endswith(COMPILED)):
            return
        if is_of_environment(real, self._root):
            if kind != FILE:
                return  # which packages there are is told by their versions
            kind = ENVIRONMENT
        place = self._place(path)
        if (kind, place) not in self.seen:
            self.seen[kind, place] = now(kind, path)
            if self._tell is not None:
                self._tell((kind, place, self.seen[kind, place]))

    def _place(self, path: str) -> str:
        return path.removeprefix(self._root) if path + os.sep != self._root else "."


def now(kind: str, path: str) -> str:
    """What stands for a file or folder as it is now; nothing if it is gone."""
    try:
        if kind in (FOLDER, MODULES):
            names = [each for each in os.listdir(path) if not each.startswith(".")]
            names = [each for each in names if not each.endswith(COMPILED)]
            if kind == MODULES:
                names = [each for each in names if _is_imported(path, each)]
            return short("\n".join(sorted(names)).encode())
        if kind == FILE:
            return short(Path(path).read_bytes())
        found = os.stat(path)
    except OSError:
        return ""
    # Not the time of the last change of status: whoever makes another environment may link to the
    # same files, and that changes it.
    return f"{found.st_size} {found.st_mtime_ns}"


def _is_imported(folder: str, name: str) -> bool:
    if name.endswith(IMPORTED):
        return True
    inner = os.path.join(folder, name)
    return os.path.isdir(inner) and any(each.endswith(IMPORTED) for each in os.listdir(inner))


def is_of_environment(path: str, root: str) -> bool:
    """Whether a file belongs to Python or to what is installed, and not to the project."""
    return any(
        path.startswith(place) and not (root.startswith(place) and path.startswith(root))
        for place in PLACES
    )


def short(content: bytes) -> str:
    """Sixteen letters and numerals that stand for it."""
    return hashlib.sha256(content).hexdigest()[:16]


class _FromSource(SourceFileLoader):
    """Compiles a source, unless what was compiled before goes by contents and not by seconds."""

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        try:
            with open(cache_from_source(path), "rb") as compiled:
                checked = compiled.read(8)[4:] == BY_CONTENTS
        except OSError:
            checked = False
        if checked:
            return super().get_code(fullname)
        return self.source_to_code(self.get_data(path), path)


def read_sources(root: str) -> None:
    """Let Python read sources themselves wherever they are not of the environment."""
    finder = FileFinder.path_hook((ExtensionFileLoader, EXTENSION_SUFFIXES), (_FromSource, [".py"]))

    def ours(path: str) -> Any:
        if is_of_environment(os.path.realpath(path) + os.sep, root):
            raise ImportError
        return finder(path)

    sys.path_hooks.insert(0, ours)
    sys.path_importer_cache.clear()


def refuse(programs: tuple[str, ...], hosts: tuple[str, ...], root: str) -> None:
    """Let this process neither start a program nor reach a host that is not named."""

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STARTERS and not _is_named(arguments, programs, root):
            raise PermissionError(
                f"this cell starts another program ({event}), and nobody can tell what that "
                "reads: do it in Python, or name the script in the setting book_programs"
            )
        if event in CALLERS and (host := _host(event, arguments)) and host not in hosts:
            raise PermissionError(
                f"this cell asks the network for {host}, which may answer otherwise tomorrow: "
                "keep what it needs in the project, or name the host in the setting book_hosts"
            )

    sys.addaudithook(hear)
    if sys.platform != "win32":  # this one starts programs, and tells nobody
        import _posixsubprocess

        start = _posixsubprocess.fork_exec

        def fork_exec(given: Any, *further: Any) -> int:
            sys.audit("subprocess.Popen", None, list(given), None, None)
            return start(given, *further)

        _posixsubprocess.fork_exec = fork_exec


def _is_named(arguments: tuple[Any, ...], programs: tuple[str, ...], root: str) -> bool:
    given = [
        each for value in arguments for each in (value if isinstance(value, list) else [value])
    ]
    paths = {
        os.path.realpath(os.fsdecode(each)) for each in given if isinstance(each, (str, bytes))
    }
    return any(os.path.realpath(os.path.join(root, program)) in paths for program in programs)


def _host(event: str, arguments: tuple[Any, ...]) -> str:
    if event == "socket.getaddrinfo":
        return str(arguments[0] or "")
    own, address = arguments[0], arguments[-1]
    local = getattr(socket, "AF_UNIX", None)
    return "" if own.family == local or not isinstance(address, tuple) else str(address[0])


def main() -> None:
    """Start a kernel, watched: the settings are JSON, the rest are its own arguments."""
    settings, arguments = json.loads(sys.argv[1]), sys.argv[2:]
    root = os.path.realpath(settings["root"]) + os.sep
    record = open(settings["record"], "a", encoding="utf-8")  # noqa: SIM115

    def tell(told: Told) -> None:
        record.write(json.dumps(told) + "\n")
        record.flush()

    connection = arguments[arguments.index("-f") + 1]
    own = [Path(connection).parent, Path(settings["record"]).parent, *map(Path, settings["own"])]
    reads = Reads(Path(root), own, [Path(each) for each in settings["unlisted"]], tell)
    reads.note(__file__)
    reads.watch()
    read_sources(root)
    refuse(tuple(settings["programs"]), tuple(settings["hosts"]), root)
    # As `python -m` would: not from the folder of this file, whose names are no chapter's.
    sys.path[0] = os.getcwd()
    sys.argv = [KERNEL, *arguments]
    import runpy

    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell.init_events

    def init_events(shell: InteractiveShell) -> None:
        made(shell)
        shell.events.register(
            "post_run_cell",
            lambda ran: tell((CELL, short(ran.info.raw_cell.encode()), str(ran.success))),
        )

    InteractiveShell.init_events = init_events  # type: ignore[method-assign]
    runpy.run_module(KERNEL, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

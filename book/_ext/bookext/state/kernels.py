"""The processes that run the chapters' cells, called kernels: made here, and not inherited.

Each is watched, see `watch`, and gets an environment of its own: what stands in the shell of
whoever builds does not reach a chapter, but for the variables that a setting names.

The build speaks to them through files and not through TCP ports. Stock kernels are given
ports that were free a moment ago, and two builds at once may be given the same ones: one
of them then fails, or waits for a kernel that is not its own. A file in a folder of one's
own is nobody else's.

What a cell prints arrives in pieces. A busy machine makes other pieces of it, and myst-nb
ends a line after each: the page would be another one. So the pieces are put together first.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import jupyter_client
import nbclient.client
from jupyter_client.manager import AsyncKernelManager
from sphinx.application import Sphinx
from traitlets import Bool

from bookext.state import environment, fingerprints, watch
from bookext.state.staging import build_folder

# What a process needs to run at all, and what changes no result.
NEEDED = ("PATH", "HOME", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH", "SYSTEMROOT", "USERPROFILE")
MADE = {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONNOUSERSITE": "1"}


class FileKernelManager(AsyncKernelManager):
    """Starts a watched kernel whose sockets are files in a temporary folder."""

    app: ClassVar[Sphinx]
    record: ClassVar[Path]  # of the chapter that is read now

    def __init__(self, **settings: Any) -> None:
        # Not in the build folder: the path of a socket has room for about 100 bytes.
        self._folder = tempfile.TemporaryDirectory(prefix="book-")
        folder = Path(self._folder.name)
        super().__init__(
            transport="ipc",
            ip=str(folder / "kernel"),
            connection_file=str(folder / "kernel.json"),
            **settings,
        )

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """The command of the kernel's own, but watched."""
        command = super().format_kernel_cmd(extra_arguments)
        if watch.KERNEL not in command:
            raise SystemExit(
                f"the chapter asks for the kernel {self.kernel_name}, which cannot be watched: "
                "write `name: python3` in its front matter"
            )
        config, app = self.app.config, self.app
        settings = {
            "root": str(app.srcdir),
            "record": str(self.record),
            "own": [os.environ["IPYTHONDIR"]],
            "unlisted": [
                str(build_folder(app)),
                *(os.environ[name] for name in config.book_places if name in os.environ),
            ],
            "programs": config.book_programs,
            "hosts": config.book_hosts,
        }
        arguments = command[command.index(watch.KERNEL) + 1 :]
        return [sys.executable, watch.__file__, json.dumps(settings), *arguments]

    async def _async_start_kernel(self, **settings: Any) -> None:
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self.record.write_text(
            json.dumps(said(self.app.config.book_variables)) + "\n", encoding="utf-8"
        )
        await super()._async_start_kernel(**{**settings, "env": made(self.app)})

    start_kernel = _async_start_kernel


class WholeOutputClient(nbclient.client.NotebookClient):
    """Puts together what a cell has printed."""

    coalesce_streams = Bool(True)


def made(app: Sphinx) -> dict[str, str]:
    """The environment that kernels get."""
    own = [*environment.HANDED_DOWN, *app.config.book_variables, *app.config.book_places]
    return MADE | {name: os.environ[name] for name in (*NEEDED, *own) if name in os.environ}


def said(variables: Iterable[str]) -> dict[str, str]:
    """What a record says of everything that is not a file of the book's."""
    return {
        **_said_once(),
        **{name: os.environ.get(name, "") for name in sorted(variables)},
    }


@cache
def _said_once() -> dict[str, str]:
    """What every record of a build is asked for; `freshness.ask_again` looks once more."""
    own = fingerprints.contents(fingerprints.EXTENSION, ("state/*.py",))
    return {
        "environment": fingerprints.shortened(environment.described()),
        "how cells are run": fingerprints.shortened(own),
    }


def setup(app: Sphinx) -> None:
    """Use both for all chapters: nbclient takes its defaults from these names."""
    FileKernelManager.app = app
    jupyter_client.AsyncKernelManager = FileKernelManager  # type: ignore[attr-defined]
    nbclient.client.NotebookClient = WholeOutputClient  # type: ignore[misc]

"""Chapters' kernels that are spoken to through files.

Stock kernels are given TCP ports that were free a moment ago, and two builds at once
may be given the same ones: one of them then fails, or waits for a kernel that is
not its own. A file in a folder of one's own is nobody else's, and needs no port.
"""

import tempfile
from pathlib import Path
from typing import Any

import jupyter_client
from jupyter_client.manager import AsyncKernelManager
from sphinx.application import Sphinx


class FileKernelManager(AsyncKernelManager):
    """Starts a kernel whose sockets are files in a temporary folder."""

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


def setup(app: Sphinx) -> None:
    """Use it for all chapters: nbclient takes its default from this name."""
    jupyter_client.AsyncKernelManager = FileKernelManager  # type: ignore[attr-defined]

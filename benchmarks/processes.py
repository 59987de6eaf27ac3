"""What is measured in a fresh interpreter: start-up, and the memory that a training needs."""

import subprocess
import sys
from functools import partial

from benchmarks.tables import Table
from benchmarks.timing import Spread, interleaved

IMPORT = "import time; begin = time.perf_counter(); {}; print(time.perf_counter() - begin)"
TRAINING = """
import gc, tracemalloc
import numpy as np
from nnbook import *
from nnbook.lab.digits import DATA
digits = MNISTDataset(DATA, batch_size={batch})
gc.disable()
tracemalloc.start()
rng = np.random.RandomState(0)
network = Sequential([Flatten(), Linear(784, 64, rng=rng), ReLU(), Dropout(rng=rng),
                      Linear(64, 10, rng=rng)])
model = NNModel(network, MSELoss(), SGDOptimizer(network.parameters, lr=0.01))
peaks = []
for epochs in (1, 4):
    model.train(digits, epochs, evaluate=True)
    peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
print(peaks[0], peaks[1] - peaks[0])
"""


def python(code: str) -> list[float]:
    """Run ``code`` in an interpreter of its own; the numbers that it prints."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    return [float(word) for word in done.stdout.split()]


def measure_memory(rounds: int) -> Table:
    """Megabytes above the loaded data, with the garbage collector off."""
    table = Table(
        "memory",
        "Peak memory of a training run at width 64, above the loaded data (collector off)",
        ["batch", "first epoch, MB", "four more, MB"],
    )
    for batch in (2, 32, 256):
        found = [python(TRAINING.format(batch=batch)) for _ in range(max(3, rounds // 4))]
        table.rows.append(
            [str(batch), *(Spread.of(list(each)) for each in zip(*found, strict=True))]
        )
    return table


def measure_import(rounds: int) -> Table:
    """`import nnbook` after NumPy is there, and NumPy alone."""
    seconds = interleaved(
        {
            "numpy": lambda: python(IMPORT.format("import numpy"))[0],
            "nnbook": lambda: python("import numpy;" + IMPORT.format("import nnbook"))[0],
            "lab": lambda: python("import numpy;" + IMPORT.format("import nnbook.lab"))[0],
        },
        rounds,
    )
    spread = partial(map, lambda second: second * 1000)
    return Table(
        "import",
        "Start-up, milliseconds",
        ["import numpy", "import nnbook adds", "import nnbook.lab adds"],
        [[Spread.of(list(spread(each))) for each in seconds.values()]],
    )

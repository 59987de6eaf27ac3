"""What the library raises: every message names the limit, the value and the way out.

All of them are a ``ValueError``, so that a reader may catch them without importing a name.

>>> from nnbook import Dropout
>>> try:
...     Dropout(1.5)
... except ValueError as error:
...     print(error)
dropout_rate must lie in [0, 1), got 1.5; write 0.5 to drop half of the values
"""


class NNBookError(ValueError):
    """A value that the library cannot work with."""


class DataFileError(NNBookError):
    """A data file that is damaged, pickled or not shaped as its reader expects."""


class DivergenceError(NNBookError):
    """Training whose loss is no longer a finite number."""


class GradientError(NNBookError):
    """A gradient that disagrees with the slope of the function."""

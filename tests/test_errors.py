import pytest

from nnbook import DataFileError, DivergenceError, GradientError, NNBookError


@pytest.mark.parametrize("error", [DataFileError, DivergenceError, GradientError])
def test_each_error_can_be_caught_as_the_librarys_own_and_as_a_value_error(error):
    assert issubclass(error, NNBookError)
    assert issubclass(error, ValueError)

"""Programs as readers write them, drawn at random, held against slopes that are measured."""

import numpy as np
from hypothesis import given

from strategies import programs


@given(programs())
def test_gradients_of_any_program_are_the_slopes(program):
    program.run()
    for parameter, gradient in program.gradients():
        for place in np.ndindex(parameter.shape):
            assert np.isclose(
                gradient[place], program.slope(parameter, place), rtol=1e-5, atol=1e-6
            )

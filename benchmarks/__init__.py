"""How long things take, as ratios measured side by side: ``make bench``.

One module per question, each with a function ``measure(rounds)`` that gives a `Table`.
Nothing is asserted: a clock on a shared machine is evidence, not a test.
"""

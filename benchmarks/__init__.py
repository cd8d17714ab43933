"""Side-by-side measurements: every figure is a ratio of times taken in one run, on data made here."""

"""How far a chart smooths its curves: decays of the debiased exponential moving average."""

SMOOTHINGS = (0.0, 0.6, 0.9, 0.99)

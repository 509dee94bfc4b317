"""Item response theory on NumPy and SciPy: calibration, fit, scores and information of right-or-wrong items."""

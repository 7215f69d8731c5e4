"""Writes wilson.json: 95% Wilson intervals as statsmodels 0.15.0 gives them (and scipy 1.17.1 confirms).

    pip install statsmodels==0.15.0 scipy==1.17.1
    python make_wilson.py
"""
import json
import pathlib

import scipy
import statsmodels
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

cases = [
    (0, 1), (1, 1), (0, 10), (10, 10), (1, 2), (1, 3), (5, 10), (8, 10), (9, 50), (40, 50), (49, 50),
    (120, 150), (121, 150), (149, 150), (75, 150), (1, 1000), (999, 1000), (123456, 1000000),
]
rows = []
for successes, trials in cases:
    lower, upper = proportion_confint(successes, trials, alpha=0.05, method="wilson")
    other = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert abs(lower - other.low) < 1e-12 and abs(upper - other.high) < 1e-12, (successes, trials)
    rows.append([successes, trials, float(lower), float(upper)])
text = json.dumps({"statsmodels": statsmodels.__version__, "scipy": scipy.__version__, "rows": rows})
pathlib.Path(__file__).with_name("wilson.json").write_text(text.replace("], [", "],\n  [") + "\n")

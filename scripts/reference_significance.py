"""Reference values for the tests in src/evaluation/significance/paired.rs.

    pip install numpy==2.* scipy==1.17.1
    python scripts/reference_significance.py
"""

import numpy as np
import scipy
from scipy import stats

NINE = np.array([0.12, -0.03, 0.25, 0.07, 0.01, -0.09, 0.18, 0.05, 0.31])
EIGHTY = np.array([(i * 37 % 41 - 17) / 100 for i in range(80)])


def fisher(d, draws):
    mean = lambda x, axis: np.mean(x, axis=axis)
    return stats.permutation_test(
        (d,), mean, permutation_type="samples", n_resamples=draws, rng=np.random.default_rng(1)
    ).pvalue


print("scipy", scipy.__version__)
for name, d in [("NINE", NINE), ("EIGHTY", EIGHTY)]:
    method = "exact" if len(d) < 50 else "asymptotic"
    w = stats.wilcoxon(d, zero_method="wilcox", correction=True, method=method)
    print(f"const T_{name}: f64 = {stats.ttest_1samp(d, 0).pvalue!r};")
    print(f"const W_{name}: f64 = {w.pvalue!r};")
    print(f"const F_{name}: f64 = {fisher(d, np.inf if len(d) < 20 else 100_000)!r};")

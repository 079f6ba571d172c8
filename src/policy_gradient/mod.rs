//! REINFORCE with a baseline: the one estimator, set of baselines and adversarial loop of the crate.

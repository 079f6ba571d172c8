//! IRGAN and the baselines it is measured against.

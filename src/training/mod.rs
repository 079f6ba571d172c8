//! A training run: configuration, events, metrics log, checkpoints.

//! Significance.

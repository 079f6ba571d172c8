//! Measures, significance and tables: what a ranking is worth.

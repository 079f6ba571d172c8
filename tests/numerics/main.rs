//! Gradients, estimators, layers and measures are right: against finite differences, enumeration, hand
//! arithmetic and values recorded from other programs.

#[path = "../support/mod.rs"]
mod support;

mod encoder_decoder;
mod estimator;
mod evaluation_measures;
mod gradients;
mod gradients_convolution;
mod gradients_lines;
mod gradients_text;
mod nn_reference;
mod pathwise;
mod relatives;
mod text_estimator;
mod text_metrics;

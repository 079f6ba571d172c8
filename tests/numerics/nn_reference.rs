//! The layers for text against PyTorch's recorded outputs and gradients (scripts/record_layers.py).

use std::collections::BTreeMap;

use irgan::nn::{
    Attention, AttentionCache, AttentionKind, CellKind, Filters, Initializer, Memory, MemoryGradient,
    Parameters, Recurrent, TextConvolution,
};
use irgan::seed::Stream;
use ndarray::{Array2, Array3};
use serde::Deserialize;

/// tests/data/layers.json; the sizes are those of the script.
#[derive(Deserialize)]
struct Recorded {
    lstm: Case,
    gru: Case,
    convolution: Case,
    #[serde(rename = "attention-dot")]
    dot: AttentionCase,
    #[serde(rename = "attention-general")]
    general: AttentionCase,
    #[serde(rename = "attention-additive")]
    additive: AttentionCase,
}

/// Two queries of each of three sources; padding, which was masked, left out.
#[derive(Deserialize)]
struct AttentionCase {
    queries: Vec<f32>,
    memory: Vec<f32>,
    parameters: BTreeMap<String, Vec<f32>>,
    d_y: Vec<f32>,
    y: Vec<f64>,
    d_queries: Vec<f64>,
    d_memory: Vec<f64>,
    gradients: BTreeMap<String, Vec<f64>>,
}

/// Inputs are exact in f32; outputs and gradients are of float64.
#[derive(Deserialize)]
struct Case {
    x: Vec<f32>,
    parameters: BTreeMap<String, Vec<f32>>,
    d_y: Vec<f32>,
    y: Vec<f64>,
    memory: Vec<f64>,
    d_x: Vec<f64>,
    gradients: BTreeMap<String, Vec<f64>>,
}

const BATCH: usize = 2;
const STEPS: usize = 5;
const INPUTS: usize = 3;
const HIDDEN: usize = 4;

fn recorded() -> Recorded {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/layers.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn matrix(rows: usize, values: &[f32]) -> Array2<f32> {
    Array2::from_shape_vec((rows, values.len() / rows), values.to_vec()).unwrap()
}

/// `model` with the recorded parameters.
fn with_parameters<P: Parameters>(mut model: P, parameters: &BTreeMap<String, Vec<f32>>) -> P {
    assert_eq!(model.tensors().len(), parameters.len());
    for mut tensor in model.tensors_mut() {
        let values = &parameters[&*tensor.name];
        assert_eq!(tensor.values.len(), values.len(), "{}", tensor.name);
        tensor.values.iter_mut().zip(values).for_each(|(into, &value)| *into = value);
    }
    model
}

/// Equal but for 1e-5 of the expected value, or of 1 where that is more.
fn assert_close<'a>(values: impl IntoIterator<Item = &'a f32>, expected: &[f64], what: &str) {
    let values: Vec<f32> = values.into_iter().copied().collect();
    assert_eq!(values.len(), expected.len(), "{what}");
    for (i, (&value, &expected)) in values.iter().zip(expected).enumerate() {
        let error = (f64::from(value) - expected).abs();
        assert!(error <= 1e-5 * expected.abs().max(1.0), "{what}[{i}]: {value}, expected {expected}");
    }
}

fn assert_gradients<P: Parameters>(gradient: &P, expected: &BTreeMap<String, Vec<f64>>) {
    assert_eq!(gradient.tensors().len(), expected.len());
    for tensor in gradient.tensors() {
        assert_close(tensor.values.iter(), &expected[&*tensor.name], &tensor.name);
    }
}

fn check_recurrent(kind: CellKind, case: &Case) {
    let fresh = Recurrent::new(kind, INPUTS, HIDDEN, Initializer::Xavier, &mut Stream::new(1).rng());
    let layer = with_parameters(fresh, &case.parameters);
    let cache = layer.forward(matrix(STEPS * BATCH, &case.x), BATCH);
    assert_close(cache.hidden(), &case.y, "outputs");
    assert_close(&cache.state(STEPS - 1).memory, &case.memory, "memory");
    let mut gradient = layer.zeros_like();
    let d_x = layer.backward(&cache, matrix(STEPS * BATCH, &case.d_y).view(), &mut gradient);
    assert_close(&d_x, &case.d_x, "gradient at the input");
    assert_gradients(&gradient, &case.gradients);
}

#[test]
fn lstm_is_pytorchs() {
    check_recurrent(CellKind::Lstm, &recorded().lstm);
}

#[test]
fn gru_is_pytorchs() {
    check_recurrent(CellKind::Gru, &recorded().gru);
}

#[test]
fn convolution_is_pytorchs() {
    let (case, lengths) = (recorded().convolution, [1, 3, 4, 6]);
    let filters = [(1, 2), (2, 3), (4, 2)].map(|(width, count)| Filters { width, count });
    let fresh = TextConvolution::new(&filters, 3, Initializer::Xavier, 0.0, &mut Stream::new(1).rng());
    let layer = with_parameters(fresh, &case.parameters);
    let x = Array3::from_shape_vec((4, 6, 3), case.x).unwrap();
    let (y, cache) = layer.forward(x, &lengths);
    assert_close(&y, &case.y, "features");
    assert!(case.y.contains(&0.0) && case.y.iter().any(|&y| y > 0.0), "some are rectified, not all");
    let mut gradient = layer.zeros_like();
    let d_x = layer.backward(&cache, &y, matrix(4, &case.d_y), &mut gradient);
    assert_close(&d_x, &case.d_x, "gradient at the input");
    assert_gradients(&gradient, &case.gradients);
}

fn check_attention(kind: AttentionKind, case: &AttentionCase) {
    let lengths = [1, 3, 4];
    let fresh = Attention::new(kind, HIDDEN, Initializer::Xavier, &mut Stream::new(1).rng());
    let layer = with_parameters(fresh.unwrap(), &case.parameters);
    let (queries, values) = (matrix(6, &case.queries), matrix(8, &case.memory));
    let keys = layer.keys(values.view());
    let starts = [0, 0, 1, 1, 4, 4]; // the first row of every query's source
    let memory = |query: usize| {
        let here = starts[query] * HIDDEN..(starts[query] + lengths[query / 2]) * HIDDEN;
        Memory { keys: &keys.as_slice().unwrap()[here.clone()], values: &values.as_slice().unwrap()[here] }
    };
    let memories: Vec<Memory<'_>> = (0..6).map(memory).collect();
    let mut cache = AttentionCache::default();
    assert_close(&layer.forward(queries.view(), &memories, &mut cache), &case.y, "contexts");
    let (mut d, mut gradient) = (MemoryGradient::zeros(8, HIDDEN), layer.zeros_like());
    let asked = (queries.view(), &memories[..], &starts[..]);
    let d_y = matrix(6, &case.d_y);
    let d_queries = layer.backward(asked, (&cache, 0), d_y.view(), &mut d, &mut gradient);
    layer.keys_backward(values.view(), &mut d, &mut gradient);
    assert_close(&d_queries, &case.d_queries, "gradient at the queries");
    assert_close(&d.values, &case.d_memory, "gradient at the memory");
    assert_gradients(&gradient, &case.gradients);
}

#[test]
fn attention_is_that_of_masked_tensors_in_pytorch() {
    let recorded = recorded();
    check_attention(AttentionKind::Dot, &recorded.dot);
    check_attention(AttentionKind::General, &recorded.general);
    check_attention(AttentionKind::Additive, &recorded.additive);
}

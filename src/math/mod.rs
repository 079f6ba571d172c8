//! Numerical kernels: matrix products, element-wise functions, softmax, sampling, and parallel maps.
//!
//! All calls of GEMM and SIMD instructions of the crate are here.
//!
//! | module | content |
//! |---|---|
//! | [`gemm`](mod@gemm) | matrix products, weight gradients, dot products |
//! | [`filtering`] | convolutions of five taps by minimal filtering |
//! | [`simd`] | exp, tanh, sigmoid, softplus, ln, softmax by row or by segment |
//! | [`sampling`] | inverse CDF, alias tables, Gumbel top-k, subsets |
//! | [`sparse`] | sparse matrices: products and leading singular vectors |
//! | [`lbfgs`] | minimisation of smooth functions of some hundreds of variables |
//! | [`symmetric`] | inverse and eigenvectors of symmetric matrices, orthonormal vectors |
//! | [`parallel`] | chunks and maps with results that do not depend on the number of threads |

pub mod filtering;
pub mod gemm;
pub mod lbfgs;
pub mod parallel;
pub mod sampling;
pub mod simd;
pub mod sparse;
pub mod symmetric;

pub use gemm::{add_transposed_product, axpy, dot, gemm, gemv, matmul};

//! The only home of GEMM calls and SIMD kernels; stable softmax and sampling.
//!
//! | module | what |
//! |---|---|
//! | [`gemm`](mod@gemm) | matrix products, weight gradients, dot products |
//! | [`simd`] | exp, tanh, sigmoid, softplus, ln, softmax by row or by segment |
//! | [`sampling`] | inverse CDF, alias tables, Gumbel top-k, subsets |
//! | [`parallel`] | chunks and maps whose result does not depend on the number of threads |

pub mod gemm;
pub mod parallel;
pub mod sampling;
pub mod simd;

pub use gemm::{add_transposed_product, axpy, dot, gemm, gemv, matmul};

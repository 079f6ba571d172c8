//! Element-wise functions and reductions over slices, with instructions chosen at run time.
//!
//! Each function is written once, as scalar arithmetic without branches, and compiled for three levels: AVX-512, AVX2 with
//! FMA, and any processor. The result for an element depends on the element and the level alone, not on its place in the
//! slice. The two levels with FMA give equal bits; the portable level rounds products before adding and may differ in the
//! last bits. Reductions keep sixteen partial results at every level, in one fixed order.

mod activation;
mod exp;
mod largest;
mod level;
mod log;
mod maxima;
mod pairs;
mod reduce;
mod softmax;
mod tanh;
mod update;
mod windows;

pub use activation::{relu, relu_backward, sigmoid_backward, tanh_backward};
pub use exp::{exp, exp1, sigmoid, sigmoid1};
pub use largest::largest;
pub use level::simd_level;
pub use log::{ln, ln1, log_sigmoid, softplus, softplus1};
pub use maxima::{add_absolute, add_squares, keep_maxima};
pub use pairs::{Weighed, weighted_pairs};
pub use reduce::{log_sum_exp, max, sum, sum_of_products};
pub use softmax::{log_softmax, softmax, softmax_and_log, softmax_segments};
pub use tanh::{tanh, tanh1};
pub(crate) use update::flushed;
pub use update::{AdamStep, adam, sgd, sgd_rows, sum_of_squares};
pub use windows::{Response, feed_windows};

// For the matrix kernels.
#[cfg(test)]
pub(super) use level::available;
pub(super) use level::{Kernel, LANES, arch, mul_add, run_at};
pub(super) use reduce::{add_block_sums, block_sums, exp_block, fold, padded};

#[cfg(test)]
mod tests;

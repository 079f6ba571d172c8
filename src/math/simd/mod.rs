//! Element-wise kernels and reductions over slices, chosen at run time for the machine.
//!
//! Each function is written once, as branch-free scalar arithmetic, and compiled for AVX-512, for
//! AVX2 with FMA and for any processor. An element's result depends on that element and on the
//! level alone: cutting a slice differently never changes a bit. The two levels with FMA agree
//! bit for bit; the portable one rounds products before it adds, and may differ in the last bits.
//! Reductions keep sixteen partial sums at every level, in one fixed order.

mod activation;
mod exp;
mod level;
mod log;
mod maxima;
mod reduce;
mod softmax;
mod tanh;
mod update;

pub use activation::{relu, relu_backward, sigmoid_backward, tanh_backward};
pub use exp::{exp, exp1, sigmoid, sigmoid1};
pub use level::simd_level;
pub use log::{ln, ln1, log_sigmoid, softplus, softplus1};
pub use maxima::{add_absolute, keep_maxima, sum_rows_and_keep_maxima};
pub use reduce::{log_sum_exp, max, sum, sum_of_products};
pub use softmax::{log_softmax, softmax, softmax_and_log, softmax_segments};
pub use tanh::{tanh, tanh1};
pub use update::{AdamStep, adam, sgd, sum_of_squares};

// For the matrix kernels.
#[cfg(test)]
pub(super) use level::available;
pub(super) use level::{Kernel, LANES, arch, mul_add, run_at};
pub(super) use reduce::{add_block_sums, block_sums, exp_block, fold};

#[cfg(test)]
mod tests;

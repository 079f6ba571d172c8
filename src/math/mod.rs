//! The only home of GEMM calls and SIMD kernels; stable softmax and sampling.

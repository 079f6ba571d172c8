//! Levels of SIMD instructions: detection, and compilation of a kernel for each.

use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

/// Number of lanes of a reduction at every level, those of an AVX-512 register of `f32`.
pub(in crate::math) const LANES: usize = 16;

/// Returns the level in use: `avx512`, `avx2`, `neon` or `portable`.
///
/// The environment variable `IRGAN_SIMD` (`portable` or `avx2`, read once) lowers it, for tests and comparisons of
/// machines. The `gemm` crate detects its own level.
pub fn simd_level() -> &'static str {
    name(arch())
}

/// Returns the dispatcher of every kernel of this crate.
pub(in crate::math) fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| {
        let wanted = std::env::var("IRGAN_SIMD").unwrap_or_default();
        available().into_iter().find(|&arch| name(arch) == wanted).unwrap_or_default()
    })
}

/// Returns every level that this machine can run, the portable one first.
pub(in crate::math) fn available() -> Vec<Arch> {
    #[allow(unused_mut)]
    let mut levels = vec![Arch::Scalar];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        levels.extend(pulp::x86::V3::try_new().map(Arch::V3));
        levels.extend(pulp::x86::V4::try_new().map(Arch::V4));
    }
    levels
}

pub(super) fn name(arch: Arch) -> &'static str {
    match arch {
        Arch::Scalar => "portable",
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V3(_) => "avx2",
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        Arch::V4(_) => "avx512",
        #[allow(unreachable_patterns)]
        _ => "neon",
    }
}

/// Computation that is compiled once for each level.
///
/// `FMA` is true when the processor multiplies and adds with one rounding; without it `mul_add` would be a slow library
/// call.
pub(in crate::math) trait Kernel {
    type Output;
    fn run<const FMA: bool>(self) -> Self::Output;
}

struct AtLevel<K>(K);

impl<K: Kernel> WithSimd for AtLevel<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> K::Output {
        // All levels with vectors of several lanes have FMA: AVX2 in the bundle V3, AVX-512, NEON.
        if S::F32_LANES > 1 { self.0.run::<true>() } else { self.0.run::<false>() }
    }
}

/// Runs `kernel` at the level `arch`.
pub(in crate::math) fn run_at<K: Kernel>(arch: Arch, kernel: K) -> K::Output {
    arch.dispatch(AtLevel(kernel))
}

/// Returns `a · b + c`, with one rounding where the level has FMA.
#[inline(always)]
pub(in crate::math) fn mul_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Function of one element.
pub(super) trait Map: Copy {
    fn eval<const FMA: bool>(self, x: f32) -> f32;
}

/// Application of a function to every element of a slice.
pub(super) struct MapSlice<'a, M>(pub &'a mut [f32], pub M);

impl<M: Map> Kernel for MapSlice<'_, M> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (blocks, tail) = self.0.as_chunks_mut::<LANES>();
        for block in blocks {
            map_block::<FMA, M>(block, self.1);
        }
        if !tail.is_empty() {
            // A padded copy of the tail goes through the same vector code and gives the same bits.
            let mut block = [0.0; LANES];
            block[..tail.len()].copy_from_slice(tail);
            map_block::<FMA, M>(&mut block, self.1);
            tail.copy_from_slice(&block[..tail.len()]);
        }
    }
}

#[inline(always)]
pub(super) fn map_block<const FMA: bool, M: Map>(block: &mut [f32; LANES], map: M) {
    // A closure given to `array::map` would be compiled without the level's instructions.
    for x in block {
        *x = map.eval::<FMA>(*x);
    }
}

/// Applies a function to every element at the level in use.
pub(super) fn map_slice<M: Map>(values: &mut [f32], map: M) {
    run_at(arch(), MapSlice(values, map));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_has_a_name() {
        assert!(["avx512", "avx2", "neon", "portable"].contains(&simd_level()));
        assert_eq!(name(available()[0]), "portable");
    }
}

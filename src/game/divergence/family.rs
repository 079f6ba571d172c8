//! f-divergences with their conjugates (Nowozin, Cseke and Tomioka, “f-GAN”, NIPS 2016, tables 1, 2 and 6).

/// An f-divergence `D(P ‖ Q) = Σ_x q(x) f(p(x) / q(x))`, f convex with f(1) = 0.
///
/// With f's conjugate `f*(t) = sup_u (u t − f(u))` it is bounded from below by `E_P[T] − E_Q[f*(T)]` for any function T, with
/// equality at `T(x) = f′(p(x) / q(x))` (their equation 4). A judge has any output v, and `T = g(v)` with g increasing and onto
/// the domain of f*.
///
/// ```
/// use irgan::game::FDivergence;
///
/// let (p, q) = ([0.5, 0.5], [0.25, 0.75]);
/// let kl = FDivergence::Kl.between(&p, &q);
/// assert!((kl - (0.5 * 2f64.ln() + 0.5 * (0.5f64 / 0.75).ln())).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FDivergence {
    /// `f(u) = u ln u − (u + 1) ln((u + 1) / 2)`: twice the Jensen–Shannon divergence, that of a logistic judge.
    #[default]
    JensenShannon,
    /// `f(u) = u ln u`.
    Kl,
    /// `f(u) = −ln u`.
    ReverseKl,
    /// `f(u) = (u − 1)²`.
    Pearson,
    /// `f(u) = (1 − u)² / u`.
    Neyman,
    /// `f(u) = (√u − 1)²`.
    Hellinger,
    /// `f(u) = (u − 1) ln u`, the sum of both KL.
    Jeffrey,
    /// `f(u) = |u − 1| / 2`.
    TotalVariation,
}

impl FDivergence {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::JensenShannon,
        Self::Kl,
        Self::ReverseKl,
        Self::Pearson,
        Self::Neyman,
        Self::Hellinger,
        Self::Jeffrey,
        Self::TotalVariation,
    ];

    /// Returns `f(u)` for `u > 0`.
    pub fn f(self, u: f64) -> f64 {
        match self {
            Self::JensenShannon => u * u.ln() - (u + 1.0) * ((u + 1.0) / 2.0).ln(),
            Self::Kl => u * u.ln(),
            Self::ReverseKl => -u.ln(),
            Self::Pearson => (u - 1.0).powi(2),
            Self::Neyman => (1.0 - u).powi(2) / u,
            Self::Hellinger => (u.sqrt() - 1.0).powi(2),
            Self::Jeffrey => (u - 1.0) * u.ln(),
            Self::TotalVariation => (u - 1.0).abs() / 2.0,
        }
    }

    /// Returns `f*(t)`; infinite outside the domain of f*.
    pub fn conjugate(self, t: f64) -> f64 {
        let within = |holds: bool, value: f64| if holds { value } else { f64::INFINITY };
        match self {
            Self::JensenShannon => within(t < 2f64.ln(), -(2.0 - t.exp()).ln()),
            Self::Kl => (t - 1.0).exp(),
            Self::ReverseKl => within(t < 0.0, -1.0 - (-t).ln()),
            Self::Pearson if t < -2.0 => -1.0, // the supremum is at u = 0
            Self::Pearson => t * t / 4.0 + t,
            Self::Neyman => within(t <= 1.0, 2.0 - 2.0 * (1.0 - t).max(0.0).sqrt()),
            Self::Hellinger => within(t < 1.0, t / (1.0 - t)),
            Self::Jeffrey => {
                let w = omega(1.0 - t);
                w + 1.0 / w + t - 2.0
            }
            Self::TotalVariation => within(t <= 0.5, t.max(-0.5)),
        }
    }

    /// Returns `g(v)`, which makes of a judge's output a value in the domain of f*.
    pub fn activation(self, v: f64) -> f64 {
        match self {
            Self::JensenShannon => 2f64.ln() - softplus(-v),
            Self::Kl | Self::Pearson | Self::Jeffrey => v,
            Self::ReverseKl => -(-v).exp(),
            Self::Neyman | Self::Hellinger => 1.0 - (-v).exp(),
            Self::TotalVariation => v.tanh() / 2.0,
        }
    }

    /// Returns `f′(1)`: a judge whose `T` is above it says “real”.
    pub fn threshold(self) -> f64 {
        match self {
            Self::Kl => 1.0,
            Self::ReverseKl => -1.0,
            _ => 0.0,
        }
    }

    /// Returns `f′(u)`, the T of the best judge where `p(x) / q(x) = u > 0`. At u = 1 the total variation has any in
    /// [−½, ½]; 0 is returned.
    pub fn optimum(self, u: f64) -> f64 {
        match self {
            Self::JensenShannon => (2.0 * u / (u + 1.0)).ln(),
            Self::Kl => 1.0 + u.ln(),
            Self::ReverseKl => -1.0 / u,
            Self::Pearson => 2.0 * (u - 1.0),
            Self::Neyman => 1.0 - u.powi(-2),
            Self::Hellinger => 1.0 - u.powf(-0.5),
            Self::Jeffrey => u.ln() + 1.0 - 1.0 / u,
            Self::TotalVariation if u == 1.0 => 0.0,
            Self::TotalVariation => (u - 1.0).signum() / 2.0,
        }
    }

    /// Returns `D(P ‖ Q)` of two distributions over the same values, all of positive probability.
    pub fn between(self, p: &[f64], q: &[f64]) -> f64 {
        p.iter().zip(q).map(|(p, q)| q * self.f(p / q)).sum()
    }

    /// Returns the loss of a real example, `−g(v)`, and its derivative at v.
    pub fn real(self, v: f64) -> (f64, f64) {
        let slope = match self {
            Self::JensenShannon => sigmoid(-v),
            Self::Kl | Self::Pearson | Self::Jeffrey => 1.0,
            Self::ReverseKl | Self::Neyman | Self::Hellinger => (-v).exp(),
            Self::TotalVariation => (1.0 - v.tanh().powi(2)) / 2.0,
        };
        (-self.activation(v), -slope)
    }

    /// Returns the loss of a drawn example, `f*(g(v))`, and its derivative at v.
    pub fn drawn(self, v: f64) -> (f64, f64) {
        match self {
            Self::JensenShannon => (softplus(v) - 2f64.ln(), sigmoid(v)),
            Self::Kl => ((v - 1.0).exp(), (v - 1.0).exp()),
            Self::ReverseKl => (v - 1.0, 1.0),
            Self::Pearson => (self.conjugate(v), (v / 2.0 + 1.0).max(0.0)),
            Self::Neyman => (2.0 - 2.0 * (-v / 2.0).exp(), (-v / 2.0).exp()),
            Self::Hellinger => (v.exp() - 1.0, v.exp()),
            Self::Jeffrey => (self.conjugate(v), 1.0 / omega(1.0 - v)),
            Self::TotalVariation => (v.tanh() / 2.0, (1.0 - v.tanh().powi(2)) / 2.0),
        }
    }
}

/// Returns `log(1 + exp x)`.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Returns the w with `w + ln w = x`, which is Lambert's W of eˣ, by Newton's method.
fn omega(x: f64) -> f64 {
    // Both starts lie to one side of the solution, from which Newton's method of this concave function comes without a turn.
    let mut w = if x > 1.0 { x - x.ln() } else { x.exp().min(1.0) };
    for _ in 0..50 {
        let step = w * (x - w - w.ln()) / (1.0 + w);
        w = (w + step).max(f64::MIN_POSITIVE);
        if step.abs() <= 1e-14 * w {
            break;
        }
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    const RATIOS: [f64; 7] = [0.05, 0.3, 0.8, 1.0, 1.4, 3.0, 20.0];
    const OUTPUTS: [f64; 7] = [-6.0, -1.5, -0.4, 0.0, 0.7, 2.0, 5.0];

    #[test]
    fn f_is_convex_and_zero_at_1_with_the_stated_slope() {
        for d in FDivergence::ALL {
            assert_abs_diff_eq!(d.f(1.0), 0.0, epsilon = 1e-15);
            assert_abs_diff_eq!(d.optimum(1.0), d.threshold(), epsilon = 1e-12);
            for pair in RATIOS.windows(2) {
                let middle = f64::midpoint(pair[0], pair[1]);
                assert!(d.f(middle) <= f64::midpoint(d.f(pair[0]), d.f(pair[1])) + 1e-12, "{d:?}");
            }
            for u in RATIOS.into_iter().filter(|&u| u != 1.0) {
                let slope = (d.f(u + 1e-6 * u) - d.f(u - 1e-6 * u)) / (2e-6 * u);
                assert_relative_eq!(d.optimum(u), slope, max_relative = 1e-6, epsilon = 1e-8);
            }
        }
    }

    #[test]
    fn f_and_its_conjugate_obey_fenchel_and_young_with_equality_at_the_optimum() {
        for d in FDivergence::ALL {
            for u in RATIOS {
                for v in OUTPUTS {
                    let t = d.activation(v);
                    assert!(u * t <= d.f(u) + d.conjugate(t) + 1e-9, "{d:?} u {u} t {t}");
                }
                let best = d.optimum(u);
                assert_abs_diff_eq!(u * best, d.f(u) + d.conjugate(best), epsilon = 1e-9);
            }
        }
    }

    #[test]
    fn losses_are_those_of_activation_and_conjugate_with_their_slopes() {
        for d in FDivergence::ALL {
            for v in OUTPUTS {
                let (real, drawn) = (d.real(v), d.drawn(v));
                assert_relative_eq!(real.0, -d.activation(v), epsilon = 1e-12);
                assert_relative_eq!(
                    drawn.0,
                    d.conjugate(d.activation(v)),
                    max_relative = 1e-9,
                    epsilon = 1e-9
                );
                let slope = |loss: &dyn Fn(f64) -> f64| (loss(v + 1e-5) - loss(v - 1e-5)) / 2e-5;
                assert_relative_eq!(real.1, slope(&|v| d.real(v).0), max_relative = 1e-6, epsilon = 1e-8);
                assert_relative_eq!(drawn.1, slope(&|v| d.drawn(v).0), max_relative = 1e-6, epsilon = 1e-8);
                assert!(real.1 < 0.0 && drawn.1 >= 0.0, "the more positive, the more real");
            }
        }
    }

    #[test]
    fn judges_that_descend_the_loss_of_two_distributions_find_their_divergence() {
        let (p, q) = ([0.5, 0.3, 0.15, 0.05], [0.1, 0.25, 0.3, 0.35]);
        for d in FDivergence::ALL {
            // One output a value: the loss is a sum of convex or, for the total variation, monotone functions.
            let bound: f64 = (0..4)
                .map(|x| {
                    let (mut v, mut rate) = (0.0, 1.0);
                    let loss = |v: f64| p[x] * d.real(v).0 + q[x] * d.drawn(v).0;
                    for _ in 0..20_000 {
                        let next = v - rate * (p[x] * d.real(v).1 + q[x] * d.drawn(v).1);
                        if loss(next) <= loss(v) { v = next } else { rate *= 0.5 }
                    }
                    -loss(v)
                })
                .sum();
            assert_abs_diff_eq!(bound, d.between(&p, &q), epsilon = 1e-4);
        }
    }

    #[test]
    fn omega_solves_its_equation_far_out() {
        for x in [-700.0, -30.0, -1.0, 0.0, 1.0, 2.0, 40.0, 1e6] {
            let w = omega(x);
            assert_relative_eq!(w + w.ln(), x, max_relative = 1e-9, epsilon = 1e-9);
        }
    }
}

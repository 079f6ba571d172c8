//! Messages of models and tasks while they work. Models never print: a progress line, a metrics log or a test listens.

/// One step of a phase, with everything that was measured in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// The phase: `lambdarank`, `adversarial`, …
    pub phase: &'a str,
    /// Steps done in the phase.
    pub step: usize,
    /// Steps the phase may take; 0 when nobody knows.
    pub of: usize,
    /// Names and values.
    pub metrics: &'a [(&'a str, f64)],
}

/// Follower of a training: it is told every step, and in words what was read and what is unexpected.
pub trait Listener {
    /// Receives a step.
    fn event(&mut self, event: &Event<'_>);

    /// Receives a sentence about what is going on, such as what was read. It is dropped by default.
    fn note(&mut self, _message: &str) {}

    /// Receives a sentence about what the user may not expect, such as data that are left out. It is dropped by default.
    fn warning(&mut self, _message: &str) {}
}

/// Listener that drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn event(&mut self, _: &Event<'_>) {}
}

//! What models say while they train. They never print: a progress line, a metrics log or a test
//! listens.

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

/// Something that follows a training run.
pub trait Listener {
    /// Called after every step.
    fn event(&mut self, event: &Event<'_>);
}

/// A listener that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn event(&mut self, _: &Event<'_>) {}
}

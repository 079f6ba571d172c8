//! Events of models and tasks at work. The library never prints: a progress line, a metrics log or a test listens.

/// Step of a phase, with everything that was measured in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// Name of the phase: `lambdarank`, `adversarial`, …
    pub phase: &'a str,
    /// Number of steps done in the phase.
    pub step: usize,
    /// Most steps that the phase may take; 0 when it is unknown.
    pub of: usize,
    /// Names and values of the measurements.
    pub metrics: &'a [(&'a str, f64)],
}

/// Receiver of the events, notes and warnings of a training or another task.
///
/// ```
/// use irgan::event::{Event, Listener};
///
/// struct LastStep(usize);
///
/// impl Listener for LastStep {
///     fn event(&mut self, event: &Event<'_>) {
///         self.0 = event.step;
///     }
/// }
///
/// let mut last = LastStep(0);
/// last.event(&Event { phase: "mle", step: 3, of: 10, metrics: &[("loss", 0.5)] });
/// assert_eq!(last.0, 3);
/// ```
pub trait Listener {
    /// Receives a step.
    fn event(&mut self, event: &Event<'_>);

    /// Receives a sentence about the course of the task, such as the size of a file that was read. Drops it by default.
    fn note(&mut self, _message: &str) {}

    /// Receives a sentence about something unexpected, such as data that are left out. Drops it by default.
    fn warning(&mut self, _message: &str) {}
}

/// Listener that drops everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Listener for Silent {
    fn event(&mut self, _: &Event<'_>) {}
}

//! Names of the phases of trainings inside a training.

use crate::event::{Event, Listener};

/// Listener to one of several trainings: the first keeps the names of its phases, and the curves of a report are its own.
pub(super) struct Phases<'a> {
    part: &'static str,
    number: usize,
    listener: &'a mut dyn Listener,
}

impl<'a> Phases<'a> {
    /// Listens to the training of the `part`, such as a fold, of this `number`, from 0.
    pub fn new(part: &'static str, number: usize, listener: &'a mut dyn Listener) -> Self {
        Self { part, number, listener }
    }
}

impl Listener for Phases<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match self.number {
            0 => self.listener.event(event),
            number => {
                let phase = format!("{} ({} {})", event.phase, self.part, number + 1);
                self.listener.event(&Event { phase: &phase, ..event.clone() });
            }
        }
    }

    fn note(&mut self, message: &str) {
        self.listener.note(message);
    }

    fn warning(&mut self, message: &str) {
        self.listener.warning(message);
    }
}

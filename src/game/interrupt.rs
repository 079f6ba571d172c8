//! SIGINT and SIGTERM: the first asks a training to stop, the second leaves at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Request to the process to stop. The default is never requested.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicUsize>); // the signal; 0 before

impl Interrupt {
    /// Listens to SIGINT and SIGTERM from now on; the second of them ends the process with 128 + its number.
    ///
    /// # Errors
    /// When a signal handler cannot be installed.
    pub fn listen() -> io::Result<Self> {
        let (signal, again) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for number in [SIGINT, SIGTERM] {
            // In this order: the first signal finds `again` false, and makes it true.
            flag::register_conditional_shutdown(number, 128 + number, again.clone())?;
            flag::register(number, again.clone())?;
            flag::register_usize(number, signal.clone(), number as usize)?;
        }
        Ok(Self(signal))
    }

    /// Asks to stop, as SIGINT does.
    #[cfg(test)]
    pub(super) fn request(&self) {
        self.0.store(SIGINT as usize, Ordering::SeqCst);
    }

    /// Number of the signal that asked, `None` before one came.
    pub fn signal(&self) -> Option<i32> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            number => Some(number as i32),
        }
    }
}

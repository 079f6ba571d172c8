//! SIGINT and SIGTERM: the first asks a training to stop, the second leaves at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

use crate::team::Team;

/// Request to the process, or to all of a team, to stop. The default is never requested.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    asked: Arc<AtomicUsize>, // the signal; 0 before
    team: Team,
}

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
        Ok(Self { asked: signal, team: Team::ALONE })
    }

    /// Listens for a team, which stops where its first process is asked to; also by SIGUSR1, which `mpirun` passes on while it answers
    /// the others by ending all processes.
    ///
    /// # Errors
    /// When a signal handler cannot be installed.
    pub fn listen_for(team: Team) -> io::Result<Self> {
        let listening = Self { team, ..Self::listen()? };
        if team.size() > 1 {
            flag::register_usize(SIGUSR1, listening.asked.clone(), SIGUSR1 as usize)?;
        }
        Ok(listening)
    }

    /// Asks to stop, as SIGINT does.
    pub fn request(&self) {
        self.asked.store(SIGINT as usize, Ordering::SeqCst);
    }

    /// Number of the signal that asked, `None` before one came. All processes of a team must ask at the same place.
    pub fn signal(&self) -> Option<i32> {
        self.signal_or(false).0
    }

    /// Returns the number of the signal that asked, and `due` as the first process of a team has it: no other looks at its clock.
    pub(super) fn signal_or(&self, due: bool) -> (Option<i32>, bool) {
        let asked = self.asked.load(Ordering::SeqCst) as i32;
        let (asked, due) = self.team.from_first((asked, u8::from(due)));
        ((asked != 0).then_some(asked), due == 1)
    }

    /// Returns the team that stops together.
    pub(super) fn team(&self) -> Team {
        self.team
    }
}

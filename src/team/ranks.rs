//! Ranks of an MPI job.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, CommunicatorCollectives as _, Root as _};

use crate::error::{Error, Result};

/// Most bytes of all ranks together that one call of MPI moves: its counts are 32 bits wide.
const MOST: usize = 1 << 30;

/// Exit code of a panic, as Rust's own.
const PANIC: i32 = 101;
/// MPI, from joining to leaving. In a static: unwinding past it would wait for the other ranks for ever.
static UNIVERSE: Mutex<Option<Universe>> = Mutex::new(None);
/// Bytes moved, and nanoseconds spent in calls.
static BYTES: AtomicU64 = AtomicU64::new(0);
static NANOSECONDS: AtomicU64 = AtomicU64::new(0);

/// Place of this process in an MPI job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranks {
    rank: usize,
    size: usize,
}

impl Ranks {
    /// Initialises MPI, whose calls will come from this thread alone.
    pub(super) fn join() -> Result<Self> {
        let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)
            .ok_or_else(|| Error::Config("MPI cannot be initialised: it was before".into()))?;
        let world = universe.world();
        let ranks = Self { rank: world.rank() as usize, size: world.size() as usize };
        ranks.end_all_at_a_panic();
        *UNIVERSE.lock().expect("nobody panicked over it") = Some(universe);
        Ok(ranks)
    }

    pub(super) fn rank(self) -> usize {
        self.rank
    }

    pub(super) fn size(self) -> usize {
        self.size
    }

    /// Returns the bytes of every rank, in the order of ranks, `to_all` or to the first rank, and nothing to the others.
    pub(super) fn gather(self, mine: &[u8], to_all: bool) -> Vec<Vec<u8>> {
        let begun = Instant::now();
        let world = SimpleCommunicator::world();
        let mut lengths = vec![0u64; self.size];
        world.all_gather_into(&(mine.len() as u64), &mut lengths[..]);
        let receives = to_all || self.rank == 0;
        let room = |&length: &u64| Vec::with_capacity(if receives { length as usize } else { 0 });
        let mut all: Vec<Vec<u8>> = lengths.iter().map(room).collect();
        let part = (MOST / self.size) as u64;
        let most = lengths.iter().copied().max().unwrap_or(0);
        for start in (0..most).step_by(part as usize) {
            let of = |length: u64| length.saturating_sub(start).min(part) as usize;
            let counts: Vec<i32> = lengths.iter().map(|&length| of(length) as i32).collect();
            let places: Vec<i32> =
                counts.iter().scan(0, |end, &count| Some(std::mem::replace(end, *end + count))).collect();
            let sent = start.min(mine.len() as u64) as usize;
            let sent = &mine[sent..sent + of(mine.len() as u64)];
            if !receives {
                world.process_at_rank(0).gather_varcount_into(sent);
                continue;
            }
            let mut received = vec![0u8; counts.iter().map(|&count| count as usize).sum()];
            let mut parts = PartitionMut::new(&mut received[..], &counts[..], &places[..]);
            match to_all {
                true => world.all_gather_varcount_into(sent, &mut parts),
                false => world.process_at_rank(0).gather_varcount_into_root(sent, &mut parts),
            }
            for ((bytes, &count), &place) in all.iter_mut().zip(&counts).zip(&places) {
                bytes.extend(&received[place as usize..][..count as usize]);
            }
        }
        let moved = if receives { lengths.iter().sum() } else { mine.len() as u64 };
        spent(begun, moved);
        if receives { all } else { vec![] }
    }

    /// Adds the counts of all ranks.
    pub(super) fn sum(self, counts: &mut [u64]) {
        let begun = Instant::now();
        let mine = counts.to_vec();
        let parts = mine.chunks(MOST / 8).zip(counts.chunks_mut(MOST / 8));
        parts.for_each(|(mine, all)| {
            SimpleCommunicator::world().all_reduce_into(mine, all, SystemOperation::sum());
        });
        spent(begun, 8 * mine.len() as u64);
    }

    /// Returns the bytes of the first rank.
    pub(super) fn broadcast(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let begun = Instant::now();
        let world = SimpleCommunicator::world();
        let first = world.process_at_rank(0);
        let mut length = bytes.len() as u64;
        first.broadcast_into(&mut length);
        bytes.resize(length as usize, 0);
        bytes.chunks_mut(MOST).for_each(|part| first.broadcast_into(part));
        spent(begun, length);
        bytes
    }

    /// Ends all ranks when this one panics, after its message: the others would wait for it for ever.
    fn end_all_at_a_panic(self) {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            told(info);
            eprintln!("rank {} on {} panicked: all ranks end", self.rank, host());
            self.abort(PANIC);
        }));
    }

    /// Ends all ranks.
    pub(super) fn abort(self, code: i32) -> ! {
        SimpleCommunicator::world().abort(code)
    }
}

/// Counts a call that moved so many bytes.
fn spent(begun: Instant, bytes: u64) {
    BYTES.fetch_add(bytes, Ordering::Relaxed);
    NANOSECONDS.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
}

/// Returns the bytes moved and the seconds spent.
pub(super) fn traffic() -> (u64, f64) {
    (BYTES.load(Ordering::Relaxed), NANOSECONDS.load(Ordering::Relaxed) as f64 / 1e9)
}

/// Returns the name of this machine.
pub(super) fn host() -> String {
    mpi::environment::processor_name().unwrap_or_else(|_| "an unknown host".to_owned())
}

/// Finalises MPI, which waits for all ranks.
pub(super) fn leave() {
    drop(UNIVERSE.lock().ok().and_then(|mut universe| universe.take()));
}

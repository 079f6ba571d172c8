//! Team of processes that train together: an MPI job whose ranks run the same program on the same data and share its dear parts.
//!
//! Every random draw is addressed by purpose and place, so that all ranks come to the same state by themselves: only the results of shared
//! work cross the wire ([`Team::map`]), never weights. A team moves bytes in order, and knows nothing of models. Without the feature
//! `mpi`, and without a launcher, a process is a team of its own.

#[cfg(feature = "mpi")]
mod ranks;
mod wire;

use std::ops::Range;

use crate::error::{Error, Result};
use crate::math::parallel::ordered_map;

pub use wire::Wire;

/// Handle of the processes that work together. A copy is as good as the original.
///
/// All ranks must call the same methods in the same order, from the main thread: what runs inside a parallel map gets [`Team::ALONE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Team {
    #[cfg(feature = "mpi")]
    ranks: Option<ranks::Ranks>,
}

impl Team {
    /// A process that works by itself.
    pub const ALONE: Self = Self {
        #[cfg(feature = "mpi")]
        ranks: None,
    };

    /// Joins the team that a launcher started (`mpirun`, `srun`); without one, or as the only process, returns [`Team::ALONE`]. Call it
    /// once, before other threads are made.
    ///
    /// # Errors
    /// When the launcher started several processes and this build has no feature `mpi`, or MPI cannot be initialised.
    pub fn join() -> Result<Self> {
        let Some(size) = launched() else { return Ok(Self::ALONE) };
        #[cfg(feature = "mpi")]
        return ranks::Ranks::join().map(|ranks| Self { ranks: (size != Some(1)).then_some(ranks) });
        #[cfg(not(feature = "mpi"))]
        match size {
            Some(1) => Ok(Self::ALONE),
            _ => {
                let message = "a launcher of MPI started several processes, and this build knows none of the others: each would do the \
                               same, in the same folder. Start one, or build the program with the feature `mpi`";
                Err(Error::Config(message.into()))
            }
        }
    }

    /// Returns the number of this process, from 0.
    pub fn rank(self) -> usize {
        #[cfg(feature = "mpi")]
        return self.ranks.map_or(0, ranks::Ranks::rank);
        #[cfg(not(feature = "mpi"))]
        0
    }

    /// Returns the number of processes.
    pub fn size(self) -> usize {
        #[cfg(feature = "mpi")]
        return self.ranks.map_or(1, ranks::Ranks::size);
        #[cfg(not(feature = "mpi"))]
        1
    }

    /// Returns this rank's consecutive share of `n` places.
    fn share(self, n: usize) -> Range<usize> {
        n * self.rank() / self.size()..n * (self.rank() + 1) / self.size()
    }

    /// Computes `[f(0), …, f(n − 1)]`: each rank a consecutive share, on its threads; all ranks have all results.
    pub fn map<T: Wire + Send>(self, n: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
        self.joined(n, |share| ordered_map(share.len(), |i| f(share.start + i)))
    }

    /// Computes as [`map`](Self::map) does what may fail. A rank whose share has an error returns it without the others, which wait for
    /// it: the program must end them, as it does at every error.
    ///
    /// # Errors
    /// The first error of this rank's share.
    pub fn try_map<T: Wire + Send>(self, n: usize, f: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
        let share = self.share(n);
        let mine = ordered_map(share.len(), |i| f(share.start + i));
        let mine = mine.into_iter().collect::<Result<Vec<T>>>()?;
        Ok(self.all(mine).into_iter().flatten().collect())
    }

    /// Computes the list of which `of_share` gives any consecutive places: each rank a share of `n`, all ranks have the whole.
    pub fn joined<T: Wire>(self, n: usize, of_share: impl FnOnce(Range<usize>) -> Vec<T>) -> Vec<T> {
        match self.size() {
            1 => of_share(0..n),
            _ => self.all(of_share(self.share(n))).into_iter().flatten().collect(),
        }
    }

    /// Returns the values of all ranks, in their order.
    pub fn all<T: Wire>(self, value: T) -> Vec<T> {
        self.gathered(value, true)
    }

    /// Returns the values of all ranks, in their order, to the first rank, and nothing to the others.
    pub fn at_first<T: Wire>(self, value: T) -> Vec<T> {
        self.gathered(value, false)
    }

    /// Returns the values of all ranks, in their order: to every rank, or to the first alone.
    fn gathered<T: Wire>(self, value: T, to_all: bool) -> Vec<T> {
        #[cfg(feature = "mpi")]
        if let Some(ranks) = self.ranks {
            // The own value is not read back, and is not written where nobody else gets it.
            let mine = if to_all || ranks.rank() > 0 { wire::written(&value) } else { vec![] };
            let mut value = Some(value);
            let of_rank = |(rank, bytes): (usize, &Vec<u8>)| match rank == ranks.rank() {
                true => value.take().expect("there is one of each rank"),
                false => wire::read(bytes),
            };
            return ranks.gather(&mine, to_all).iter().enumerate().map(of_rank).collect();
        }
        let _ = to_all;
        vec![value]
    }

    /// Adds the counts of all ranks, place by place; all ranks have the sums.
    pub fn sum(self, counts: &mut [u64]) {
        #[cfg(feature = "mpi")]
        if let Some(ranks) = self.ranks {
            ranks.sum(counts);
        }
        let _ = counts;
    }

    /// Returns the value of the first rank.
    pub fn from_first<T: Wire>(self, value: T) -> T {
        #[cfg(feature = "mpi")]
        if let Some(ranks) = self.ranks {
            return wire::read(&ranks.broadcast(wire::written(&value)));
        }
        value
    }

    /// Refuses to go on where the ranks differ in `what`, of which `digest` is a check sum.
    ///
    /// # Errors
    /// Names the first rank whose digest is another than that of rank 0, and its host.
    pub fn agree(self, what: &str, digest: u64) -> Result<()> {
        let other = |(rank, host, first): (usize, String, String)| {
            let message =
                format!("rank {rank} on {host} has another {what} than rank 0 on {first}: make them equal");
            Err(Error::Team(message))
        };
        self.other(digest).map_or(Ok(()), other)
    }

    /// Refuses to go on where the ranks have come to different weights, of which `digest` is a check sum.
    ///
    /// # Errors
    /// Names the first rank whose weights are others than those of rank 0, and its host.
    pub fn same_weights(self, digest: u64) -> Result<()> {
        let other = |(rank, host, first): (usize, String, String)| {
            let message = format!(
                "rank {rank} on {host} has come to other weights than rank 0 on {first}: what it began with or how it computes differs; the \
                 last checkpoint was made before"
            );
            Err(Error::Team(message))
        };
        self.other(digest).map_or(Ok(()), other)
    }

    /// Returns the first rank whose digest is another than that of rank 0, its host, and the host of rank 0.
    fn other(self, digest: u64) -> Option<(usize, String, String)> {
        #[cfg(feature = "mpi")]
        if let Some(ranks) = self.ranks {
            let all = self.all((ranks.rank() as u64, (digest, ranks::host())));
            let (_, (wanted, first)) = all[0].clone();
            let other = all.into_iter().find(|(_, (found, _))| *found != wanted);
            return other.map(|(rank, (_, host))| (rank as usize, host, first));
        }
        let _ = digest;
        None
    }

    /// Returns how this process is called in messages; nothing when it is alone.
    pub fn name(self) -> Option<String> {
        #[cfg(feature = "mpi")]
        return self.ranks.map(|ranks| format!("rank {} on {}", ranks.rank(), ranks::host()));
        #[cfg(not(feature = "mpi"))]
        None
    }

    /// Ends all processes of the team with an exit code; returns when the process is alone.
    pub fn abort(self, code: i32) {
        #[cfg(feature = "mpi")]
        if let Some(ranks) = self.ranks {
            ranks.abort(code);
        }
        let _ = code;
    }

    /// Leaves the team at the orderly end of the program, when all ranks do.
    pub fn leave(self) {
        #[cfg(feature = "mpi")]
        ranks::leave();
    }

    /// Returns the bytes that this process has sent and received, and the seconds that it spent in doing so, waiting included.
    pub fn traffic(self) -> (u64, f64) {
        #[cfg(feature = "mpi")]
        return ranks::traffic();
        #[cfg(not(feature = "mpi"))]
        (0, 0.0)
    }
}

/// Returns the number of processes that a launcher says it started, if it says so; nothing where none started this one.
fn launched() -> Option<Option<usize>> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let size = number("OMPI_COMM_WORLD_SIZE").or_else(|| number("PMI_SIZE"));
    match size {
        Some(size) => Some(Some(size)),
        None if std::env::var_os("PMIX_RANK").is_some() => Some(number("SLURM_NTASKS")),
        None => None,
    }
}

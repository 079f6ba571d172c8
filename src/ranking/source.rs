//! Sources of fresh scorers.

use super::config::Method;
use super::fit::Fitted;
use super::validation::Curve;
use crate::error::Result;
use crate::event::Listener;
use crate::game::Checkpoints;
use crate::seed::Stream;

/// Source of scorers. A function that makes a fresh one is a source without closed forms.
pub trait Source<S> {
    /// A scorer to start learning from.
    fn fresh(&self, stream: Stream) -> S;

    /// Returns the start of the generator, which takes precedence over its init; none where it is not given.
    fn generator(&self) -> Option<S> {
        None
    }

    /// Returns true for methods that the data have: at least all that learn by epochs.
    fn has(&self, method: Method) -> bool {
        !method.is_closed_form() && !method.is_trees()
    }

    /// Returns true when validation data choose the weights of both players ranking together.
    fn weighs_players(&self) -> bool {
        false
    }

    /// Returns what both players' starts are worth together on further held-out data, which choose their weights too; none where the
    /// validation data alone choose.
    fn further_curves(&self) -> Result<Vec<Curve>> {
        Ok(vec![])
    }

    /// The scorer of a method without epochs; none where the data have no such method.
    fn closed_form(&self, _method: Method, _stream: Stream) -> Result<Option<S>> {
        Ok(None)
    }

    /// Boosted trees, as many as the validation data choose; none where the data or the program have no such method.
    fn boosted(
        &self,
        _method: Method,
        _stream: Stream,
        _checkpoints: &Checkpoints,
        _listener: &mut dyn Listener,
    ) -> Result<Option<Fitted<S>>> {
        Ok(None)
    }
}

impl<S, F: Fn(Stream) -> S> Source<S> for F {
    fn fresh(&self, stream: Stream) -> S {
        self(stream)
    }
}

//! Split of every user's positives into training and validation data.

use std::sync::Arc;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::{Interactions, Ratings};
use crate::error::{Error, Result};
use crate::math::sampling::subset;
use crate::seed::Stream;

/// Choice of the positives of a user that are held out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum SplitOrder {
    /// Random ones.
    #[default]
    Random,
    /// Last ones by time.
    Last,
}

/// Share and choice of the positives of every user that are held out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Split {
    /// Share of a user's positives that are held out, rounded to the nearest number; at least one positive stays.
    pub share: f64,
    /// Choice of the positives that are held out.
    pub order: SplitOrder,
}

impl Default for Split {
    fn default() -> Self {
        Self { share: 0.2, order: SplitOrder::Random }
    }
}

impl Split {
    /// Splits `data`, the positives of `ratings`, into training and validation positives.
    ///
    /// # Errors
    /// When the share is not between 0 and 1, or the last positives are asked for and a rating has no time.
    pub fn apply(
        self,
        ratings: &Ratings,
        data: &Interactions,
        stream: Stream,
    ) -> Result<(Interactions, Interactions)> {
        if !(self.share > 0.0 && self.share < 1.0) {
            return Err(Error::Config(format!(
                "the share held out for validation must lie between 0 and 1, found {}",
                self.share
            )));
        }
        if self.order == SplitOrder::Last && !ratings.has_times() {
            let message =
                "not every line has a time, so that no positive is the last; set `split.order` to random";
            return Err(Error::data(ratings.path(), message));
        }
        let times: HashMap<(u32, u32), f64> = match self.order {
            SplitOrder::Random => HashMap::new(),
            SplitOrder::Last => {
                ratings.rows().iter().map(|r| ((r.user, r.item), r.time.unwrap_or(0.0))).collect()
            }
        };
        let (mut train, mut valid) = (vec![], vec![]);
        for (user, list) in data.positives().iter().enumerate() {
            let held = ((list.len() as f64 * self.share).round() as usize).min(list.len().saturating_sub(1));
            let mut order: Vec<usize> = (0..list.len()).collect();
            let chosen = match self.order {
                SplitOrder::Random => subset(list.len(), held, &mut stream.at(user as u64).rng()),
                SplitOrder::Last => {
                    let time = |&i: &usize| times[&(user as u32, list[i])];
                    order.sort_by(|a, b| time(a).total_cmp(&time(b)));
                    order.split_off(list.len() - held)
                }
            };
            let mut is_held = vec![false; list.len()];
            chosen.into_iter().for_each(|i| is_held[i] = true);
            let part = |held: bool| {
                list.iter().zip(&is_held).filter(|&(_, &h)| h == held).map(|(&item, _)| item).collect()
            };
            train.push(part(false));
            valid.push(part(true));
        }
        let make = |positives: Vec<Vec<u32>>| {
            Interactions::new(Arc::clone(data.users()), Arc::clone(data.items()), positives)
        };
        Ok((make(train), make(valid)))
    }
}

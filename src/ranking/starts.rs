//! Players before the first round: their networks, their rows in the comparison, and which of them there are.

use super::comparison::{ComparisonRow, Origin, Snapshot};
use super::config::{GeneratorConfig, Init, MetricConfig};
use super::networks::Player;
use super::scorer::Scorer;
use super::training::Run;
use crate::error::Result;
use crate::seed::Stream;

impl<S: Scorer> Run<'_, S> {
    /// The networks that the players start from.
    pub(super) fn starts(&mut self) -> Result<(S, S)> {
        let config = self.config;
        let generator = match self.source.generator() {
            Some(given) => given,
            None => self.start(config.generator.init, "generator")?,
        };
        let discriminator = match config.generator.learns_alone() {
            true => generator.clone(), // takes no part
            false => self.start(config.discriminator.init, "discriminator")?,
        };
        Ok((generator, discriminator))
    }

    /// The network a player starts from.
    fn start(&mut self, init: Init, player: &str) -> Result<S> {
        match init {
            Init::None => {
                let stream = Stream::new(self.config.seed).named("init").named(player);
                Ok(self.source.fresh(stream))
            }
            Init::Baseline(method) => {
                let last = self.epochs.is_some();
                let fitted = self.fitted(method)?;
                Ok(if last { &fitted.last } else { &fitted.scorer }.clone())
            }
        }
    }

    /// Players that can rank: the generator alone where a measure alone rewards it.
    pub(super) fn players(&self) -> &'static [Player] {
        match self.config.generator.learns_alone() {
            true => &[Player::G],
            false => &[Player::G, Player::D, Player::Both],
        }
    }

    /// Rows of the players before the first round.
    pub(super) fn start_rows(&self, start: &(S, S)) -> Vec<ComparisonRow> {
        let config = self.config;
        let given = self.source.generator().is_some();
        let g = self.validation.scores(&start.0);
        let mut rows = vec![self.start_row(Player::G, Self::origin(config.generator.init, given), &g)];
        if self.players().contains(&Player::Both) {
            let d = self.validation.scores(&start.1);
            rows.push(self.start_row(Player::D, Self::origin(config.discriminator.init, false), &d));
            let both = self.validation.combine(&g, &d);
            rows.push(self.contender(Player::Both, Snapshot::Start, 0, &both));
        }
        rows
    }

    fn start_row(&self, player: Player, origin: Origin, scores: &[f32]) -> ComparisonRow {
        let step = match origin {
            Origin::Baseline(method) => self.fits.get(&method).map_or(0, |fitted| fitted.epoch),
            Origin::Random | Origin::Given => 0,
        };
        let row = self.contender(player, Snapshot::Start, step, scores);
        ComparisonRow { origin: Some(origin), ..row }
    }

    fn origin(init: Init, given: bool) -> Origin {
        match init {
            _ if given => Origin::Given,
            Init::None => Origin::Random,
            Init::Baseline(method) => Origin::Baseline(method),
        }
    }

    /// Tells a measure that rewards the generator, and whether there is a discriminator.
    pub(super) fn tell_reward(&mut self) {
        let GeneratorConfig { reward, metric, .. } = self.config.generator;
        if reward.measure.is_none() {
            return;
        }
        let judge = match metric.mix {
            0.0 => "no discriminator is trained".to_owned(),
            mix => format!("plus {mix} times the discriminator's reward"),
        };
        let MetricConfig { rankings, credit, .. } = metric;
        self.listener
            .note(&format!("reward     {reward} of {rankings} rankings of each pool, {credit}; {judge}"));
    }
}

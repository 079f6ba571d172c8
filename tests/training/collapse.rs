//! A game that collapses is stopped, taken back or only named, as it was asked; a planted collapse shows which.

use crate::support::taught;
use irgan::event::{Event, Listener};
use irgan::game::{MOST_ROLLBACKS, OnCollapse, Schedule};
use irgan::ranking::{Extras, GeneratorConfig, Init, Method, ScorerConfig, TrainConfig, Trained, train};

/// The entropy of every round of the game.
#[derive(Default)]
struct Entropies(Vec<f64>);

impl Listener for Entropies {
    fn event(&mut self, event: &Event<'_>) {
        let entropy = event.metrics.iter().find(|(name, _)| *name == "entropy");
        self.0.extend(entropy.map(|(_, entropy)| *entropy));
    }
}

/// Eight rounds whose generator learns far too fast and is paid nothing for its entropy: it soon draws one document
/// alone.
fn planted(on_collapse: OnCollapse) -> (Trained, Vec<f64>) {
    let defaults = TrainConfig::default();
    let mut generator = GeneratorConfig { init: Init::None, entropy: 0.0, ..defaults.generator };
    generator.optimizer.learning_rate = 1000.0;
    let mut discriminator = defaults.discriminator;
    discriminator.init = Init::None;
    let config = TrainConfig {
        method: Method::IrganPairwise,
        scorer: ScorerConfig { hidden: vec![], ..Default::default() },
        schedule: Schedule { rounds: 8, d_epochs: 1, g_epochs: 1, ..Default::default() },
        on_collapse,
        generator,
        discriminator,
        ..defaults
    };
    let mut entropies = Entropies::default();
    let trained =
        train(&config, &Extras::default(), taught(20, 30, 4, 1), taught(5, 30, 4, 2), &mut entropies);
    (trained.expect("collapse is no error"), entropies.0)
}

#[test]
fn stop_ends_the_game_with_the_last_good_state() {
    let (trained, entropies) = planted(OnCollapse::Stop);
    assert!(entropies.len() < 8, "{entropies:?}");
    let last = *entropies.last().expect("a round");
    assert!(last < 0.01 * entropies[0] && entropies[..entropies.len() - 1].iter().all(|&e| e > last));
    let [warning] = trained.warnings.as_slice() else { panic!("{:?}", trained.warnings) };
    let round = format!("collapse, round {}: the generator's entropy", entropies.len());
    assert!(warning.starts_with(&round) && warning.contains("Lower the learning rates"), "{warning}");
    // The collapsed round is nobody's best.
    assert!(trained.contenders.iter().all(|contender| contender.step < entropies.len()));
}

#[test]
fn rollback_goes_on_with_half_the_rates_and_stops_in_the_end() {
    let (trained, entropies) = planted(OnCollapse::Rollback);
    let (stopped, entropies_of_stop) = planted(OnCollapse::Stop);
    let first = entropies_of_stop.len();
    assert_eq!(entropies[..first], entropies_of_stop);
    assert!(entropies.len() > first, "it went on");
    assert!((1..=MOST_ROLLBACKS + 1).contains(&trained.warnings.len()), "{:?}", trained.warnings);
    assert!(trained.warnings[0].contains("learning rates times 0.5"), "{:?}", trained.warnings);
    assert!(!stopped.warnings[0].contains("times"));
}

#[test]
fn ignore_plays_to_the_end_and_warns_once() {
    let (trained, entropies) = planted(OnCollapse::Ignore);
    assert_eq!(entropies.len(), 8);
    let [warning] = trained.warnings.as_slice() else { panic!("{:?}", trained.warnings) };
    assert!(warning.contains("the game goes on"), "{warning}");
}

//! Settings of the choice among models.

use serde::{Deserialize, Serialize};

use crate::error::{Result, require};

/// Settings of the choice among models: by which queries, of which strengths, and how ties go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChoiceConfig {
    /// Parts of the queries for a cross-validation that chooses where there are no validation data; 0 holds a share out. Of
    /// interactions the number of splits of the positives at random that choose the weights of both players, where their starts have no epochs.
    pub folds: usize,
    /// Weight decays to choose from; without any, that of the optimisers stays.
    pub decays: Vec<f32>,
    /// Feature that networks correct, by number or name; `none` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<String>,
    /// Weights of the prior to choose from.
    pub prior_weights: Vec<f32>,
    /// Rule of the choice.
    pub rule: ChoiceRule,
}

/// Rule of a choice among models that were measured on the same queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceRule {
    /// The best mean.
    Best,
    /// The simplest model whose mean is within one standard error of the best (Breiman et al., 1984).
    #[default]
    OneSe,
}

impl Default for ChoiceConfig {
    fn default() -> Self {
        Self {
            folds: 5,
            decays: vec![1e-3, 1e-2, 1e-1],
            prior: None,
            prior_weights: vec![0.5, 1.0],
            rule: ChoiceRule::default(),
        }
    }
}

impl ChoiceConfig {
    /// Returns the settings that try nothing: what the optimisers say stays, and the best value wins.
    pub fn fixed() -> Self {
        Self { folds: 0, decays: vec![], rule: ChoiceRule::Best, ..Self::default() }
    }

    /// Refuses strengths that cannot be.
    pub(in crate::ranking) fn validate(&self) -> Result<()> {
        let sound = |value: &f32| *value >= 0.0 && value.is_finite();
        require(self.decays.iter().all(sound), || "weight decays must not be negative".into())?;
        require(self.prior_weights.iter().all(sound), || "weights of the prior must not be negative".into())?;
        require(self.folds != 1 && self.folds <= 100, || "`choice.folds` must be 0 or lie in 2 to 100".into())
    }
}

//! A trained ranker of feature vectors: a folder with `model.toml` and one safetensors file a network.

use std::ops::Range;
use std::path::Path;

use ndarray::{Array2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::trees::{Trees, TreesShape};
use super::{Prior, VectorScorer};
use crate::data::features::normalize::Normalizer;
use crate::data::features::{FeatureSelection, Query, RankingSet, check_finite, check_width, group_rows};
use crate::error::{Error, Result};
use crate::ranking::config::MOST_MODELS;
use crate::ranking::networks::{FORMAT, Roster, forget_description, read_description};
use crate::ranking::validation::mean_of_models;
use crate::ranking::{Method, Networks, Player, Rank, Ranker, ScoredQuery, ScorerConfig, TrainConfig};
use crate::seed::Stream;

/// Networks over feature vectors, ready to rank.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureRanker {
    header: Header,
    networks: Networks<VectorScorer>,
    /// Further models of a bag.
    others: Vec<FeatureRanker>,
}

/// Content of `model.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Header {
    format: u32,
    kind: String,
    features: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection: Option<FeatureSelection>,
    /// Features of the training file, before the selection.
    file_features: usize,
    /// Names of the features of the training file, where it gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    file_names: Vec<String>,
    /// True when the training file counted features from 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    zero_based: bool,
    players: Roster,
    /// The networks; none where trees rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    scorer: Option<ScorerConfig>,
    /// Boosted trees in the place of networks.
    #[serde(skip_serializing_if = "Option::is_none")]
    trees: Option<TreesShape>,
    normalizer: Normalizer,
    /// Feature that networks correct, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prior: Option<Prior>,
    /// Models beside this one, when it is the first of a bag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bag: Option<BagHeader>,
}

/// Models of which the mean ranks. All but the first are in folders of [`BAG`], called by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct BagHeader {
    models: usize,
    chosen: Player,
}

/// Folder of the further models of a bag.
const BAG: &str = "bag";

impl Header {
    /// Refuses what `save` never writes, before networks of that size are made.
    fn validate(&self) -> Result<()> {
        match (&self.scorer, self.trees) {
            (Some(scorer), None) => scorer.validate()?,
            (None, Some(trees)) => trees.validate()?,
            _ => return Err(Error::Config("expected either `scorer` or `trees`".into())),
        }
        self.normalizer.validate()?;
        let features = self.normalizer.features();
        self.prior.map_or(Ok(()), |prior| prior.validate(features))?;
        if let Some(BagHeader { models, .. }) =
            self.bag.filter(|bag| !(2..=MOST_MODELS).contains(&bag.models))
        {
            return Err(Error::Config(format!("a bag of {models} models")));
        }
        if self.features != features || !(1..=MOST_FEATURES).contains(&features) {
            let found = self.features;
            return Err(Error::Config(format!("{found} features do not fit a normalizer of {features}")));
        }
        let file = self.file_features;
        let fits = match self.selection {
            Some(_) => (1..=MOST_FEATURES).contains(&file),
            None => file == features,
        };
        let names = self.file_names.len();
        if !fits || (names > 0 && names != file) {
            return Err(Error::Config(format!("{features} features do not fit training data of {file}")));
        }
        Ok(())
    }

    /// Returns a network or trees of the shape that is described, which is valid.
    fn fresh(&self) -> VectorScorer {
        match (&self.scorer, self.trees) {
            (_, Some(shape)) => VectorScorer::Trees(Trees::leaves(shape)),
            (scorer, None) => {
                let scorer = scorer.clone().unwrap_or_default();
                VectorScorer::Network(scorer.network(self.features, Stream::new(0)))
            }
        }
    }

    /// Returns the number of values of each network, but for those of the output.
    fn values(&self) -> u64 {
        let of_networks = |scorer: &ScorerConfig| scorer.weights(self.features) as u64;
        self.trees.map_or_else(|| self.scorer.as_ref().map_or(0, of_networks), TreesShape::values)
    }
}

/// More features are no sensible model, but a damaged file.
const MOST_FEATURES: usize = 1 << 20;

impl FeatureRanker {
    /// The kind of data in its description.
    pub const KIND: &str = "features";

    /// A model of `networks` over what `normalizer` makes of files with `file_features` features, of these names or
    /// none.
    pub(in crate::ranking) fn new(
        config: &TrainConfig,
        normalizer: Normalizer,
        (file_features, file_names): (usize, Vec<String>),
        networks: Networks<VectorScorer>,
        prior: Option<Prior>,
    ) -> Self {
        let trees = networks.any().trees();
        let header = Header {
            format: FORMAT,
            kind: Self::KIND.to_owned(),
            features: normalizer.features(),
            selection: config.features.clone(),
            file_features,
            file_names,
            zero_based: config.zero_based,
            players: networks.roster(),
            scorer: trees.is_none().then(|| config.scorer.clone()),
            trees,
            normalizer,
            prior,
            bag: None,
        };
        Self { header, networks, others: vec![] }
    }

    /// Returns the first of `models`, which were trained alike, with the others beside it: the mean of their scores ranks.
    ///
    /// # Panics
    /// Without a model.
    pub(super) fn bag(mut models: Vec<Self>) -> Self {
        let others = models.split_off(1);
        let first = models.swap_remove(0);
        let chosen = match others.iter().all(|other| other.chosen() == first.chosen()) {
            true => first.chosen(),
            false => Player::Each,
        };
        let bag = (!others.is_empty()).then_some(BagHeader { models: 1 + others.len(), chosen });
        Self { header: Header { bag, ..first.header }, networks: first.networks, others }
    }

    /// Number of models of which the mean ranks.
    pub fn models(&self) -> usize {
        1 + self.others.len()
    }

    /// Number of features that a document must have: as many as the training data had, of which a selection may use
    /// only some.
    pub fn feature_count(&self) -> usize {
        self.header.file_features
    }

    /// Number and names, if any, of the features that a file for this model has.
    pub fn known(&self) -> (usize, &[String]) {
        (self.header.file_features, &self.header.file_names)
    }

    /// True when files for this model count features from 0, as its training data did.
    pub fn is_zero_based(&self) -> bool {
        self.header.zero_based
    }

    /// Reads the model in `folder`.
    pub fn load(folder: &Path) -> Result<Self> {
        let first = Self::load_one(folder)?;
        let Some(bag) = first.header.bag else { return Ok(first) };
        let mut others = vec![];
        for number in 2..=bag.models {
            let other = Self::load_one(&folder.join(BAG).join(number.to_string()))?;
            let has_chosen = bag.chosen == Player::Each || other.networks.has(bag.chosen);
            if other.header.bag.is_some() || !has_chosen || !first.is_like(&other) {
                let message = format!("model {number} of the bag is not like the first; train again");
                return Err(Error::data(folder.join("model.toml"), message));
            }
            others.push(other);
        }
        Ok(Self { others, ..first })
    }

    /// Returns true when `other` was trained by the same method on files of the same features.
    fn is_like(&self, other: &Self) -> bool {
        let of = |model: &Self| {
            let Header { file_features, zero_based, .. } = model.header;
            (model.method(), file_features, zero_based)
        };
        of(self) == of(other) && self.header.selection == other.header.selection
    }

    /// Reads the model in `folder` without those beside it.
    fn load_one(folder: &Path) -> Result<Self> {
        let header: Header = read_description(folder, Self::KIND)?;
        let path = folder.join("model.toml");
        header.validate().map_err(|cause| Error::data(&path, format!("{cause}; train again")))?;
        let fresh = |_: &str| Ok(header.fresh());
        let networks = Networks::load(folder, &header.players, |_| header.values(), fresh)?;
        for (name, network) in networks.named() {
            let damaged = |cause| {
                Error::data(
                    folder.join(format!("{name}.safetensors")),
                    format!("{cause}; train the model again"),
                )
            };
            network.validate(header.features).map_err(damaged)?;
        }
        Ok(Self { header, networks, others: vec![] })
    }

    /// Returns the chosen player's scores of one query's documents, higher for better ones: `features: [D, F]` gives
    /// `[D]`.
    ///
    /// Features are as in the training data, before any normalisation; a missing one is NaN. A model that was trained
    /// on features chosen by name needs [`score`](Self::score), as arrays have no names.
    ///
    /// # Errors
    /// When F is not the number of features of the training data, or a value is infinite.
    ///
    /// ```
    /// use irgan::data::features::RankingSet;
    /// use irgan::ranking::{Method, Preset, TrainConfig};
    /// use ndarray::{Array2, array};
    ///
    /// // Ten queries of two documents; the first document, with the larger feature, is the right one.
    /// let features = Array2::from_shape_fn((20, 1), |(row, _)| if row % 2 == 0 { 0.9 } else { 0.1 });
    /// let set = RankingSet::from_rows(features.view(), &[1, 0].repeat(10), &[2; 10])?;
    /// let model = irgan::train_ranker(&TrainConfig::preset(Preset::Ours, Method::Listnet), set.clone(), set)?.model;
    ///
    /// let scores = model.predict(array![[0.3], [0.7]].view())?;
    /// assert!(scores[1] > scores[0]);
    /// let error = model.predict(array![[0.3, 0.1]].view()).unwrap_err();
    /// assert!(error.to_string().starts_with("the data have 2 features, but the training data had 1"));
    /// # Ok::<(), irgan::Error>(())
    /// ```
    pub fn predict(&self, features: ArrayView2<'_, f32>) -> Result<Vec<f32>> {
        match features.nrows() {
            0 => self.predict_groups(features, &[]),
            rows => self.predict_groups(features, &[rows]),
        }
    }

    /// Returns the chosen player's scores of the documents of several queries, of which `groups: [Q]` counts the
    /// documents: `features: [D, F]` gives `[D]`, in the order of the rows.
    ///
    /// # Errors
    /// As [`predict`](Self::predict); also when a group is empty or all groups together have not D documents.
    pub fn predict_groups(&self, features: ArrayView2<'_, f32>, groups: &[usize]) -> Result<Vec<f32>> {
        let rows = group_rows(groups, features.nrows())?;
        check_finite(features)?;
        self.scores((features, &[]), &rows, self.chosen())
    }

    /// Returns the scores by `player` of the documents of several queries, as [`predict_groups`](Self::predict_groups) does by the chosen
    /// one. The features are taken by the names of the training data where it had names: their order is the same.
    ///
    /// # Errors
    /// As [`predict_groups`](Self::predict_groups); also when the model has no such player.
    pub fn predict_in_order(
        &self,
        features: ArrayView2<'_, f32>,
        groups: &[usize],
        player: Player,
    ) -> Result<Vec<f32>> {
        let rows = group_rows(groups, features.nrows())?;
        check_finite(features)?;
        self.scores((features, &self.header.file_names), &rows, player)
    }

    /// Returns the scores of all documents of `set` by `player`, in the order of its rows: `[D]`.
    ///
    /// The set is as read from its file: the model normalises it as it did its training data.
    ///
    /// # Errors
    /// When the model has no such player, or the set has another number of features than the training data.
    pub fn score(&self, set: &RankingSet, player: Player) -> Result<Vec<f32>> {
        let rows: Vec<_> = set.queries().iter().map(|query| query.rows.clone()).collect();
        self.scores((set.features(), set.feature_names()), &rows, player)
    }

    /// Returns the columns of `set` that the model reads.
    ///
    /// # Errors
    /// When the set lacks one.
    pub(super) fn columns(&self, set: &RankingSet) -> Result<Vec<usize>> {
        let chosen = self.selected(set.feature_count(), set.feature_names())?;
        Ok(chosen.unwrap_or_else(|| (0..set.feature_count()).collect()))
    }

    /// Returns the scores of `features: [D, F]`, which have names or none, by `player`, for the `rows` of each query; of a bag the
    /// mean of the models' scores, standardised within the query.
    pub(super) fn scores(
        &self,
        data: (ArrayView2<'_, f32>, &[String]),
        rows: &[Range<usize>],
        player: Player,
    ) -> Result<Vec<f32>> {
        if self.others.is_empty() {
            return self.own_scores(data, rows, player);
        }
        let members = self.members(player).into_iter();
        let models: Vec<Vec<f32>> =
            members.map(|(model, player)| model.own_scores(data, rows, player)).collect::<Result<_>>()?;
        let mut start = 0;
        let of_query = |rows: &Range<usize>| {
            let places = start..start + rows.len();
            start = places.end;
            let models: Vec<&[f32]> = models.iter().map(|scores| &scores[places.clone()]).collect();
            mean_of_models(&models)
        };
        Ok(rows.iter().flat_map(of_query).collect())
    }

    /// Returns the scores by this model alone.
    pub(super) fn own_scores(
        &self,
        (features, names): (ArrayView2<'_, f32>, &[String]),
        rows: &[Range<usize>],
        player: Player,
    ) -> Result<Vec<f32>> {
        let columns = self.selected(features.ncols(), names)?;
        let score = |network: &VectorScorer, query| {
            let block = features.slice(s![rows[query as usize].clone(), ..]);
            self.network_scores(network, self.prepared(block, columns.as_deref()).view(), player)
        };
        Ok(self.networks.score(player, rows.len(), score)?.concat())
    }

    /// Returns the columns that the model reads of `count` features with these names or none; none where it reads all.
    pub(super) fn selected(&self, count: usize, names: &[String]) -> Result<Option<Vec<usize>>> {
        check_width(count, self.header.file_features)?;
        let selection = self.header.selection.as_ref();
        selection.map(|chosen| chosen.columns(count, names)).transpose()
    }

    /// Returns the features of one query's documents as networks see them: `[D, F]`.
    pub(super) fn prepared(&self, block: ArrayView2<'_, f32>, columns: Option<&[usize]>) -> Array2<f32> {
        let mut block = match columns {
            Some(columns) => block.select(Axis(1), columns),
            None => block.as_standard_layout().into_owned(),
        };
        self.header.normalizer.apply_to_query(block.view_mut());
        block
    }

    /// Returns a network's scores of prepared features with the prior that `player` adds: `[D]`.
    pub(super) fn network_scores(
        &self,
        network: &VectorScorer,
        block: ArrayView2<'_, f32>,
        player: Player,
    ) -> Vec<f32> {
        let mut scores = network.predict(block);
        // A weight of 0 is a choice for networks; alone the prior has to rank.
        let alone =
            |prior: Prior| if player == Player::Prior { Prior { weight: 1.0, ..prior } } else { prior };
        if let Some(prior) = self.header.prior.map(alone) {
            scores.iter_mut().zip(prior.of(block)).for_each(|(score, prior)| *score += prior);
        }
        scores
    }

    /// Returns the networks that `player` needs, each with its weight in the sum of both where there are two.
    pub(super) fn weighted_networks(&self, player: Player) -> Result<Vec<(&VectorScorer, Option<f32>)>> {
        let networks = self.networks.of(player)?;
        let weight = self.networks.weight();
        Ok(match networks.as_slice() {
            [g, d] => vec![(*g, Some(1.0 - weight)), (*d, Some(weight))],
            _ => networks.into_iter().map(|network| (network, None)).collect(),
        })
    }

    /// Returns the models of the bag, this one first, each with the player that ranks by it where `player` is asked for.
    pub(super) fn members(&self, player: Player) -> Vec<(&Self, Player)> {
        let own = |model: &'_ Self| if player == Player::Each { model.networks.chosen() } else { player };
        std::iter::once(self).chain(&self.others).map(|model| (model, own(model))).collect()
    }
}

impl Ranker for FeatureRanker {
    fn method(&self) -> Method {
        self.networks.method()
    }

    fn chosen(&self) -> Player {
        self.header.bag.map_or(self.networks.chosen(), |bag| bag.chosen)
    }

    fn save(&self, folder: &Path) -> Result<()> {
        if !self.others.is_empty() {
            forget_description(folder)?; // it comes last, when the whole bag is there
        }
        for (other, number) in self.others.iter().zip(2..) {
            other.save(&folder.join(BAG).join(number.to_string()))?;
        }
        self.networks.save(folder, &self.header)
    }
}

impl Rank for FeatureRanker {
    type Queries = RankingSet;

    fn scored(&self, set: &RankingSet, player: Player) -> Result<Vec<ScoredQuery>> {
        Ok(scored(set, &self.score(set, player)?))
    }
}

/// Returns the queries of `set`, with `scores`, `[D]`, for their documents.
pub fn scored(set: &RankingSet, scores: &[f32]) -> Vec<ScoredQuery> {
    let of_query = |query: &Query| {
        let candidates = query.rows.clone().map(|row| (set.document(row).to_owned(), scores[row])).collect();
        ScoredQuery { id: query.id.clone(), candidates }
    };
    set.queries().iter().map(of_query).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::count::counted;
    use crate::ranking::{Candidates, FeaturePools, Pools as _, Preset, Scorer as _, train};
    use ndarray::array;

    /// Six queries of three documents with three features, of which the first tells the grade.
    fn set() -> RankingSet {
        let features = Array2::from_shape_fn((18, 3), |(row, feature)| {
            let noise = ((row * 7 + feature * 5) % 11) as f32;
            if feature == 0 { 10.0 * (row % 3) as f32 + noise } else { noise }
        });
        RankingSet::from_rows(features.view(), &[0, 0, 1].repeat(6), &[3; 6]).expect("they fit")
    }

    fn trained(selection: Option<&str>) -> FeatureRanker {
        let features = selection.map(|text| text.parse().expect("a selection"));
        let config = TrainConfig { features, ..TrainConfig::preset(Preset::Ours, Method::Listnet) };
        let trained = train(&config, &Default::default(), set(), set(), &mut crate::event::Silent);
        trained.expect("something to learn from").model
    }

    #[test]
    fn another_number_of_features_than_in_training_is_refused() {
        for model in [trained(None), trained(Some("1,3"))] {
            assert_eq!(model.feature_count(), 3);
            for count in [0, 1, 2, 4] {
                let features = Array2::zeros((3, count));
                let set = RankingSet::from_rows(features.view(), &[0; 3], &[3]).expect("they fit");
                let errors = [
                    model.predict(features.view()).expect_err("not 3 features"),
                    model.score(&set, model.chosen()).expect_err("not 3 features"),
                ];
                for error in errors.map(|error| error.to_string()) {
                    let expected =
                        format!("the data have {}, but the training data had 3", counted(count, "feature"));
                    assert!(error.starts_with(&expected), "{error}");
                }
            }
            let scores = model.predict(array![[1.0, 2.0, 3.0], [4.0, f32::NAN, 6.0]].view());
            assert_eq!(scores.expect("3 features").len(), 2);
        }
    }

    #[test]
    fn a_training_without_features_or_of_two_widths_is_refused() {
        let narrow = set().without_features();
        let config = TrainConfig::preset(Preset::Ours, Method::Listnet);
        let error = |train_set: &RankingSet, valid: &RankingSet| {
            let (train_set, valid) = (train_set.clone(), valid.clone());
            let trained = train(&config, &Default::default(), train_set, valid, &mut crate::event::Silent);
            trained.expect_err("the sets do not fit").to_string()
        };
        assert!(error(&narrow, &narrow).contains("no feature"));
        assert!(error(&set(), &narrow).contains("0 features, but the training data had 3"));
    }

    #[test]
    fn predictions_are_the_scores_that_validation_measures() {
        for model in [trained(None), trained(Some("3,1"))] {
            let set = set();
            let scores = model.score(&set, model.chosen()).expect("3 features");
            assert_eq!(model.predict_groups(set.features(), &[3; 6]).expect("3 features"), scores);
            let by_query = (0..6).map(|q| model.predict(set.query_features(q)).expect("3 features"));
            assert_eq!(by_query.collect::<Vec<_>>().concat(), scores);

            let chosen = model.header.selection.as_ref().map_or(set.clone(), |s| s.apply(set).expect("3"));
            let pools = FeaturePools::new(model.header.normalizer.apply(chosen).expect("as many"));
            let network = model.networks.any();
            let of_query = |q: usize| network.score(&pools, Candidates::Pools(&[q as u32]));
            assert_eq!((0..pools.queries()).flat_map(of_query).collect::<Vec<_>>(), scores);
        }
    }

    #[test]
    fn arrays_with_infinite_values_or_wrong_groups_are_refused() {
        let model = trained(None);
        let infinite = array![[1.0, f32::INFINITY, 0.0]];
        assert!(
            model.predict(infinite.view()).expect_err("infinite").to_string().contains("[[0, 1]] is inf")
        );
        let x = Array2::zeros((3, 3));
        assert!(
            model.predict_groups(x.view(), &[2]).is_err() && model.predict_groups(x.view(), &[3, 0]).is_err()
        );
        assert!(model.predict(Array2::zeros((0, 3)).view()).expect("nothing to rank").is_empty());
    }

    #[test]
    fn features_chosen_by_name_need_names() {
        let named = |set: RankingSet| set.without_features().with_feature("bm25", &[1.0, 2.0, 3.0].repeat(6));
        let features = Some("bm25".parse().expect("a selection"));
        let config = TrainConfig { features, ..TrainConfig::preset(Preset::Ours, Method::Listnet) };
        let trained =
            train(&config, &Default::default(), named(set()), named(set()), &mut crate::event::Silent);
        let model = trained.expect("something to learn from").model;
        assert!(model.score(&named(set()), model.chosen()).is_ok());
        let error = model.predict(array![[1.0]].view()).expect_err("no names").to_string();
        assert!(error.contains("bm25"), "{error}");
    }
}

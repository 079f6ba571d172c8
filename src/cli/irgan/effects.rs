//! Flags of `irgan` that have no effect beside others: each is told once.
//!
//! A flag that no kind of data, no method or no other flag makes use of is in one of these tables, by its purpose.

use std::path::PathBuf;

use crate::cli::given::{unless, warn_without_effect};
use crate::policy_gradient::Estimator;
use crate::ranking::interactions::RecommenderModel;
use crate::ranking::{Init, Method, TrainConfig};

/// Kind of data that a command works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// The benchmark that is built in.
    BuiltIn,
    /// Feature vectors.
    Features,
    /// Texts of an index.
    Documents,
    /// Ratings.
    Ratings,
    /// Questions and answers.
    Answers,
}

/// Flags of ratings.
const RATINGS: &[&str] = &[
    "positive",
    "layout",
    "split",
    "init-model",
    "refit",
    "tune",
    "rank",
    "svd-rank",
    "ridge",
    "item-dropout",
    "neighbours",
    "shrinkage",
    "activity",
    "popularity",
    "ials-rank",
    "ials-ridge",
    "unobserved",
    "sweeps",
];
/// Flags of an index.
const TEXTS: &[&str] = &[
    "query-ids",
    "candidates",
    "grades",
    "depth",
    "training-depth",
    "random-documents",
    "similarity",
    "no-neighbours",
    "latent",
    "no-latent",
];
/// Flags of networks over feature vectors.
const VECTORS: &[&str] =
    &["hidden", "activation", "features", "normalize", "decays", "prior", "prior-weights", "fit-solver"];
/// Flags of the game of two players.
const GAME: &[&str] = &[
    "controls",
    "rounds",
    "d-epochs",
    "g-epochs",
    "redraw-every",
    "patience",
    "on-collapse",
    "freeze-d",
    "freeze-g",
    "init",
    "g-init",
    "d-init",
    "g-lr",
    "d-lr",
    "g-batch",
    "d-batch",
    "temperature",
    "d-temperature",
    "d-draws",
    "d-uniform",
    "draw-from",
    "divergence",
    "d-weight-clip",
    "label-smoothing",
    "replay",
    "historical-average",
    "margin",
    "estimator",
    "reward-baseline",
    "draws",
    "lambda",
    "sampled-k",
    "reward-shape",
    "reward",
    "rankings",
    "rank-credit",
    "reward-mix",
    "entropy",
    "teacher",
];
/// Flags of a measure as the reward.
const MEASURED: &[&str] = &["rankings", "rank-credit", "reward-mix"];
/// Flags of a reward of single documents.
const JUDGED: &[&str] = &["estimator", "reward-baseline", "draws", "lambda"];
/// Flags of the discriminator.
const DISCRIMINATOR: &[&str] = &[
    "d-epochs",
    "redraw-every",
    "d-init",
    "d-lr",
    "d-batch",
    "d-temperature",
    "d-draws",
    "d-uniform",
    "draw-from",
    "divergence",
    "d-weight-clip",
    "label-smoothing",
    "margin",
    "reward-shape",
];
/// Flags of baselines that learn by epochs.
const FITS: &[&str] = &["fit-lr", "fit-epochs", "fit-patience", "fit-batch"];

/// Flags of boosted trees.
const TREES: &[&str] = &["trees", "leaves", "tree-lr", "leaf-hessian", "tree-patience"];
/// Flags of the networks alone, of feature vectors.
const NETWORKS: &[&str] = &["hidden", "activation", "dropout", "decays", "fit-solver"];

/// Warns of the flags of a training, a sweep or a cross-validation that have no effect on such data.
pub(super) fn of_data(data: Data) {
    let ratings = data == Data::Ratings;
    let texts = data == Data::Documents;
    let vectors = !matches!(data, Data::Ratings | Data::Answers);
    warn_without_effect(&[
        (RATINGS, unless(ratings, "without --ratings")),
        (TEXTS, unless(texts, "without --index")),
        (
            VECTORS,
            unless(vectors, "on ratings, questions and answers: they are of feature vectors and texts"),
        ),
        (&["inner-folds"], unless(texts || ratings, "without --index or --ratings")),
        (&["zero-based"], unless(data == Data::Features, "on other data than files of feature vectors")),
        (&["dropout"], unless(!ratings, "on ratings: factors have no hidden units")),
        (
            &["valid-share"],
            unless(data != Data::BuiltIn, "on the built-in benchmark, which has validation data"),
        ),
    ]);
}

/// Warns of the flags that a cross-validation on such data makes no use of.
pub(super) fn of_folds(data: Data) {
    let observes = matches!(data, Data::Features | Data::Documents);
    let dealt = data == Data::Ratings;
    warn_without_effect(&[
        (&["observed"], unless(observes, "on ratings, questions and answers")),
        (
            &["split"],
            dealt.then(|| "in a cross-validation: the positives are dealt out at random".to_owned()),
        ),
    ]);
}

/// Warns of the flags of held-out data that `valid` leaves without effect.
pub(super) fn of_held_out(valid: Option<&PathBuf>) {
    warn_without_effect(&[(
        &["valid-share", "split"],
        unless(valid.is_none(), "beside --valid: nothing else is held out"),
    )]);
}

/// Warns of the settings that have no effect on the method of `config`, on such data with these baselines beside it.
pub(super) fn of_method(config: &TrainConfig, data: Data, baselines: &[Method]) {
    let method = config.method;
    let is_game = method.mode().is_some();
    let starts =
        [config.generator.init, config.discriminator.init].into_iter().filter_map(|init| match init {
            Init::Baseline(start) if is_game => Some(start),
            _ => None,
        });
    let trained: Vec<Method> = baselines.iter().copied().chain(starts).chain([method]).collect();
    let fits = trained.iter().any(|method| method.learns_by_epochs());
    let trees = trained.iter().any(|method| method.is_trees());
    let networks = is_game || fits || !trees || config.choice.prior.is_some(); // they choose the prior's weight
    let of_game = format!("on {method}: they are of the game of two players, --pairwise or --pointwise");
    let closed = "where no method, start or baseline learns by epochs";
    warn_without_effect(&[
        (GAME, (!is_game).then_some(of_game)),
        (FITS, unless(fits, closed)),
        (&["checkpoint-every"], unless(is_game || fits, closed)),
        (&["optimizer", "weight-decay"], unless(is_game || fits, closed)),
        (TREES, unless(trees, "without lambdamart or xendcg as method or baseline")),
        (NETWORKS, unless(networks, "on boosted trees: they are of networks")),
    ]);
    if is_game {
        let exact = config.generator.estimator == Estimator::Exact;
        let measured = config.generator.reward.measure.is_some();
        warn_without_effect(&[
            (MEASURED, unless(measured, "without a measure as --reward")),
            (JUDGED, unless(!measured, "on a measure's reward: see --rankings and --rank-credit")),
            (
                DISCRIMINATOR,
                unless(
                    !config.generator.learns_alone(),
                    "where a measure alone is the reward: there is no discriminator; see --reward-mix",
                ),
            ),
            (
                &["draws", "lambda"],
                unless(measured || !exact, "on the exact estimator; see --estimator sampled"),
            ),
            (&["margin"], unless(method != Method::IrganPointwise, "on a pointwise discriminator")),
        ]);
    }
    if data == Data::Ratings {
        let without = |method: Method| {
            (!trained.contains(&method)).then(|| format!("without {method} as method, start or baseline"))
        };
        warn_without_effect(&[
            (
                &["init-model"],
                unless(is_game, "without a game, --pairwise or --pointwise, whose generator it starts"),
            ),
            (&["rank"], unless(is_game || fits, closed)),
            (&["svd-rank"], without(Method::PureSvd)),
            (&["ridge", "item-dropout"], without(Method::Ease)),
            (&["ials-rank", "ials-ridge", "unobserved", "sweeps"], without(Method::Ials)),
            (
                &["neighbours", "shrinkage", "activity", "popularity"],
                without(Method::ItemKnn).filter(|_| !trained.contains(&Method::Ease)),
            ),
        ]);
    }
}

/// Warns of the flags of `rank` that a model of this `kind` makes no use of.
pub(super) fn of_ranking(kind: &str, has_index: bool, has_ratings: bool) {
    let of_ratings = kind == RecommenderModel::KIND;
    let format = if of_ratings { "without --ratings" } else { NO_RECOMMENDER };
    warn_without_effect(&[
        (&["ratings"], unless(of_ratings, NO_RECOMMENDER)),
        (&["positive", "layout"], unless(of_ratings && has_ratings, format)),
        (&["query-ids", "candidates"], unless(has_index, "without --index")),
    ]);
}

/// Reason for which a flag of ratings has no effect on other models.
const NO_RECOMMENDER: &str = "on this model, which is no recommender";

/// Warns of the flags of a file of ratings that no such file is named with.
pub(super) fn of_ratings_format(has_ratings: bool) {
    warn_without_effect(&[(&["positive", "layout"], unless(has_ratings, "without --ratings"))]);
}

/// Warns of the flags of `features` that judgements would use.
pub(super) fn of_training_features(has_judgements: bool) {
    let flags = ["training-depth", "random-documents", "seed"];
    warn_without_effect(&[(&flags, unless(has_judgements, "without --qrels: they are of training data"))]);
}

/// Warns of the sizes of `synth` that ratings do not have.
pub(super) fn of_generated(ratings: bool) {
    warn_without_effect(&[(
        &["queries", "documents"],
        unless(!ratings, "on ratings; see --users, --items and --liked"),
    )]);
}

/// Warns of the parameters of `search` that its score, `bm25`, `lm-dirichlet` or `lm-jm`, or a search without feedback, or
/// one on the terminal makes no use of.
pub(super) fn of_search(score: &str, has_feedback: bool, writes: bool) {
    let by = format!("on --score {score}");
    let unless_score = |name: &str| (score != name).then(|| by.clone());
    warn_without_effect(&[
        (&["k1", "b"], unless_score("bm25")),
        (&["mu"], unless_score("lm-dirichlet")),
        (&["lambda"], unless_score("lm-jm")),
        (
            &["feedback-documents", "feedback-terms", "feedback-original"],
            unless(has_feedback, "without --feedback"),
        ),
    ]);
    of_shown_hits(writes);
}

/// Warns of the flags of a run when `search` shows the hits of one query.
pub(super) fn of_shown_hits(writes: bool) {
    warn_without_effect(&[(&["out", "tag"], unless(writes, "without --queries: no run is written"))]);
}

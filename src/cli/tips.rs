//! Tips for flags and values of other tools: where the user meant to go.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Error, ValueEnum as _};

use crate::ranking::Method;

/// Flags that are none here, each with the program and command whose users try it, or any (`*`), and where it leads.
const TIPS: &[(&str, &str, &str)] = &[
    (
        "--test",
        "irgan train",
        "training never reads test data: `irgan rank --model DIR --data FILE`, then `irgan eval`; `irgan sweep` and `irgan cv` \
         read them at their end",
    ),
    ("--test", "seqgan train", "training never reads test data: `seqgan eval --model DIR --reference FILE`"),
    ("--metric", "irgan eval", "measures are named by -m: `-m nDCG@10 -m AP`"),
    ("--metric", "irgan compare", "measures are named by -m: `-m nDCG@10 -m AP`"),
    ("--metric", "*", "--measure names the validation measure that chooses"),
    ("--metrics", "irgan eval", "measures are named by -m: `-m nDCG@10 -m AP`"),
    ("--metrics", "*", "--measure names the validation measure that chooses"),
    ("--eval-metric", "*", "--measure names the validation measure that chooses"),
    ("--lr", "seqgan train", "each phase has its own: --mle-lr, --d-lr, --g-lr"),
    ("--lr", "*", "each network has its own: --g-lr and --d-lr of the players, --fit-lr of baselines"),
    ("--learning-rate", "seqgan train", "each phase has its own: --mle-lr, --d-lr, --g-lr"),
    (
        "--learning-rate",
        "*",
        "each network has its own: --g-lr and --d-lr of the players, --fit-lr of baselines",
    ),
    ("--epochs", "seqgan train", "--mle-epochs of maximum likelihood, then --rounds of the game"),
    ("--epochs", "*", "--fit-epochs of baselines; of the game --rounds, each of --g-epochs and --d-epochs"),
    ("--iterations", "*", "--rounds of the game, --fit-epochs of baselines"),
    ("--factors", "*", "--rank is the number of factors (with --ratings)"),
    (
        "--dim",
        "*",
        "--rank is the number of factors (with --ratings), --embedding the size of a word's vector (with --qa)",
    ),
    ("--batch-size", "seqgan train", "--batch is the number of sentences of a generator step"),
    (
        "--batch-size",
        "*",
        "each network has its own: --g-batch and --d-batch of the players, --fit-batch of baselines",
    ),
    ("--baseline-methods", "*", "--baselines lists the rankers to train beside: mle,lambdarank,dns"),
    ("--objective", "*", "--method names what is trained, such as lambdarank"),
    ("--algorithm", "*", "--method names what is trained, such as lambdarank"),
    ("--model", "irgan train", "--method names what is trained; --out the folder that it goes to"),
    ("--data", "irgan train", "--train and --valid name the files"),
    ("--validation", "*", "--valid names the file"),
    ("--dev", "*", "--valid names the file"),
    ("--output", "*", "--out names the file or folder to write"),
    ("--random-state", "*", "--seed is the seed of every random stream"),
    ("--random-seed", "*", "--seed is the seed of every random stream"),
    ("--jobs", "*", "--threads is the number of threads"),
    ("--n-jobs", "*", "--threads is the number of threads"),
    ("--verbose", "*", "progress is shown unless --quiet; --log json writes it for programs"),
    ("--device", "*", "these programs run on processors only; --threads is the number of threads"),
    ("--gpu", "*", "these programs run on processors only; --threads is the number of threads"),
    ("--query", "irgan search", "a query is given without a flag: `irgan search --index idx \"some words\"`"),
    ("--top", "*", "-k is the number of results"),
    ("--topk", "*", "-k is the number of results"),
    ("--hits", "*", "-k is the number of results"),
    ("--trials", "irgan sweep", "--random is the number of settings that are drawn"),
    ("--n-trials", "*", "`irgan sweep --random N` draws settings; --tune N tunes a recommender's baselines"),
    ("--n-estimators", "*", "there are no trees here; --fit-epochs of baselines, --rounds of the game"),
    ("--loss", "*", "--method names what is trained, such as lambdarank"),
    (
        "--temp",
        "seqgan train",
        "a temperature belongs to drawing: --temperatures of the table, `seqgan generate --temperature`",
    ),
    ("--topics", "*", "--queries names the file of queries"),
    ("--input", "irgan index", "--collection names the documents"),
    ("--corpus", "irgan index", "--collection names the documents"),
    ("--docs", "irgan index", "--collection names the documents"),
    ("--input", "irgan rank", "--data names the file to rank; of texts --index and --queries"),
    ("--test", "irgan rank", "--data names the file to rank; of texts --index and --queries"),
    ("--train", "seqgan train", "--text names the sentences"),
    ("--num", "seqgan generate", "-n is the number of sentences"),
    ("--test", "seqgan eval", "--reference names the real sentences"),
    (
        "--early-stopping-rounds",
        "*",
        "--patience counts rounds, or epochs of a baseline, without a better value",
    ),
];

/// Adds a tip to a usage `error` of `program`, `irgan` or `seqgan`, and its command, where one is known.
pub(super) fn with_tip(mut error: Error, program: &str, command: &str) -> Error {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (argument, value) = (given(ContextKind::InvalidArg), given(ContextKind::InvalidValue));
    let tip = match error.kind() {
        ErrorKind::UnknownArgument => of_flag(&argument, program, command),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => of_value(&argument, &value),
        _ => None,
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::TrailingArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

fn of_flag(argument: &str, program: &str, command: &str) -> Option<String> {
    let flag = argument.split(['=', ' ']).next()?;
    let place = format!("{program} {command}");
    let is_here = |tip: &&(&str, &str, &str)| tip.0 == flag && (tip.1 == place || tip.1 == "*");
    let named = TIPS.iter().find(is_here).map(|tip| tip.2.to_owned());
    let method = || Method::from_str(flag.trim_start_matches('-'), true).ok().filter(|_| program == "irgan");
    named.or_else(|| method().map(|method| format!("`--method {method}` trains it")))
}

/// Returns the tip for a ranker in the place of a reward baseline: the two flags differ by one letter.
fn of_value(argument: &str, value: &str) -> Option<String> {
    let is_method = value.split(',').all(|name| Method::from_str(name.trim(), true).is_ok());
    let is_reward = argument.starts_with("--reward-baseline") && is_method;
    is_reward.then(|| format!("rankers to train beside are listed by --baselines: `--baselines {value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tips_lead_to_flags_that_exist_and_none_is_a_flag_itself() {
        for (program, name) in
            [(crate::cli::irgan::command(), "irgan"), (crate::cli::seqgan::command(), "seqgan")]
        {
            for command in program.get_subcommands() {
                let longs: Vec<_> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
                for (flag, place, _) in TIPS {
                    let here = *place == format!("{name} {}", command.get_name());
                    assert!(!(here && longs.contains(&flag.trim_start_matches('-'))), "{place} has {flag}");
                }
            }
        }
    }
}

//! Tips for flags and values of other tools: where the user meant to go.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Error, ValueEnum as _};

use crate::ranking::Method;

/// Tip of the bound of a tree's size, which has several names elsewhere.
const LEAVES: &str = "--leaves is the number of leaves of a boosted tree, at most";
/// Tip of the bound of a leaf, likewise.
const LEAF_HESSIAN: &str =
    "--leaf-hessian is the least sum of second derivatives in a leaf of a boosted tree";

/// Flags that are none here, each with the programs and commands whose users try it, by commas, or any (`*`), and where it
/// leads.
const TIPS: &[(&str, &str, &str)] = &[
    (
        "--test",
        "irgan train",
        "training never reads test data: `irgan rank --model DIR --data FILE`, then `irgan eval`; `irgan sweep` and `irgan cv` \
         read them at their end",
    ),
    ("--test", "seqgan train", "training never reads test data: `seqgan eval --model DIR --reference FILE`"),
    ("--metric", EVALUATION, "measures are named by -m: `-m nDCG@10 -m AP`"),
    ("--metric", "*", "--measure names the validation measure that chooses"),
    ("--metrics", EVALUATION, "measures are named by -m: `-m nDCG@10 -m AP`"),
    ("-a", EVALUATION, "`-m official` and `-m all_trec` name trec_eval's sets of measures"),
    (
        "-k",
        EVALUATION,
        "a cut-off belongs to the name of a measure, `-m nDCG@10,P@5`; -M N looks at the first N documents",
    ),
    (
        "--cutoff",
        EVALUATION,
        "a cut-off belongs to the name of a measure, `-m nDCG@10,P@5`; -M N looks at the first N documents",
    ),
    ("-Z", EVALUATION, "there are no z-scores; `irgan compare` tests the difference between runs by query"),
    (
        "-N",
        EVALUATION,
        "no measure here depends on the size of the collection; --items is that of --coverage",
    ),
    ("-o", EVALUATION, "--format names the form of the table: text, markdown, latex, csv, tsv or json"),
    ("-R", EVALUATION, "the layout of judgements is recognised: TREC's, three columns, BEIR's or SMART's"),
    ("-T", EVALUATION, "the layout of runs is recognised: TREC's, or MS MARCO's three columns"),
    ("-D", EVALUATION, "-q prints the value of every query"),
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
    ("--n-estimators", "*", "--trees of boosted trees; --fit-epochs of baselines, --rounds of the game"),
    ("--num-trees", "*", "--trees is the number of boosted trees, at most"),
    ("--num-leaves", "*", LEAVES),
    ("--max-leaves", "*", LEAVES),
    ("--min-child-weight", "*", LEAF_HESSIAN),
    ("--min-data-in-leaf", "*", LEAF_HESSIAN),
    ("--min-sum-hessian-in-leaf", "*", LEAF_HESSIAN),
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

/// Commands that measure runs.
const EVALUATION: &str = "irgan eval,irgan compare";

/// Commands that are none here, by commas, each with its program and where it leads.
const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "predict,infer,inference,rerank,apply",
        "irgan",
        "`irgan rank --model DIR --data FILE --out FILE.run` ranks by a trained model; of ratings also `irgan recommend`",
    ),
    (
        "test,evaluate,measure,trec_eval,ir_measures",
        "irgan",
        "`irgan eval QRELS RUN` measures a run that `irgan rank` wrote",
    ),
    (
        "score",
        "irgan",
        "`irgan rank` scores what a model ranks; `irgan eval QRELS RUN` measures it; `seqgan score` is of sentences",
    ),
    ("fit,learn", "irgan", "`irgan train` trains a ranker"),
    ("tune,optimize,grid,gridsearch,hpo", "irgan", "`irgan sweep --grid KEY=V1,V2` tries settings"),
    ("crossval,cross-validate,cross_validate,kfold,validate", "irgan", "`irgan cv` cross-validates"),
    ("query,retrieve", "irgan", "`irgan search --index DIR \"some words\"` searches an index"),
    ("build,import,ingest", "irgan", "`irgan index --collection FILE --index DIR` makes an index"),
    ("ttest,significance,diff", "irgan", "`irgan compare QRELS BASE RUN` tests differences between runs"),
    ("show,info,describe,importance", "irgan", "`irgan inspect DIR` tells what a model is"),
    ("generate,simulate", "irgan", "`irgan synth` makes data; `seqgan generate` writes sentences"),
    ("plot,dashboard", "irgan,seqgan", "`report DIR` writes the page about a run"),
    ("resume,continue", "irgan,seqgan", "`train --resume DIR` resumes a training"),
    ("sample,predict,infer,write,decode", "seqgan", "`seqgan generate --model DIR -n 20` writes sentences"),
    (
        "test,evaluate,measure,bleu",
        "seqgan",
        "`seqgan eval --model DIR --reference FILE` measures a generator",
    ),
    (
        "perplexity,ppl,likelihood,logprob",
        "seqgan",
        "`seqgan score --model DIR FILE` tells how likely sentences are",
    ),
    ("fit,learn,pretrain", "seqgan", "`seqgan train --text FILE` trains a generator"),
    ("rank,search,recommend,index,cv,sweep,compare", "seqgan", "it is a command of `irgan`"),
];

/// Arguments that a command lacks, each with the program and command, and what may stand in its place.
const MISSING: &[(&str, &str, &str)] = &[
    ("<QUERY>", "irgan search", "--queries FILE searches for all queries of a file, in the place of one"),
    (
        "--index",
        "irgan search",
        "--model DIR searches by a trained ranker of texts, over its own index, without --index",
    ),
    ("--collection", "irgan index", "--verify checks an index that is there, without --collection"),
    ("--model", "seqgan eval", "--generated FILE measures sentences of any system, in the place of --model"),
];

/// Adds a tip to a usage `error` of `program`, `irgan` or `seqgan`, and its command, where one is known.
pub(super) fn with_tip(mut error: Error, program: &str, command: &str) -> Error {
    let given = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => vec![],
    };
    let arguments = given(ContextKind::InvalidArg);
    let argument = arguments.first().map_or("", String::as_str);
    let tips: Vec<String> = match error.kind() {
        ErrorKind::UnknownArgument => of_flag(argument, program, command).into_iter().collect(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            of_value(argument, &given(ContextKind::InvalidValue).concat()).into_iter().collect()
        }
        ErrorKind::InvalidSubcommand => {
            of_command(&given(ContextKind::InvalidSubcommand).concat(), program).into_iter().collect()
        }
        ErrorKind::MissingRequiredArgument => of_missing(&arguments, program, command),
        _ => vec![],
    };
    if !tips.is_empty() {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::TrailingArg);
        let tips = tips.into_iter().map(StyledStr::from).collect();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

fn is_listed(list: &str, name: &str) -> bool {
    list.split(',').any(|listed| listed == name)
}

fn of_command(name: &str, program: &str) -> Option<String> {
    let leads = |tip: &&(&str, &str, &str)| is_listed(tip.0, name) && is_listed(tip.1, program);
    COMMANDS.iter().find(leads).map(|tip| tip.2.to_owned())
}

fn of_missing(arguments: &[String], program: &str, command: &str) -> Vec<String> {
    let place = format!("{program} {command}");
    let lacks = |tip: &&(&str, &str, &str)| {
        tip.1 == place && arguments.iter().any(|argument| argument.split(' ').next() == Some(tip.0))
    };
    MISSING.iter().filter(lacks).map(|tip| tip.2.to_owned()).collect()
}

fn of_flag(argument: &str, program: &str, command: &str) -> Option<String> {
    let flag = argument.split(['=', ' ']).next()?;
    let place = format!("{program} {command}");
    let is_here = |tip: &&(&str, &str, &str)| tip.0 == flag && (tip.1 == "*" || is_listed(tip.1, &place));
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
                let longs =
                    command.get_arguments().filter_map(clap::Arg::get_long).map(|name| format!("--{name}"));
                let shorts =
                    command.get_arguments().filter_map(clap::Arg::get_short).map(|name| format!("-{name}"));
                let flags: Vec<_> = longs.chain(shorts).collect();
                let place = format!("{name} {}", command.get_name());
                for (flag, places, _) in TIPS {
                    let is_flag = flags.iter().any(|known| known == flag);
                    assert!(!(is_listed(places, &place) && is_flag), "{place} has {flag}");
                }
                for (missing, of, _) in MISSING.iter().filter(|tip| tip.1 == place) {
                    assert!(
                        missing.starts_with('<') || flags.iter().any(|known| known == missing),
                        "{of}: {missing}"
                    );
                }
                let taken = COMMANDS.iter().filter(|tip| is_listed(tip.1, name));
                assert!(taken.into_iter().all(|tip| !is_listed(tip.0, command.get_name())), "{place}");
            }
        }
    }
}

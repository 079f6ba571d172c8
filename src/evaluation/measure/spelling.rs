//! Spellings of measures by other programs: aliases of ir_measures and of recommenders, names of trec_eval with their
//! parameters (`ndcg_cut_10`, `P.5`), and what neither is.

/// List of all names, for the error of an unknown one.
const ALL: &str = "P@k, R@k, F1@k, Success@k, RelP@k, AP, AP@k, RR, RR@k, Rprec, BinG, nDCG, nDCG@k, ERR, \
                   ERR@k, RBP, RBP@k, RBPResid, AUC, Bpref, infAP, IPrec@r, IPrecAvg, SetP, SetR, SetF, \
                   SetAP, SetRelP, Utility, Judged@k, Unjudged@k, NumQ, NumRet, NumRel, NumRelRet, \
                   NumNonRelRet, GMAP, GMBpref, in any case, or their names in trec_eval";

/// Name of a measure, without parameters, as it may be written (in lower case) and as [`Measure`](super::Measure) calls it.
const NAMES: &[(&str, &str)] = &[
    // ir_measures
    ("p", "P"),
    ("precision", "P"),
    ("r", "R"),
    ("recall", "R"),
    ("ap", "AP"),
    ("map", "AP"),
    ("rr", "RR"),
    ("mrr", "RR"),
    ("ndcg", "nDCG"),
    ("err", "ERR"),
    ("rbp", "RBP"),
    ("rprec", "Rprec"),
    ("r-prec", "Rprec"),
    ("bpref", "Bpref"),
    ("infap", "infAP"),
    ("iprec", "IPrec"),
    ("success", "Success"),
    ("judged", "Judged"),
    ("setp", "SetP"),
    ("setr", "SetR"),
    ("setf", "SetF"),
    ("setap", "SetAP"),
    ("setrelp", "SetRelP"),
    ("numq", "NumQ"),
    ("numret", "NumRet"),
    ("numrel", "NumRel"),
    ("numrelret", "NumRelRet"),
    // trec_eval
    ("map_cut", "AP"),
    ("gm_map", "GMAP"),
    ("gmap", "GMAP"),
    ("gm_bpref", "GMBpref"),
    ("gmbpref", "GMBpref"),
    ("recip_rank", "RR"),
    ("ndcg_cut", "nDCG"),
    ("relative_p", "RelP"),
    ("relp", "RelP"),
    ("rprec_mult", "Rprec"),
    ("iprec_at_recall", "IPrec"),
    ("11pt_avg", "IPrecAvg"),
    ("iprecavg", "IPrecAvg"),
    ("bing", "BinG"),
    ("utility", "Utility"),
    ("rbp_resid", "RBPResid"),
    ("rbpresid", "RBPResid"),
    ("unj", "Unjudged"),
    ("unjudged", "Unjudged"),
    ("set_p", "SetP"),
    ("set_recall", "SetR"),
    ("set_f", "SetF"),
    ("set_map", "SetAP"),
    ("set_relative_p", "SetRelP"),
    ("num_q", "NumQ"),
    ("num_ret", "NumRet"),
    ("num_rel", "NumRel"),
    ("num_rel_ret", "NumRelRet"),
    ("num_nonrel_judged_ret", "NumNonRelRet"),
    ("numnonrelret", "NumNonRelRet"),
    // recommenders
    ("hr", "Success"),
    ("hit", "Success"),
    ("hits", "Success"),
    ("hitrate", "Success"),
    ("hit_rate", "Success"),
    ("hit_ratio", "Success"),
    ("f1", "F1"),
    ("f", "F"),
    ("auc", "AUC"),
];

/// Measures of trec_eval and ir_measures that are not computed here, in lower case; `*` stands for any end.
const NOT_HERE: &[&str] = &[
    "g",
    "dcg",
    "ideal_dcg",
    "ndcg_rel",
    "rndcg",
    "relstring",
    "yaap",
    "prefs*",
    "all_prefs",
    "qrels_jg",
    "map_avgjg",
    "p_avgjg",
    "rprec_mult_avgjg",
    "ap_ia",
    "map_ia",
    "p_ia",
    "err_ia",
    "nerr*",
    "accuracy",
    "bpm",
    "compat",
    "insq",
    "inst",
    "nrbp",
    "nnrbp",
    "sdcg",
    "strecall",
    "alpha_dcg",
    "alpha_ndcg",
    "α_dcg",
    "α_ndcg",
];

/// Cutoffs that trec_eval uses when none are given.
const CUTOFFS: &[&str] = &["5", "10", "15", "20", "30", "100", "200", "500", "1000"];
const RECALLS: &[&str] = &["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"];
const MULTIPLES: &[&str] = &["0.2", "0.4", "0.6", "0.8", "1", "1.2", "1.4", "1.6", "1.8", "2"];

/// Names of trec_eval, in lower case, that stand for one measure for each parameter.
const FAMILIES: &[(&str, &[&str])] = &[
    ("p", CUTOFFS),
    ("recall", CUTOFFS),
    ("map_cut", CUTOFFS),
    ("ndcg_cut", CUTOFFS),
    ("relative_p", CUTOFFS),
    ("success", &["1", "5", "10"]),
    ("iprec_at_recall", RECALLS),
    ("rprec_mult", MULTIPLES),
];

/// Sets of measures of trec_eval, less those that are not computed here.
const SETS: &[(&str, &str)] = &[
    ("official", "num_q,num_ret,num_rel,num_rel_ret,map,gm_map,Rprec,bpref,recip_rank,iprec_at_recall,P"),
    ("set", "num_q,num_ret,num_rel,num_rel_ret,utility,set_P,set_relative_P,set_recall,set_map,set_F"),
    (
        "all_trec",
        "num_q,num_ret,num_rel,num_rel_ret,map,gm_map,Rprec,bpref,recip_rank,iprec_at_recall,P,recall,infAP,gm_bpref,\
         Rprec_mult,utility,11pt_avg,binG,ndcg,ndcg_cut,map_cut,relative_P,success,set_P,set_relative_P,set_recall,\
         set_map,set_F,num_nonrel_judged_ret",
    ),
];

/// Returns the name that [`Measure`](super::Measure) parses for a `text` in any spelling.
///
/// # Errors
/// When the name is unknown, or one of a measure that is not computed here; the error suggests a name.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    if let Some(name) = trec_eval_default(text) {
        return Ok(name.into());
    }
    if let Some(end) = text.find(['(', '@']) {
        return Ok(named(&text[..end], &text[end..])? + &text[end..]);
    }
    match known(text) {
        Some(name) => Ok(name.into()),
        None => match parameter(text) {
            Some((stem, value)) => Ok(with_parameter(stem, &named(stem, value)?, value)),
            None => named(text, ""),
        },
    }
}

/// Returns the names that a `text` of trec_eval stands for: a set, or a name whose parameters are left out.
pub(super) fn expansion(text: &str) -> Option<Vec<String>> {
    let lower = text.to_ascii_lowercase();
    if let Some((_, names)) = SETS.iter().find(|(set, _)| *set == lower) {
        let each = |name: &str| expansion(name).unwrap_or_else(|| vec![name.to_owned()]);
        return Some(names.split(',').flat_map(each).collect());
    }
    let (_, parameters) = FAMILIES.iter().find(|(family, _)| *family == lower)?;
    Some(parameters.iter().map(|parameter| format!("{text}_{parameter}")).collect())
}

/// Splits `P_5` and `ndcg_cut.10` into the name and the number at its end, which is the parameter.
pub(super) fn parameter(text: &str) -> Option<(&str, &str)> {
    let is_number = |(_, value): &(&str, &str)| value.parse::<f64>().is_ok();
    text.rsplit_once('_').filter(is_number).or_else(|| text.split_once('.').filter(is_number))
}

/// Returns the measure of a name that trec_eval computes with another default.
fn trec_eval_default(text: &str) -> Option<&'static str> {
    match text {
        "rbp" => Some("RBP(p=0.9)"),
        "rbp_resid" => Some("RBPResid(p=0.9)"),
        _ => None,
    }
}

fn known(name: &str) -> Option<&'static str> {
    let lower = name.trim().to_ascii_lowercase();
    NAMES.iter().find(|(written, _)| *written == lower).map(|(_, name)| *name)
}

/// Writes a parameter of trec_eval as `name` takes it.
fn with_parameter(stem: &str, name: &str, value: &str) -> String {
    match name {
        "SetF" => {
            // The parameter of trec_eval's set_F weighs recall by x, where van Rijsbergen has β².
            let beta = value.parse::<f64>().map_or(f64::NAN, f64::sqrt);
            format!("SetF(beta={beta})")
        }
        "Rprec" if stem.contains('_') => format!("Rprec(mult={value})"),
        "RBP" | "RBPResid" => format!("{name}(p={value})"),
        _ => format!("{name}@{value}"),
    }
}

/// Returns the measure called `name`; an error repeats the `rest` of what was written in its suggestion.
fn named(name: &str, rest: &str) -> Result<String, String> {
    let lower = name.trim().to_lowercase();
    if let Some(known) = known(name) {
        return Ok(known.into());
    }
    if SETS.iter().any(|(set, _)| *set == lower) {
        return Err("is a set of measures; give it alone".into());
    }
    if lower.starts_with("coverage") || lower.starts_with("itemcoverage") {
        return Err(
            "is one number of a whole run, no measure of queries: ask for `evaluation.coverage`".into()
        );
    }
    if lower == "runid" {
        return Err("is no measure; the name of the run stands in the first column".into());
    }
    let is_other = |other: &&&str| match other.strip_suffix('*') {
        Some(start) => lower.starts_with(start),
        None => lower == **other,
    };
    if NOT_HERE.iter().any(|other| is_other(&other)) {
        return Err("is known to trec_eval or ir_measures, but not computed here".into());
    }
    Err(match nearest(&lower) {
        Some(near) if rest.starts_with(['(', '@']) => format!("unknown; did you mean `{near}{rest}`?"),
        Some(near) if !rest.is_empty() => format!("unknown; did you mean `{near}@{rest}`?"),
        Some(near) => format!("unknown; did you mean `{near}`?"),
        None => format!("unknown; expected one of {}", ALL),
    })
}

/// Returns the measure whose spelling is most like `lower`, if one is like it.
fn nearest(lower: &str) -> Option<&'static str> {
    let like = |(written, _): &&(&str, &str)| strsim::jaro_winkler(written, lower);
    let best = NAMES.iter().max_by(|a, b| like(a).total_cmp(&like(b)))?;
    (like(&best) > 0.75).then_some(best.1)
}

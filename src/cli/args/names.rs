//! Lists of names: baselines and placebo rewards, each once, or `none`.

use clap::ValueEnum as _;

use crate::game::RewardSource;
use crate::ranking::Method;

/// Reads a method that can stand beside another; `none` for no baseline at all.
pub(in crate::cli) fn baseline(text: &str) -> Result<Option<Method>, String> {
    match Method::from_str(text, true) {
        Ok(method) if method.mode().is_none() => Ok(Some(method)),
        _ if text.eq_ignore_ascii_case("none") => Ok(None),
        _ => Err("expected a baseline such as mle, lambdarank, dns, puresvd, ease or ials, or none".into()),
    }
}

/// Reads a reward that is not the discriminator's; `none` for no control at all.
pub(in crate::cli) fn control(text: &str) -> Result<Option<RewardSource>, String> {
    match RewardSource::from_str(text, true) {
        Ok(control) if control != RewardSource::Discriminator => Ok(Some(control)),
        _ if text == "none" => Ok(None),
        _ => Err("expected constant, random, shuffled or none".into()),
    }
}

/// Returns the items of a list, each once.
pub(in crate::cli) fn distinct<T: Copy + PartialEq>(list: &[Option<T>]) -> Vec<T> {
    let mut kept = vec![];
    for item in list.iter().copied().flatten() {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

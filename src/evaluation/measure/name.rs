//! Names of measures, parsed and printed: `nDCG(dcg='exp-log2')@10`.

use std::fmt;
use std::str::FromStr;

use super::spelling::canonical;
use super::{Aggregate, Empty, Gain, Measure, Metric};
use crate::{Error, Result};

impl FromStr for Measure {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        canonical(text)
            .and_then(|name| Spec::split(&name)?.build())
            .map_err(|reason| Error::Config(format!("measure `{text}`: {reason}")))
    }
}

/// Parts of a name: `name(key=value, …)@cutoff`.
struct Spec<'a> {
    name: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    cutoff: Option<&'a str>,
}

impl<'a> Spec<'a> {
    fn split(text: &'a str) -> Result<Self, String> {
        let (head, cutoff) = match text.rsplit_once('@') {
            Some((head, cutoff)) => (head, Some(cutoff.trim())),
            None => (text, None),
        };
        let Some((name, inside)) = head.split_once('(') else {
            return Ok(Self { name: head.trim(), parameters: Vec::new(), cutoff });
        };
        let inside = inside.trim_end().strip_suffix(')').ok_or("expected `)` after the parameters")?;
        let mut parameters = Vec::new();
        for pair in inside.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (key, value) =
                pair.split_once('=').ok_or_else(|| format!("expected `key=value`, found `{pair}`"))?;
            parameters.push((key.trim(), value.trim().trim_matches(['\'', '"'])));
        }
        Ok(Self { name: name.trim(), parameters, cutoff })
    }

    fn build(mut self) -> Result<Measure, String> {
        let given = self.take("rel", |rel| (1..=i32::MAX).contains(rel), "a grade of at least 1")?;
        let empty = self.empty()?;
        let judged_only = self.flag("judged_only")?;
        let mut measure = Measure::new(self.metric(given)?);
        if self.name.to_ascii_lowercase().starts_with("gm") {
            measure.aggregate = Aggregate::GeometricMean;
        }
        if let Some(cutoff) = self.cutoff {
            return Err(format!("takes no cutoff, found `@{cutoff}`"));
        }
        if let Some((key, _)) = self.parameters.first() {
            return Err(match *key {
                "gains" => "`gains` is not computed here; map the grades of the judgements instead".into(),
                _ => format!("unknown parameter `{key}`"),
            });
        }
        measure.rel = given.unwrap_or(1);
        measure.empty = empty;
        measure.judged_only = judged_only;
        Ok(measure)
    }

    fn metric(&mut self, rel: Option<i32>) -> Result<Metric, String> {
        Ok(match self.name.to_ascii_lowercase().as_str() {
            "p" => Metric::P(self.depth()?),
            "r" => Metric::R(self.depth()?),
            "f1" => Metric::F(self.depth()?, 1.0),
            "f" => Metric::F(self.depth()?, self.beta()?),
            "auc" => Metric::Auc,
            "utility" => Metric::Utility,
            "success" => Metric::Success(self.depth()?),
            "relp" => Metric::RelP(self.depth()?),
            "ap" => Metric::Ap(self.optional_depth()?),
            "rr" => Metric::Rr(self.optional_depth()?),
            "rprec" => Metric::Rprec(
                self.take("mult", |&m| m > 0.0 && m <= 1e6, "a positive number")?.unwrap_or(1.0),
            ),
            "bing" => Metric::BinG,
            "ndcg" => Metric::Ndcg(self.optional_depth()?, self.gain()?),
            "err" => {
                let max_grade = self.take("max", |m| (1..=30).contains(m), "a grade between 1 and 30")?;
                Metric::Err(self.optional_depth()?, max_grade.unwrap_or(4))
            }
            "rbp" => Metric::Rbp(self.optional_depth()?, self.persistence()?, rel),
            "rbpresid" => Metric::RbpResid(self.persistence()?),
            "bpref" | "gmbpref" => Metric::Bpref,
            "gmap" => Metric::Ap(None),
            "infap" => Metric::InfAp,
            "iprec" => {
                let recall = self.cutoff.take().ok_or("needs a recall, as in `IPrec@0.1`")?;
                let valid = recall.parse().ok().filter(|r| (0.0..=1.0).contains(r));
                Metric::IPrec(
                    valid.ok_or_else(|| format!("expected a recall between 0 and 1, found `{recall}`"))?,
                )
            }
            "iprecavg" => Metric::IPrecAvg,
            "setp" if self.flag("relative")? => Metric::SetRelP,
            "setp" => Metric::SetP,
            "setr" => Metric::SetR,
            "setf" => Metric::SetF(self.beta()?),
            "setap" => Metric::SetAp,
            "setrelp" => Metric::SetRelP,
            "judged" => Metric::Judged(self.depth()?),
            "unjudged" => Metric::Unjudged(self.depth()?),
            "numq" => Metric::NumQ,
            "numret" if rel.is_some() => Metric::NumRelRet, // as in ir_measures
            "numret" => Metric::NumRet,
            "numrel" => Metric::NumRel,
            "numrelret" => Metric::NumRelRet,
            "numnonrelret" => Metric::NumNonRelRet,
            _ => return Err("unknown".into()), // every name comes from the list of spellings
        })
    }

    /// Removes a parameter and parses its value; `None` when it is not given.
    fn take<T: FromStr>(
        &mut self,
        key: &str,
        valid: impl Fn(&T) -> bool,
        expected: &str,
    ) -> Result<Option<T>, String> {
        let Some(at) = self.parameters.iter().position(|(name, _)| *name == key) else { return Ok(None) };
        let (_, value) = self.parameters.remove(at);
        let read = value.parse().ok().filter(valid);
        read.map(Some).ok_or_else(|| format!("expected {expected} for `{key}`, found `{value}`"))
    }

    fn optional_depth(&mut self) -> Result<Option<usize>, String> {
        let Some(text) = self.cutoff.take() else { return Ok(None) };
        let depth = text.parse().ok().filter(|&k| k > 0 && k <= 1 << 40);
        depth.map(Some).ok_or_else(|| format!("expected a cutoff of at least 1, found `@{text}`"))
    }

    fn depth(&mut self) -> Result<usize, String> {
        self.optional_depth()?.ok_or_else(|| format!("needs a cutoff, as in `{}@10`", self.name))
    }

    fn gain(&mut self) -> Result<Gain, String> {
        let expected = "'log2' (gain = grade) or 'exp-log2' (2^grade - 1)";
        let dcg: Option<String> = self.take("dcg", |_| true, expected)?;
        match dcg.as_deref() {
            None | Some("log2") => Ok(Gain::Grade),
            Some("exp-log2") => Ok(Gain::Exponential),
            Some(other) => Err(format!("expected {expected} for `dcg`, found `{other}`")),
        }
    }

    fn beta(&mut self) -> Result<f64, String> {
        Ok(self.take("beta", |&b| b > 0.0 && b <= 1e6, "a positive number")?.unwrap_or(1.0))
    }

    /// Removes a parameter that is true or false, as ir_measures writes it; false when it is not given.
    fn flag(&mut self, key: &str) -> Result<bool, String> {
        let value: Option<String> = self.take(key, |_| true, "True or False")?;
        match value.map(|value| value.to_ascii_lowercase()).as_deref() {
            Some("true" | "1") => Ok(true),
            None | Some("false" | "0") => Ok(false),
            Some(other) => Err(format!("expected True or False for `{key}`, found `{other}`")),
        }
    }

    fn persistence(&mut self) -> Result<f64, String> {
        Ok(self
            .take("p", |p| (0.0..1.0).contains(p), "a number from 0 up to, not including, 1")?
            .unwrap_or(0.8))
    }

    fn empty(&mut self) -> Result<Empty, String> {
        let value: Option<String> = self.take("empty", |_| true, "0, 1 or skip")?;
        match value.as_deref() {
            None | Some("0") => Ok(Empty::Zero),
            Some("1") => Ok(Empty::One),
            Some("skip") => Ok(Empty::Skip),
            Some(other) => Err(format!("expected 0, 1 or skip for `empty`, found `{other}`")),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parameters = Vec::new();
        let default_rel = if matches!(self.metric, Metric::Rbp(_, _, Some(_))) { 0 } else { 1 };
        if self.rel != default_rel {
            parameters.push(format!("rel={}", self.rel));
        }
        parameters.extend(own_parameter(self.metric));
        match self.empty {
            Empty::Zero => {}
            Empty::One => parameters.push("empty=1".into()),
            Empty::Skip => parameters.push("empty=skip".into()),
        }
        if self.judged_only {
            parameters.push("judged_only=True".into());
        }
        f.write_str(if self.aggregate == Aggregate::GeometricMean { "GM" } else { "" })?;
        f.write_str(self.metric.name())?;
        if !parameters.is_empty() {
            write!(f, "({})", parameters.join(","))?;
        }
        match (self.metric, self.named_cutoff()) {
            (Metric::IPrec(recall), _) => write!(f, "@{recall}"),
            (_, Some(k)) => write!(f, "@{k}"),
            _ => Ok(()),
        }
    }
}

/// Returns the parameter that belongs to `metric` alone, unless it has its default.
fn own_parameter(metric: Metric) -> Option<String> {
    match metric {
        Metric::Ndcg(_, Gain::Exponential) => Some("dcg='exp-log2'".into()),
        Metric::Err(_, max_grade) if max_grade != 4 => Some(format!("max={max_grade}")),
        Metric::Rbp(_, p, _) | Metric::RbpResid(p) if p != 0.8 => Some(format!("p={p}")),
        Metric::SetF(beta) | Metric::F(_, beta) if beta != 1.0 => Some(format!("beta={beta}")),
        Metric::Rprec(multiple) if multiple != 1.0 => Some(format!("mult={multiple}")),
        _ => None,
    }
}

impl Metric {
    /// Returns the name without parameters and cutoff.
    fn name(self) -> &'static str {
        match self {
            Self::P(_) => "P",
            Self::R(_) => "R",
            Self::F(_, 1.0) => "F1",
            Self::F(..) => "F",
            Self::Auc => "AUC",
            Self::Utility => "Utility",
            Self::Success(_) => "Success",
            Self::RelP(_) => "RelP",
            Self::Ap(_) => "AP",
            Self::Rr(_) => "RR",
            Self::Rprec(_) => "Rprec",
            Self::BinG => "BinG",
            Self::Ndcg(..) => "nDCG",
            Self::Err(..) => "ERR",
            Self::Rbp(..) => "RBP",
            Self::RbpResid(_) => "RBPResid",
            Self::Bpref => "Bpref",
            Self::InfAp => "infAP",
            Self::IPrec(_) => "IPrec",
            Self::IPrecAvg => "IPrecAvg",
            Self::SetP => "SetP",
            Self::SetR => "SetR",
            Self::SetF(_) => "SetF",
            Self::SetAp => "SetAP",
            Self::SetRelP => "SetRelP",
            Self::Judged(_) => "Judged",
            Self::Unjudged(_) => "Unjudged",
            Self::NumQ => "NumQ",
            Self::NumRet => "NumRet",
            Self::NumRel => "NumRel",
            Self::NumRelRet => "NumRelRet",
            Self::NumNonRelRet => "NumNonRelRet",
        }
    }
}

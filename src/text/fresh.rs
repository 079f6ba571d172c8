//! Generators before they have learnt anything.

use super::{TextConfig, TextData};
use crate::nn::Initializer;
use crate::seed::Stream;
use crate::text::models::RecurrentModel;

/// Makes member `member` of an ensemble (from 1) with weights of its own; the first is the generator.
pub(super) fn fresh_member(config: &TextConfig, data: &TextData, member: usize) -> RecurrentModel {
    let settings = &config.generator;
    let shape = data.shape(settings.cell, settings.embedding, settings.hidden);
    let root = member_stream(Stream::new(config.seed), member);
    let mut rng = root.named("init generator").rng();
    RecurrentModel::new(&shape, Initializer::Normal(settings.deviation), &mut rng)
}

/// Returns the stream of everything that member `member` of an ensemble learns by; the generator's is `root` itself.
pub(super) fn member_stream(root: Stream, member: usize) -> Stream {
    match member {
        1 => root,
        _ => root.named("member").at(member as u64),
    }
}

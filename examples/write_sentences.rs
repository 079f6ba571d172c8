//! Trains a small generator on sentences in memory and lets it write: `cargo run --release --example write_sentences`.

use irgan::Result;
use irgan::data::sentences::{Corpus, CorpusOptions};
use irgan::game::Schedule;
use irgan::seed::Stream;
use irgan::text::{AdversarialConfig, MleConfig, TextConfig, TextData};

fn main() -> Result<()> {
    let subjects = ["the cat", "a dog", "my bird", "this child", "an old man"];
    let verbs = ["sees", "follows", "likes", "hears"];
    let objects = ["the house", "a tree", "the river", "your garden", "the sun", "a boat"];
    let sentences = subjects.iter().flat_map(|subject| {
        let pairs = verbs.iter().flat_map(|verb| objects.iter().map(move |object| (verb, object)));
        pairs.map(move |(verb, object)| format!("{subject} {verb} {object}"))
    });
    let corpus = Corpus::from_sentences(sentences, &CorpusOptions::default())?;
    let (train, valid) = corpus.hold_out(Stream::new(1))?;
    let data = TextData::from_corpora(train, valid);

    let usual = AdversarialConfig::default();
    let config = TextConfig {
        mle: MleConfig { epochs: 40, ..MleConfig::default() },
        adversarial: AdversarialConfig {
            schedule: Schedule { rounds: 2, g_epochs: 10, ..usual.schedule },
            ..usual
        },
        ..TextConfig::default()
    };
    let model = irgan::train_generator(&config, &data)?;
    let drawn = model.generator.draw(8, Stream::new(2));
    drawn.iter().for_each(|sentence| println!("{}", model.decode(sentence)));
    println!("NLL of held-out sentences: {:.3} nats a token", model.generator.nll(&data.valid));
    Ok(())
}

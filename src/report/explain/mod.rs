//! `explain`: why a GAN cannot be trained on tokens as it is on images, and what helps, as a page of measured pictures.
//!
//! Every picture comes from a small experiment with a fixed seed that is run when the page is made.

mod baseline;
mod estimators;
mod lesson;
mod peaks;
mod relaxed;
mod steps;
mod supports;

use super::page::Page;
use crate::seed::Stream;

/// Returns the page, made with this seed in some seconds; `made_by` is the command that made it, and each argument gets the
/// command that shows the same in a training.
pub fn explain(seed: u64, made_by: &str, commands: [&str; 6]) -> String {
    let stream = Stream::new(seed).named("explain");
    let mut page = Page::new(
        "Why words are hard for a GAN",
        &format!("Measured pictures, each from a small experiment of its own, made by {made_by}."),
    );
    let lessons = [
        supports::lesson(),
        peaks::lesson(stream.named("peaks")),
        steps::lesson(stream.named("steps")),
        relaxed::lesson(stream.named("relaxed")),
        estimators::lesson(stream.named("estimators")),
        baseline::lesson(stream.named("baseline")),
    ];
    for ((letter, lesson), command) in ('a'..).zip(lessons).zip(commands) {
        lesson.add(letter, command, &mut page);
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_picture_of_every_argument_and_the_same_bytes_for_the_same_seed() {
        let explain = |seed| explain(seed, "this test", ["none"; 6]);
        let page = explain(1);
        for letter in 'a'..='f' {
            assert!(page.contains(&format!("<h2>({letter}) ")), "{letter}");
        }
        assert!(page.matches("<svg").count() >= 8 && !page.contains("NaN"));
        assert_eq!(page, explain(1));
        assert_ne!(page, explain(2));
    }
}

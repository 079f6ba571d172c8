//! Words for p-values and players.

use crate::ranking::Player;

/// Returns `p = 0.012`, or `p < 0.001`.
pub(in crate::report) fn p_shown(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// Returns the name of a player of the game; none for the single network of a baseline.
pub(in crate::report) fn player_name(player: Player) -> Option<&'static str> {
    match player {
        Player::Single => None,
        Player::G => Some("generator"),
        Player::D => Some("discriminator"),
        Player::Both => Some("both players"),
        Player::Prior => Some("prior alone"),
        Player::Each => Some("each model's choice"),
    }
}

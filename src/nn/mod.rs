//! Neural layers by hand: forward and backward, losses, optimisers, initialisers. Knows nothing of rewards.

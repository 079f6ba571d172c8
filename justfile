# Short names for common commands; `just` alone lists them.

_default:
    @just --list

# The whole gate: formatting, lints, documentation, benches compiled, tests
check:
    .ci/run

# Tests, doctests included; `just test estimator` runs those whose name matches
test *FILTER:
    cargo test --locked {{FILTER}}

# Wheel and tests of the bindings for Python
python:
    cargo test --locked --no-run
    .ci/python

# Format the tree
fmt:
    cargo fmt --all

# Lints as the gate sees them
lint:
    cargo clippy --all-targets --locked -- -D warnings

# The library's documentation, opened in a browser
doc:
    cargo doc --no-deps --open

# Run the benches; `just bench evaluation` runs one file
bench *NAME:
    cargo bench --locked {{ if NAME == "" { "" } else { "--bench " + NAME } }}

# Train on the built-in benchmark
try:
    cargo run --release --locked --bin irgan -- train --pairwise

# Fuzz every reader for so many minutes in all (needs a nightly toolchain)
fuzz MINUTES:
    scripts/fuzz.sh {{MINUTES}}

# Licences, advisories and sources of dependencies (needs cargo-deny and a network)
deny:
    cargo deny check

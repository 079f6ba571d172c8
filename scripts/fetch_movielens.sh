#!/usr/bin/env bash
# Downloads MovieLens-100k or MovieLens-1M from GroupLens, their owner, into datasets/. Needs a network, curl, unzip.
#
#   scripts/fetch_movielens.sh [100k|1m] [FOLDER]
#
# By downloading you accept GroupLens's terms: research use, no redistribution, cite Harper and Konstan (2015). They are
# in the README of the archive. Nothing is left behind when a check fails.
set -euo pipefail

version="${1:-100k}"
folder="${2:-$(dirname "$0")/../datasets}"

case "$version" in
    100k) md5=0e33842e24a9c977be4e0107933c0723 ratings=u.data rows=100000 ;;
    1m) md5=c4d9eecfca2ab87c1945afe126590906 ratings=ratings.dat rows=1000209 ;;
    *) echo "usage: $0 [100k|1m] [FOLDER]" >&2; exit 2 ;;
esac
name="ml-$version"

if [[ -e "$folder/$name" ]]; then
    echo "$folder/$name is already there; remove it to fetch it again" >&2
    exit 1
fi
for tool in curl unzip md5sum; do
    command -v "$tool" >/dev/null || { echo "this script needs $tool" >&2; exit 1; }
done

mkdir -p "$folder"
work="$(mktemp -d "$folder/.fetch.XXXXXX")"
trap 'rm -rf "$work"' EXIT

curl --fail --location --retry 3 --output "$work/$name.zip" "https://files.grouplens.org/datasets/movielens/$name.zip"
echo "$md5  $work/$name.zip" | md5sum --check --quiet
unzip -q "$work/$name.zip" -d "$work"

found="$(wc -l <"$work/$name/$ratings")"
if [[ "$found" -ne "$rows" ]]; then
    echo "$ratings: expected $rows rows, found $found" >&2
    exit 1
fi
mv "$work/$name" "$folder/$name"
echo "$folder/$name/$ratings: $rows ratings"

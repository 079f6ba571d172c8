#!/usr/bin/env bash
# Fetches MovieLens-100k or MovieLens-1M from GroupLens. Needs a network, curl, unzip and md5sum.
#
#   scripts/fetch_movielens.sh 100k [FOLDER]    # FOLDER: where to unpack, default `datasets`
#   scripts/fetch_movielens.sh 1m [FOLDER]
#
# GroupLens allows research use; it allows neither redistribution nor commercial use without
# permission. The terms are in the README that comes with the data: read them first.
set -euo pipefail

case "${1:-}" in
    100k) name=ml-100k file=u.data rows=100000 ;;
    1m) name=ml-1m file=ratings.dat rows=1000209 ;;
    *) echo "usage: $0 100k|1m [FOLDER]" >&2; exit 2 ;;
esac
folder=${2:-datasets}
base=https://files.grouplens.org/datasets/movielens

if [ -e "$folder/$name" ]; then
    echo "$folder/$name exists already; remove it to fetch it again" >&2
    exit 1
fi
mkdir -p "$folder"
work=$(mktemp -d "$folder/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

curl --fail --location --show-error --output "$work/$name.zip" "$base/$name.zip"
curl --fail --location --show-error --silent --output "$work/$name.zip.md5" "$base/$name.zip.md5"
# The owner's file is `MD5 (ml-100k.zip) = …` or `…  ml-100k.zip`: the sum is its 32 hexadecimal digits.
stated=$(grep -oiE '\b[0-9a-f]{32}\b' "$work/$name.zip.md5" | head -n 1 | tr 'A-F' 'a-f')
actual=$(md5sum "$work/$name.zip" | cut -d ' ' -f 1)
if [ "$stated" != "$actual" ]; then
    echo "$name.zip: MD5 is $actual, GroupLens states $stated; fetch it again" >&2
    exit 1
fi

unzip -q "$work/$name.zip" -d "$work"
found=$(wc -l < "$work/$name/$file")
if [ "$found" -ne "$rows" ]; then
    echo "$name/$file: expected $rows ratings, found $found" >&2
    exit 1
fi
mv "$work/$name" "$folder/$name"
echo "$folder/$name/$file: $rows ratings"

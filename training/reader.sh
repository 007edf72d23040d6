#!/bin/sh
# From data to the reader's weights: training/reader.sh DATA BASE WORDNET OUT (see README.md).
# Stopped at any point, it goes on from there when it is started again.
set -eu
data=$1 base=$2 wordnet=$3 out=$4
python=${PYTHON:-python}

if [ ! -f "$out/first/reader.pt" ]; then
  "$python" -m training.train --data "$data" --base "$base" --out "$out/first" \
    --examples 26000 --seed 13
fi
if [ ! -f "$out/second/reader.pt" ]; then
  "$python" -m training.train --data "$data" --base "$base" --out "$out/second" --stage 2 \
    --start "$out/first/reader.pt" --thesaurus "$wordnet" --examples 66000 --seed 17 \
    --rate 1e-4 --head-rate 3e-4 --warmup 0.05
fi
"$python" -m training.export --data "$data" --base "$base" --weights "$out/second/reader.pt" \
  --out "$out/export"

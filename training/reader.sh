#!/bin/sh
# From data to the reader's weights: training/reader.sh DATA BASE WORDNET POSTS OUT (see README.md).
# Stopped at any point, it goes on from there when it is started again.
set -eu
data=$1 base=$2 wordnet=$3 posts=$4 out=$5
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
if [ ! -f "$out/searched.json.gz" ]; then
  "$python" -m training.search --data "$data" --base "$base" --posts "$posts" \
    --out "$out/searched.json.gz"
fi
if [ ! -f "$out/third/reader.pt" ]; then
  "$python" -m training.train --data "$data" --base "$base" --out "$out/third" --stage 3 \
    --start "$out/second/reader.pt" --searched "$out/searched.json.gz" --scale 0.8 --seed 23 \
    --rate 8e-5 --head-rate 3e-4 --warmup 0.04 --max-tokens 232 ${BFLOAT16:+--bfloat16}
fi
"$python" -m training.export --data "$data" --base "$base" --weights "$out/third/reader.pt" \
  --out "$out/export"
# The second, larger reader, where MPNET names the folder of all-mpnet-base-v2.
if [ -n "${MPNET:-}" ]; then
  if [ ! -f "$out/larger/reader.pt" ]; then
    "$python" -m training.train --data "$data" --base "$base" --larger "$MPNET" --layers 8 \
      --out "$out/larger" --stage 3 --searched "$out/searched.json.gz" --scale 0.5 --seed 31 \
      --rate 5e-5 --head-rate 5e-4 --warmup 0.06 --max-tokens 220 ${BFLOAT16:+--bfloat16}
  fi
  "$python" -m training.export_second --base "$base" --weights "$out/larger/reader.pt" \
    --out "$out/second-export"
fi

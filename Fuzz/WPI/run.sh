#!/bin/sh
# Fuzzes the decoders of the WorkPoint Interface's messages.
# usage: run.sh [runs] [further libFuzzer options]     (1,000,000 runs unless told; the corpus is kept in Fuzz/.corpus)
exec "$(dirname "$0")/../wire.sh" WPI WPIProperty examples/wpi "$@"

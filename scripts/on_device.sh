#!/usr/bin/env bash
# The shell of jobs that use a GPU on a machine with several: takes -c COMMAND as bash does and runs it
# on a GPU that no other job of this user is using, waiting for one if need be. A lock on a file
# holds the GPU until the command and all that it started have ended, however they end.
set -euo pipefail
if [ -z "${CUDA_VISIBLE_DEVICES:-}" ]; then
  CUDA_VISIBLE_DEVICES=$(find /dev -maxdepth 1 -name 'nvidia[0-9]*' -printf '%f\n' | tr -dc '0-9\n' | paste -sd,)
fi
IFS=, read -r -a devices <<<"${CUDA_VISIBLE_DEVICES//[[:space:]]/}"
locks=${TMPDIR:-/tmp}/ricci-flow-devices-$UID
mkdir -p "$locks"
while true; do
  for device in "${devices[@]}"; do
    [[ $device != -* ]] || break # as in CUDA, a negative number ends the list
    [ -n "$device" ] || continue
    exec {lock}>"$locks/${device//\//_}" # names of MIG devices hold slashes
    if flock --nonblock "$lock"; then
      export CUDA_VISIBLE_DEVICES=$device
      exec bash -euo pipefail "$@"
    fi
    exec {lock}>&-
  done
  sleep 0.2
done

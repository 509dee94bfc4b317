#!/bin/sh
# Makes node_modules beside the tests' JavaScript: exactly what its package-lock.json names, checked by its hashes.
#
# A stamp holds the hash of the lock, so that a second run has nothing to do and one that was interrupted is done again.
set -eu
cd "$(dirname "$0")/../tests/release/credentials/javascript"

key=$(sha256sum package-lock.json | cut -d ' ' -f 1)
[ "$(cat node_modules/lock.stamp 2>/dev/null)" = "$key" ] && exit 0

log=$(mktemp)
if ! npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 </dev/null; then
    sed -E 's#[a-z+]+://[^[:space:]]+#(address)#g' "$log" | tail -n 15 >&2
    rm -f "$log"
    printf '%s\n' "The second verifier could not be installed: npm reported the errors above. Mend what they name and run this again." >&2
    exit 1
fi
rm -f "$log"
printf '%s\n' "$key" >node_modules/lock.stamp

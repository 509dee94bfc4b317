#!/bin/sh
# Makes .venv: exactly what requirements.lock names, and coursewright itself as an editable install.
#
# Two stamps hold the hash of what each half was made from, so that a second run has nothing to do, a changed
# lock makes a new environment, and a run that was interrupted is simply done again.
set -eu
cd "$(dirname "$0")/.."

export PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }

# The first Python that is new enough and can make environments: $PYTHON, or what PATH offers.
choose_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    say "coursewright needs Python 3.11 or newer with venv: install the Debian package python3-venv, or say PYTHON=/path/to/python3."
    return 1
}

# pip is quiet unless it fails; then its errors are shown without the addresses and names that they may hold.
install() {
    log=$(mktemp)
    if ! .venv/bin/python -m pip install --quiet --no-deps "$@" >"$log" 2>&1 </dev/null; then
        sed -E 's#[a-z+]+://[^[:space:]]+#(address)#g' "$log" | tail -n 15 >&2
        rm -f "$log"
        say "The environment could not be made: pip reported the errors above. Mend what they name and run this again."
        return 1
    fi
    rm -f "$log"
}

# The hash of a file without its comments.
key() { grep -v '^ *#' "$1" | sha256sum | cut -d ' ' -f 1; }

lock_key="$PWD $(key requirements.lock)"
project_key="$(key pyproject.toml) $lock_key"

if [ "$(cat .venv/lock.stamp 2>/dev/null)" != "$lock_key" ]; then
    python=$(choose_python)
    say "Setting up .venv (a minute or two, once) …"
    "$python" -m venv --clear .venv
    install --require-hashes --requirement requirements.lock
    printf '%s\n' "$lock_key" >.venv/lock.stamp
fi

if [ "$(cat .venv/project.stamp 2>/dev/null)" != "$project_key" ]; then
    install --no-build-isolation --editable .
    printf '%s\n' "$project_key" >.venv/project.stamp
fi

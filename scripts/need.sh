#!/bin/sh
# need.sh COMMAND PACKAGE: makes sure that COMMAND is there, from the Debian package PACKAGE if we may install it.
set -eu

# Debian keeps the programs of a PostgreSQL server out of PATH.
is_there() {
    for folder in /usr/lib/postgresql/*/bin; do PATH="$PATH:$folder"; done
    command -v "$1" >/dev/null 2>&1
}

is_there "$1" && exit 0

missing() {
    printf '%s\n' "The tests need the command $1: install the Debian package $2 (as root: apt-get install $2) and run this again." >&2
    exit 1
}

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    missing "$1" "$2"
fi

printf '%s\n' "Installing the Debian package $2 …" >&2
export DEBIAN_FRONTEND=noninteractive
{
    apt-get update && apt-get install --yes --no-install-recommends "$2"
} </dev/null >/dev/null 2>&1 || true
is_there "$1" || missing "$1" "$2"

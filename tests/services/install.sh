#!/bin/sh
# Installs Redis, PostgreSQL and Chromium for the tests where they are missing: Debian's packages, as root. Nothing is
# started. The argument is for this script's own test: where Debian looks for what it may start.
set -eu

policy=${1:-/usr/sbin/policy-rc.d}

have() {
    command -v "$1" >/dev/null 2>&1
}

services() {
    have redis-server && { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
}

browser() {
    have chromium || have chromium-browser
}

install() {
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null || true
}

if services && browser; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && have apt-get; then
    echo "Installing Redis, PostgreSQL and Chromium for the tests"
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null || true
    services || install redis-server postgresql
    browser || install chromium
fi
if ! { services && browser; }; then
    echo "Redis, PostgreSQL or Chromium is missing and cannot be installed from here: the tests that need it will be skipped"
fi

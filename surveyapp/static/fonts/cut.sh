#!/bin/sh
# Cuts the web fonts from Debian's fonts-noto-core; run from the project's root, needs fonttools and brotli.
set -eu
source=/usr/share/fonts/truetype/noto
here=$(dirname "$0")
# Latin for Vietnamese (all letters, and the marks on their own), digits, punctuation, the signs that reports use
latin="U+0020-007E,U+00A0,U+00A7,U+00A9,U+00AB,U+00AD,U+00B0,U+00B1,U+00B7,U+00BB,U+00BD,U+00C0-00C3,U+00C8-00CA"
latin="$latin,U+00CC,U+00CD,U+00D2-00D5,U+00D7,U+00D9,U+00DA,U+00DD,U+00E0-00E3,U+00E8-00EA,U+00EC,U+00ED"
latin="$latin,U+00F2-00F5,U+00F7,U+00F9,U+00FA,U+00FD,U+0102,U+0103,U+0110,U+0111,U+0128,U+0129,U+0168,U+0169"
latin="$latin,U+01A0,U+01A1,U+01AF,U+01B0,U+0300-0303,U+0306,U+0309,U+031B,U+0323,U+1EA0-1EF9,U+200B,U+2010-2015"
latin="$latin,U+2018-201E,U+2022,U+2026,U+2032,U+2033,U+20AB,U+2212,U+2264,U+2265"
khmer="U+0020,U+00A0,U+1780-17FF,U+19E0-19FF,U+200B-200D,U+25CC"
for weight in Regular Bold; do
    # without hinting: screens of today don't use it; digits are all as wide as each other in this face
    pyftsubset "$source/NotoSans-$weight.ttf" --unicodes="$latin" --layout-features=ccmp,kern,locl,mark,mkmk \
        --no-hinting --flavor=woff2 --output-file="$here/NotoSans-$weight.woff2"
    pyftsubset "$source/NotoSansKhmer-$weight.ttf" --unicodes="$khmer" --layout-features='*' \
        --no-hinting --flavor=woff2 --output-file="$here/NotoSansKhmer-$weight.woff2"
done
# the name of the language alone, for the switch on every page: who does not read Khmer does not fetch the whole script
pyftsubset "$source/NotoSansKhmer-Regular.ttf" --text="ភាសាខ្មែរ" --layout-features='*' \
    --no-hinting --flavor=woff2 --output-file="$here/LanguageNames.woff2"

"""Where a line of Khmer may break. Khmer writes no spaces between words, and a PDF has no dictionary: without help a sentence
runs off the paper. A zero-width space between two clusters allows a break there.

A cluster is a letter with everything stacked on it. A piece begins with a cluster that has a vowel, or with a bare letter
before a stack that has one (ច + ម្លើ); a bare letter otherwise closes the syllable before it (ពេ + ញ). This is no dictionary: a
word may be broken between its syllables. Where the writer put zero-width spaces, only those count.
"""

import re

BREAK = "\u200b"
_RUN = re.compile(r"[\u1780-\u17d3\u17dd]+")
#: a letter or independent vowel, letters under it (after U+17D2), vowels and signs
_CLUSTER = re.compile(r"[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3])*[\u17b4-\u17d1\u17d3\u17dd]*|.")
_VOWEL = re.compile(r"[\u17b6-\u17c5]")
_STACK = "\u17d2"
#: shorter pieces are not worth a line of their own
_SHORTEST = 2


def breakable(text: str) -> str:
    """The text with its places to break; what is not Khmer stays as it is."""
    return text if BREAK in text else _RUN.sub(lambda run: _broken(run.group()), text)


def _broken(run: str) -> str:
    clusters = _CLUSTER.findall(run)
    pieces: list[str] = []
    count = 0
    for index, cluster in enumerate(clusters):
        before = clusters[index - 1] if index else ""
        after = clusters[index + 1] if index + 1 < len(clusters) else ""
        if pieces and (count < _SHORTEST or not _begins(before, cluster, after)):
            pieces[-1] += cluster
            count += 1
        else:
            pieces.append(cluster)
            count = 1
    return BREAK.join(pieces)


def _begins(before: str, cluster: str, after: str) -> bool:
    if len(cluster) == 1:
        return cluster <= "\u17b3" and _STACK in after and bool(_VOWEL.search(after))
    leans_on_the_one_before = _STACK in cluster and len(before) == 1
    return bool(_VOWEL.search(cluster)) and not leans_on_the_one_before

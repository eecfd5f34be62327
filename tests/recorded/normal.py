"""What two runs of one session may differ in, taken out of what kubectl printed."""

from __future__ import annotations

import re

_LETTERS = "[bcdfghjklmnpqrstvwxz2456789]"  # what Kubernetes makes hashes and random suffixes of
# The hash in a ReplicaSet's name is checked like any other text: equal templates have equal hashes. Of a
# pod's name only what Kubernetes draws at random is taken out.
_POD = re.compile(rf"\b([a-z0-9][a-z0-9-]*-{_LETTERS}{{6,10}})-{_LETTERS}{{5}}\b")
_AGE = re.compile(r"(?<![\w.:-])(?:\d+[smhdy]){1,2}(?![\w.:-])")


def normal(output: str) -> str:
    """Return ``output`` without ages and random suffixes, and with one blank for several.

    "testqc-6fd65fb77b-2hf5l   1/1   29s" is "testqc-6fd65fb77b-POD 1/1 AGE": columns are as wide as what is
    in them.
    """
    text = _AGE.sub("AGE", _POD.sub(r"\1-POD", output))
    return "\n".join(re.sub(r" {2,}", " ", line) for line in text.split("\n"))

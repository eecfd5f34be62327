"""Which strategy to take: `choose` among those that keep the limits, by aims, with reasons; and the answer
ready to be used, as a patch.
"""

from sim.choose.aims import DEFAULT_AIMS, DEFAULT_LIMITS, Aim, Sense, parse_aim
from sim.choose.answer import kubectl_command, patch_of, patch_yaml
from sim.choose.choice import Choice, choose, plain
from sim.choose.names import name_of, phrase_of
from sim.choose.numbers import FOUR
from sim.choose.reasons import NO_POD, excess_text
from sim.choose.words import limit_unit

__all__ = [
    "DEFAULT_AIMS",
    "DEFAULT_LIMITS",
    "FOUR",
    "NO_POD",
    "Aim",
    "Choice",
    "Sense",
    "choose",
    "excess_text",
    "kubectl_command",
    "limit_unit",
    "name_of",
    "parse_aim",
    "patch_of",
    "patch_yaml",
    "phrase_of",
    "plain",
]

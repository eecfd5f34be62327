"""Which strategy to take: `choose` among those that keep the limits, by aims, with reasons; and the answer
ready to be used, as a patch.
"""

from sim.choose.aims import DEFAULT_AIMS, DEFAULT_LIMITS, Aim, Sense, parse_aim
from sim.choose.answer import kubectl_command, patch_of, patch_yaml
from sim.choose.choice import Choice, choose

__all__ = [
    "DEFAULT_AIMS",
    "DEFAULT_LIMITS",
    "Aim",
    "Choice",
    "Sense",
    "choose",
    "kubectl_command",
    "parse_aim",
    "patch_of",
    "patch_yaml",
]

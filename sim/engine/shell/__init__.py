"""The terminal: kubectl's verbs played on the simulated cluster, at the API server's side of the
informers."""

from sim.engine.shell.shell import Shell

__all__ = ["Shell"]

"""The version: a literal, because asking the installed distribution costs more than starting does."""

__version__ = "0.2.0"

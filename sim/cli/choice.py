"""A choice between names that tells which one was probably meant."""

from __future__ import annotations

from typing import Any

import click


class NearChoice(click.Choice):  # type: ignore[type-arg]  # generic only in newer releases of click
    """click's choice; a wrong name is answered with the nearest right one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name; raises click.BadParameter for any other."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as wrong:
            from difflib import get_close_matches

            near = get_close_matches(str(value)[:60], list(map(str, self.choices)), 1, 0.5)
            if not near:
                raise
            raise click.BadParameter(f"{wrong.message} Did you mean {near[0]}?", ctx, param) from None

"""A folder with a small Deployment in it, and how to run a verb there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: web
          image: "shop:v2"
          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
"""
FEW = ("--replications", "6", "--workers", "1")


def settle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``folder`` the current one, put shop.yaml there, and have text 80 columns wide without colours."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")


def strict(text: str) -> Any:
    """Return the JSON document, in which nan and infinity are no numbers."""
    return json.loads(text, parse_constant=pytest.fail)


def rollsim(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sim", *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of such a process."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **variables}

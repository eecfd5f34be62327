"""A manifest with nothing wrong; its last line, 12, is the last of its container."""

from __future__ import annotations

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
        - name: a
          image: shop/a:1
          readinessProbe: {tcpSocket: {port: 80}}
"""

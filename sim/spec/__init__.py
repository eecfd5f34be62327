"""What was asked: YAML to frozen values, with Kubernetes' own defaults and validation."""

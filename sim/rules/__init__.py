"""What Kubernetes decides: pure leaf functions, scalars or flat arrays in, scalars out, no clock and no
chance.
"""

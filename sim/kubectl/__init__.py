"""kubectl: what its command lines mean, and what it prints."""

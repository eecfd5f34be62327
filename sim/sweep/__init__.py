"""Many runs: a plan of strategies, replications of each in blocks, anywhere; a sample as their result.

`axes` are what is typed, `plan` makes strategies of them, `rounds.sweep` has `executors` run their blocks,
and `folder` keeps the `sample`. Nothing is imported here: a worker needs neither tables nor statistics.
"""

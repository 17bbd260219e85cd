"""Measure courriel beside its peers: same server, same messages, one run.

Run with ``python -m benchmarks`` from the project's root; ``--quick`` for a smoke test, ``--only
loopback,import`` for some parts, ``--write`` to renew ``RESULTS.md`` by a whole run. Every measured
client is a process of its own, peers and ours take turns within each round, and only ratios of one
run count.

Only measuring lives here; nothing under ``src`` knows of it.
"""

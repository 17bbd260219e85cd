"""Run the command line: ``python -m courriel``.

Nothing else may live here.
"""

from __future__ import annotations

from courriel.cli import main

if __name__ == "__main__":
    main()

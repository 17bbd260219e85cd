"""What is said where the extra is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "package"),
    [("smime", "cryptography"), ("openpgp", "gnupg"), ("openpgp", "cryptography")],
)
def test_a_missing_package_is_named_with_its_extra(module: str, package: str) -> None:
    code = f"import sys; sys.modules['{package}'] = None; import courriel.crypto.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "needs the package" in done.stderr
    assert "courriel[crypto]" in done.stderr

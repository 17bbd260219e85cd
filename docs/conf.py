"""Configure Sphinx: Markdown pages by hand, the reference from docstrings."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of

from sphinx.pycode import ModuleAnalyzer

import courriel

project = "courriel"
author = "The courriel authors"
copyright = author
version = release = version_of("courriel")

extensions = ["myst_parser", "sphinx.ext.autodoc"]

# As GitHub names them, so that links into a page work in both.
myst_heading_anchors = 2

html_theme = "furo"
html_title = f"courriel {release}"

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True


def send_names_home() -> None:
    """Let every public name say where it was written, not where it is offered.

    autodoc reads the comments of fields and enumeration members from the source of the module that
    ``__module__`` names; for the public names that would be the package, which has no source of
    theirs.
    """
    public = {name: getattr(courriel, name) for name in courriel.__all__}
    homes = [name for name in sorted(sys.modules) if name.startswith("courriel.")]
    for home in homes:
        analyzer = ModuleAnalyzer.for_module(home)
        analyzer.analyze()
        for name in public.keys() & analyzer.tags.keys():
            if getattr(public[name], "__module__", None) == "courriel":
                public[name].__module__ = home


send_names_home()

"""zhicheng: registers, prints, seals, issues and verifies professional-title certificates."""

__version__ = "0.1.0"

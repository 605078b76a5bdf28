"""Files that ship with the product, to try it with."""

from pathlib import Path

SAMPLE = Path(__file__).parent / "applicants-300.csv"

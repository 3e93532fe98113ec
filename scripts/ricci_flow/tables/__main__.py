"""Write the tables' part of reports/guide/files.md: python -m ricci_flow.tables."""

from pathlib import Path

from ricci_flow.tables.guide import update

update(Path(__file__).resolve().parents[3] / "reports" / "guide" / "files.md")

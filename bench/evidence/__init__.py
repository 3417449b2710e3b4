"""`make evidence`: the figures that the documents state, measured again; each module prints its own tables."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Sets that others made, for measuring only. They are no part of the repository and may be missing.
DATA = Path(os.environ.get("EVIDENCE_DATA", ROOT.parent / "shared" / "data"))

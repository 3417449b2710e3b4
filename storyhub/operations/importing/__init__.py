"""Stories from files that other programs made: read (files, wordpress), understood (columns), brought in (bringing)."""

"""Stories as a project for qualitative analysis: the open exchange format of its programs, REFI-QDA 1.0 (.qdpx)."""

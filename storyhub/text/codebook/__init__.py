"""A codebook as files: CSV for spreadsheets, and QDC for programs of qualitative analysis."""

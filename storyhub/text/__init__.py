"""What words say, as pure functions of words and of lists handed in: no Flask, no database."""

"""What stands between a person and harm."""

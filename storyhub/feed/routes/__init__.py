"""The addresses of the room, one module for each kind of page."""

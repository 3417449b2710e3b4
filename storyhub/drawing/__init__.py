"""Counts as pictures: places and sizes on a page, as pure functions; components/pictures.html makes SVG of them."""

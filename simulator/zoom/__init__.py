"""A simulator of the parts of Zoom a recruiting product touches. Not the real Zoom."""

"""What a command answers instead of doing half of it."""


class Refused(Exception):
    """Why it was not done, in sentences that say what to do next."""

"""Dates that applicants choose themselves (日程調整): an empty room until it is built."""

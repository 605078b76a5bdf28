"""The clock's memory. Jobs themselves are rows of the job engine."""

from django.db import models


class Beat(models.Model):
    """When a piece of recurring work last began, so that of several workers only one does it."""

    name = models.CharField(max_length=100, unique=True)
    began_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.began_at:%Y-%m-%d %H:%M}"

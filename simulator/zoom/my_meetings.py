"""Not yet."""

from flask import Blueprint

blueprint = Blueprint("my_meetings", __name__)

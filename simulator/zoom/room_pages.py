"""Not yet."""

from flask import Blueprint

blueprint = Blueprint("room_pages", __name__)

"""Not yet."""

from flask import Blueprint

blueprint = Blueprint("marketplace", __name__)

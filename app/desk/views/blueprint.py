"""The blueprint of the desk, which its views share."""

from flask import Blueprint

bp = Blueprint("desk", __name__)

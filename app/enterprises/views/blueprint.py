"""The blueprint of these pages."""

from flask import Blueprint

bp = Blueprint("enterprises", __name__)

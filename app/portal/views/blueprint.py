"""The blueprint of the pages that an enterprise opens without an account."""

from flask import Blueprint

bp = Blueprint("portal", __name__)

"""The blueprint of these pages."""

from flask import Blueprint

bp = Blueprint("reports", __name__)

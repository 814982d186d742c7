"""What an enterprise opens by a link, a QR code, or a number and a query code."""

from app.portal.views import clearing, following, posters, rating, telling
from app.portal.views.blueprint import bp

__all__ = ["bp", "clearing", "following", "posters", "rating", "telling"]

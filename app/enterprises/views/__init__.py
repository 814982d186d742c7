"""Pages about enterprises, key projects and who looks after them."""

from app.enterprises.views import contacts, files, linkages, projects
from app.enterprises.views.blueprint import bp

__all__ = ["bp", "contacts", "files", "linkages", "projects"]

"""The application factory: the one place that knows every feature."""

import logging
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_bootstrap import Bootstrap5

from app import cli
from app.accounts import views as accounts
from app.attachments.service import keeping
from app.config import DEFAULTS
from app.core import crypto, db, http, locale, passwords, pieces
from app.demo import views as demo
from app.desk import views as desk
from app.enterprises import views as enterprises
from app.notifications import views as notifications
from app.operations import views as operations
from app.portal import views as portal
from app.reports import views as reports
from app.servicedays import views as servicedays
from app.tickets import views as tickets
from app.visits import views as visits
from app.workdays import views as workdays

BLUEPRINTS = (
    accounts.bp,
    workdays.bp,
    enterprises.bp,
    notifications.bp,
    notifications.letters.bp,
    tickets.bp,
    tickets.catalogue.bp,
    tickets.library.bp,
    visits.bp,
    reports.bp,
    servicedays.bp,
    portal.bp,
    desk.bp,
    operations.bp,
)


def create_app(overrides: Mapping[str, object] | None = None) -> Flask:
    """Build an application from defaults, the environment, then `overrides`."""
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(DEFAULTS)
    app.config.from_prefixed_env("BIHUAN")
    app.config.from_mapping(overrides or {})
    _fill_in(app)

    db.init_app(app)
    locale.init_app(app)
    passwords.init_app(app)
    pieces.init_app(app)
    http.init_app(app, hold=keeping.hold)
    Bootstrap5(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    desk.init_app(app)
    demo.init_app(app)
    cli.init_app(app)
    logging.getLogger("app").setLevel(logging.INFO)
    return app


def _fill_in(app: Flask) -> None:
    """Complete what the settings left empty from the instance folder."""
    instance = Path(app.instance_path)
    config = app.config
    config["SECRET_KEY"] = config["SECRET_KEY"] or crypto.kept_secret(instance, "secret-key")
    config["DATA_KEY"] = config["DATA_KEY"] or crypto.kept_secret(instance, "data-key")
    config["SQLALCHEMY_DATABASE_URI"] = (
        config["SQLALCHEMY_DATABASE_URI"] or f"sqlite:///{instance / 'bihuan.sqlite'}"
    )
    config["FILES_FOLDER"] = config["FILES_FOLDER"] or str(instance / "files")
    config["MAIL_FOLDER"] = config["MAIL_FOLDER"] or str(instance / "outbox")
    config["AUDIT_ANCHOR"] = config["AUDIT_ANCHOR"] or str(instance / "audit-anchor.log")

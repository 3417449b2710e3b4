"""The libraries' objects, bare: create_app() gives them their settings."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g, has_app_context
from flask_babel import Babel
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from huey import Huey
from huey.storage import MemoryStorage
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
from werkzeug.local import LocalProxy

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The nouns' common base."""

    metadata = MetaData(naming_convention=NAMING)


READS_FROM = "storyhub.reads_from"  # in a request's environment: the read-only database that it began to read from


class RoutingSession(Session):
    """A session that asks a read-only connection wherever protection.access said that this request only reads.

    The same one for the whole of a request: one replica may be behind another.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context() and g.get("reads_only", False):
            if "reads_by" not in g:
                engines = self._db.engines
                name = g.get("reads_from") or random.choice([key for key in engines if key is not None])  # noqa: S311
                g.reads_by = engines[name]
            return g.reads_by
        return super().get_bind(*args, **kwargs)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy, whose scoped session is a session to all who use it."""

    if TYPE_CHECKING:
        session: Session  # type: ignore[assignment]

    def session_itself(self) -> Session:
        """The session of this request, for who asks it many things: `session` looks up each time which one it is."""
        found: Session = self.session()  # type: ignore[operator]
        return found


db = Database(model_class=Base, session_options={"class_": RoutingSession})
migrate = Migrate(render_as_batch=True, compare_type=True)
csrf = CSRFProtect()
babel = Babel()
# Each app has its own, with keys of its own; this is the one of the app that is at work.
security = cast(Security, LocalProxy(lambda: current_app.extensions["security"]))


def _never_asked() -> str:
    raise RuntimeError("limits are counted by protection.limits alone, which knows how to name nobody")


limiter = Limiter(key_func=_never_asked, headers_enabled=False)


class Jobs(Huey):
    """Huey with its storage chosen when the app is made. What must not be lost is a Job row, never a huey message."""

    def __init__(self) -> None:
        super().__init__("storyhub", results=False, utc=True, storage_class=MemoryStorage)

    def open(self, storage_class: type, **kwargs: Any) -> None:
        self.storage = storage_class(self.name, **kwargs)


jobs = Jobs()

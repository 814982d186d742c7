"""The frame of a page for enterprises: no account, no menu, whoever is signed in on the machine."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.core import locale


@dataclass(frozen=True, slots=True)
class Front:
    """What `public.html` prints around such a page, in the words of its reader."""

    language: str
    theme: str
    large_type: bool
    keys: bool
    tenant_name: str = ""
    demo: bool = False
    signed_in: bool = False
    home_url: str = "#main"


def front(township: str = "", *, demo: bool = False, home_url: str = "#main") -> Front:
    """Return the frame of a township's page; without its name where the link names none."""
    look = locale.look()
    return Front(
        language=look.language,
        theme=look.theme,
        large_type=look.large_type,
        keys=look.keys,
        tenant_name=_("%(name)s营商办", name=township) if township else "",
        demo=demo,
        home_url=home_url,
    )

"""Who is who in the invented township, as ids and actors that outlive a transaction."""

from dataclasses import dataclass, field

from app.accounts.roles import Actor


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise of the township, and who looks after it."""

    id: int
    name: str  # short
    is_key: bool
    linkage_id: int
    leader_id: int
    liaison: Actor
    contact: str
    contact_post: str
    phone: str
    employees: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A category of the catalogue; `items` are those below it."""

    id: int
    is_urgent: bool
    items: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Cast:
    """Everybody who acts, filled while the township is founded."""

    tenant_id: int = 0
    units: dict[str, int] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)  # by user name, in the first role
    heads: dict[str, Actor] = field(default_factory=dict)  # by unit
    handlers: dict[str, Actor] = field(default_factory=dict)  # by unit
    leaders: dict[str, int] = field(default_factory=dict)  # user ids by L01 to L11
    liaisons: dict[str, Actor] = field(default_factory=dict)  # by N01 to N13
    director: Actor | None = None
    chief: Actor | None = None
    firms: dict[str, Firm] = field(default_factory=dict)  # by short name
    projects: dict[str, int] = field(default_factory=dict)  # ids by name
    customers: dict[str, Actor] = field(default_factory=dict)  # enterprise users by firm
    kinds: dict[str, Kind] = field(default_factory=dict)  # categories by code
    documents: list[int] = field(default_factory=list)  # policies, as they lie on the shelf
    campaigns: dict[str, int] = field(default_factory=dict)  # ids by name

    @property
    def dispatchers(self) -> tuple[Actor, Actor]:
        """The two clerks of the office, who take turns."""
        return self.people["shenzhixia"], self.people["luqingyue"]

    def handler(self, unit: str) -> Actor:
        """Return who handles in a unit; its head where nobody else does."""
        return self.handlers.get(unit) or self.heads[unit]

    def decides(self, *, chief: bool = False) -> Actor:
        """Return the director of the office, or the chief."""
        found = self.chief if chief else self.director
        assert found is not None  # noqa: S101 - the township was founded
        return found

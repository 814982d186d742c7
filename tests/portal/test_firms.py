"""Which enterprise a letter comes from is said where it is clear, and left open where it is not."""

import pytest
from flask import Flask

from app.accounts.roles import Actor, Role
from app.enterprises.models import Enterprise
from app.portal.queries import firms
from app.portal.queries.firms import Ground, Meant
from tests import make

CODE = "91349901MA2N0D7X4K"
PLACE = "明岫霁川"


@pytest.fixture
def clerk(app: Flask) -> Actor:
    del app
    return make.actor(Role.DISPATCHER)


@pytest.fixture
def machines(clerk: Actor) -> Enterprise:
    """Return the firm that is meant, among others of the same place and form."""
    del clerk
    for name in ("白鹭岗建材矿业", "朗岫电子元件", "恒屿包装材料", "恒达包装材料", "茶亭坪茶叶"):
        make.enterprise(f"{PLACE}{name}有限公司")
    return make.enterprise(f"{PLACE}拾光精密机械有限公司", short_name="拾光机械", uscc=CODE)


def meant(clerk: Actor, name: str, *, phone: str = "14200000001") -> Meant:
    one = make.telling(enterprise_name=name, contact_phone=phone)
    return firms.meant([one], viewer=clerk)[one.id]


@pytest.mark.parametrize(
    ("typed", "ground"),
    [
        ("拾光机械", Ground.NAME),
        (f"{PLACE}拾光精密机械有限公司 ", Ground.NAME),
        ("霁川拾光精密厂", Ground.ALIKE),
        ("拾光精密机械公司", Ground.ALIKE),
        (f"我们厂 代码{CODE.lower()}", Ground.CODE),
    ],
)
def test_a_name_or_a_code_that_is_like_no_others_is_clear(
    clerk: Actor, machines: Enterprise, typed: str, ground: Ground
) -> None:
    found = meant(clerk, typed)

    assert found.clear is not None
    assert (found.clear.id, found.clear.grounds) == (machines.id, (ground,))


def test_a_telephone_of_one_firm_alone_is_clear(clerk: Actor, machines: Enterprise) -> None:
    make.contact(enterprise=machines, phone="14200000077")

    found = meant(clerk, "我们厂", phone="142 0000 0077")

    assert found.clear is not None
    assert (found.clear.id, found.clear.grounds) == (machines.id, (Ground.PHONE,))


def test_a_telephone_of_two_firms_says_which_two(clerk: Actor, machines: Enterprise) -> None:
    other = make.enterprise("代账客户")
    for firm in (machines, other):
        make.contact(enterprise=firm, phone="14200000077")

    found = meant(clerk, "我们厂", phone="14200000077")

    assert found.clear is None
    assert {one.id for one in found.others} == {machines.id, other.id}


def test_a_name_that_speaks_for_one_and_a_telephone_for_another_leave_it_open(
    clerk: Actor, machines: Enterprise
) -> None:
    other = make.enterprise("代账客户")
    make.contact(enterprise=other, phone="14200000077")

    found = meant(clerk, "霁川拾光精密厂", phone="14200000077")

    assert found.clear is None
    assert {one.id for one in found.others} == {machines.id, other.id}


@pytest.mark.parametrize("typed", ["恒宇包装材料", "霁川包装", "星河塑料", "有限公司", PLACE, "！"])
def test_a_name_that_is_like_several_or_none_is_left_open(
    clerk: Actor, machines: Enterprise, typed: str
) -> None:
    del machines

    assert meant(clerk, typed).clear is None


def test_those_that_may_be_meant_are_offered_the_best_first_and_few(
    clerk: Actor, machines: Enterprise
) -> None:
    del machines

    found = meant(clerk, "恒宇包装材料")

    assert [one.name for one in found.others] == [
        f"{PLACE}恒屿包装材料有限公司",
        f"{PLACE}恒达包装材料有限公司",
    ]
    assert len(found.others) <= firms.MOST


def test_firms_of_another_township_are_never_offered(clerk: Actor) -> None:
    make.enterprise("拾光精密机械", tenant=make.tenant())

    assert meant(clerk, "拾光精密机械") == Meant()


def test_many_letters_ask_no_more_than_one(
    clerk: Actor, machines: Enterprise, statements: list[str]
) -> None:
    del machines
    letters = [make.telling() for _ in range(4)]
    for one in letters:
        assert one.enterprise is None  # read before it is counted
    statements.clear()

    firms.meant(letters, viewer=clerk)

    assert len([one for one in statements if one.startswith("SELECT")]) == 2

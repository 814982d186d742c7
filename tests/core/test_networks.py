"""One household or firm is one place, whichever of its addresses it comes from."""

import pytest

from app.core.networks import network_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::0002"),
        ("fe80::1%eth0", "fe80::2%eth1"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_addresses_of_one_network_are_one_place(one: str, other: str) -> None:
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("unknown", ""),
    ],
)
def test_addresses_of_two_networks_are_two_places(one: str, other: str) -> None:
    assert network_of(one) != network_of(other)

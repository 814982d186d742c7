"""From which network somebody comes: what one household or firm has for itself. Pure."""

from ipaddress import IPv6Address, ip_address

SHARED = 64  # bits of an IPv6 address; the rest, its owner chooses as they like


def network_of(ip: str) -> str:
    """Return what of an address is counted: the whole of an IPv4 one, the first half of an IPv6.

    What is no address is counted as it is. An IPv4 address that is written as IPv6 is the same.
    """
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(int(address) >> SHARED)

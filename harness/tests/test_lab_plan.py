"""Names and addresses of a plan: nothing is shared between cases."""

from ipaddress import ip_address

from mailassay.lab.plan import CONTROL, TARGET_ZONE, plan
from mailassay.world import Domain, Host, Member, MxKind, Standing, Store, World, Zone

TWO_HOSTS = World(destinations=(Domain(hosts=(Host("mx1"), Host("mx2", 20))),))


def test_names_and_addresses_follow_the_rule() -> None:
    made = plan({"one": World(), "two": TWO_HOSTS}).worlds["two"]
    assert [d.name for d in made.domains] == ["to.two.signed.example", "from.two.signed.example"]
    assert [(h.name, h.address) for d in made.domains for h in d.hosts] == [
        ("mx1.to.two.signed.example", "127.16.5.1"),
        ("mx2.to.two.signed.example", "127.16.5.2"),
        ("mx1.from.two.signed.example", "127.16.5.3"),
    ]


def test_the_worlds_of_no_case_come_first() -> None:
    made = plan({})
    assert list(made.worlds) == [CONTROL, *Standing]
    assert made.control.destinations[0].hosts[0].address == "127.16.1.1"


def test_standing_worlds_are_planned_once_for_all_cases() -> None:
    made = plan({
        "one": World(standing=Standing.MEMBERS), "two": World(standing=Standing.STORES)
    })
    for which, known in ((Standing.MEMBERS, Member), (Standing.STORES, Store)):
        names = [d.name for d in made.standing(which).destinations]
        assert names == [f"{k.name.lower()}.{which}.signed.example" for k in known]
    for slug in ("one", "two"):
        assert [d.name for d in made.worlds[slug].domains] == [f"from.{slug}.signed.example"]


def test_a_thousand_cases_share_nothing() -> None:
    made = plan({f"case-{n}": TWO_HOSTS for n in range(1000)})
    addresses = [h.address for h in made.hosts]
    assert len(set(addresses)) == len(addresses) == 3000 + 3 + 5 + 6
    assert all(ip_address(a).is_loopback for a in addresses)
    assert len({d.name for d in made.domains}) == len(made.domains)
    assert len({h.name for h in made.hosts}) == len(made.hosts)


def test_without_mx_the_host_is_the_domain() -> None:
    world = World(destinations=(Domain(kind=MxKind.ADDRESS),))
    domain = plan({"x": world}).worlds["x"].destinations[0]
    assert domain.hosts[0].name == domain.name


def test_no_domain_lies_below_the_target() -> None:
    """There Postfix would take REQUIRETLS for a wish only."""
    made = plan({"x": World(destinations=tuple(Domain(zone=zone) for zone in Zone))})
    assert not any(d.name.endswith("." + TARGET_ZONE) for d in made.domains)

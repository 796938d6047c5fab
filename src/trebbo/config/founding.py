"""`trebbo found`: loads the vocabularies and founds a network, before anybody can sign in."""

import argparse
import sys


def main(arguments: list[str]) -> int:
    """Run `trebbo found`; 0 when done, 1 when it was refused, with the reason."""
    parser = argparse.ArgumentParser(
        prog="trebbo found",
        description="Load the vocabularies and found a network; then appoint its agency.",
    )
    parser.add_argument("network", help="the network's short name in addresses")
    parser.add_argument("--name-it", required=True, help="its Italian name")
    parser.add_argument("--name-en", required=True, help="its English name")
    parser.add_argument("--territory", default="ITH5", help="the NUTS code of its territory")
    options = parser.parse_args(arguments)

    import django

    django.setup()
    from django.utils import translation

    from trebbo.ecosystem.clusters.actions.networks import found_network
    from trebbo.ecosystem.vocabularies.actions import load_vocabularies
    from trebbo.ecosystem.vocabularies.models import Territory
    from trebbo.kernel.access import installation
    from trebbo.kernel.errors import Refusal

    load_vocabularies(actor=installation())
    territory = Territory.objects.filter(code=options.territory).first()
    if territory is None:
        print(f"There is no territory “{options.territory}” in NUTS.", file=sys.stderr)
        return 1
    try:
        with translation.override("en"):
            network = found_network(
                actor=installation(),
                slug=options.network,
                name_it=options.name_it,
                name_en=options.name_en,
                territory=territory,
            )
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    print(f"{network.name_en} is founded. Next: trebbo appoint EMAIL --network {network.slug} …")
    return 0

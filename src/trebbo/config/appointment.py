"""`trebbo appoint`: gives a network its very first person, who then appoints everybody else."""

import argparse
import sys


def main(arguments: list[str]) -> int:
    """Run `trebbo appoint`; 0 when done, 1 when it was refused, with the reason."""
    parser = argparse.ArgumentParser(
        prog="trebbo appoint",
        description="Appoint the first person of the agency that coordinates a network.",
    )
    parser.add_argument("email", help="the person's e-mail address")
    parser.add_argument("--name", required=True, help="name and surname")
    parser.add_argument("--network", required=True, help="the network's short name in addresses")
    parser.add_argument("--language", choices=["it", "en"], default="it")
    options = parser.parse_args(arguments)

    import django

    django.setup()
    from django.utils import translation

    from trebbo.ecosystem.accounts.actions import appoint_first_agency
    from trebbo.ecosystem.clusters.models import Network
    from trebbo.kernel.access import installation
    from trebbo.kernel.errors import Refusal

    known = dict(Network.objects.values_list("slug", "pk"))
    if options.network not in known:
        names = ", ".join(sorted(known)) or "none yet"
        print(f"There is no network “{options.network}”. Networks: {names}.", file=sys.stderr)
        return 1
    try:
        with translation.override("en"):
            person = appoint_first_agency(
                actor=installation(),
                network_id=known[options.network],
                email=options.email,
                name=options.name,
                language=options.language,
            )
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        return 1
    print(f"{person} coordinates {options.network}.")
    print(f"A password is set at /{options.language}/account/password/reset/ with {person.email}.")
    return 0

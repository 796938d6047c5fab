"""People, sign-in, invitations and who acts for which organisation."""

"""Rules of State aid and of the definitions that it rests on."""

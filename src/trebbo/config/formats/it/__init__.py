"""Italian dates: "1 ottobre 2020", "1/10/2020"."""

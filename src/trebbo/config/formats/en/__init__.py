"""British dates: "1 October 2020", "1/10/2020"."""

"""What is known of each vocabulary that official files bring: names, publisher, credit."""

PUBLICATIONS_OFFICE = {
    "publisher_it": "Ufficio delle pubblicazioni dell'Unione europea",
    "publisher_en": "Publications Office of the European Union",
    "licence_it": "CC BY 4.0",
    "licence_en": "CC BY 4.0",
}
COMMISSION = {
    "publisher_it": "Commissione europea",
    "publisher_en": "European Commission",
    "licence_it": "decisione 2011/833/UE",
    "licence_en": "Decision 2011/833/EU",
}
ESCO = {
    **COMMISSION,
    "source": "https://esco.ec.europa.eu",
    # The Commission asks for this sentence wherever ESCO is used.
    "credit_it": "Questo servizio utilizza la classificazione ESCO della Commissione europea.",
    "credit_en": "This service uses the ESCO classification of the European Commission.",
}
ABOUT: dict[str, dict[str, str]] = {
    "esco_skills": {
        "name_it": "ESCO, abilità e competenze",
        "name_en": "ESCO, skills and competences",
        **ESCO,
    },
    "esco_occupations": {
        "name_it": "ESCO, professioni",
        "name_en": "ESCO, occupations",
        **ESCO,
    },
    "isco": {
        "name_it": "ISCO-08, gruppi di professioni",
        "name_en": "ISCO-08, groups of occupations",
        **ESCO,
    },
    "euroscivoc": {
        "name_it": "EuroSciVoc, campi della scienza",
        "name_en": "EuroSciVoc, fields of science",
        **PUBLICATIONS_OFFICE,
        "source": "https://op.europa.eu/en/web/eu-vocabularies/euroscivoc",
        "credit_it": "EuroSciVoc, Publications Office of the European Union, CC BY 4.0",
        "credit_en": "EuroSciVoc, Publications Office of the European Union, CC BY 4.0",
    },
    "ateco_2025": {
        "name_it": "ATECO 2025",
        "name_en": "ATECO 2025",
        "version_it": "2025",
        "version_en": "2025",
        "publisher_it": "Istat",
        "publisher_en": "Istat",
        "licence_it": "CC BY 4.0",
        "licence_en": "CC BY 4.0",
        "source": "https://www.istat.it/classificazione/"
        "classificazione-delle-attivita-economiche-ateco/",
        "credit_it": "ATECO 2025, Istat, CC BY 4.0",
        "credit_en": "ATECO 2025, Istat, CC BY 4.0",
    },
    "nace_rev2": {
        "name_it": "NACE Rev. 2",
        "name_en": "NACE Rev. 2",
        "version_it": "Rev. 2",
        "version_en": "Rev. 2",
        "publisher_it": "Eurostat",
        "publisher_en": "Eurostat",
        "licence_it": "decisione 2011/833/UE",
        "licence_en": "Decision 2011/833/EU",
        "source": "https://ec.europa.eu/eurostat/web/nace",
        "credit_it": "NACE Rev. 2, Eurostat",
        "credit_en": "NACE Rev. 2, Eurostat",
    },
    "municipalities": {
        "name_it": "Comuni italiani",
        "name_en": "Italian municipalities",
        "publisher_it": "Istat",
        "publisher_en": "Istat",
        "licence_it": "CC BY 4.0",
        "licence_en": "CC BY 4.0",
        "source": "https://www.istat.it/classificazione/"
        "codici-dei-comuni-delle-province-e-delle-regioni/",
        "credit_it": "Istat, openpolis, CC BY 4.0",
        "credit_en": "Istat, openpolis, CC BY 4.0",
    },
}
"""Columns of the scheme, by its code; both languages say the same."""

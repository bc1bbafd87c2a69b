"""PEP's, the plateforme employeurs publics: accounts, delegations and courriers of public employers."""

__version__ = "0.1.0"

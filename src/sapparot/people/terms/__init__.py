"""On what terms people join a network: how it presents itself, whom it takes, and what it asks them to agree to."""

from sapparot.people.terms.facts import ConsentText, NewText, ShortName, Terms, TermsChange, Welcome
from sapparot.people.terms.store import all_terms, change, terms, texts

__all__ = [
    "ConsentText",
    "NewText",
    "ShortName",
    "Terms",
    "TermsChange",
    "Welcome",
    "all_terms",
    "change",
    "terms",
    "texts",
]

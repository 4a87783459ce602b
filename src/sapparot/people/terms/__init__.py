"""On what terms people join a network: how it presents itself, whom it takes, and what it asks them to agree to."""

from sapparot.people.terms.facts import ConsentText, Terms
from sapparot.people.terms.store import terms, texts

__all__ = ["ConsentText", "Terms", "terms", "texts"]

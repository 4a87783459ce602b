"""Areas and polling stations: where things are, and which area lies in which."""

from sapparot.places.facts import Area, Station
from sapparot.places.rules import EARTH_RADIUS_M, UNKNOWN_PLACE, ancestors, children, column_of, distance_m, enclosing

__all__ = [
    "EARTH_RADIUS_M",
    "UNKNOWN_PLACE",
    "Area",
    "Station",
    "ancestors",
    "children",
    "column_of",
    "distance_m",
    "enclosing",
]

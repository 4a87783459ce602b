"""Rules about where a device is and what its owner was asked to do."""

from __future__ import annotations

from sapparot.places import distance_m
from sapparot.verify.facts import Finding, failed, not_applicable, passed, unknown
from sapparot.verify.scene import Scene

AT_THE_STATION = ("progress", "final")


def device_near_station(scene: Scene) -> Finding:
    """Who reports from a station is there."""
    rule = "device_near_station"
    if scene.stage not in AT_THE_STATION:
        return not_applicable(rule)
    if scene.place is None:
        return unknown(rule, "place")
    if scene.station_place is None:
        return unknown(rule, "station_place")
    metres = distance_m(scene.place, scene.station_place)
    kilometres = metres // 1000
    return failed(rule, km=kilometres) if metres > scene.policy.evening.near_metres else passed(rule, km=kilometres)


def device_at_one_place(scene: Scene) -> Finding:
    """One device does not report from two stations far apart."""
    rule = "device_at_one_place"
    if scene.stage not in AT_THE_STATION:
        return not_applicable(rule)
    if scene.home is None:
        return unknown(rule, "stations")
    if scene.home == scene.station:
        return passed(rule, km=0)
    if scene.home_place is None or scene.station_place is None:
        return unknown(rule, "station_place")
    metres = distance_m(scene.home_place, scene.station_place)
    if metres > scene.policy.evening.apart_metres:
        return failed(rule, km=metres // 1000, station=scene.home)
    return passed(rule, km=metres // 1000)


def duty_matches(scene: Scene) -> Finding:
    """Who reports from a station has a duty there; who is known to have none anywhere may help all the same."""
    rule = "duty_matches"
    if scene.stage not in AT_THE_STATION:
        return not_applicable(rule)
    if not scene.duty:
        return unknown(rule, "duty")
    return passed(rule) if scene.station in scene.duty else failed(rule, station=scene.duty[0])

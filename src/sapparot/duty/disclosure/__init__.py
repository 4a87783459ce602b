"""Disclosure: once the stations have closed, the log says at which of them the owners of device keys have duties."""

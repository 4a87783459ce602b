"""What a phone needs to know of one station before it counts there."""

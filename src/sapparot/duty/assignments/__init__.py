"""Who goes where: duties, their states, and the plan that finds the best place for everybody."""

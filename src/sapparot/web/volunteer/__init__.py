"""The volunteer's phone: the page of the app, the page on which people join a network, and what makes both work without a network."""

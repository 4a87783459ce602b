"""Providers: people sign in with an account that they have elsewhere, such as at LINE, Google or their university (OpenID Connect)."""

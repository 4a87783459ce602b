"""Passkeys: people sign in with the lock of their own phone or laptop, without a code and without a password (W3C WebAuthn)."""

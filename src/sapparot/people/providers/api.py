"""The doors of providers and linked accounts. Going to a provider and back is done by pages (``web/signin/``)."""

from __future__ import annotations

from uuid import UUID

from litestar.params import FromPath

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.providers.facts import Accounts, Providers
from sapparot.people.providers.linking import Linking
from sapparot.people.providers.problems import ACCOUNT_GONE
from sapparot.people.signin.api import SECONDS, Asked, identity_of

PROVIDERS = Door("GET", "/v1/providers", "anyone", per_minute=600)
ACCOUNTS = Door("GET", "/v1/me/accounts", "applicant", per_minute=120)
UNLINK = Door("DELETE", "/v1/me/accounts/{account}", "applicant", per_minute=60)


class ProviderDoors:
    """Providers, and one's own linked accounts."""

    def __init__(self, database: AsyncPool, linking: Linking) -> None:
        self._database = database
        self._linking = linking

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints."""
        return [
            Endpoint(PROVIDERS, self.providers),
            Endpoint(ACCOUNTS, self.accounts),
            Endpoint(UNLINK, self.unlink, 204, problems=(ACCOUNT_GONE,)),
        ]

    async def providers(self) -> Providers:
        """List the providers at which people may sign in."""
        return Providers(self._linking.providers())

    async def accounts(self, request: Asked) -> Accounts:
        """List the accounts that one linked, and the providers that there are."""
        async with self._database.connection(timeout=SECONDS) as connection:
            linked = await self._linking.all(connection, identity_of(request).person)
        return Accounts(self._linking.providers(), linked)

    async def unlink(self, request: Asked, account: FromPath[UUID]) -> None:
        """Unlink one of one's own accounts; it opens nothing any more."""
        async with self._database.connection(timeout=SECONDS) as connection:
            await self._linking.unlink(connection, identity_of(request).person, account)

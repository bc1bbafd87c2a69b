"""The walk over real HTTP: sign in, read, deposit, open, prove."""

from datetime import date

from backend import clock
from tests import builders
from tests.serving import Served


async def test_signing_in_and_reading_one_s_letters(server: Served) -> None:
    town = await builders.establishment("Commune de Royan")
    clerk = await builders.user(town, rights={"COURRIERS": builders.READ}, identifier="agent")
    await builders.courrier(town, subject="Appel de cotisations")
    client = await server.signed_in("agent")
    data = await client.data("""{
      viewer { isOperator user { identifier firstName establishment { name siret } rights { level service { code } } }
        feedCursor courrierSummary { total unread byFund { fund { code } total } } tasks { kind label count }
        actingFor { name viewerAccess {
          isAdministrator canReadCourriers levels { level service { code } } } contracts { number fund { code } }
          courriers(first: 10) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id subject isRead
            type { code fund { code } } document { fileName viewUrl } readings { totalCount } timeline { kind } } } } }
        establishments { totalCount edges { node { name } } } sessions { isCurrent } } }""")
    assert data["viewer"]["user"]["identifier"] == clerk.identifier
    edges = data["viewer"]["actingFor"]["courriers"]["edges"]
    assert edges[0]["node"]["subject"] == "Appel de cotisations"
    assert edges[0]["node"]["document"]["viewUrl"]
    assert date.fromisoformat(clock.today().isoformat())

"""`GET /exports/sans-lecture.csv`: for operators alone, as a French spreadsheet opens it (R-ADO-02)."""

from tests import builders
from tests.serving import Served


async def test_who_never_read_as_a_file(server: Served) -> None:
    town = await builders.establishment("=Commune d’Été", functional_email="mairie@ete.example")
    reader = await builders.user(town, rights={"COURRIERS": builders.READ}, first_name="Zoé", last_name="Ny")
    await builders.courrier(town)
    operator = await server.signed_in((await builders.operator()).identifier)
    answer = await operator.http.get("/exports/sans-lecture.csv?manque=NEVER_SIGNED_IN&relance=non")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbfSIRET;")
    _, line = answer.content.decode("utf-8-sig").splitlines()
    assert line.split(";")[1] == "'=Commune d’Été", "no formula"
    assert f"Zoé Ny <{reader.email}>" in line
    for other in ("manque=NO_ACCOUNT", "categorie=EPCI", "relance=oui", "departement=2A"):
        answer = await operator.http.get(f"/exports/sans-lecture.csv?{other}")
        assert len(answer.text.splitlines()) == 1
    assert (await server.anybody().http.get("/exports/sans-lecture.csv")).status_code == 401
    theirs = await server.signed_in(reader.identifier)
    assert (await theirs.http.get("/exports/sans-lecture.csv")).status_code == 403

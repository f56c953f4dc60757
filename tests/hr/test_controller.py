import httpx

from tests.factories import a_cycle, a_department, a_token


async def test_an_hr_system_reads_an_empty_page_before_publication(
    client: httpx.AsyncClient,
) -> None:
    await a_department("hmt")
    await a_cycle()
    headers = await a_token(client, "hmt")

    answer = await client.get("/v1/scores", headers=headers)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"items": [], "next": None, "delta": None}

"""On a bad line answers come late, and in another order than they were asked for."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Window, letter_links

pytestmark = pytest.mark.browser


def test_an_answer_that_comes_late_hides_no_later_change(window: Window) -> None:
    """The list asked for after one change is answered after the list asked for after the next: the last one stays."""
    page = window.sign_in("agent-royan", path="/connexion?suite=/courriers")
    boxes = page.get_by_role("main").get_by_role("row").get_by_role("checkbox")
    expect(boxes).not_to_have_count(0)
    page.wait_for_load_state("networkidle")
    subject = letter_links(page).first
    address = subject.get_attribute("href")
    late: list[Route] = []

    def hold(route: Route) -> None:
        if not late and route.request.post_data_json.get("operationName") == "Inbox":
            late.append(route)
        else:
            route.continue_()

    boxes.nth(1).check()
    page.route("**/graphql", hold)
    with page.expect_request(
        lambda one: one.post_data_json.get("operationName") == "Inbox" if one.post_data else False
    ):
        page.get_by_role("button", name="Archiver").click()
    done = page.get_by_role("status").filter(has_text="archivé")
    expect(done).to_be_visible()
    before_undoing = late[0].fetch()
    with page.expect_response(lambda one: one.request.post_data_json.get("operationName") == "Inbox"):
        done.get_by_role("button", name="Annuler").click()
    expect(page.get_by_role("status").filter(has_text="Action annulée.")).to_be_visible()
    assert address is not None
    with page.expect_response(lambda one: one.request.post_data_json.get("operationName") == "Inbox"):
        late[0].fulfill(response=before_undoing)
    page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))")
    assert address not in before_undoing.text()  # it would have hidden the letter
    assert letter_links(page).first.get_attribute("href") == address

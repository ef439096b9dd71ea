def routes_of(app) -> set[str]:
    """METHOD and path of everything that the application answers to, however it was included."""
    found = set()
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "original_router", None)
        if inner is not None:
            waiting += inner.routes
            continue
        for method in (getattr(route, "methods", None) or {"GET"}) - {"HEAD"}:
            found.add(f"{method} {route.path}")
    return found


def test_every_route_has_a_policy_and_every_policy_a_route(create_app, steady_plant):
    app = create_app(steady_plant)

    from serving.policies import POLICIES

    assert routes_of(app) == set(POLICIES)


def test_whatever_changes_something_is_no_get_and_says_so(create_app, steady_plant):
    create_app(steady_plant)

    from serving.policies import POLICIES

    for key, policy in POLICIES.items():
        assert policy.changes == (not key.startswith("GET ")), key


def test_a_route_without_a_policy_is_refused(create_app, live, steady_plant):
    app = create_app(steady_plant)
    app.get("/v1/born-today")(lambda: {"secret": 1})

    with live(app) as client:
        answer = client.get("/v1/born-today")

    assert answer.status_code == 403
    assert "no policy" in answer.json()["detail"]


def test_with_a_token_configured_every_route_but_the_open_ones_refuses_a_stranger(guarded):
    from serving.policies import POLICIES

    for key, policy in POLICIES.items():
        method, path = key.split(" ")
        address = path.replace("{tag}", "P-101").replace("{", "").replace("}", "")
        address = "/static/icon.svg" if path == "/static" else address
        answer = guarded.request(method, address, headers={"accept": "application/json"})
        if policy.role != "anybody":
            assert answer.status_code == 401, key
            assert answer.headers["www-authenticate"] == "Bearer"
        elif key != "POST /sign-out":
            assert answer.status_code != 401, key


def test_a_wrong_token_is_as_good_as_none(guarded):
    assert guarded.get("/v1/assets", headers={"authorization": "Bearer a-long-secre"}).status_code == 401
    assert guarded.get("/v1/assets", headers={"authorization": "Basic a-long-secret"}).status_code == 401


def test_the_token_opens_the_api(guarded):
    answer = guarded.get("/v1/assets", headers={"authorization": "Bearer a-long-secret"})

    assert answer.status_code == 200


def test_a_browser_is_sent_to_sign_in_and_back_to_where_it_wanted_to_go(guarded, ours):
    refused = guarded.get("/alerts", headers={"accept": "text/html"})
    wrong = guarded.post("/sign-in", data={"token": "guess", "after": "/alerts"}, headers=ours(guarded))
    opened = guarded.post("/sign-in", data={"token": "a-long-secret", "after": "/alerts"}, headers=ours(guarded))

    assert (refused.status_code, refused.headers["location"]) == (303, "/sign-in?next=/alerts")
    assert wrong.status_code == 401
    assert (opened.status_code, opened.headers["location"]) == (303, "/alerts")
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert guarded.get("/alerts", headers={"accept": "text/html"}).status_code == 200


def test_signing_out_closes_the_session_itself_and_not_only_the_cookie(guarded, ours):
    origin = ours(guarded)
    guarded.post("/sign-in", data={"token": "a-long-secret"}, headers=origin)
    session = guarded.cookies["plantpdm_session"]
    guarded.post("/sign-out", headers=origin)
    guarded.cookies.set("plantpdm_session", session)

    assert guarded.get("/v1/assets").status_code == 401


def test_no_link_of_ours_leads_elsewhere(guarded, ours):
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = guarded.post("/sign-in", data={"token": "a-long-secret", "after": target}, headers=ours(guarded))

        assert answer.headers["location"] == "/fleet"

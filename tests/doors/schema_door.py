"""The served OpenAPI, by schemathesis: a venv of its own under .local, with the version that is named here.

Each operation is called by a role that may call it, with ids that are made up and with ids of things that are there:
an order, a ticket and a plant of the attack's own, so that nobody else's are hurt."""
import json, os, pathlib, re, secrets, subprocess, sys, urllib.request

from pace import CHOICE, MODEL
from shop import Orders, Shop
from stack import PLANT_FILE

VERSION = "4.6.0"
# hypothesis-jsonschema, which it needs, does not work with later ones.
NEEDS = ["hypothesis==6.142.5", "hypothesis-jsonschema==0.23.1"]
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "missing_required_header", "unsupported_method", "ignored_auth",
          "what_is_forbidden_is_refused", "a_refusal_names_field_and_remedy"]
ENVIRONMENT = {**os.environ, "SCHEMATHESIS_HOOKS": "schema_checks", "PYTHONDONTWRITEBYTECODE": "1",
               "PYTHONPATH": str(pathlib.Path(__file__).resolve().parent)}
# Not called: a stream does not end; the others change for everybody what this run's other customers rely on.
NOT_CALLED = ["/v1/orders/{order_id}/events", "/v1/clock", "/v1/journeys:rebuild", "/v1/tokens/{token_id}/revoke"]


def program(top):
    """The schemathesis of the venv, installed where it is not there yet; or why it cannot be had."""
    venv = top / ".local/doors-venv"
    found = venv / "bin/schemathesis"
    if found.exists():
        have = subprocess.run([str(venv / "bin/pip"), "freeze"], capture_output=True, text=True).stdout.splitlines()
        if {f"schemathesis=={VERSION}", *NEEDS} <= set(have):
            return found, ""
    pip = [str(venv / "bin/pip"), "install", "-q", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(venv)], [*pip, f"schemathesis=={VERSION}", *NEEDS]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["?"])[-1]
            return None, f"schemathesis {VERSION} cannot be installed ({last})"
    return found, ""


def own_things(stack):
    """{path parameter: an id that is there}, and a customer's link for the order."""
    shop, plant = Shop(stack.url, stack.token), json.loads(PLANT_FILE.read_text())
    plant["plantId"] = "plt_attacked"
    stack.call("POST", "/v1/plants", {"plant": plant})
    key, orders = "schema-" + secrets.token_hex(4), Orders()
    order = orders.place(shop, key, MODEL, CHOICE)
    if order is None:
        raise RuntimeError(f"no order can be placed: {orders.failed[0]}")

    def made(path, body):
        status, answer = shop.call("POST", path, body, key + path)
        if status != 200:
            raise RuntimeError(f"POST {path}: {status} {answer}")
        return answer
    ticket = made("/v1/tickets", {"order_id": order, "category": "TICKET_CATEGORY_QUESTION", "impact": "IMPACT_LOW",
                                  "urgency": "URGENCY_LOW", "text": "Is it attacked?"})["ticket"]
    subject = shop.call("GET", f"/v1/orders/{order}")[1]["order"]["parties"][0]["subject_id"]
    things = {"order_id": order, "model_id": MODEL, "plant_id": "plt_attacked", "ticket_id": ticket["ticket_id"],
              "subject_id": subject, "equipment_id": plant["equipment"][0]["equipmentId"]}
    return things, made(f"/v1/orders/{order}/link", {})["link"]


def callers(stack, link):
    """(who, Authorization, operations): each operation under one that may call it."""
    document = json.load(urllib.request.urlopen(stack.url + "/openapi.json", timeout=20))
    left = {operation["operationId"]: set(operation["x-loomline-roles"])
            for path, item in document["paths"].items() if path not in NOT_CALLED for operation in item.values()}
    for role, header in [("STAFF", "Bearer " + stack.token), ("MES", "Bearer " + stack.make_token("mes")),
                         ("CUSTOMER", "Link " + link)]:
        may = [name for name, roles in left.items() if "ROLE_" + role in roles]
        yield role.lower(), header, may
        left = {name: roles for name, roles in left.items() if name not in may}
    if left:
        raise RuntimeError(f"schema_door.py: nobody calls {', '.join(left)}; add a role to callers()")


def run(stack, found, name, things, header, operations, examples, phases, seed):
    """(exit status, cases, {kind of failure: how often})."""
    out, config = stack.logs / f"schemathesis-{name}.out", stack.logs / f"schemathesis-{name}.toml"
    config.write_text("[parameters]\n" + "".join(f"{field} = {json.dumps(value)}\n" for field, value in things.items()))
    command = [str(found), "--config-file", str(config), "run", stack.url + "/openapi.json",
               "-H", f"Authorization: {header}", "--checks", ",".join(CHECKS), "--max-examples", str(examples),
               "--seed", str(seed), "--phases", phases, "--report", "junit,vcr",
               "--report-dir", str(stack.logs / f"schemathesis-{name}"),
               "--continue-on-failure", "--max-failures", "200", "--no-color", "--request-timeout", "30"]
    if header.startswith("Link"):  # an order's bucket: what is answered 429 has not been looked at
        command += ["--rate-limit", "2/s"]
    for operation in operations:
        command += ["--include-operation-id", operation]
    with open(out, "w") as file:
        code = subprocess.run(command, stdout=file, stderr=file, cwd=stack.logs, env=ENVIRONMENT).returncode
    if code not in (0, 1):
        raise RuntimeError(f"schemathesis could not be run; look at {out}")
    text = out.read_text()
    failures = re.findall(r"^- (.+)$", text, re.MULTILINE)
    cases = re.search(r"(\d+) generated", text)
    return code, int(cases.group(1)) if cases else 0, {kind: failures.count(kind) for kind in sorted(set(failures))}


def attack(verdicts, stack, found, why, examples, phases, seed):
    if found is None:
        verdicts.skip("openapi", f"schemathesis {VERSION}", why)
        return
    things, link = own_things(stack)
    for who, header, operations in callers(stack, link):
        for ids, given in (("made up", {}), ("there", things)):
            code, cases, kinds = run(stack, found, f"{who}-{ids.replace(' ', '-')}", given, header, operations,
                                     examples, phases, seed)
            verdicts.add("openapi", f"schemathesis {VERSION} as {who}, {len(operations)} operations, ids {ids}, "
                         f"seed {seed}, {examples} examples an operation, {phases}",
                         "no 5xx, every answer as the document says",
                         f"{cases} cases; " + (json.dumps(kinds) if kinds else f"exit status {code}"),
                         code == 0 and cases > 0)

"""The served OpenAPI, by schemathesis: a venv of its own under .local, with the version that is named here."""
import json, re, subprocess, sys

VERSION = "4.6.0"
# hypothesis-jsonschema, which it needs, does not work with later ones.
NEEDS = ["hypothesis==6.142.5", "hypothesis-jsonschema==0.23.1"]
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "missing_required_header", "unsupported_method", "ignored_auth"]
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


def attack(verdicts, stack, found, why, examples, phases, seed):
    if found is None:
        verdicts.skip("openapi", f"schemathesis {VERSION}", why)
        return
    report = stack.logs / "schemathesis"
    command = [str(found), "run", stack.url + "/openapi.json", "-H", f"Authorization: Bearer {stack.token}",
               "--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", str(seed),
               "--phases", phases, "--report", "junit", "--report-dir", str(report),
               "--continue-on-failure", "--max-failures", "200", "--no-color", "--request-timeout", "30"]
    for path in NOT_CALLED:
        command += ["--exclude-path", path]
    with open(stack.logs / "schemathesis.out", "w") as out:
        code = subprocess.run(command, stdout=out, stderr=out, cwd=stack.logs).returncode
    if code not in (0, 1):
        raise RuntimeError(f"schemathesis could not be run; look at {stack.logs / 'schemathesis.out'}")
    text = (stack.logs / "schemathesis.out").read_text()
    failures = re.findall(r"^- (.+)$", text, re.MULTILINE)
    kinds = {kind: failures.count(kind) for kind in sorted(set(failures))}
    cases = re.search(r"(\d+) generated", text)
    got = f"{cases.group(1) if cases else '?'} cases; " + (json.dumps(kinds) if kinds else f"exit status {code}")
    verdicts.add("openapi", f"schemathesis {VERSION}, seed {seed}, {examples} examples an operation, {phases}",
                 "no 5xx, every answer as the document says", got, code == 0)

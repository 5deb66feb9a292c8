"""A check for schemathesis (SCHEMATHESIS_HOOKS): what the document forbids is refused. It is schemathesis' own
negative_data_rejection, asked only of requests that the document does forbid as they are sent: schemathesis judges them
as it made them."""
import re, urllib.parse

import jsonschema
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection


def operation_of(case):
    return case.operation.schema.raw_schema["paths"][case.operation.path][case.operation.method]


def fits(schema, text):
    """A parameter, which is text on the wire: schemathesis takes a number that was written down for a wrong type."""
    if schema["type"] == "integer":
        return re.fullmatch("[0-9]+", text) is not None and \
            schema["minimum"] <= int(text) <= schema.get("maximum", int(text))
    return re.fullmatch(schema.get("pattern", ".*"), text, re.DOTALL) is not None


def parameters_fit(case, place, given):
    """With those that are not in the document left aside: HTTP passes over header fields that it does not know. An id
    that the configuration file gives stands in the path whatever schemathesis had made in its place."""
    for parameter in operation_of(case).get("parameters", []):
        if parameter["in"] != place:
            continue
        value = {name.lower(): value for name, value in (given or {}).items()}.get(parameter["name"].lower())
        value = value.decode("latin-1") if isinstance(value, bytes) else value
        if value is None and parameter["required"] or value is not None and not fits(parameter["schema"], str(value)):
            return False
    return True


# What the document's description says of every request, and its schemas do not: it is read by the rules of the proto3
# JSON mapping, where a member that is null is as one that is not there, and an enum's value may be given as a number.


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


def with_numbers_of_enums(schemas):
    return {name: {"anyOf": [schema, {"type": "integer"}]} if "enum" in schema else schema
            for name, schema in schemas.items()}


def body_fits(case, sent):
    document, body = case.operation.schema.raw_schema, operation_of(case).get("requestBody", {})
    if not sent.body:  # schemathesis makes bodies that are none, and sends nothing
        return not body.get("required", False)
    content = body.get("content", {})
    if "application/json" not in content:
        return False
    schema = {**content["application/json"]["schema"],
              "components": {"schemas": with_numbers_of_enums(document["components"]["schemas"])}}
    return jsonschema.Draft202012Validator(schema).is_valid(without_nulls(case.body))


def only_known_in_query(case, url):
    """A parameter that was to be too much, and has no value that could be sent: the address does not have it."""
    known = {parameter["name"] for parameter in operation_of(case).get("parameters", []) if parameter["in"] == "query"}
    sent = {name for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True)}
    return "additionalProperties" in (case.meta.phase.data.description or "") and sent <= known


def forbidden(case, sent):
    wrong = {place for place, component in case.meta.components.items() if component.mode.is_negative}
    if parameters_fit(case, "path", case.path_parameters):
        wrong.discard(ParameterLocation.PATH)
    if parameters_fit(case, "header", sent.headers):
        wrong.discard(ParameterLocation.HEADER)
    if only_known_in_query(case, sent.url):
        wrong.discard(ParameterLocation.QUERY)
    if ParameterLocation.BODY in wrong and body_fits(case, sent):
        wrong.discard(ParameterLocation.BODY)
    return bool(wrong)


@schemathesis.check
def what_is_forbidden_is_refused(ctx, response, case):
    if case.meta is None or not forbidden(case, response.request):
        return None
    return negative_data_rejection(ctx, response, case)


@schemathesis.check
def a_refusal_names_field_and_remedy(ctx, response, case):
    if response.status_code not in (400, 415):
        return
    answer = response.json()
    clear = [violation for violation in answer["violations"]
             if violation["field"] and violation["problem"] and violation["remedy"]]
    assert answer["reason"] and clear and clear == answer["violations"], \
        f"{response.status_code} without a field, its problem and a remedy: {response.text[:300]}"

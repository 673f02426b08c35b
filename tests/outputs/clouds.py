# SPDX-License-Identifier: Apache-2.0
"""Outputs to Google's and Microsoft's clouds and to Spyderbat: tokens, signatures, registration."""
import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import subprocess
import time
from urllib.parse import parse_qs, unquote

from protocols import free_port, server, skip
from recipes import UUID, is_event
from servers import Http


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def run(*command):
    return subprocess.run(command, check=True, capture_output=True)


def account(directory, token_url):
    """The JSON key of a service account, and the file of its public key."""
    key, public = os.path.join(directory, "account.key"), os.path.join(directory, "account.pub")
    run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    run("openssl", "pkey", "-in", key, "-pubout", "-out", public)
    path = os.path.join(directory, "account.json")
    with open(path, "w") as file, open(key) as pem:
        json.dump({"type": "service_account", "client_email": "saker@p.iam.gserviceaccount.com",
                   "private_key_id": "k1", "private_key": pem.read(), "token_uri": token_url},
                  file)
    return path, public


def assertion_holds(body, public, directory, scope, audience):
    """Whether the body asks for a token as RFC 7523 wants it; openssl checks the signature."""
    values = parse_qs(body.decode(), strict_parsing=True)
    form = {name: these[0] for name, these in values.items()}
    head, claims, signature = form["assertion"].split(".")
    signed, given = os.path.join(directory, "signed"), os.path.join(directory, "signature")
    with open(signed, "w") as file:
        file.write(head + "." + claims)
    with open(given, "wb") as file:
        file.write(decoded(signature))
    good = subprocess.run(["openssl", "dgst", "-sha256", "-verify", public, "-signature", given,
                           signed], capture_output=True)
    claims = json.loads(decoded(claims))
    return (good.returncode == 0 and
            form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" and
            json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"} and
            claims["iss"] == "saker@p.iam.gserviceaccount.com" and claims["scope"] == scope and
            claims["aud"] == audience and
            abs(claims["iat"] - time.time()) < 60 and claims["exp"] == claims["iat"] + 3600)


FUNCTION = "projects/p/locations/l/functions/f"
GOOGLE = [
    # type, settings, scope, path (a pattern), body
    ("gcppubsub", 'projectid = "p"\ntopic = "t"\ncustomattributes = { site = "b" }\n', "pubsub",
     "/v1/projects/p/topics/t:publish",
     lambda b: is_event(json.loads(base64.b64decode(b["messages"][0]["data"]))) and
     b["messages"][0]["attributes"] == {"site": "b"}),
    ("gcpstorage", 'bucket = "b"\nprefix = "a/b"\n', "devstorage.read_write",
     r"/upload/storage/v1/b/b/o\?uploadType=media&ifGenerationMatch=0&name=a%2Fb%2F"
     r"\d{4}-\d\d-\d\d%2F\d{19}-[0-9a-f-]{36}\.json",
     is_event),
    ("gcpcloudfunctions", f'name = "{FUNCTION}"\n', "cloud-platform", f"/v1/{FUNCTION}:call",
     lambda b: is_event(json.loads(b["data"]))),
    ("gcpchronicle", 'projectid = "p"\nregion = "us"\ninstanceid = "i"\n', "cloud-platform",
     "/v1beta/projects/p/locations/us/instances/i/logTypes/FALCO_IDS/logs:import",
     lambda b: is_event(json.loads(base64.b64decode(b["inlineSource"]["logs"][0]["data"]))) and
     b["inlineSource"]["logs"][0]["collectionTime"] >=
     b["inlineSource"]["logs"][0]["logEntryTime"]),
]


def google(send, check, directory):
    def answer(request):
        if request[1] == "/token":
            return 200, {}, json.dumps({"access_token": "t0k", "expires_in": 3599,
                                        "token_type": "Bearer"}).encode()
        return 200, {}, b"{}"
    web = Http(answer)
    path, public = account(directory, web.url + "/token")
    for kind, keys, scope, wanted, body in GOOGLE:
        web.got.clear()
        status, said = send(f'type = "{kind}"\nendpoint = "{web.url}"\n'
                            f'credentials = "@{path}"\n{keys}')
        held = len(web.got) == 2 and assertion_holds(
            web.got[0][3], public, directory, "https://www.googleapis.com/auth/" + scope,
            web.url + "/token")
        check(f"{kind}: the token's request is signed by RS256", status == 0 and held,
              f"{said} {web.got}")
        held = len(web.got) == 2 and web.got[1][0] == "POST" and \
            re.fullmatch(wanted, web.got[1][1]) and \
            web.got[1][2].get("Authorization") == "Bearer t0k" and body(json.loads(web.got[1][3]))
        check(f"{kind}: as its API wants it", held, f"{said} {web.got}")

    kind, keys, *_ = GOOGLE[0]
    with open(path, "rb") as file:
        in_base64 = base64.b64encode(file.read()).decode()
    status, said = send(f'type = "{kind}"\nendpoint = "{web.url}"\n'
                        f'credentials = "{in_base64}"\n{keys}')
    check("credentials in base64, as Falcosidekick has them", status == 0, said)
    # It gives no token, or Google would be asked next.
    machine = Http(lambda request: (403, {}, b"no account"))
    os.environ["GCE_METADATA_HOST"] = machine.url.removeprefix("http://")
    _, said = send(f'type = "{kind}"\n{keys}')
    token = "/computeMetadata/v1/instance/service-accounts/default/token"
    check("without credentials, the machine's account from the metadata server",
          len(machine.got) == 1 and machine.got[0][:2] == ("GET", token) and
          machine.got[0][2].get("Metadata-Flavor") == "Google" and
          "403: no account" in said, f"{said} {machine.got}")
    for what, text, why in (("no JSON", "x!", "neither the JSON key"),
                            ("another type", '{\\"type\\":\\"x\\"}', 'have the type "x"')):
        status, said = send(f'type = "{kind}"\ncredentials = "{text}"\n{keys}')
        check(f"credentials that are {what}: the place and why",
              status == 1 and re.search(r"toml:\d+:\d+: error", said) and why in said, said)
    refusing = Http(lambda request: (400, {}, b'{"error":"invalid_grant"}'))
    path, _ = account(directory, refusing.url + "/token")
    status, said = send(f'type = "{kind}"\nendpoint = "{web.url}"\ncredentials = "@{path}"\n{keys}')
    check("a token that is not given: said with the server's answer",
          status == 1 and "no token from" in said and "invalid_grant" in said, said)
    failed = Http(lambda request: (200, {}, b'{\n "executionId": "e",\n "error": "it crashed"\n}'))
    status, said = send(f'type = "gcpcloudfunctions"\nendpoint = "{failed.url}"\n'
                        f'name = "{FUNCTION}"\n')
    check("gcpcloudfunctions: a function that fails is an error",
          status == 1 and "it crashed" in said, said)


def google_pubsub(send, check, directory):
    """The emulator of Google, where it is installed."""
    folder = "/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib"
    jars = []
    if os.path.isdir(folder):
        jars = [name for name in os.listdir(folder) if name.startswith("cloud-pubsub-emulator")]
    port = free_port()
    if not jars or not server(port, "java", "-jar", os.path.join(folder, jars[0]),
                              "--host=127.0.0.1", f"--port={port}"):
        return skip("Google's Pub/Sub emulator")

    def ask(method, path, body):
        out = run("curl", "-s", "-X", method,
                  f"http://127.0.0.1:{port}/v1/projects/project/{path}",
                  "-H", "Content-Type: application/json", "-d", json.dumps(body)).stdout
        return json.loads(out)
    ask("PUT", "topics/topic", {})
    ask("PUT", "subscriptions/reader", {"topic": "projects/project/topics/topic"})
    settings = (f'type = "gcppubsub"\nendpoint = "http://127.0.0.1:{port}"\n'
                'projectid = "project"\n')
    status, said = send(settings + 'topic = "topic"\n')
    got = ask("POST", "subscriptions/reader:pull", {"maxMessages": 1})
    check("gcppubsub: Google's emulator takes it", status == 0 and
          is_event(json.loads(base64.b64decode(got["receivedMessages"][0]["message"]["data"]))),
          f"{said} {got}")
    status, said = send(settings + 'topic = "missing"\n')
    check("gcppubsub: a topic that is not there is said", status == 1 and "404" in said, said)


def azure(send, check, directory):
    def answer(request):
        if "/oauth2/" in request[1]:
            return 200, {}, b'{"access_token":"azt","expires_in":3599}'
        return 201, {}, b""
    web = Http(answer)
    settings = (f'type = "azureeventhub"\nendpoint = "{web.url}"\n'
                'namespace = "n.servicebus.windows.net"\nname = "hub"\n')
    status, said = send(settings + 'sharedaccesskeyname = "send"\nsharedaccesskey = "K+/="\n')
    method, path, headers, body = web.got[0]
    words = headers.get("Authorization", "").removeprefix("SharedAccessSignature ")
    fields = dict(part.split("=", 1) for part in words.split("&"))
    text = fields["sr"] + "\n" + fields["se"]
    expected = base64.b64encode(hmac.digest(b"K+/=", text.encode(), hashlib.sha256)).decode()
    check("azureeventhub: the shared access signature", status == 0 and
          unquote(fields["sr"]) == "https://n.servicebus.windows.net/hub" and
          unquote(fields["sig"]) == expected and fields["skn"] == "send" and
          3500 < int(fields["se"]) - time.time() <= 3600, f"{said} {headers}")
    check("azureeventhub: as its API wants it", method == "POST" and
          path == "/hub/messages?timeout=60&api-version=2014-01" and
          headers["Content-Type"] == "application/vnd.microsoft.servicebus.json" and
          is_event(json.loads(json.loads(body)[0]["Body"])),
          f"{said} {web.got}")
    web.got.clear()
    status, said = send(settings + f'authority = "{web.url}"\ntenantid = "t"\n'
                        'clientid = "c"\nclientsecret = "s e"\n')
    form = parse_qs(web.got[0][3].decode()) if web.got else {}
    check("azureeventhub: an application of Entra ID",
          status == 0 and web.got[0][1] == "/t/oauth2/v2.0/token" and
          form == {"grant_type": ["client_credentials"], "client_id": ["c"],
                   "client_secret": ["s e"],
                   "scope": ["https://eventhubs.azure.net/.default"]} and
          web.got[1][2]["Authorization"] == "Bearer azt", f"{said} {web.got}")
    status, said = send(settings)
    check("azureeventhub: without credentials, why not",
          status == 1 and "sharedaccesskeyname" in said, said)


def spyderbat(send, check, directory):
    for answers in (200, 400):
        web = Http(lambda request, answers=answers: (
            answers if request[1].endswith("/source/") else 200, {}, b"{}"))
        status, said = send(f'type = "spyderbat"\norguid = "o"\napikey = "k"\n'
                            f'apiurl = "{web.url}"\n')
        lines = []
        if len(web.got) == 2:
            lines = [json.loads(line) for line in gzip.decompress(web.got[1][3]).splitlines()]
        check(f"spyderbat: the source is registered ({answers}), then the alert", status == 0 and
              [one[1] for one in web.got] == [
                  "/api/v1/org/o/source/", "/api/v1/org/o/source/falcosidekick_o/data/sb-agent"] and
              all(one[2].get("Authorization") == "Bearer k" for one in web.got) and
              json.loads(gzip.decompress(web.got[0][3])) == {
                  "name": "falcosidekick", "description": "", "uid": "falcosidekick_o"} and
              lines[0]["schema"] == "falco_alert::1.0.0" and UUID.fullmatch(lines[0]["id"]) and
              lines[0]["level"] == "info" and
              lines[0]["pid"] == 0, f"{said} {web.got}")
    web = Http(lambda request: (401, {}, b"who?"))
    status, said = send(f'type = "spyderbat"\norguid = "o"\napikey = "k"\napiurl = "{web.url}"\n')
    check("spyderbat: no alert without the source",
          status == 1 and "401" in said and len(web.got) == 1, f"{said} {web.got}")


ALL = (google, google_pubsub, azure, spyderbat)

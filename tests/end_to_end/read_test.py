"""The reading interface (D18): protocol/openapi.yaml, protocol/api.proto and the server's table of routes
say the same; every path answers as it says, with real keys over real sockets; what is not for a reader
is not shown; and every read of a household is kept."""
import hashlib
import json
import pathlib
import re
import unittest
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import yaml

import county as c
import made_up_photo

TREE = pathlib.Path(__file__).resolve().parents[2]
OPENAPI = yaml.safe_load((TREE / "protocol/openapi.yaml").read_text(encoding="utf-8"))
SCHEMAS = OPENAPI["components"]["schemas"]
OTHER_VILLAGE = "411323101201"
HERE, THERE = "11" * 16, "22" * 16
SCALARS = {"string": {"type": "string"}, "uint32": {"type": "integer"}, "bool": {"type": "boolean"},
           "uint64": {"type": "string", "format": "uint64", "pattern": "^[0-9]+$"},
           "bytes": {"type": "string", "format": "byte"}, "google.protobuf.Struct": {"type": "object"}}


def messages():
    """Message -> field -> its schema by protobuf's JSON mapping. A line that is not understood fails."""
    out, fields = {}, None
    for line in (TREE / "protocol/api.proto").read_text(encoding="utf-8").splitlines():
        line = line.split("//")[0].strip()
        if match := re.fullmatch(r"message (\w+) \{", line):
            fields = out.setdefault(match[1], {})
        elif line == "}":
            fields = None
        elif fields is not None and line:
            match = re.fullmatch(r"(repeated )?([\w.]+) (\w+) = \d+;", line)
            assert match, f"not understood: {line}"
            schema = SCALARS.get(match[2], {"$ref": f"#/components/schemas/{match[2]}"})
            fields[match[3]] = {"type": "array", "items": schema} if match[1] else schema
    return out


def validate(answer, schema):
    resolver = jsonschema.RefResolver.from_schema(OPENAPI)
    jsonschema.Draft4Validator({"$ref": f"#/components/schemas/{schema}"}, resolver=resolver).validate(answer)


def is_json(path, method="get"):
    return "application/json" in OPENAPI["paths"][path][method]["responses"]["200"]["content"]


def schema_of(path, method="get"):
    """The name of the schema of a path's answer."""
    answer = OPENAPI["paths"][path][method]["responses"]["200"]
    return answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]


class Description(unittest.TestCase):
    def test_schemas_are_the_messages(self):
        said = messages()
        self.assertEqual(set(said), set(SCHEMAS))
        for name, fields in said.items():
            with self.subTest(message=name):
                schema = SCHEMAS[name]
                self.assertEqual(schema["properties"], fields)
                self.assertIs(schema["additionalProperties"], False)
                # A message that is absent is left out; everything else is always there.
                always = {f for f, s in fields.items() if s != SCALARS["google.protobuf.Struct"]}
                self.assertEqual(set(schema["required"]), always)

    def test_paths_are_the_routes(self):
        routes = re.findall(r'\{"([A-Z]+)", "(/api/v1/[^"]+)"',
                            (TREE / "server/api/api.cc").read_text(encoding="utf-8"))
        described = [(m.upper(), p) for p, methods in OPENAPI["paths"].items() for m in methods]
        self.assertEqual(sorted(routes), sorted(described))


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.county = c.County()
        lines = [{"register": "household", "id": HERE, "division": c.VILLAGE, "facts":
                  {"number": "0001", "head_name": "王桂兰", "telephone": "13800000001",
                   "household_category": {"codes": ["out_of_poverty"]}}},
                 {"register": "household", "id": THERE, "division": OTHER_VILLAGE, "facts":
                  {"number": "0002", "head_name": "李志强"}}]
        register = cls.county.top / "register.jsonl"
        register.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        cls.county.server("register", cls.county.folder, register)
        cls.county.start()
        cls.coordinator = cls.county.device("coordinator").enrol()
        cls.coordinator.node("sync")
        photo = cls.county.top / "photo.jpg"
        photo.write_bytes(made_up_photo.photo(40_000, 1))
        cls.coordinator.node("record", "visit", "--household", HERE, "--outcome", "met", "--remark",
                             "电话 13900000002", "--photo", photo)
        cls.coordinator.node("sync")
        cls.desk = cls.enrolled_desk()

    @classmethod
    def enrolled_desk(cls):
        """A county desk, which a registrar approves by the digits."""
        desk = cls.county.device("desk")
        desk.node("init")
        code = cls.county.code("411323", "--role", "county_desk")
        asked = desk.node("enrol", f"{code['code']}@{cls.county.address}#{code['root_digest']}",
                          check=False)
        digits = cls.county.server("pending", cls.county.folder).stdout.split()[0]
        assert digits in asked.stdout + asked.stderr
        cls.county.server("approve", cls.county.folder, digits)
        desk.node("sync")
        return desk

    @classmethod
    def tearDownClass(cls):
        cls.county.__exit__()

    def read(self, device, *paths):
        """Answers of the paths, by one session."""
        decoder, text, out = json.JSONDecoder(), device.node("read", *paths).stdout, []
        while text.strip():
            answer, end = decoder.raw_decode(text.lstrip())
            out.append(answer)
            text = text.lstrip()[end:]
        self.assertEqual(len(out), len(paths))
        return out if len(out) > 1 else out[0]

    def refused(self, device, path, *words):
        done = device.node("read", path, check=False)
        self.assertNotEqual(done.returncode, 0)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    def raw(self, path, method="GET", body=None, token=None):
        """Status and answer of a request without the node."""
        request = urllib.request.Request(f"http://{self.county.address}{path}", method=method, data=body)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def test_every_path_answers_as_described(self):
        visit = next(e for e in self.read(self.coordinator, "events?kind=visit")["events"])
        values = {"id": HERE, "event": visit["digest"], "index": "1", "old_size": "1"}
        public, paths = [], []
        for path, methods in OPENAPI["paths"].items():
            if "get" not in methods or not is_json(path):
                continue
            needed = [p["$ref"].rpartition("/")[2] for p in methods["get"].get("parameters", ())]
            needed = [OPENAPI["components"]["parameters"][p] for p in needed]
            query = {p["name"]: values[p["name"]] for p in needed
                     if p["in"] == "query" and p.get("required")}
            filled = path.format(**values) + ("?" + urllib.parse.urlencode(query) if query else "")
            (public if methods["get"].get("security") == [] else paths).append((path, filled))
        self.assertEqual((len(public), len(paths)), (3, 13))
        for path, filled in public:
            with self.subTest(path=path):
                status, answer = self.raw(filled)
                self.assertEqual(status, 200)
                validate(answer, schema_of(path))
        for device in (self.desk, self.coordinator):
            answers = self.read(device, *(filled for _, filled in paths))
            for (path, _), answer in zip(paths, answers):
                with self.subTest(path=path):
                    validate(answer, schema_of(path))
        status, challenge = self.raw("/api/v1/challenges", "POST", b"")
        self.assertEqual(status, 200)
        validate(challenge, "Challenge")

    def test_a_photo_comes_into_a_file(self):
        event = self.read(self.coordinator, "events?kind=visit")["events"][-1]
        digest = hashlib.sha256(made_up_photo.picture(40_000, 1)).hexdigest()
        path, out = f"blobs/{digest}?event={event['index']}", self.county.top / "fetched.jpg"
        log = self.county.folder / "access.log"
        for device in (self.coordinator, self.desk):
            out.unlink(missing_ok=True)
            device.node("read", path, "--out", out)
            self.assertEqual(out.read_bytes(), made_up_photo.picture(40_000, 1))
            line = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
            self.assertEqual((line["households"], line["path"]), ([HERE], f"/api/v1/blobs/{digest}"))
        self.assertEqual(out.stat().st_mode & 0o777, 0o600)
        self.refused(self.desk, path, "--out")
        for wrong, words in ((("households", "--out", out), "one photo"),
                             ((path, "--out", out), "there already"),
                             ((path.replace(digest, "00" * 32), "--out", str(out) + "2"), "404")):
            done = self.desk.node("read", *wrong, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
        (self.county.folder / "blobs" / digest[:2] / digest).write_bytes(b"another picture")
        self.addCleanup((self.county.folder / "blobs" / digest[:2] / digest).write_bytes,
                        made_up_photo.picture(40_000, 1))
        done = self.desk.node("read", path, "--out", str(out) + "2", check=False)
        self.assertIn("500 damaged", done.stderr)

    def test_failures_are_described_too(self):
        proof = {"key": "00" * 32, "nonce": "00" * 32, "signature": "00" * 64,
                 "origin": f"http://{self.county.address}"}
        cases = (("/api/v1/nothing", "GET", None, 404, "not_found"),
                 ("/api/v1/households", "GET", None, 401, "no_session"),
                 ("/api/v1/households", "POST", b"", 405, "method_not_allowed"),
                 ("/api/v1/sessions", "POST", b"{", 400, "bad_proof"),
                 ("/api/v1/sessions", "POST", json.dumps(proof).encode(), 401, "unknown_nonce"),
                 ("/api/v1/sessions", "POST", b" " * 5000, 413, "too_large"),
                 ("/api/v1/checkpoint?x=1", "GET", None, 400, "unknown_parameter"),
                 ("/api/v1/checkpoint?%ff=1", "GET", None, 400, "bad_request"),
                 ("/api/v1/proofs/inclusion?index=99999", "GET", None, 400, "bad_parameter"))
        for path, method, body, expected, code in cases:
            with self.subTest(path=path, method=method):
                status, answer = self.raw(path, method, body)
                self.assertEqual((status, answer["error"]["code"]), (expected, code))
                validate(answer, "Failure")
        self.assertEqual(self.raw("/api/v1/state", token="A" * 43)[0], 401)

    def test_a_coordinator_reads_his_village_only(self):
        mine, all_of_it = (self.read(d, "households") for d in (self.coordinator, self.desk))
        self.assertEqual([h["id"] for h in mine["households"]], [HERE])
        self.assertEqual([h["id"] for h in all_of_it["households"]], [HERE, THERE])
        self.assertTrue(mine["basis"]["complete"])
        self.assertIn("household_category", [f["name"] for f in self.read(
            self.coordinator, f"households/{HERE}")["facts"]])
        # A household of another village and one that there is not are told alike.
        elsewhere = self.refused(self.coordinator, f"households/{THERE}", "404 not_found")
        self.assertEqual(elsewhere, self.refused(self.coordinator, f"households/{'33' * 16}"))
        self.refused(self.coordinator, f"households?division={OTHER_VILLAGE}", "403 outside_scope")
        self.assertEqual(self.read(self.coordinator, f"events?division={OTHER_VILLAGE}")["events"], [])

    def test_masked_by_role(self):
        def telephone(device):
            facts = self.read(device, f"households/{HERE}")["facts"]
            return next(f for f in facts if f["name"] == "telephone")
        self.assertEqual(telephone(self.desk)["value"], {"text": "13800000001"})
        hidden = telephone(self.coordinator)
        self.assertTrue(hidden["masked"])
        self.assertNotIn("value", hidden)
        self.assertNotIn("13800000001", self.coordinator.node("read", "events").stdout)
        # One's own words are not masked.
        self.assertIn("13900000002", self.coordinator.node("read", "events?kind=visit").stdout)

    def test_as_known_then(self):
        visit = self.read(self.desk, f"households/{HERE}/timeline")["events"][-1]
        self.assertEqual(visit["kind"], "visit")
        then, now = self.read(self.desk, f"households?known_at={visit['index']}", "households")
        self.assertEqual(then["households"][0]["last_visit"], "")
        self.assertNotEqual(now["households"][0]["last_visit"], "")
        self.assertEqual(then["basis"]["known_at"], visit["index"])
        proof = self.raw(f"/api/v1/proofs/inclusion?index=0&size={visit['index']}")[1]
        self.assertEqual(then["basis"]["root"], proof["root"])
        self.refused(self.desk, "households?known_at=yesterday", "400 bad_parameter")

    def test_reads_are_kept_and_a_change_shows(self):
        log = self.county.folder / "access.log"
        before = len(log.read_text().splitlines()) if log.exists() else 0
        self.read(self.desk, f"households/{HERE}", "progress", "households?q=王")
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()][before:]
        self.assertEqual([line["households"] for line in lines], [[HERE], [HERE]])
        self.assertEqual(lines[0]["key"], self.desk.status()["key"])
        self.assertNotIn("王", log.read_text(encoding="utf-8"))
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)
        self.county.server("verify-access-log", self.county.folder)
        copy = self.county.top / "copy"
        copy.mkdir(exist_ok=True)
        text = log.read_text(encoding="utf-8")
        (copy / "access.log").write_text(text.replace(HERE, THERE, 1), encoding="utf-8")
        done = self.county.server("verify-access-log", copy, check=False)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)

    def test_a_revocation_ends_reading_at_once(self):
        device = self.county.device("revoked").enrol()
        device.node("sync")
        self.read(device, "households")
        self.county.server("revoke", self.county.folder, "--key", device.status()["key"], "--reason",
                           "ended")
        self.refused(device, "households", "403 no_standing")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""A county under published definitions: two persons publish those that come with the program, a desk and a
coordinator record what they ask for, and the questions of both programs answer on several days, and as it was
known at several sizes of the log."""
import datetime
import json
import pathlib
import unittest

import county as c
import made_up_photo

TREE = pathlib.Path(__file__).resolve().parents[2]
CHINA = datetime.timezone(datetime.timedelta(hours=8))
TOWN, COUNTY = "411323101000", "411323000000"
VISITED, LEAD, OFFICE = "11" * 16, "22" * 16, "33" * 16
REGISTER = [
    {"register": "division", "division": COUNTY, "facts": {"name": "西峡县", "level": {"code": "county"}}},
    {"register": "division", "division": TOWN, "facts": {"name": "白羽街道", "level": {"code": "town"}}},
    {"register": "division", "division": c.VILLAGE, "facts": {"name": "一村", "level": {"code": "village"}}},
    {"register": "office", "id": OFFICE, "division": COUNTY,
     "facts": {"office_code": {"code": "medical_insurance"}, "office_name": "县医保局"}},
    {"register": "household", "id": VISITED, "division": c.VILLAGE,
     "facts": {"number": "0001", "head_name": "王桂兰", "household_category": {"codes": ["out_of_poverty"]}}},
    {"register": "household", "id": LEAD, "division": c.VILLAGE,
     "facts": {"number": "0002", "head_name": "李志强", "household_category": {"codes": ["general"]}}}]


def seconds(local):
    return datetime.datetime.fromisoformat(local).replace(tzinfo=CHINA).timestamp()


class County(c.County):
    """With a clock that all its devices follow, and definitions."""

    def __init__(self):
        self.devices = []
        super().__init__(persons=2, made_up_clock=True, began=seconds("2022-01-02T08:00"))

    def at(self, text):
        """Local time, "2022-02-12T10:00", for the county and every device."""
        self.now = text
        self.set_clock(seconds(text))
        for device in self.devices:
            device.options = ["--clock", text]

    def open(self, register):
        """The shipped definitions in force, the register's lines in the log, the server up."""
        self.at("2022-01-02T09:00")
        self.desk("publish", "--shipped", "--key-file", self.top / "root.key")
        waiting = json.loads(self.server("status", self.folder, "--json").stdout)["definitions_waiting"]
        self.desk("endorse", waiting[0], "--purpose", "second_person")
        lines = self.top / "register.jsonl"
        lines.write_text("".join(json.dumps(line) + "\n" for line in register), encoding="utf-8")
        self.desk("register", lines)
        self.start("--checkpoint-millis", "20", *self.clock)
        return self

    def sync(self):
        for device in self.devices:
            device.node("sync")

    def alert(self, bureau):
        """A lead about LEAD, as an alert of the county's medical insurance; gives its id once it is logged."""
        bureau.node("record", "monitoring.sector_alert", "--household", LEAD, "--answer", f"department={OFFICE}",
                    "--answer", "alert_type=medical", "--answer", "household_types=serious_illness",
                    "--answer", "received_on=2022-03-15")
        bureau.node("sync")
        lead = self.ask("cases")["cases"][0]["subject"]["id"]
        bureau.node("sync")
        return lead

    def photo(self, name, seed=1):
        path = self.top / name
        path.write_bytes(made_up_photo.photo(20_000, seed))
        return path

    def desk(self, command, *args, **options):
        return self.server(command, self.folder, *args, *self.clock, **options)

    def ask(self, command, *args):
        """A question to the server's program, as JSON."""
        return json.loads(self.desk(command, *args, "--json").stdout)

    def add(self, name, *divisions, role="coordinator", office=None):
        device = self.device(name)
        self.devices.append(device)
        device.options = ["--clock", self.now]
        device.node("init")
        more = [x for d in divisions[1:] for x in ("--division", d)] + ["--role", role, "--days", "900"]
        code = self.code(divisions[0], *more, *(["--office", office] if office else []))
        asked = device.node("enrol", f"{code['code']}@{self.address}#{code['root_digest']}", check=False)
        if role != "coordinator":
            digits = self.server("pending", self.folder).stdout.split()[0]
            assert digits in asked.stdout + asked.stderr, asked
            self.desk("approve", digits, "--key-file", self.top / "root.key")
        device.node("sync")
        return device


def lines(answer, **wanted):
    return [each for each in answer if all(each.get(k) == v for k, v in wanted.items())]


class Approving(unittest.TestCase):
    def test_several_requests_are_approved_at_once_or_none_of_them(self):
        county = County()
        self.addCleanup(county.__exit__)
        county.open(REGISTER)
        for name in "one", "two":
            device = county.device(name)
            device.options = ["--clock", county.now]
            device.node("init")
            code = county.code(TOWN, "--role", "town_desk", "--days", "900")
            device.node("enrol", f"{code['code']}@{county.address}#{code['root_digest']}", check=False)
        digits = [line.split()[0] for line in county.server("pending", county.folder).stdout.splitlines()]
        self.assertEqual(len(digits), 2)
        key = ["--key-file", county.top / "root.key"]
        for wrong in ["00000000"], [digits[0]]:
            refused = county.desk("approve", *digits, *wrong, *key, check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(wrong[0], refused.stdout + refused.stderr)
        self.assertEqual(county.server("pending", county.folder).stdout.count("town_desk"), 2)
        done = county.desk("approve", *digits, *key)
        self.assertEqual(done.stdout.count("accepted"), 2, done.stdout)
        self.assertNotIn("town_desk", county.server("pending", county.folder).stdout)


class Publishing(unittest.TestCase):
    def setUp(self):
        self.county = County()
        self.addCleanup(self.county.__exit__)
        self.county.at("2022-01-02T09:00")
        self.root = ["--key-file", self.county.top / "root.key"]

    def status(self):
        return json.loads(self.county.server("status", self.county.folder, "--json").stdout)

    def copy(self, programme, change):
        text = (TREE / "shared/programmes" / programme / "definition.txtpb").read_text(encoding="utf-8")
        path = self.county.top / f"{programme}.txtpb"
        path.write_text(change(text), encoding="utf-8")
        return path

    def test_takes_two_persons(self):
        said = self.county.desk("publish", "--shipped", *self.root).stdout
        for word in ("register", "monitoring", "village_coordinators", "2022-01-01", "second_person",
                     "MON-R50 declaration_answer_days"):
            self.assertIn(word, said)
        waiting = self.status()["definitions_waiting"]
        self.assertEqual(len(waiting), 1)
        self.assertIn(waiting[0], said)
        self.assertEqual(self.status()["definitions"], [])
        refused = self.county.desk("board", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("publish them first", refused.stderr)
        self.county.desk("endorse", waiting[0], "--purpose", "second_person")
        self.assertEqual([d["programme"] for d in self.status()["definitions"]],
                         ["monitoring", "register", "village_coordinators"])
        self.assertEqual(self.status()["definitions_waiting"], [])
        self.assertIn("monitoring 1, 2022-01-01", self.county.server("status", self.county.folder).stdout)
        again = self.county.desk("publish", "--shipped", *self.root, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("published just so already", again.stderr)

    def test_names_file_line_and_id_and_publishes_nothing(self):
        size = self.status()["size"]
        wrong = self.copy("village_coordinators", lambda text: text.replace(
            'who { role: "coordinator" } each: "household"', 'who { role: "coordinator" } each: "houshold"'))
        done = self.county.desk("publish", wrong, "--shipped", *self.root, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("given twice", done.stdout)
        done = self.county.desk("publish", wrong, *self.root, check=False)
        self.assertRegex(done.stdout, rf"{wrong}:\d+: monthly_visit: .*houshold")
        self.assertIn("nothing is published", done.stdout)
        broken = self.copy("monitoring", lambda text: text.replace("document:", "dokument:", 1))
        done = self.county.desk("publish", broken, *self.root, check=False)
        self.assertRegex(done.stdout, rf"{broken}:3: ")
        # What others of it read must be given or published.
        done = self.county.desk("publish", self.copy("monitoring", lambda text: text), *self.root, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing is published", done.stdout)
        for options, words in ((["--shipped", "--effective", "2022-02-30"], "bad date"), ([], "--shipped"),
                               (["absent.txtpb"], "absent.txtpb:1: ")):
            done = self.county.desk("publish", *options, *self.root, check=False)
            self.assertEqual(done.returncode, 1, options)
            self.assertIn(words, done.stderr)
        done = self.county.desk("publish", "--shipped", "--check", *self.root)
        self.assertIn("nothing was signed", done.stdout)
        self.assertEqual(self.status()["size"], size)

    def test_a_new_version_stands_beside_what_is_published(self):
        self.county.desk("publish", "--shipped", *self.root)
        self.county.desk("endorse", self.status()["definitions_waiting"][0], "--purpose", "second_person")
        same = self.copy("monitoring", lambda text: text.replace('zh: "危房"', 'zh: "险房"'))
        done = self.county.desk("publish", same, *self.root, check=False)
        self.assertRegex(done.stdout, rf"{same}:1: monitoring: .*version 1 is published already")
        newer = self.copy("monitoring", lambda text: text.replace("version: 1", "version: 2", 1))
        said = self.county.desk("publish", newer, "--effective", "2022-03-01", *self.root).stdout
        self.assertRegex(said, r"monitoring\s+2\s+2022-03-01")
        self.county.desk("endorse", self.status()["definitions_waiting"][0], "--purpose", "second_person")
        self.assertEqual(self.status()["definitions_refused"], [])
        self.assertEqual(lines(self.status()["definitions"], programme="monitoring")[0]["version"], 1)


class Questions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        county = cls.county = County()
        cls.addClassCleanup(county.__exit__)
        county.open(REGISTER)
        cls.coordinator = county.add("coordinator", c.VILLAGE)
        cls.bureau = county.add("bureau", "411323", role="county_desk", office="rr_bureau")
        county.at("2022-03-15T09:00")
        county.sync()
        cls.before = county.ask("cases")["basis"]["known_at"]
        lead = county.alert(cls.bureau)
        county.at("2022-04-02T09:00")
        cls.bureau.node("record", "monitoring.alert_sent", "--subject", lead)
        cls.bureau.node("sync")
        cls.sent = county.ask("cases")["basis"]["known_at"]
        # On the 9th without a network, in the log on the 14th.
        county.at("2022-04-09T10:00")
        cls.coordinator.node("sync")
        cls.coordinator.node("record", "monitoring.lead_verification", "--household", LEAD, "--answer",
                             "outcome=meets_conditions", "--answer", "screener=张三", "--photo",
                             county.photo("door.jpg"), "--refused", "signature")
        cls.unsent = cls.coordinator.node("household", "0002").stdout
        cls.coordinator.node("record", "visit", "--household", VISITED, "--outcome", "met")
        county.at("2022-04-14T10:00")
        cls.coordinator.node("sync")

    def stages(self, answer, household=LEAD):
        one = next(each for each in answer["cases"] if each["subject"].get("household") == household)
        return {stage["stage"]: stage for stage in one["stages"]}

    def test_cases_on_two_days_as_known_at_two_sizes(self):
        self.assertEqual(self.county.ask("cases", "--known-at", self.before, "--on", "2022-04-14")["cases"], [])
        early = self.stages(self.county.ask("cases", "--on", "2022-03-31"))
        self.assertEqual(early["sent_to_town"]["due"], "2022-04-03")
        self.assertTrue(early["sent_to_town"]["waits"])
        self.assertEqual(early["sent_to_town"]["by"], [{"office": "rr_bureau"}])
        # On the 13th nobody in the county knew of the visit on the 9th; now everybody does.
        then = self.stages(self.county.ask("cases", "--on", "2022-04-13", "--known-at", self.sent))
        now = self.stages(self.county.ask("cases", "--on", "2022-04-13"))
        self.assertTrue(then["verified"]["waits"])
        self.assertEqual(then["verified"]["late_own"], 3)
        self.assertEqual(now["verified"]["outcome"], "meets_conditions")
        self.assertEqual((now["verified"]["due"], now["verified"]["late_own"]), ("2022-04-10", 0))
        self.assertEqual(now["candidate"]["due"], "2022-04-18")
        town = self.county.ask("cases", "--on", "2022-04-14", "--for", "town_desk")["cases"]
        # Two doors in the same minute are a question for the town, too (VCO-W03).
        self.assertEqual([each["procedure"] for each in town], ["alert", "check_in_question"])
        self.assertEqual(self.county.ask("cases", "--on", "2022-04-14", "--for", "teacher")["cases"], [])
        late = ["cases", "--on", "2022-04-20", "--late", "--procedure", "alert"]
        self.assertIn("2 天 days", self.county.desk(*late).stdout)

    def test_duties_by_the_tenth(self):
        def status(on, *args):
            answer = self.county.ask("duties", "--duty", "monthly_visit", "--all", "--on", on, *args)
            self.assertEqual(len(answer["tallies"]), 1, answer)
            return {each["subject"]["number"]: each["status"] for each in answer["lines"]}
        self.assertEqual(status("2022-04-08"), {"0001": "open"})
        self.assertEqual(status("2022-04-14", "--known-at", self.sent), {"0001": "missing"})
        self.assertEqual(status("2022-04-14"), {"0001": "done"})
        self.assertEqual(status("2022-03-14"), {"0001": "missing"})
        whose = self.county.ask("duties", "--on", "2022-04-14", "--for", "coordinator", "--all")
        self.assertEqual({each["duty"] for each in whose["lines"]}, {"monthly_visit"})

    def test_warnings_say_whom_to_tell(self):
        def ids(*args):
            return {(w["id"], w["subject"].get("number")) for w in self.county.ask("warnings", *args)["warnings"]}
        then = ids("--on", "2022-04-13", "--known-at", self.sent)
        self.assertIn(("MON-W01", "0002"), then)
        self.assertIn(("VCO-W01c", "0001"), then)
        now = ids("--on", "2022-04-13")
        self.assertNotIn(("MON-W01", "0002"), now)
        self.assertNotIn(("VCO-W01c", "0001"), now)
        self.assertIn(("VCO-W01c", "0001"), ids("--on", "2022-03-14"))
        self.assertNotIn(("VCO-W01c", "0001"), ids("--on", "2022-03-14", "--for", "county_desk@education"))
        text = self.county.desk("warnings", "--on", "2022-03-14", "--for", "coordinator").stdout
        self.assertIn("VCO-W01c", text)
        self.assertIn("村级协管员 village coordinator", text)

    def test_a_warning_shows_what_its_definition_says(self):
        missed = lines(self.county.ask("warnings", "--on", "2022-03-14")["warnings"], id="VCO-W01c")
        head = [each for each in missed[0]["shown"] if each["label"]["zh"] == "户主姓名"]
        self.assertEqual([each["value"] for each in head], [missed[0]["subject"]["head_name"]])
        few = lines(self.county.ask("warnings", "--on", "2022-03-06")["warnings"], id="VCO-W01a")
        self.assertEqual([each["value"] for each in few[0]["shown"]], ["1", "0"])
        text = self.county.desk("warnings", "--on", "2022-03-06").stdout
        self.assertIn("应走访户数 1,", text)

    def test_a_household_at_any_day(self):
        def colour(on, *args):
            card = self.county.ask("household", "0002", "--on", on, *args)
            return lines(card["facts"], name="colour")[0]
        self.assertEqual(colour("2022-03-14")["value"], "green")
        self.assertEqual((colour("2022-03-31")["value"], colour("2022-03-31")["reason"]), ("yellow", "lead"))
        self.assertEqual(colour("2022-03-31")["since"], "2022-03-15")
        self.assertEqual(colour("2022-04-13", "--known-at", self.sent)["reason"], "lead")
        self.assertEqual((colour("2022-04-13")["reason"], colour("2022-04-13")["since"]),
                         ("candidate", "2022-04-09"))
        card = self.county.ask("household", LEAD[:8], "--on", "2022-04-14", "--explain", "colour")
        self.assertEqual([v["outcome"] for v in card["visits"]], ["met"])
        rests = card["explained"][0]["rests_on"]
        self.assertIn("waits at candidate: yes", [each.get("value") for each in rests])
        text = self.county.desk("household", "李志强", "--on", "2022-04-14", "--explain", "screening_outcome").stdout
        for word in ("黄 yellow", "拟识别监测对象", "行业预警线索", "出自 said by", "2022-04-09"):
            self.assertIn(word, text)

    def test_the_board_of_a_month(self):
        board = self.county.ask("board", "--on", "2022-04-14")
        visit = lines(board["work"], item="monthly_visit")
        self.assertEqual([(w["division"], w["due"], w["done"], w["missing"]) for w in visit],
                         [(TOWN, "2022-04-10", 1, 0)])
        verified = lines(board["work"], item="alert.verified")[0]
        self.assertEqual((verified["due"], verified["done"], verified["open"]), ("2022-04-10", 1, 0))
        self.assertEqual(lines(board["work"], item="alert.candidate")[0]["open"], 1)
        self.assertEqual(board["colours"], [{"division": TOWN, "households": {"green": 1, "yellow": 1}}])
        then = self.county.ask("board", "--on", "2022-04-13", "--known-at", self.sent, "--division", TOWN)
        self.assertEqual([(w["division"], w["missing"]) for w in lines(then["work"], item="monthly_visit")],
                         [(c.VILLAGE, 1)])
        text = self.county.desk("board", "--on", "2022-03-20").stdout
        self.assertIn("白羽街道 411323101000", text)
        self.assertIn("green → yellow: 1", text)

    def test_a_device_answers_from_what_it_holds(self):
        self.assertIn("未发送 unsent", self.unsent)
        self.assertIn("黄 yellow", self.unsent)
        node = self.coordinator
        said = node.node("cases").stdout
        self.assertIn("computed from what this device holds alone: " + c.VILLAGE, said)
        self.assertEqual(self.stages(json.loads(node.node("cases", "--json").stdout))["verified"]["outcome"],
                         "meets_conditions")
        then = json.loads(node.node("cases", "--json", "--on", "2022-04-13", "--known-at", self.sent).stdout)
        self.assertTrue(self.stages(then)["verified"]["waits"])
        board = json.loads(node.node("board", "--json", "--on", "2022-04-14").stdout)
        self.assertEqual(lines(board["work"], item="monthly_visit")[0]["done"], 1)
        self.assertEqual(lines(board["work"], item="form_3"), [], "a town's own duty is not the village's to see")
        duties = json.loads(node.node("duties", "--json", "--all", "--for", "coordinator").stdout)
        self.assertEqual({each["status"] for each in duties["lines"]}, {"done"})
        self.assertIn("register 1", node.node("status").stdout)
        for args, word in ((["cases", "--division", "411323102"], "does not hold"),
                           (["household", "9999"], "no household"), (["cases", "--known-at", "99999"], "knows of")):
            done = node.node(*args, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(word, done.stderr)

    def test_what_cannot_be_asked_is_said(self):
        for args, word in ((["warnings", "--for", "king"], 'no role "king"'),
                           (["warnings", "--for", "town@moon"], 'no office "moon"'),
                           (["duties", "--duty", "sleep"], 'no duty "sleep"'),
                           (["cases", "--procedure", "x"], 'no procedure "x"'),
                           (["board", "--division", "41"], "is no division"),
                           (["board", "--division", "990002"], "not in this county"),
                           (["board", "--division", "411323109"], "nothing is registered"),
                           (["board", "--on", "2022-02-30"], "bad date"),
                           (["cases", "--known-at", "0"], "give 1 to that"),
                           (["household", "0001", "--explain", "x"], 'no fact "x"'),
                           (["household", "nobody"], 'no household "nobody"')):
            done = self.county.desk(*args, check=False)
            self.assertEqual(done.returncode, 1, args)
            self.assertIn(word, done.stderr, args)
        self.assertEqual(self.county.desk("household", check=False).returncode, 2)

    def test_a_device_may_publish_with_a_registrars_key_only(self):
        refused = self.coordinator.node("publish", "--shipped", check=False)
        self.assertIn("published just so already", refused.stderr)
        newer = self.county.top / "register.txtpb"
        text = (TREE / "shared/programmes/register/definition.txtpb").read_text(encoding="utf-8")
        newer.write_text(text.replace("version: 1", "version: 2", 1), encoding="utf-8")
        refused = self.coordinator.node("publish", newer, "--effective", "2023-01-01", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("takes a credential as registrar", refused.stderr)
        registrar = self.county.add("registrar", "411323", role="registrar")
        said = registrar.node("publish", newer, "--effective", "2023-01-01").stdout
        digest = said.split("publication: ")[1].split()[0]
        registrar.node("sync")
        self.assertIn(digest, registrar.node("status").stdout)
        self.county.desk("endorse", digest, "--purpose", "second_person")
        registrar.node("sync")
        status = registrar.status()
        self.assertEqual((status["definitions_waiting"], status["definitions_refused"]), ([], []))
        self.assertEqual(lines(status["definitions"], programme="register")[0]["version"], 1)


if __name__ == "__main__":
    unittest.main()

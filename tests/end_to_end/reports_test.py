"""Reports and statements by both programs: form 3 is made from the log, filed by the town's desk, stays as it was
filed when a visit comes late, and the difference is listed; who may not read or file is refused."""
import json
import unittest

import county as c
import programmes_test as p

HOUSING = {"register": "office", "division": p.COUNTY, "facts": {"office_code": {"code": "housing"}}}


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        county = cls.county = p.County()
        cls.addClassCleanup(county.__exit__)
        county.open([*p.REGISTER, HOUSING])
        cls.coordinator = county.add("coordinator", c.VILLAGE)
        cls.bureau = county.add("bureau", "411323", role="county_desk", office="rr_bureau")
        cls.town = county.add("town", p.TOWN[:9], role="town_desk")
        cls.medical = county.add("medical", "411323", role="county_desk", office="medical_insurance")
        county.at("2022-03-15T09:00")
        county.sync()
        lead = county.alert(cls.bureau)
        county.at("2022-04-02T09:00")
        cls.bureau.node("record", "monitoring.alert_sent", "--subject", lead)
        county.sync()
        # On the 9th without a network, in the log on the 19th.
        county.at("2022-04-09T10:00")
        cls.coordinator.node("record", "monitoring.lead_verification", "--household", p.LEAD, "--answer",
                             "outcome=meets_conditions", "--answer", "screener=张三", "--photo",
                             county.photo("door.jpg"), "--refused", "signature")
        county.at("2022-04-18T10:00")
        cls.town.node("sync")
        cls.looked = cls.town.node("record", "statement", "form_3", "--check").stdout
        cls.filed = cls.town.node("record", "statement", "form_3", "--signer", "李四", "--post", "leader_in_charge").stdout
        cls.unsent = cls.town.node("statements").stdout
        cls.town.node("sync")
        county.at("2022-04-19T10:00")
        cls.coordinator.node("sync")
        cls.town.node("sync")
        cls.first = county.ask("statements", "form_3")["statements"][0]

    def test_a_statement_stays_and_what_comes_late_is_listed(self):
        self.assertIn("nothing was signed", self.looked)
        self.assertIn("filed as number 1,", self.filed)
        self.assertIn("未核实线索 leads pending: 1", self.filed)
        self.assertIn("未发送 unsent", self.unsent)
        one = self.first
        self.assertEqual((one["of"], one["period"], one["rows"], one["supplement"]), ("form_3", "2022-04", 0, 0))
        self.assertEqual((one["due"], one["late"], one["by"]), ("2022-04-18", False, {"role": "town_desk"}))
        for ask in (self.county.ask, lambda *args: json.loads(self.town.node(*args, "--json").stdout)):
            said = ask("report", "form_3", "--statement", str(one["index"]))
            self.assertTrue(said["statement"]["digest_right"])
            self.assertIn(said["statement"]["digest"], self.filed)
            self.assertEqual(said["filed"]["rows"], [])
            self.assertEqual([row["subject"] for row in said["now"]["rows"]], [p.LEAD])
            self.assertEqual([d["kind"] for d in said["differences"]], ["header", "added"])
            self.assertEqual((said["differences"][0]["filed"], said["differences"][0]["now"]), ("1", "0"))
            self.assertEqual(said["differences"][1]["cells"][:4], ["2022年4月", "白羽街道", "一村", "李志强"])
        text = self.county.desk("report", "form_3", "--statement", str(one["index"])).stdout
        self.assertIn("签字 signed by: 李四 leader_in_charge", text)
        self.assertIn("+ 2022年4月 | 白羽街道 | 一村 | 李志强", text)
        # Anyone makes it again from as much of the log as was known.
        again = self.county.ask("report", "form_3", "--division", p.TOWN, "--on", one["valid_at"], "--known-at",
                                str(one["log_size"]))["report"]
        self.assertEqual((again["rows"], again["header"]), (said["filed"]["rows"], said["filed"]["header"]))

    def test_b_what_came_late_is_filed_as_a_supplement(self):
        self.county.at("2022-04-20T10:00")
        said = self.town.node("record", "statement", "form_3").stdout
        self.assertIn("补报 supplement 1", said)
        self.town.node("sync")
        filed = self.county.ask("statements", "--division", p.TOWN)["statements"]
        self.assertEqual([(s["supplement"], s["late"], s["rows"]) for s in filed], [(0, False, 0), (1, True, 1)])
        self.assertEqual(self.county.ask("report", "form_3", "--division", p.TOWN)["report"]["rows"], [])
        same = self.county.ask("report", "form_3", "--statement", str(filed[1]["index"]))
        self.assertEqual(same["differences"], [])
        case = self.county.ask("cases", "--procedure", "alert")["cases"][0]
        stage = next(s for s in case["stages"] if s["stage"] == "in_form_3")
        self.assertIn("2022-04-20", stage["reached"])

    def test_printed_forms(self):
        csv = self.county.desk("report", "form_2", "--office", "medical_insurance", "--month", "2022-03", "--csv").stdout
        lines = csv.lstrip("\ufeff").splitlines()
        self.assertTrue(csv.startswith("\ufeff"))
        self.assertEqual(lines[0], "行业预警信息推送情况统计表,2022-03,2022-03-31")
        self.assertEqual(lines[1], "单位名称（盖章）,县医保局")
        self.assertEqual(lines[4], "预警部门,新增月份,乡镇,村别,姓名,与户主关系,证件号码,户类型")
        self.assertEqual(lines[5], "县医保局,2022年3月,白羽街道,一村,—,—,—,大病户")
        board = self.county.ask("report", "month_board", "--on", "2022-04-18")["report"]
        row = next(r for r in board["rows"] if r["cells"][0] == "行业预警线索：入户核实")
        self.assertEqual((row["group"], row["cells"][1:5]), (["白羽街道"], ["2022-04-10", "1", "1", "0"]))
        card = self.county.desk("report", "household_card", "--row", "0002", "--on", "2022-04-14").stdout
        self.assertIn("颜色 colour: 黄（拟识别监测对象）", card)
        ledger = self.county.desk("report", "alert_ledger").stdout
        self.assertIn("  医疗 / 白羽街道 / 一村: 1", ledger)
        wide = self.county.desk("report", "monitored_households").stdout
        self.assertTrue(all(len(line) < 120 for line in (ledger + wide).splitlines()))
        self.assertGreater(wide.count("\n序号  "), 2, "a wide table goes on below")
        visits = self.coordinator.node("report", "visit_completion_villages", "--month", "2022-03").stdout
        self.assertIn("computed from what this device holds alone", visits)

    def test_a_department_files_its_own(self):
        self.medical.node("sync")
        said = self.medical.node("record", "statement", "form_2", "--month", "2022-03").stdout
        self.assertIn("单位名称（盖章） unit (seal): 县医保局", said)
        self.medical.node("sync")
        one = self.county.ask("statements", "form_2", "--office", "medical_insurance")["statements"][0]
        self.assertEqual((one["period"], one["rows"], one["due"], one["late"]), ("2022-03", 1, "2022-03-25", True))
        same = self.county.ask("report", "form_2", "--statement", str(one["index"]))
        self.assertEqual((same["differences"], same["now"]["rows"][0]["cells"][6]), ([], "大病户"))
        for args, word in ((["form_2", "--office", "housing"], "what is of housing is filed by housing"),
                           (["form_3"], "may not read form_3")):
            done = self.medical.node("record", "statement", *args, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(word, done.stderr)

    def test_readers_and_filers(self):
        listed = {r["id"] for r in json.loads(self.coordinator.node("report", "--json").stdout)["reports"]}
        self.assertIn("household_card", listed)
        self.assertNotIn("knowledge", listed)
        self.assertIn("knowledge", {r["id"] for r in self.county.ask("report")["reports"]})
        for said, word in ((self.coordinator.node("report", "knowledge", check=False), "may not read knowledge"),
                           (self.coordinator.node("report", "knowledge", "--for", "county_desk@rr_bureau", check=False),
                            "coordinator may not read knowledge"),
                           (self.county.desk("report", "form_3", "--for", "coordinator", check=False),
                            "coordinator may not read form_3; it is for 县乡村振兴局"),
                           (self.coordinator.node("record", "statement", "form_3", check=False), "may not read"),
                           (self.bureau.node("record", "statement", "form_3", check=False), "form_3 is filed by 乡镇")):
            self.assertEqual(said.returncode, 1)
            self.assertIn(word, said.stderr)

    def test_what_cannot_be_asked_is_said(self):
        for args, word in ((["form_9"], 'no report "form_9"; there are accountability, alert_handling,'),
                           (["form_3", "--on", "2022-02-30"], "bad date"),
                           (["form_3", "--division", "990002"], "not in this county"),
                           (["form_3", "--division", "411323109"], "nothing is registered"),
                           (["form_3", "--month", "2023"], "is no period of form_3 by then: it has such as 2022-04"),
                           (["form_3_pending", "--period", "2022-04"], "has no period"),
                           (["form_3", "--office", "medical_insurance"], "is not kept by office"),
                           (["form_2", "--office", "moon"], 'no office "moon"'),
                           (["alert_ledger", "--row", "nobody"], 'no row "nobody"'),
                           (["household_card", "--row", "nobody"], 'no household "nobody"'),
                           (["form_3", "--statement", "1"], "entry 1 is no statement of form_3"),
                           (["form_2", "--statement", str(self.first["index"])], "is no statement of form_2"),
                           (["form_3", "--csv", "--json"], "exclude each other")):
            done = self.county.desk("report", *args, check=False)
            self.assertEqual(done.returncode, 1, args)
            self.assertIn(word, done.stderr, args)
        done = self.coordinator.node("report", "household_card", "--division", "411323102", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not hold", done.stderr)
        self.assertEqual(self.town.node("record", "statement", check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()

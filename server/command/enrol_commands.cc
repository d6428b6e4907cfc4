// enrol, pending, approve.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "server/app/desk.h"
#include "server/app/enrolment.h"
#include "server/app/files.h"
#include "server/command/command.h"
#include "server/command/terminal.h"
#include "shared/credential/code.h"

namespace cunji::server {
using Json = nlohmann::ordered_json;

struct EnrolArguments {
  CommonOptions common;
  CodeOptions code;
  std::string person, address = "127.0.0.1:8440", from;
  bool json = false, qr = false;
};

struct EnrolDesk {
  std::unique_ptr<store::SideStore> side;
  credential::County county;
  TimePoint now{};
};

// Makes one code and prints it.
static Result<void> enrol_one(const EnrolArguments& arguments, const CodeOptions& options,
                              EnrolDesk& desk, Entropy& entropy) {
  TRY_AS(code, add_code(*desk.side, desk.county.code, options, entropy, desk.now));
  const std::string shown = credential::show_code(code);
  const std::string root = to_hex(desk.county.root_digest().view());
  const std::string text = "cunji:" + code + "@" + arguments.address + "#" + root;
  if (arguments.json) {
    const Json out = {
        {"code", shown},
        {"text", text},
        {"server", arguments.address},
        {"root_digest", root},
        {"role", options.role},
        {"divisions", options.divisions},
        {"valid_until", to_millis(desk.now + std::chrono::hours{options.valid_hours})}};
    std::printf("%s\n", out.dump().c_str());
    return {};
  }
  std::printf("授权码 / code:        %s\n", shown.c_str());
  std::printf("服务器 / server:      %s\n", arguments.address.c_str());
  std::printf("根摘要 / root digest: %s\n", root.c_str());
  std::printf("有效 %u 小时，一次 / valid for %u hours, once\n", options.valid_hours,
              options.valid_hours);
  std::printf("在设备上 / on the device: cunji-node enrol '%s'\n", text.c_str());
  if (arguments.qr || is_terminal(STDOUT_FILENO)) std::printf("\n%s", qr_blocks(text).c_str());
  return {};
}

// "division,role" a line, or "division;division,role"; the role may be left out.
static Result<void> enrol_all(const EnrolArguments& arguments, EnrolDesk& desk, Entropy& entropy) {
  std::ifstream in(arguments.from);
  if (!in) return Error{Errc::Io, "can't open " + arguments.from};
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.starts_with("division,")) continue;
    const std::size_t comma = line.find(',');
    CodeOptions options = arguments.code;
    options.divisions.clear();
    std::istringstream divisions(line.substr(0, comma));
    for (std::string each; std::getline(divisions, each, ';');) options.divisions.push_back(each);
    if (comma != std::string::npos) options.role = line.substr(comma + 1);
    const auto done = enrol_one(arguments, options, desk, entropy);
    if (!done)
      return Error{done.error().code,
                   arguments.from + " line " + std::to_string(number) + ": " + done.error().what};
  }
  return {};
}

static Result<void> enrol(EnrolArguments& arguments, Context& context) {
  const Folder folder{arguments.common.folder};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(county, county_of(*log));
  TRY_AS(clock, clock_of(arguments.common, county.test_county));
  TRY_AS(side, open_side(folder));
  EnrolDesk desk{.side = std::move(side), .county = county, .now = clock->now()};
  if (!arguments.person.empty()) {
    TRY_AS(person, fixed_of<PersonId>(arguments.person, "--person"));
    arguments.code.person = person;
  }
  if (!arguments.from.empty()) {
    arguments.json = true;
    return enrol_all(arguments, desk, context.entropy);
  }
  return enrol_one(arguments, arguments.code, desk, context.entropy);
}

void add_enrol(CLI::App& app, Context& context) {
  CLI::App& command =
      *app.add_subcommand("enrol", "发放授权码 / hand out an enrolment code for a new device");
  const auto arguments = std::make_shared<EnrolArguments>();
  CodeOptions& code = arguments->code;
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command.add_option(
      "--division", code.divisions,
      "区划：12 位村、9 位乡镇、6 位县 / divisions by prefix: 12 digits a village, 9 a "
      "town, 6 the county");
  command.add_option("--role", code.role, "角色 / role: coordinator, town_desk, county_desk …")
      ->capture_default_str();
  command.add_option("--kinds", code.kinds, "事项，默认依角色 / event kinds; default: the role's")
      ->delimiter(',');
  command.add_option(
      "--person", arguments->person,
      "人员标识，32 位十六进制；默认新建 / person id, 32 hex digits; default: a new one");
  command.add_option("--office", code.office, "单位 / office");
  command.add_option("--days", code.days, "授权天数 / days the credential holds")
      ->check(CLI::Range(1, 3'650))
      ->capture_default_str();
  command.add_option("--valid-hours", code.valid_hours, "授权码有效小时 / hours the code holds")
      ->check(CLI::Range(1, 24 * 90))
      ->capture_default_str();
  command
      .add_option("--address", arguments->address,
                  "设备所连服务器 / HOST:PORT that the device reaches")
      ->capture_default_str();
  command.add_option(
      "--from", arguments->from,
      "CSV 文件：区划,角色；一机多区划用分号 / many at once: a CSV of division,role; several "
      "divisions of one device with semicolons; prints JSON lines");
  command.add_flag("--json", arguments->json, "输出 JSON / print JSON");
  command.add_flag("--qr", arguments->qr,
                   "总是显示二维码 / show the QR code without a terminal, too");
  command.callback(
      [arguments, &context] { run(context, [&] { return enrol(*arguments, context); }); });
}

static Result<void> list_pending(const CommonOptions& options) {
  const Folder folder{options.folder};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(side, open_side(folder));
  TRY_AS(governance, read_governance(*log));
  TRY_AS(requests, pending_requests({folder, *log, *side, governance}));
  for (const PendingRequest& request : requests) {
    std::string divisions;
    for (const std::string& division : request.code.divisions) divisions += " " + division;
    std::printf("%s  %s%s  %s\n", request.digits.c_str(), request.code.role.c_str(),
                divisions.c_str(), to_hex(request.key.view()).c_str());
  }
  if (requests.empty()) std::printf("无待审申请 / no request waits\n");
  return {};
}

void add_pending(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "pending",
      "待审的入网申请 / requests that wait for a registrar: digits, role, divisions, key");
  const auto options = std::make_shared<CommonOptions>();
  add_folder(command, *options);
  command.callback([options, &context] { run(context, [&] { return list_pending(*options); }); });
}

struct ApproveArguments {
  CommonOptions common;
  std::vector<std::string> digits;
  std::string key_file;
};

// All of them or, where one can't be, none.
static Result<void> approve_requests(const ApproveArguments& arguments, Context& context) {
  const Folder folder{arguments.common.folder};
  TRY_AS(desk, Desk::open(folder, context.entropy));
  TRY_AS(clock, clock_of(arguments.common, desk->county().test_county));
  TRY_AS(registrar,
         load_key(arguments.key_file.empty() ? folder.key("registrar") : arguments.key_file));
  TRY_AS(governance, desk->governance());
  std::vector<event::Draft> drafts;
  std::set<std::string> asked;
  for (const std::string& digits : arguments.digits) {
    if (!asked.insert(digits).second)
      return Error{Errc::Malformed, "同一申请写了两次 / " + digits + " is named twice"};
    TRY_AS(draft, approve({folder, desk->log(), desk->side(), governance}, digits, clock->now()));
    drafts.push_back(std::move(draft));
  }
  TRY_AS(outcomes, desk->submit(registrar, drafts, clock->now()));
  TRY(desk->publish());
  // What the root gives counts at once: it makes the first second person.
  const bool alone =
      desk->county().persons_required < 2 || registrar.public_key() == desk->county().root;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    TRY(forget_pending(folder, arguments.digits[i]));
    std::printf("已登记 / logged: %llu, %s\n", static_cast<unsigned long long>(outcomes[i].index),
                event::name_of(outcomes[i].verdict).data());
    TRY_AS(logged, desk->log().at(outcomes[i].index));
    if (!alone && logged)
      std::printf(
          "需第二人 / a second person must sign: cunji-server endorse DIR %s --purpose "
          "second_person --key-file FILE\n",
          to_hex(logged->entry.event.digest().view()).c_str());
  }
  return {};
}

void add_approve(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "approve", "核对八位数后批准 / approve the request whose eight digits the device shows");
  const auto arguments = std::make_shared<ApproveArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command
      .add_option("DIGITS", arguments->digits,
                  "八位数，可多个 / the eight digits, of one request or several")
      ->required();
  command.add_option("--key-file", arguments->key_file,
                     "签名密钥，默认登记员 / sign with this key; default: the registrar's");
  command.callback([arguments, &context] {
    run(context, [&] { return approve_requests(*arguments, context); });
  });
}
}  // namespace cunji::server

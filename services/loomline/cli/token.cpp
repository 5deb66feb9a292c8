#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/intake/v1/access.pb.h"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace intake::v1;
const std::string service = "loomline.intake.v1.AccessService.";

struct Flags {
  std::string role = "staff", label = "command line", token;
  unsigned valid_days = 0;
  bool secret_only = false;
};

int create(const Context& context, const Flags& flags) {
  auto role = parse_enum<common::v1::Role>("--role", flags.role);
  if (!role.ok()) return context.fail(role.status());
  CreateTokenRequest request;
  request.set_role(*role);
  request.set_label(flags.label);
  request.set_valid_days(flags.valid_days);
  const auto answer = context.call<CreateTokenResponse>(service + "CreateToken", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (flags.secret_only) return context.out << (*answer).secret() << '\n', exit_ok;
  if (context.json()) return context.print(*answer), exit_ok;
  context.out << (*answer).token().token_id() << "  " << enum_text((*answer).token().role()) << '\n'
              << "  secret  " << (*answer).secret() << "\n  It is shown only now. Use it: export LOOMLINE_TOKEN=...\n";
  return exit_ok;
}

int list(const Context& context, const Flags&) {
  const auto answer = context.call<ListTokensResponse>(service + "ListTokens", ListTokensRequest());
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  Table table({"TOKEN", "ROLE", "LABEL", "CREATED", "EXPIRES", "STATE"});
  for (const auto& token : (*answer).tokens()) {
    table.row({token.token_id(), enum_text(token.role()), token.label(), moment(token.created_at()),
               token.has_expires_at() ? moment(token.expires_at()) : "never", token.revoked() ? "revoked" : "valid"});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

int revoke(const Context& context, const Flags& flags) {
  RevokeTokenRequest request;
  request.set_token_id(flags.token);
  const auto answer = context.call<RevokeTokenResponse>(service + "RevokeToken", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  context.out << (*answer).token().token_id() << "  revoked\n";
  return exit_ok;
}

}  // namespace

void add_token(CLI::App& app, Context& context) {
  auto* token = app.add_subcommand("token", "Bearer tokens of people and programs");
  token->require_subcommand(1);
  token->footer(
      "The first token is made on the machine itself, over the inner port (the address is in the state file "
      "of loomline serve):\n  loomline token create --role staff --peer 127.0.0.1:7100");
  const auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* what, int (*run)(const Context&, const Flags&)) {
    auto* command = token->add_subcommand(name, what);
    command->callback(
        [&context, flags, run] { context.action = [&context, flags, run] { return run(context, *flags); }; });
    return command;
  };
  auto* create_command = add("create", "Make a token; its secret is shown once", create);
  create_command->add_option("--role", flags->role, "staff, portal, mes or ticketing")->capture_default_str();
  create_command->add_option("--label", flags->label, "What it is used for, never a person")->capture_default_str();
  create_command->add_option("--valid-days", flags->valid_days, "Never expires where not given");
  create_command->add_flag("--secret-only", flags->secret_only, "Print nothing but the secret, for scripts");
  create_command->footer(
      "Example:\n  export LOOMLINE_TOKEN=$(loomline token create --role staff --secret-only "
      "--peer 127.0.0.1:7100)");
  add("list", "All tokens, without secrets", list);
  add("revoke", "Make a token worthless at once", revoke)->add_option("TOKEN", flags->token, "tok_...")->required();
}

}  // namespace loomline::cli

#include "native/auth/sign_in_error.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "native/http/service_error.h"

namespace teamferry::auth {
namespace {

using nlohmann::json;

struct Hint {
  long code;
  const char* text;
};
constexpr Hint kHints[] = {
    {7000215, "use the value of the client secret, not its id"},
    {7000222, "the client secret has expired: make a new one in the app registration"},
    {7000216, "the sign-in got neither client secret nor assertion: check the AZURE_ variables"},
    {7000218, "the sign-in got neither client secret nor assertion: check the AZURE_ variables"},
    {700016, "the tenant does not know this application: check AZURE_TENANT_ID and AZURE_CLIENT_ID"},
    {700027, "the certificate is not registered with the application: upload it there"},
    {700024, "the assertion is outside its time: check this machine's clock"},
    {700021, "the assertion names another application: check AZURE_CLIENT_ID"},
    {700023, "the assertion is for another sign-in: check AZURE_TENANT_ID"},
    {70021, "no federated credential of the application fits the token: compare issuer, subject and audience"},
    {700211, "no federated credential of the application has the token's issuer: compare the two"},
    {700212, "no federated credential of the application has the token's audience: compare the two"},
    {700213, "no federated credential of the application has the token's subject: compare the two"},
    {90002, "there is no such tenant: check AZURE_TENANT_ID and the cloud"},
    {900023, "AZURE_TENANT_ID is neither a GUID nor a domain: look for a typing error"},
    {900144, "the sign-in misses a parameter: check the AZURE_ variables"},
    {70011, "the scope does not fit: check the cloud"},
    {1002012, "the scope does not fit: check the cloud"},
    {500011, "the tenant does not know this Graph: check the cloud"},
    {53003, "a conditional access policy for workload identities blocks the sign-in: ask the tenant's administrator"},
    {90055, "the sign-in is busy: wait"},
};

// "AADSTS7000215: Invalid client secret ..." names its number also where error_codes is missing.
long number_in(std::string_view text) {
  constexpr std::string_view kPrefix = "AADSTS";
  const auto at = text.find(kPrefix);
  if (at == text.npos) return 0;
  long number = 0;
  for (char c : text.substr(at + kPrefix.size(), 9)) {
    if (c < '0' || c > '9') break;
    number = number * 10 + (c - '0');
  }
  return number;
}

long number_of(const json& body, std::string_view description) {
  const auto codes = body.find("error_codes");
  if (codes != body.end() && codes->is_array() && !codes->empty() && codes->front().is_number_integer()) {
    return codes->front().get<long>();
  }
  return number_in(description);
}

}  // namespace

Error sign_in_error(const http::Response& response, DateTime now) {
  Error error = http::service_error(response, now);
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) {
    error.message = "the sign-in refused: " + error.message;
    return error;
  }
  if (const auto trace = body.find("trace_id"); trace != body.end() && trace->is_string()) {
    error.request_id = http::one_line(trace->get<std::string>(), 80);
  }
  const long number = number_of(body, error.message);
  // The ids and the time that follow are repeated in fields of their own.
  error.message = error.message.substr(0, error.message.find(" Trace ID:"));
  if (number != 0) {
    error.code = fmt::format("AADSTS{}", number);
    if (const auto prefix = error.code + ": "; error.message.compare(0, prefix.size(), prefix) == 0) {
      error.message.erase(0, prefix.size());
    }
  }
  for (const auto& [code, text] : kHints) {
    if (code == number) error.message += fmt::format(" What to do: {}.", text);
  }
  return error;
}

}  // namespace teamferry::auth

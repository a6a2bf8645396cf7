#include "native/emulator/filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/text.h"

namespace teamferry::emulator {

struct FilterParser {
  using Lookup = Filter::Lookup;
  using Equalities = std::optional<std::vector<Filter::Equality>>;

  // One clause, and what only() says of it.
  struct Test {
    Filter::Test run;
    Equalities only;
    bool operator()(const Lookup& lookup) const { return run(lookup); }
  };

  std::string_view rest;
  const std::vector<std::string_view>& known;
  std::string& problem;
  int depth = 0;
  bool advanced = false;

  std::nullopt_t fail(std::string text) {
    if (problem.empty()) problem = std::move(text);
    return std::nullopt;
  }
  void skip_blanks() {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
  bool take(char c) {
    skip_blanks();
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  static bool of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
  std::string_view peek_word() {
    skip_blanks();
    std::size_t size = 0;
    while (size < rest.size() && of_word(rest[size])) ++size;
    return rest.substr(0, size);
  }
  bool take_word(std::string_view word) {
    if (lower_ascii(peek_word()) != word) return false;
    rest.remove_prefix(word.size());
    return true;
  }

  // "microsoft.graph.aadUserConversationMember/userId" is the property of a derived type.
  std::optional<std::string> property() {
    constexpr std::string_view kNamespace = "microsoft.graph.";
    skip_blanks();
    if (rest.substr(0, kNamespace.size()) == kNamespace)
      rest.remove_prefix(std::min(rest.find('/'), rest.size() - 1) + 1);
    const std::string_view name = peek_word();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return fail(fmt::format("Could not find a property named '{}'.", name));
    }
    rest.remove_prefix(name.size());
    return std::string(name);
  }

  // 'text' with doubled quotes, true, false or null; in lower case, nothing inside for null.
  std::optional<std::optional<std::string>> value() {
    skip_blanks();
    if (take_word("null")) return std::optional<std::string>();
    if (take_word("true")) return std::optional<std::string>("true");
    if (take_word("false")) return std::optional<std::string>("false");
    if (!take('\'')) return fail("Invalid filter clause: a value in single quotes is expected.");
    std::string text;
    for (;;) {
      const auto quote = rest.find('\'');
      if (quote == rest.npos) return fail("Invalid filter clause: there is an unterminated string literal.");
      text += rest.substr(0, quote);
      rest.remove_prefix(quote + 1);
      if (rest.empty() || rest.front() != '\'') return std::optional<std::string>(lower_ascii(text));
      text += '\'';
      rest.remove_prefix(1);
    }
  }

  // Whether any line of a collection's value passes.
  template <class Passes>
  static Test any_line(std::string name, Passes passes) {
    return {[name = std::move(name), passes = std::move(passes)](const Lookup& lookup) {
              const std::string have = lower_ascii(lookup(name).value_or(""));
              std::string_view rest_of = have;
              while (!rest_of.empty()) {
                const std::string_view line = rest_of.substr(0, rest_of.find('\n'));
                if (passes(line)) return true;
                rest_of.remove_prefix(std::min(rest_of.size(), line.size() + 1));
              }
              return false;
            },
            std::nullopt};
  }

  static Test equals(std::string name, std::optional<std::string> wanted) {
    Equalities only;
    if (wanted) only = {{name, *wanted}};
    return {[name = std::move(name), wanted = std::move(wanted)](const Lookup& lookup) {
              std::optional<std::string> have = lookup(name);
              if (have) have = lower_ascii(*have);
              return have == wanted;
            },
            std::move(only)};
  }

  static Test not_of(Test test) {
    return {[test = std::move(test)](const Lookup& lookup) { return !test(lookup); }, std::nullopt};
  }

  // Known only if it is known of each.
  static Test any_of(std::vector<Test> tests) {
    Equalities only = std::vector<Filter::Equality>();
    for (const Test& test : tests) {
      if (only && test.only) {
        only->insert(only->end(), test.only->begin(), test.only->end());
      } else {
        only.reset();
      }
    }
    return {[tests = std::move(tests)](const Lookup& lookup) {
              return std::any_of(tests.begin(), tests.end(), [&](const Test& test) { return test(lookup); });
            },
            std::move(only)};
  }

  static Test all_of(std::vector<Test> tests) {
    Equalities only;
    for (const Test& test : tests) {
      if (!only) only = test.only;
    }
    return {[tests = std::move(tests)](const Lookup& lookup) {
              return std::all_of(tests.begin(), tests.end(), [&](const Test& test) { return test(lookup); });
            },
            std::move(only)};
  }

  std::optional<Test> starts_or_ends_with(bool at_end) {
    if (!take('(')) return fail("Invalid filter clause: '(' is expected.");
    auto name = property();
    if (!name) return std::nullopt;
    if (!take(',')) return fail("Invalid filter clause: ',' is expected.");
    auto start = value();
    if (!start || !*start || !take(')')) return fail("Invalid filter clause: a text and ')' are expected.");
    return Test{[name = *name, start = **start, at_end](const Lookup& lookup) {
                  const std::string have = lower_ascii(lookup(name).value_or(""));
                  return at_end ? have.ends_with(start) : have.starts_with(start);
                },
                std::nullopt};
  }

  // p:p eq 'value') or p:startswith(p,'value')), behind "any("
  std::optional<Test> any(std::string name) {
    const std::string variable(peek_word());
    rest.remove_prefix(variable.size());
    constexpr const char* kExpected = "Invalid filter clause: any(x:x eq 'value') is expected.";
    if (variable.empty() || !take(':')) return fail(kExpected);
    const bool starts = take_word("startswith");
    if ((starts && !take('(')) || !take_word(lower_ascii(variable)) || !(starts ? take(',') : take_word("eq"))) {
      return fail(kExpected);
    }
    const auto wanted = value();
    if (!wanted || !*wanted || (starts && !take(')')) || !take(')')) return fail(kExpected);
    const std::string& text = **wanted;
    if (starts) return any_line(std::move(name), [text](std::string_view line) { return line.starts_with(text); });
    Test test = any_line(name, [text](std::string_view line) { return line == text; });
    test.only = {{std::move(name), text}};
    return test;
  }

  std::optional<Test> one_of(std::string name) {
    if (!take('(')) return fail("Invalid filter clause: '(' is expected.");
    std::vector<Test> tests;
    do {
      auto wanted = value();
      if (!wanted) return std::nullopt;
      tests.push_back(equals(name, *wanted));
    } while (take(','));
    if (!take(')')) return fail("Invalid filter clause: ')' is expected.");
    return any_of(std::move(tests));
  }

  std::optional<Test> comparison() {
    if (take_word("startswith")) return starts_or_ends_with(false);
    if (take_word("endswith")) {
      advanced = true;
      return starts_or_ends_with(true);
    }
    auto name = property();
    if (!name) return std::nullopt;
    if (take('/')) {
      if (!take_word("any") || !take('(')) return fail("Invalid filter clause: any( is expected.");
      return any(std::move(*name));
    }
    if (take_word("in")) return one_of(std::move(*name));
    const bool negated = take_word("ne");
    if (negated) advanced = true;
    if (!negated && !take_word("eq")) return fail("Invalid filter clause: an operator is expected.");
    auto wanted = value();
    if (!wanted) return std::nullopt;
    Test test = equals(std::move(*name), *wanted);
    return negated ? not_of(std::move(test)) : std::move(test);
  }

  std::optional<Test> unary() {
    constexpr int kDepth = 32;  // a query of brackets must not use up the stack
    if (depth >= kDepth) return fail("Invalid filter clause: nested too deep.");
    ++depth;
    std::optional<Test> test;
    if (take_word("not")) {
      advanced = true;
      test = unary();
      if (test) test = not_of(std::move(*test));
    } else if (take('(')) {
      test = alternatives();
      if (test && !take(')')) test = fail("Invalid filter clause: ')' is expected.");
    } else {
      test = comparison();
    }
    --depth;
    return test;
  }

  std::optional<Test> conjunction() {
    std::vector<Test> tests;
    do {
      auto test = unary();
      if (!test) return std::nullopt;
      tests.push_back(std::move(*test));
    } while (take_word("and"));
    return all_of(std::move(tests));
  }

  std::optional<Test> alternatives() {
    std::vector<Test> tests;
    do {
      auto test = conjunction();
      if (!test) return std::nullopt;
      tests.push_back(std::move(*test));
    } while (take_word("or"));
    return any_of(std::move(tests));
  }
};

std::optional<Filter> Filter::parse(std::string_view text, const std::vector<std::string_view>& known,
                                    std::string& problem) {
  FilterParser parser{text, known, problem};
  auto test = parser.alternatives();
  parser.skip_blanks();
  if (test && !parser.rest.empty()) {
    problem = fmt::format("Invalid filter clause: Syntax error at '{}'.", parser.rest);
    return std::nullopt;
  }
  if (!test) return std::nullopt;
  return Filter(std::move(test->run), std::move(test->only), parser.advanced);
}

}  // namespace teamferry::emulator

#include "native/emulator/csv.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

std::vector<std::vector<std::string>> rows_of(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  const auto read = read_csv(text);
  for (const CsvRow& row : read.value()) rows.push_back(row.fields);
  return rows;
}

struct People {
  TestFolder folder;
  World world;
  explicit People(const std::string& csv) : world(options(csv)) {}
  Options options(const std::string& csv) const {
    Options with = World::unlimited();
    with.users_from = folder.write("people.csv", csv);
    return with;
  }
  std::optional<User> find(const std::string& name) const { return world.router->find_user(name); }
};

std::string refusal(const std::string& csv) {
  TestFolder folder;
  Options options;
  options.users_from = folder.write("people.csv", csv);
  const auto opened = Router::open(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "bad_people");
  return opened.error().message.substr(options.users_from.size() + 2);
}

}  // namespace

TEST_CASE("CSV is read as spreadsheets write it", "[people]") {
  using Rows = std::vector<std::vector<std::string>>;
  CHECK(rows_of("\xEF\xBB\xBF"
                "a,b\r\n\"x, \"\"y\"\"\",z\r\n\r\n1\n") == Rows{{"a", "b"}, {"x, \"y\"", "z"}, {"1"}});
  CHECK(rows_of("a;b,c;d\n1;2;3") == Rows{{"a", "b,c", "d"}, {"1", "2", "3"}});
  CHECK(rows_of("a\tb\r1\t\"2\n3\"\r") == Rows{{"a", "b"}, {"1", "2\n3"}});
  CHECK(rows_of("").empty());
  CHECK(rows_of("a,") == Rows{{"a", ""}});
  CHECK(read_csv("a\n\"b\nc").error().message == "line 2: a quote is never closed");
  CHECK(read_csv("a\r\n\"x\r\ny\"\r\nlast").value()[2].line == 4);
}

TEST_CASE("A people.csv makes a user for each row, with ids that follow from the address", "[people]") {
  People people(
      "person,name,mail,kind,messages,decision,target\r\n"
      "u1,\"Vale, Ann\",ann@acme.example,user,12,,\r\n"
      "u2,Ben,ben@acme.example,user,3,map,a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c37\r\n"
      "u3,Cy,cy@old.example,user,3,map,cy@acme.example\r\n"
      "u4,Dot,dot@home.example,guest,1,,\r\n"
      "u5,Eve,eve@acme.example,user,1,fallback,\r\n"
      "u6,Fay,fay@acme.example,user,1,skip,\r\n"
      "u7,Bot,,bot,1,,\r\n"
      "u8,Gone,gone@acme.example,deleted,1,,\r\n"
      "U 9,Hal,,user,1,,\r\n"
      "u10,Ada again,ada.park@tenant.example,user,1,,\r\n");
  World other;
  REQUIRE(people.find("ann@acme.example"));
  CHECK(people.find("ann@acme.example")->displayName == "Vale, Ann");
  CHECK(people.find("ann@acme.example")->id == other.router->ensure_user("A", "ann@acme.example").value().id);
  CHECK(people.find("ben@acme.example")->id == "a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c37");
  CHECK(people.find("cy@acme.example")->displayName == "Cy");
  CHECK_FALSE(people.find("cy@old.example"));
  CHECK(people.find("dot@home.example")->userType == "Guest");
  for (const char* nobody : {"eve@acme.example", "fay@acme.example", "gone@acme.example"}) {
    CHECK_FALSE(people.find(nobody));
  }
  CHECK(people.find("U%209@tenant.example")->mail.empty());
  CHECK(people.find("ada.park@tenant.example")->displayName == "Ada Park");
  CHECK(people.world.router->users().size() == World().router->users().size() + 5);
}

TEST_CASE("A list of users as the admin center exports it makes users, too", "[people]") {
  People people(
      "Display name;User principal name;Object Id\n"
      "Ann Vale;ann@acme.example;A3B0C7D2-44E1-4C1F-9F0E-2D6B8A915C37\n");
  REQUIRE(people.find("ann@acme.example"));
  CHECK(people.find("ann@acme.example")->id == "a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c37");
}

TEST_CASE("A folder takes new rows of its people at each start, and none twice", "[people]") {
  People people("mail,name\nann@acme.example,Ann\n");
  people.world.options.data_dir = (people.folder.path / "data").string();
  people.world.restart();
  const std::size_t before = people.world.router->users().size();
  people.folder.write("people.csv", "mail,name\nann@acme.example,Ann\nben@acme.example,Ben\n");
  people.world.restart();
  CHECK(people.world.router->users().size() == before + 1);
}

TEST_CASE("What is wrong in a list of people is told with its line", "[people]") {
  CHECK_THAT(refusal(""), Catch::Contains("is empty"));
  CHECK_THAT(refusal("a,b\n1,2\n"), Catch::Contains("names none of the columns"));
  CHECK_THAT(refusal("mail\n\nx\n"), Catch::StartsWith("line 3: 'x' is no mail address"));
  CHECK_THAT(refusal("mail,id\na@b.example,7\n"), Catch::StartsWith("line 2: the id '7' is no GUID"));
  CHECK_THAT(refusal("mail,target\na@b.example,7\n"), Catch::StartsWith("line 2: the target '7'"));
  CHECK_THAT(refusal("mail,name\n,Ann\n"), Catch::StartsWith("line 2: has neither"));
  CHECK_THAT(refusal("mail\n\"x\n"), Catch::StartsWith("line 2: a quote"));
  Options options;
  options.users_from = "/nowhere/people.csv";
  CHECK_THAT(Router::open(options).error().message, Catch::Contains("cannot be read"));
}

TEST_CASE("What is not UTF-8 in a list of people is mended", "[people]") {
  People people("mail,name\nann@acme.example,Ann\xff\n");
  CHECK(people.find("ann@acme.example")->displayName == "Ann\xEF\xBF\xBD");
}

}  // namespace teamferry::emulator

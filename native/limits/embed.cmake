# Writes OUT: a C++ file that holds the file DATA as text.
file(READ ${DATA} text)
file(WRITE ${OUT} "#include \"native/limits/embedded.h\"\n\nnamespace teamferry::limits {\n\n\
std::string_view shipped_json() { return R\"=json=(${text})=json=\"; }\n\n}  // namespace teamferry::limits\n")

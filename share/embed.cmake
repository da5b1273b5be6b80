# Writes a C++ source that holds files as bytes: `const EmbeddedFile SYMBOL[]`, `SYMBOL_count`
# (core/base/embedded.h). Called by aitrade_embed with OUT, SYMBOL, ROOT and FILES.
set(body "#include \"core/base/embedded.h\"\n\nnamespace aitrade {\nnamespace {\n")
set(table "")
set(index 0)
foreach(file ${FILES})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  file(RELATIVE_PATH name ${ROOT} ${file})
  if(name MATCHES "^\\.\\./")   # made by the build, beside what lies under ROOT
    get_filename_component(name ${file} NAME)
  endif()
  string(APPEND body "constexpr unsigned char file_${index}[] = {${bytes}0};\n")
  string(APPEND table "  {\"${name}\", file_${index}, sizeof file_${index} - 1},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND body "}  // namespace\n\nextern const EmbeddedFile ${SYMBOL}[] = {\n${table}};\n")
string(APPEND body "extern const std::size_t ${SYMBOL}_count = ${index};\n\n}  // namespace aitrade\n")
file(WRITE ${OUT} "${body}")

# Encodes definitions (TEXTS, relative to the working directory) by the schema below ROOT and writes
# them as C++ constants to OUT. Run by shared/programmes/CMakeLists.txt; needs protoc and nothing of
# ours, so that it works when building for another machine as well.
set(arrays "")
set(list "")
foreach(text ${TEXTS})
  get_filename_component(name ${text} DIRECTORY)
  set(encoded ${OUT}.${name}.binpb)
  execute_process(COMMAND protoc --encode=cunji.definition.Definition -I ${ROOT}
                          ${ROOT}/protocol/definition.proto
                  INPUT_FILE ${text} OUTPUT_FILE ${encoded} ERROR_VARIABLE error RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${text}: ${error}")
  endif()
  file(READ ${encoded} bytes HEX)
  file(REMOVE ${encoded})
  string(REGEX REPLACE "(................................................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  string(REGEX REPLACE "([^\n]+)" "    \"\\1\"" bytes "${bytes}")
  string(APPEND arrays "static constexpr char k_${name}[] =\n${bytes};\n")
  string(APPEND list "    {\"${name}\", {k_${name}, sizeof k_${name} - 1}},\n")
endforeach()
file(WRITE ${OUT} "// Made from definition.txtpb files by embed_definitions.cmake.
#include \"shared/programmes/all.h\"

namespace cunji::programmes {
${arrays}
static constexpr ShippedDefinition kShipped[] = {
${list}};
std::span<const ShippedDefinition> shipped_definitions() { return kShipped; }
}  // namespace cunji::programmes
")

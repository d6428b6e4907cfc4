#include "fieldnode/cli/text.h"

#include <gtest/gtest.h>

namespace cunji::fieldnode::cli {
TEST(Text, CountsTheColumnsOfATerminal) {
  struct Case {
    const char* text;
    std::size_t columns;
  };
  for (const Case& c : {Case{"", 0}, Case{"abc", 3}, Case{"村记", 4}, Case{"张三 Zhang", 10},
                        Case{"e\xcc\x81", 1}, Case{"·", 1}, Case{"𠮷", 2}, Case{"\xff", 1},
                        Case{"\xe6\x9d", 2}, Case{"(见)", 4}, Case{"\xef\xbc\x88", 2}})
    EXPECT_EQ(display_width(c.text), c.columns) << c.text;
}

TEST(Text, CutsBetweenCharactersOnly) {
  EXPECT_EQ(fit("村民小组", 8), "村民小组");
  EXPECT_EQ(fit("村民小组", 7), "村民小…");
  EXPECT_EQ(fit("村民小组", 6), "村民…");
  EXPECT_EQ(fit("abc", 2), "a…");
}

TEST(Text, LinesUpWideColumns) {
  Table table({"户主", "N"});
  table.add({"张三", "1"});
  table.add({"Li", "22"});
  table.add({"阿卜杜拉", ""});
  EXPECT_EQ(table.text(), "户主      N\n张三      1\nLi        22\n阿卜杜拉\n");
}
}  // namespace cunji::fieldnode::cli

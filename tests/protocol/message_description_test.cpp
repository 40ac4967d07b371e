// What describe() says about each message: nothing is forgotten, named twice or out of range.
#include <algorithm>
#include <set>

#include "protocol/all_messages.h"
#include "protocol/message_codec.h"
#include "tests/protocol/member_count.h"

#include "gtest/gtest.h"

namespace moldau {
namespace {

// Checks a struct and, through its fields, all structs inside.
class DescriptionCheck {
 public:
  explicit DescriptionCheck(const Api& api) : api_(api) {}

  template <class T>
  void structure(const std::string& path) {
    DescriptionCheck inside(api_);
    inside.path_ = path;
    T value{};
    value.describe(inside);
    inside.check_struct(member_count<T>());
  }

  template <class T>
  void operator()(const char* name, T&, On on = {}) {
    check_field(name, on);
    inner<T>(path_ + "." + name);
  }
  template <class T>
  void operator()(const char* name, T& field, On on, const std::type_identity_t<T>& when_absent) {
    check_default(name, on, field == when_absent);
    (*this)(name, field, on);
  }

 private:
  // Apart from the templates, which there are hundreds of.
  void check_struct(size_t members) {
    EXPECT_EQ(names_.size(), members) << path_ << ": a member is not described";
    EXPECT_LT(std::ranges::count(path_, '.'), 8) << path_ << ": see kMaxNesting in message.cpp";
  }
  void check_field(const char* name, const On& on) {
    std::string path = path_ + "." + name;
    EXPECT_TRUE(names_.insert(name).second) << path << " is described twice";
    EXPECT_LE(on.since, api_.last) << path;
    EXPECT_LE(on.since, on.until) << path;
    EXPECT_TRUE(on.until == kLatest || on.until < api_.last) << path << ": .until says nothing";
    if (on.tag == kUntagged) return;
    EXPECT_TRUE(tags_.insert(on.tag).second) << path << ": the tag is taken";
    EXPECT_GE(std::max(on.since, api_.first), api_.flexible) << path << ": tags need flexible";
  }
  void check_default(const char* name, const On& on, bool same) {
    EXPECT_TRUE(same) << path_ << "." << name << ": the two defaults differ";
    EXPECT_NE(on.tag, kUntagged) << path_ << "." << name << ": only tagged fields have one";
  }

  template <class T>
  void inner(const std::string& path) {
    if constexpr (kScalar<T>) {
      return;
    } else if constexpr (kVector<T> || kOptional<T>) {
      inner<typename T::value_type>(path);
    } else {
      structure<T>(path);
    }
  }

  const Api& api_;
  std::string path_;
  std::set<std::string> names_;
  std::set<int> tags_;
};

TEST(MessageDescriptionTest, NamesEveryMemberOfEveryMessageOnce) {
  for_each_api([]<class Request, class Response>() {
    std::string name = Request::kApi.name;
    DescriptionCheck(Request::kApi).structure<Request>(name + "Request");
    DescriptionCheck(Response::kApi).structure<Response>(name + "Response");
  });
  for_each_record_schema([]<class M>() { DescriptionCheck(M::kApi).structure<M>(M::kApi.name); });
}

struct Forgetful {
  int32_t told = 0;
  std::optional<std::vector<int32_t>> forgotten;
  void describe(auto& field) { field("told", told); }
};
TEST(MessageDescriptionTest, AForgottenMemberIsCounted) {
  EXPECT_EQ(member_count<Forgetful>(), 2u);
}

TEST(MessageDescriptionTest, ResponsesGoWithTheirRequests) {
  for_each_api([]<class Request, class Response>() {
    EXPECT_EQ(Request::kApi.key, Response::kApi.key);
    EXPECT_EQ(Request::kApi.last, Response::kApi.last);
    EXPECT_LE(Request::kApi.first, Request::kApi.last);
  });
}

}  // namespace
}  // namespace moldau

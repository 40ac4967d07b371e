// What describe() says about each message: nothing is forgotten, named twice or out of range.
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
    EXPECT_EQ(inside.names_.size(), member_count<T>()) << path << ": a member is not described";
  }

  template <class T>
  void operator()(const char* name, T&, On on = {}) {
    std::string path = path_ + "." + name;
    EXPECT_TRUE(names_.insert(name).second) << path << " is described twice";
    EXPECT_LE(on.since, api_.last) << path;
    EXPECT_LE(on.since, on.until) << path;
    EXPECT_TRUE(on.until == kLatest || on.until < api_.last) << path << ": .until says nothing";
    if (on.tag != kUntagged) {
      EXPECT_TRUE(tags_.insert(on.tag).second) << path << ": the tag is taken";
      EXPECT_GE(std::max(on.since, api_.first), api_.flexible) << path << ": tags need flexible";
    }
    inner<T>(path);
  }
  template <class T>
  void operator()(const char* name, T& field, On on, const std::type_identity_t<T>& when_absent) {
    EXPECT_TRUE(field == when_absent) << path_ << "." << name << ": the two defaults differ";
    EXPECT_NE(on.tag, kUntagged) << path_ << "." << name;
    (*this)(name, field, on);
  }

 private:
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
